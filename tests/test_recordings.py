"""What students get in the place of answers says as much as the answers, and gives none away.

All five stages are recorded, with every open check but those of two files, which take half of
the time: the one about speed and the one that learns from thousands of digits. Every sixth
mistake takes part. ``benchmarks/editions.py`` does the same with all of them.
"""

import io
import json
import shutil
import sys
import zipfile
import zlib
from importlib import import_module
from pathlib import Path

import pytest

from grader.course import Course
from grader.edition import record as recording_module
from grader.edition.contents import contents
from grader.edition.record import record
from grader.listener import Listener
from grader.mistakes import load_mistakes
from grader.naming import Attempted
from grader.recording import dump
from grader.reference import LiveReference

ROOT = Path(__file__).resolve().parent.parent
STAGES = ("padding", "im2col", "conv", "pooling", "lenet")
LEFT_OUT = ("conv/checks/test_speed.py", "lenet/checks/test_unseen_images.py")
EVERY = 6


@pytest.fixture(scope="module")
def tool():
    """What benchmarks/editions.py is made of."""
    folder = str(ROOT / "tests" / "editions")
    sys.path.insert(0, folder)
    yield {name: import_module(name) for name in ("replayed", "secret_lines")}
    sys.path.remove(folder)
    for name in ("replayed", "secret_lines"):
        del sys.modules[name]


@pytest.fixture(scope="module")
def compare(tool):
    return tool["replayed"].compare


@pytest.fixture(scope="module")
def search(tool):
    return tool["secret_lines"]


def sample(stage, reference):
    return load_mistakes(stage, reference)[::EVERY]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course without the checks that take long."""
    root = tmp_path_factory.mktemp("recordings")
    shutil.copytree(ROOT / "stages", root / "stages")
    for name in LEFT_OUT:
        (root / "stages" / "s13_cnn" / name).unlink()
    return Course(root)


@pytest.fixture(scope="module")
def recorded(course):
    """The recording of each stage, and the file in which students get it."""
    unit = course.units[0]
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recording_module, "load_mistakes", sample)
        for stage in unit.stages:
            recording = record(course, unit, stage, Listener())
            path = course.root / f"{stage.id}.bin"
            path.write_bytes(dump(recording))
            found[stage.id] = recording, path
    return found


@pytest.mark.parametrize("name", STAGES)
def test_a_recording_gives_the_verdicts_and_the_names_of_the_solution(
    course, recorded, compare, name
):
    unit, (stage,) = course.select([name])
    recording, _ = recorded[stage.id]

    def live(check: str, mistake: str) -> Attempted | None:
        failures = recording.failures.get(check)
        return failures and Attempted(mistake not in failures, failures.get(mistake))

    known = sample(stage, LiveReference(unit.solutions()))
    found = compare(course, unit, stage, known, live, {i: p for i, (_, p) in recorded.items()})
    assert found.different == ()
    assert found.unrecorded == 0
    assert found.named >= len(known) * 0.85  # what only a check that is left out fails has none
    assert found.runs > 20 * len(known) > 200


def test_no_answer_of_this_course_lies_open(recorded, search):
    """Every line and every name that only solutions and mistakes have, in all of the edition."""
    course = Course(ROOT)
    secrets = search.secrets_of(course)
    assert len(secrets) > 3000
    files = contents(course)
    for stage, (_, path) in recorded.items():
        files[f"edition/{stage}/recording.bin"] = path.read_bytes()
    for unit in course.units:
        for stage in unit.stages:  # students read the hints of all mistakes
            known = load_mistakes(stage, LiveReference(unit.solutions()))
            told = [line for m in known for line in (m.id, m.name, *m.hints)]
            files[f"{stage.id} hints"] = "\n".join(told).encode()
    leaks = search.found_in(search.pieces(files), secrets)
    assert not leaks, "\n".join(map(str, sorted(leaks)))


def test_what_lies_open_is_found_wherever_it_lies(search):
    """The search itself: in a file, packed in a recording, quoted in a notebook, in an archive."""
    line = 'out = np.pad(x, widths, mode="constant")'
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("inner.txt", f"{line}\n" * 9)
    files = {
        "lesson.md": f"text\n    {line}\n".encode(),
        "recording.bin": b"head" + zlib.compress(b"\x00\xff" + line.encode() + b"\x93"),
        "lab.ipynb": json.dumps(
            {"cells": [{"source": ["def f(x):\n", f"    {line}\n"]}]}
        ).encode(),
        "digits.npz": archive.getvalue(),
        "harmless.py": line[:-1].encode(),
    }
    found = search.found_in(search.pieces(files), {line})
    assert {name for name, _ in found} == {*files} - {"harmless.py"}
