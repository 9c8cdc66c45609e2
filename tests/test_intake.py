"""Hand-ins: whose they are, what is read of them, and what is refused."""

import hashlib
import io
import json
import os
import socket
import stat
import struct
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.course import Course
from grader.errors import UsageError
from grader.intake import Entry, bounds, find, layout_of, survey
from grader.splice import put as put_cell

UNIT = Course(Path(__file__).parent / "tiny_course").units[0]
STUB = UNIT.stages[0].file.read_text()
FIRST, SECOND = b"first = 1\n", b"second = 2\n"
BOTH = {"first.py": FIRST, "second.py": SECOND}
posix = pytest.mark.skipif(os.name != "posix", reason="made with POSIX calls")


@pytest.fixture
def subs(tmp_path):
    """A folder for hand-ins."""
    folder = tmp_path / "subs"
    folder.mkdir()
    return folder


def put(folder, files):
    """Write files, by name, into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def zipped(files, method=zipfile.ZIP_DEFLATED):
    """Return the bytes of a zip of files, by name or by `ZipInfo`; a list may repeat names."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return stream.getvalue()


def notebook(*cells):
    """Return a notebook of code cells: sources, or (source, tags)."""
    pairs = [(cell, None) if isinstance(cell, str) else cell for cell in cells]
    made = [
        {"cell_type": "code", "source": text.splitlines(True), "metadata": {"tags": tags or []}}
        for text, tags in pairs
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made})


def read(subs):
    """Return what the only student handed in."""
    (entry,) = find(subs)
    return entry.read(UNIT)


def read_zip(subs, data):
    """Return what the one who handed in a zip did, when an honest one is there as well."""
    put(subs, {"eve.zip": data, "ann.zip": zipped(BOTH)})
    by_key = {entry.student.key: entry.read(UNIT) for entry in find(subs)}
    assert by_key["ann"].sources == {"first": FIRST, "second": SECOND}
    if by_key["eve"].refused:
        assert not by_key["eve"].sources
    assert by_key["eve"].refused.isprintable() and len(by_key["eve"].refused) < 400
    return by_key["eve"]


# ---- layouts ----


def test_a_folder_a_student(subs):
    put(subs / "bob", BOTH)
    put(subs / "ann" / "cnn", {"stages/t01_tiny/first/first.py": FIRST})
    ann, bob = find(subs)
    assert (ann.student.key, bob.student.key) == ("ann", "bob")
    assert bob.read(UNIT).sources == {"first": FIRST, "second": SECOND}
    assert ann.read(UNIT).sources == {"first": FIRST}
    assert ann.read(UNIT).notes == ("not handed in: second",)
    assert layout_of(subs) == "by student"


def test_zips_folders_with_a_zip_and_notebooks(subs):
    book = notebook("%%stage t01.first double\ndef double(x):\n    return x + x\n")
    put(subs, {"ann.zip": zipped({"work/first.py": FIRST}), "bob.ipynb": book})
    put(subs / "cem", {"submission.zip": zipped(BOTH)})
    ann, bob, cem = [entry.read(UNIT) for entry in find(subs)]
    assert ann.sources == {"first": FIRST}
    assert b"return x + x" in bob.sources["first"]
    assert cem.sources == {"first": FIRST, "second": SECOND} and not cem.notes


def test_a_canvas_download(subs):
    put(
        subs,
        {
            "doejane_12345_67890_submission.zip": zipped(BOTH),
            "roejohn_LATE_777_67891_first.py": b"old",
            "roejohn_LATE_777_67892_first-1.py": FIRST,
            "roejohn_LATE_777_67893_second.py": SECOND,
            "müller_9_text.html": "<p>hello</p>",
            "anon_x7Yz1_44_first.py": FIRST,
            "notes.txt": "of the instructor",
        },
    )
    found = survey(subs)
    assert found.layout == "canvas" and found.passed_over == ("notes.txt",)
    anon, jane, muller, john = [entry.read(UNIT) for entry in found.entries]
    assert [s.student.key for s in (anon, jane, muller, john)] == [
        "anon_x7Yz1",
        "doejane_12345",
        "muller_9",
        "roejohn_777",
    ]
    assert (jane.student.id, anon.student.id) == ("12345", "x7Yz1")
    assert jane.sources == john.sources == {"first": FIRST, "second": SECOND}
    assert any("late" in note for note in john.notes) and john.submitted == ""
    assert any("first.py" in note for note in john.notes), "the older one is passed over"
    assert "only a text" in muller.refused


@pytest.mark.parametrize("end", ["_", ""])
def test_a_moodle_download(subs, end):
    put(subs / f"Jane Doe_123456_assignsubmission_file{end}", BOTH)
    put(subs / f"Jane Doe_123456_assignsubmission_onlinetext{end}", {"onlinetext.html": "hi"})
    put(subs / f"Zoë van_der Berg_7_assignsubmission_onlinetext{end}", {"onlinetext.html": "hi"})
    assert layout_of(subs) == "moodle"
    jane, zoe = [entry.read(UNIT) for entry in find(subs)]
    assert (jane.student.key, jane.student.name, jane.student.id) == (
        "Jane_Doe_123456",
        "Jane Doe",
        "123456",
    )
    assert jane.sources and jane.notes == ("passed over: what was handed in as onlinetext",)
    assert zoe.student.name == "Zoë van_der Berg" and "only a text" in zoe.refused


@pytest.mark.parametrize("packed", [False, True])
def test_nobody_whose_name_begins_with_a_dot_vanishes(subs, packed):
    def look(name, files):
        put(subs, {f"{name}.zip": zipped(files)} if packed else {})
        return survey(subs / f"{name}.zip" if packed else put(subs / name, files))

    junk = {".git/config": "", ".DS_Store": "", "__MACOSX/._x": "", "._Ann": ""}
    found = look(
        "a", {"ann/first.py": FIRST, "bob/first.py": FIRST, ".Cem/first.py": FIRST, **junk}
    )
    assert [e.student.key for e in found.entries] == ["ann", "bob"]
    assert found.passed_over == (".Cem",)
    kind = "assignsubmission_file_"
    folder, flat = f".dot Name_128_{kind}/first.py", f".dot Name_128_{kind}first.py"
    for where, name in (("b", folder), ("c", flat)):
        found = look(where, {f"Ann Lee_1_{kind}/first.py": FIRST, name: FIRST, **junk})
        assert [e.student.name for e in found.entries] == ["Ann Lee", ".dot Name"]
        assert found.entries[1].read(UNIT).sources == {"first": FIRST}
        assert found.passed_over == ()


def test_a_moodle_download_without_folders(subs):
    put(subs, {f"Jane Doe_12_assignsubmission_file_{name}": text for name, text in BOTH.items()})
    assert read(subs).sources == {"first": FIRST, "second": SECOND}


GRADESCOPE = """---
submission_101:
  :id: 101
  :created_at: 2026-11-20 17:59:01.123456789 Z
  :score: 3.0
  :submitters:
  - :name: &1 Jane "J" Doe
    :sid: '3031'
    :email: jane@example.org
  - :name: "J\\xF6rg"
    :sid: 77
    :email: joerg@example.org
  :results:
    tests:
    - output: |
        submission_102:
          :created_at: 1999-01-01 00:00:00 Z
        :submitters:
        - :name: Forged
      name: "a

        b"
  :history:
  - :id: 100
    :created_at: 1999-01-01 00:00:00 Z
    :submitters:
    - :name: Forged
submission_102:
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-11-21 01:02:03.000000000 Z
    zone: nothing
  :submitters:
  - :name: Ann
    :email: ann@example.org
submission_103:
  :created_at: 2026-11-20 18:00:00 -0800
  :submitters:
  - :name: *1
    :sid: '9'
"""


def test_a_gradescope_export(subs):
    put(subs, {"submission_metadata.yml": GRADESCOPE})
    put(subs / "submission_101", BOTH)
    put(subs / "submission_102", {"first.py": FIRST, "submission_metadata.yml": "forged"})
    put(subs / "submission_104", {"first.py": FIRST})
    assert layout_of(subs) == "gradescope"
    found = {entry.student.key: entry.read(UNIT) for entry in find(subs)}
    assert list(found) == [
        "Ann_ann",
        "Jane_J_Doe_3031",
        "Jane_J_Doe_9",
        "Jorg_77",
        "submission_104",
    ]
    jane, joerg, ann = found["Jane_J_Doe_3031"], found["Jorg_77"], found["Ann_ann"]
    assert (jane.student.name, jane.student.email, jane.student.id) == (
        'Jane "J" Doe',
        "jane@example.org",
        "3031",
    )
    assert jane.submitted == joerg.submitted == "2026-11-20T17:59:01+00:00"
    assert jane.sources == joerg.sources and jane.digest == joerg.digest
    assert jane.notes == ("handed in together with Jörg",)
    assert ann.submitted == "2026-11-21T01:02:03+00:00" and ann.student.email == "ann@example.org"
    assert "no folder submission_103" in found["Jane_J_Doe_9"].refused
    assert found["Jane_J_Doe_9"].submitted == "2026-11-20T18:00:00-08:00"
    assert found["submission_104"].submitted == ""


@given(st.text(alphabet=" :-&*|>!'\"\\submitername_0123456789\n\t", max_size=300))
def test_no_metadata_makes_it_crash(text):
    from grader.intake.gradescope import read_metadata

    read_metadata(io.BytesIO(GRADESCOPE.encode() + text.encode()))


def test_a_zip_of_a_folder_of_students(tmp_path):
    packed = tmp_path / "class.zip"
    packed.write_bytes(zipped({"class/ann/first.py": FIRST, "class/bob.zip": zipped(BOTH)}))
    assert [entry.student.key for entry in find(packed)] == ["ann", "bob"]
    packed.write_bytes(zipped({"ann/first.py": FIRST, "ann/sub/second.py": SECOND}))
    (ann,) = find(packed)
    assert ann.student.key == "ann" and len(ann.read(UNIT).sources) == 2


@pytest.mark.parametrize("top", ["", "assignment_5_export/", "./"])
def test_a_download_may_still_be_packed(subs, top):
    put(subs, {"submission_metadata.yml": GRADESCOPE})
    data = {f"{top}submission_101/{name}": text for name, text in BOTH.items()}
    data |= {f"{top}submission_102/sub/first.py": FIRST, "__MACOSX/._x": b"junk"}
    packed = subs.parent / "export.zip"
    packed.write_bytes(zipped({f"{top}submission_metadata.yml": GRADESCOPE, **data}))
    found = {entry.student.key: entry.read(UNIT) for entry in find(packed)}
    assert layout_of(packed) == "gradescope"
    assert found["Jorg_77"].sources == {"first": FIRST, "second": SECOND}
    assert found["Ann_ann"].sources == {"first": FIRST}


def test_a_packed_canvas_download(tmp_path):
    packed = tmp_path / "submissions.zip"
    packed.write_bytes(
        zipped({"doejane_1_2_hw.zip": zipped(BOTH), "roe_LATE_3_4_first.py": FIRST})
    )
    jane, roe = [entry.read(UNIT) for entry in find(packed)]
    assert jane.sources == {"first": FIRST, "second": SECOND} and roe.sources == {"first": FIRST}


def test_a_hostile_name_in_a_packed_download_is_one_students_affair(tmp_path):
    packed = tmp_path / "class.zip"
    link = zipfile.ZipInfo("dan")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed.write_bytes(
        zipped(
            {
                "ann/first.py": FIRST,
                "bob/../../first.py": FIRST,
                "/etc/first.py": FIRST,
                "../first.py": FIRST,
                link: b"/etc",
            }
        )
    )
    found = [entry.read(UNIT) for entry in find(packed)]
    assert [s.student.key for s in found if s.sources] == ["ann"]
    why = " ".join(s.refused for s in found)
    assert len(found) == 5 and "leads out" in why and "absolute" in why and "link" in why


@posix
def test_a_packed_download_is_read_by_several_processes_at_once(tmp_path):
    packed = tmp_path / "class.zip"
    text = os.urandom(50_000).hex().encode()
    packed.write_bytes(zipped({f"s{i}/first.py": text + b"%d" % i for i in range(60)}))
    entries = find(packed)
    assert entries[0].read(UNIT).sources
    child = os.fork()
    right = all(
        int(e.read(UNIT).sources["first"][100_000:]) == int(e.student.key[1:]) for e in entries
    )
    if not child:
        os._exit(0 if right else 1)
    assert right and os.waitpid(child, 0)[1] == 0


def test_keys_are_unique_and_name_files(subs):
    for name in ("Ann", "ann", "Jörg Müller", "李雷", "con", "a b"):
        put(subs / name, BOTH)
    put(subs, {"ann.zip": zipped(BOTH)})
    entries = find(subs)
    keys = [entry.student.key for entry in entries]
    assert keys == sorted(keys)
    assert {"ann", "Jorg_Muller", "_con", "a_b"} < set(keys)
    assert len({key.casefold() for key in keys}) == len(keys)
    assert all(key.isascii() for key in keys)
    assert {"李雷", "Jörg Müller"} < {entry.student.name for entry in entries}
    others = [e for e in entries if e.student.key.startswith(("Ann-", "ann-"))]
    assert len(others) == 2 and all("as well" in e.notes[0] for e in others)


@pytest.mark.parametrize("also", [":email: a{}@x.org", ":sid: {}", ":other: {}"])
def test_a_key_stays_when_others_of_that_name_join_and_leave(subs, also):
    """Hand-ins are told apart by what each of them is called, not by their order."""
    joining = [f"submission_{n}" for n in (5, 3, 9, 1)]
    known: dict[str, str] = {}
    for n, name in enumerate(joining, start=1):
        told = "".join(
            f"{each}:\n  :submitters:\n  - :name: Ann Lee\n    {also.format(i)}\n"
            for i, each in enumerate(joining[:n])
        )
        put(subs, {"submission_metadata.yml": told, f"{name}/first.py": FIRST})
        keys = {str(e.places): e.student.key for e in find(subs)}
        assert known.items() <= keys.items() and len(set(keys.values())) == n
        known = keys


def test_the_keys_of_two_who_are_spelt_alike_do_not_depend_on_a_third(subs):
    put(subs, {"Ann Lee/first.py": FIRST, "Ann_Lee.zip": zipped(BOTH)})
    before = [entry.student.key for entry in find(subs)]
    put(subs, {"ANN LEE/first.py": FIRST, "ann_lee/first.py": FIRST})
    after = [entry.student.key for entry in find(subs)]
    assert set(before) < set(after) and "ann_lee" in after


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no hand-ins"),
        ({"roster.csv": "a"}, "roster.csv"),
        ({"stages/t01_tiny/first/first.py": "1"}, "one hand-in"),
    ],
)
def test_what_is_no_class_is_said_to_be_none(subs, files, words):
    put(subs, files)
    with pytest.raises(UsageError, match=words):
        find(subs)


def test_a_download_that_is_cut_off_is_a_usage_error(tmp_path):
    path = tmp_path / "class.zip"
    path.write_bytes(zipped({"ann/first.py": FIRST})[:-10])
    with pytest.raises(UsageError, match="Download it again"):
        find(path)
    with pytest.raises(UsageError, match="nowhere:\nthere is nothing of that name"):
        find(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"class\.txt:\nit is neither"):
        find(put(tmp_path, {"class.txt": "a list"}) / "class.txt")


# ---- the files of one hand-in ----


def test_the_place_in_the_course_wins_over_a_name(subs):
    put(subs / "ann", {"stages/t01_tiny/first/first.py": FIRST, "old/first.py": "old"})
    put(subs / "ann", {"stages/t02_other/second/second.py": "of another unit"})
    found = read(subs)
    assert found.sources == {"first": FIRST}
    assert "passed over: old/first.py, stages/t02_other/second/second.py" in found.notes


@pytest.mark.parametrize("name", ["first-2.py", "first (2).py", "First(2).py"])
def test_the_highest_number_is_the_newest(subs, name):
    put(subs / "ann", {"first.py": "old", "first-1.py": "older", name: FIRST})
    assert read(subs).sources == {"first": FIRST}
    counts = f"first: {name} counts, not first-1.py, first.py"
    assert read(subs).notes == (counts, "not handed in: second")


@pytest.mark.parametrize(
    ("worked_on", "untouched"),
    [
        ("first.py", "first (1).py"),
        ("first.py", "stages/t01_tiny/first/first.py"),
        ("b/first.py", "a/first.py"),
        ("stages/t01_tiny/first/first.py", "first.py"),
    ],
)
def test_a_file_as_it_was_given_out_is_nobodys_answer_where_another_is(subs, worked_on, untouched):
    put(subs / "ann", {worked_on: FIRST, untouched: STUB.replace("\n", "\r\n")})
    assert read(subs).sources == {"first": FIRST}
    assert untouched in " ".join(read(subs).notes)
    put(subs / "ann", {worked_on: STUB})
    assert b"NotImplementedError" in read(subs).sources["first"]


def test_of_two_that_are_the_same_a_note_says_which_counts(subs):
    put(subs, {"doe_12_99_first.py": FIRST, "doe_12_98_first-1.py": FIRST})
    assert read(subs).sources == {"first": FIRST}
    counts = "first: first-1.py counts, not first.py"
    assert read(subs).notes == (counts, "not handed in: second")


def test_two_that_differ_are_refused_with_both_named(subs):
    put(subs / "ann", {"a/first.py": FIRST, "b/first.py": b"other"})
    found = read(subs)
    assert "a/first.py and b/first.py" in found.refused and not found.sources
    put(subs / "ann", {"b/first.py": FIRST})
    assert read(subs).sources == {"first": FIRST}


def test_leftovers_of_systems_and_tools_are_ignored(subs):
    junk = ("__MACOSX/._first.py", ".git/first.py", ".ipynb_checkpoints/first.py", "._first.py")
    put(subs / "ann", {**BOTH, **dict.fromkeys(junk, "junk"), "__pycache__/first.py": "junk"})
    assert read(subs).sources == {"first": FIRST, "second": SECOND} and not read(subs).notes


def test_many_files_beside_are_counted(subs):
    put(subs / "ann", {**BOTH, **{f"n{i}.docx": "" for i in range(9)}})
    assert read(subs).notes[-1].endswith("n4.docx and 4 more")


@pytest.mark.parametrize("name", ["work.tar.gz", "work.rar", "work.7z", "work.tgz"])
def test_other_archives_are_not_opened(subs, name):
    put(subs, {name: b"?"})
    assert "hand in a .zip" in read(subs).refused and find(subs)[0].student.key == "work"
    put(subs / "ann", {name: b"?"})
    assert "hand in a .zip" in find(subs)[0].read(UNIT).refused


def test_a_zip_in_a_zip_stays_closed(subs):
    found = read_zip(subs, zipped({"inner.zip": zipped(BOTH)}))
    assert "zip inside a zip" in found.refused


def test_nothing_of_use_is_said(subs):
    put(subs / "ann", {"essay.docx": "?"})
    assert "no file of any stage" in read(subs).refused and "essay.docx" in read(subs).refused
    (subs / "ann" / "essay.docx").unlink()
    assert read(subs).refused == "nothing was handed in"


def test_the_digest_tells_what_was_handed_in(subs):
    put(subs / "ann", BOTH)
    before = read(subs).digest
    assert len(before) == 64 and read(subs).digest == before
    put(subs / "ann", {"second.py": "changed"})
    changed = read(subs).digest
    put(subs / "ann", {"notes.txt": "beside"})
    assert before != changed == read(subs).digest
    (subs / "ann" / "second.py").unlink()
    assert read(subs).digest not in (before, changed)


def test_a_manifest_is_compared_and_has_no_other_effect(subs):
    told = {"t01.first": hashlib.sha256(FIRST).hexdigest(), "t01.second": "0" * 64}
    manifest = json.dumps({"version": 1, "edition": "x", "stages": told, "report": {"earned": 99}})
    put(subs / "ann", {**BOTH, "manifest.json": manifest})
    assert read(subs).notes == ("changed after `grader submit` packed it: second",)
    put(subs / "ann", {"manifest.json": "[" * 100_000})
    assert "manifest.json" in read(subs).notes[0] and read(subs).sources


# ---- notebooks ----

DOUBLE = "def double(x):\n    return x * 2\n"
SIZE = "def size(n, k):\n    return n - k + 1\n"


def test_marked_cells_take_the_place_of_the_stubs_functions(subs):
    book = notebook(
        "import numpy as np\nx = np.load('gone')\n",
        f"%%stage t01.first double\n{DOUBLE}",
        ("def size(n, k):\n    return 1\n", ["t01.first"]),
        ("def size(n, k):\n    return n - k + 1\n", ["stage:t01.first"]),
        "raise SystemExit",
    )
    put(subs, {"ann.ipynb": book})
    text = read(subs).sources["first"].decode()
    assert DOUBLE in text and "return n - k + 1" in text and "return 1\n" not in text
    assert "require_numbers" in text and "gone" not in text and "SystemExit" not in text
    assert read(subs).notes == ("not handed in: second",)


def test_commands_of_ipython_do_no_harm(subs):
    put(
        subs,
        {
            "ann.ipynb": notebook(
                f"%%stage t01.first\n%matplotlib inline\n!ls\n{DOUBLE}    %time x\nnp.pad?"
            )
        },
    )
    compile(read(subs).sources["first"], "first.py", "exec")


@pytest.mark.parametrize(
    "before",
    ["%%time\n", "%%capture out --no-stderr\n%%time\n\n", "\n%%timeit -n1 -r1\n", "%%prun -q\n"],
)
def test_a_mark_may_stand_below_a_command_around_the_cell(subs, before):
    put(subs, {"ann.ipynb": notebook(f"{before}%%stage t01.first double size\n{DOUBLE}\n{SIZE}")})
    names = module(read(subs).sources["first"])
    assert (names["size"](4, 3), names["double"](4)) == (2, 8)
    assert read(subs).notes == ("not handed in: second",)


@pytest.mark.parametrize("before", ["%%bash\n", "%%writefile first.py\n", "%%timed\n", "x = 1\n"])
def test_a_mark_below_anything_else_marks_nothing(subs, before):
    put(subs, {"ann.ipynb": notebook(f"{before}%%stage t01.first\n{DOUBLE}")})
    assert "is not read" in read(subs).refused


def test_a_cell_may_say_nothing_about_itself(subs):
    cell = {"cell_type": "code", "source": f"%%stage t01.first\n{DOUBLE}"}
    for metadata in ({}, {"metadata": None}, {"metadata": {}}, {"metadata": {"tags": None}}):
        put(subs, {"ann.ipynb": json.dumps({"nbformat": 4, "cells": [cell | metadata]})})
        assert DOUBLE.encode() in read(subs).sources["first"]


def module(source):
    """Return the names of a stage's file, once it ran."""
    names = {}
    given = b"from stages.t01_tiny.given import require_numbers\n"
    exec(compile(source.replace(given, b""), "first.py", "exec"), names)
    return names


@pytest.mark.parametrize(
    "line",
    [
        "t = %timeit -o double(2)",
        "out = !ls 'it",
        "a, b = !ls",
        "!pip install \\\n  numpy",
        "?size",
    ],
)
def test_a_command_costs_its_line_alone(subs, line):
    size = "def size(n, k):\n    return (n + 9\n      % 5 - k +\n  1)\n"
    put(subs, {"ann.ipynb": notebook(f"%%stage t01.first\n{line}\n{size}{DOUBLE}{line}\n")})
    names = module(read(subs).sources["first"])
    assert (names["size"](4, 3), names["double"](4)) == (6, 8)
    assert read(subs).notes == ("not handed in: second",)


@pytest.mark.parametrize(
    "change",
    [
        "T.update(a=2)",
        "for k in 'a':\n    T.setdefault(k, 2)",
        "C.table.update(a=2)\nT = C.table",
        "setattr(C, 'a', 2)\nT['a'] = C.a",
    ],
)
def test_a_call_that_changes_what_functions_use_is_kept(subs, change):
    cell = f"T = {{}}\nclass C:\n    table = {{}}\n\n{change}\n"
    cell += "def double(x):\n    return T['a'] * x\n"
    trials = "double(C.gone)\nC.run()\nnp.load('gone')\nx = []\nx.append(np.load('gone'))\n"
    put(subs, {"ann.ipynb": notebook(f"%%stage t01.first\nimport numpy as np\n{cell}{trials}")})
    text = read(subs).sources["first"]
    assert module(text)["double"](4) == 8 and b"gone" not in text and b"C.run" not in text


@pytest.mark.parametrize(
    "binds",
    [
        "for A in range(3): pass",
        "print(A := 2)",
        "if (A := 2) > 1: pass",
        "import contextlib\nwith contextlib.nullcontext(2) as A: pass",
        "match 3:\n    case 3: A = 2",
        "match [1, 2]:\n    case [1, A]: pass",
    ],
)
@pytest.mark.parametrize(
    "more", ["", "for i in 1, 2:\n    print(i)\n", "for A in 7, 2: print(A)\n"]
)
def test_a_cell_is_read_as_the_notebook_writes_it(subs, binds, more):
    cells = [f"{binds}\ndef double(x):\n    return A * x\n", SIZE + more]
    put(subs, {"ann.ipynb": notebook(*[f"%%stage t01.first\n{cell}" for cell in cells])})
    done = read(subs)
    text = STUB
    for cell in cells:
        text = put_cell(text, cell)
    names = module(done.sources["first"])
    assert (names["double"](4), names["size"](5, 3)) == (8, 3)
    assert module(text.encode())["double"](4) == 8
    assert ("print(i)" in text) is (b"print(i)" in done.sources["first"]) is False
    assert not any("left out" in note for note in done.notes)


def test_a_thousand_branches_in_a_cell_are_no_crash(subs):
    branches = "if x == 0:\n    x = 2\n" + "elif x == 1:\n    x = 2\n" * 1200
    put(subs, {"ann.ipynb": notebook(f"%%stage t01.first\n{DOUBLE}x = 1\n{branches}")})
    assert "first" in read(subs).sources


def test_what_is_left_out_and_may_change_what_functions_use_is_noted(subs):
    helper = "T = {}\ndef put(x):\n    T[x] = x\n\ndef double(x):\n    return x + T[x]\n"
    trials = "print(T)\nT\nfor x in T:\n    print(x)\ndouble(3)\nassert double(3)\n"
    cell = f"%%stage t01.first\n{helper}put(3)\ndel T[1]\n{trials}"
    put(subs, {"ann.ipynb": notebook(cell)})
    (note,) = [note for note in read(subs).notes if "left out" in note]
    assert note == "ann.ipynb: left out: put(3), del T[1]; it may change T, which functions use"


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("def size(n:\n    return\n", "'(' was never closed, line 2"),
        ("def size(n):\n    break\n", "'break' outside loop"),
        ("def size(n):\n    return '\0'\n", "source code string cannot contain null bytes"),
        ("def size(n):\n    return " + "-" * 20_000 + "1\n", "it is nested too deeply"),
    ],
)
def test_a_cell_that_is_no_python_costs_its_own_function_alone(subs, cell, why):
    put(subs, {"a.ipynb": notebook(f"%%stage t01.first\n{cell}", f"%%stage t01.first\n{DOUBLE}")})
    names = module(read(subs).sources["first"])
    assert names["double"](4) == 8
    with pytest.raises(SyntaxError) as caught:
        names["size"](5, 3)
    assert str(caught.value).startswith(f"cell 1 of a.ipynb is no valid Python: {why}"[:70])
    assert any(f"{why}. It is left out; size cannot pass" in note for note in read(subs).notes)


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("%%stage t01.first size\n!pip install \\\n  numpy\n%matplotlib inline\n", 5),
        ("%%time\n%%stage t01.first size\n", 3),
        ("%%stage t01.first size\r\n?size\r\n\r\n", 4),
    ],
)
def test_commands_of_ipython_count_as_lines_and_are_no_fault(subs, before, line):
    put(subs, {"ann.ipynb": notebook(f"{before}x = = 1\ndef size(n, k): 1\n")})
    said = f"cell 1 of ann.ipynb is no valid Python: invalid syntax, line {line}"
    assert any(note.startswith(f"{said}. It is left out") for note in read(subs).notes)
    with pytest.raises(SyntaxError, match=said):
        module(read(subs).sources["first"])["size"](5, 3)


def test_what_another_cell_defines_outlives_one_that_is_no_python(subs):
    right = "%%stage t01.first\ndef size(n, k):\n    return n - k + 1\n"
    put(subs, {"ann.ipynb": notebook(right, "%%stage t01.first size\ndef size(n, k:\n")})
    assert module(read(subs).sources["first"])["size"](5, 3) == 3
    assert any(note.endswith("It is left out") for note in read(subs).notes)


@pytest.mark.parametrize(
    ("mark", "taken_for"),
    [
        ("%%stage t01.frist double", "%%stage t01.first double"),
        ("%% stage t01.first double", "%%stage t01.first double"),
        ("%%Stage t01.first double", "%%stage t01.first double"),
        ("%stage t01.first double", "%%stage t01.first double"),
        ("# %%stage t01.first double", "%%stage t01.first double"),
        ("%%stage t01.frst double size", "%%stage t01.first double size"),
        ("\n# My answer.\n\n%%stage t01.first double", "%%stage t01.first double"),
        ("# Mine.\n# %%stage t01.first double", "%%stage t01.first double"),
        ("%%stage t02.first double", "%%stage t01.first double"),
        ("%%stage T01.First: double", "%%stage t01.first double"),
        ("%%stage t01.first.double", "%%stage t01.first double"),
        ("%%stage double", "%%stage t01.first double"),
        ("%%stage", "%%stage t01.first double"),
    ],
)
def test_a_mark_that_misses_by_a_hair_is_read_and_noted(subs, mark, taken_for):
    put(subs, {"ann.ipynb": notebook("1 + 1", f"{mark}\n{DOUBLE}")})
    done = read(subs)
    assert DOUBLE in done.sources["first"].decode()
    assert done.notes[0].startswith("ann.ipynb, cell 2: its mark ")
    assert done.notes[0].endswith(f"was taken for {taken_for}")


@pytest.mark.parametrize(
    "mark",
    ["%%stage t01.first double", "\n\n%%stage first", "%%stage t01.first double --keep cell"],
)
def test_a_mark_as_it_should_be_is_read_without_a_note(subs, mark):
    size = "%%stage t01.first size\ndef size(n, k):\n    return n - k + 1\n"
    loads = "%stage t01.first double"  # what another command of the notebooks is called
    put(subs, {"ann.ipynb": notebook((f"{mark}\n{DOUBLE}", ["t01.first"]), size, loads)})
    assert DOUBLE in read(subs).sources["first"].decode()
    assert read(subs).notes == ("not handed in: second",)


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        ("%%stage t01.third three\nx = 1", "cell 2 is not read: its mark %%stage t01.third three"),
        ("%%stage t01.first quadruple\nx = 1", "names no function of t01.first, which has double"),
        (("x = 1", ["stage:t01.third"]), "cell 2 is not read: its mark stage:t01.third"),
        (
            "def size(n, k):\n    return 1",
            "size, but its first line is not %%stage t01.first size",
        ),
        ("%%stge t01.first\ndef size(n, k:", "its first line is not %%stage t01.first size"),
        ("1 + 1", "ann.ipynb: no cell for t01.first defines size"),
    ],
)
def test_a_cell_that_is_not_read_is_named_with_what_was_expected(subs, cell, note):
    put(subs, {"ann.ipynb": notebook(f"%%stage t01.first\n{DOUBLE}", cell)})
    done = read(subs)
    assert DOUBLE in done.sources["first"].decode()
    assert any(note in each for each in done.notes), done.notes


def test_a_cell_that_became_text_is_named(subs):
    book = json.loads(
        notebook(f"%%stage t01.first\n{DOUBLE}", "%%stage t01.first\ndef size(n): 1")
    )
    book["cells"][1]["cell_type"] = "markdown"
    put(subs, {"ann.ipynb": json.dumps(book)})
    assert "cell 2 is not read: %%stage t01.first stands in a cell of text" in read(subs).notes[0]


def test_of_very_many_odd_cells_the_first_are_named(subs):
    put(subs, {"ann.ipynb": notebook(*[f"%%Stage t01.first\n{DOUBLE}"] * 500)})
    assert len(read(subs).notes) < 40 and "more notes" in "".join(read(subs).notes)


def test_a_notebook_of_which_nothing_can_be_read_says_why(subs):
    put(subs, {"ann.ipynb": notebook("1 + 1", "def size(n, k):\n    return 1")})
    assert "cell 2 is not read: it defines size" in read(subs).refused


def test_a_mark_that_is_switched_off_loses_to_one_that_is_not(subs):
    old = "# %%stage t01.first double\ndef double(x):\n    return 0\n"
    put(subs / "ann", {"a.ipynb": notebook(f"%%stage t01.first double\n{DOUBLE}", old)})
    put(subs / "ann", {"notes.ipynb": notebook(old)})
    assert DOUBLE in read(subs).sources["first"].decode()
    assert any(note == "passed over: notes.ipynb" for note in read(subs).notes)


def test_notes_are_about_the_stages_that_are_graded(subs):
    put(subs, {"ann.ipynb": notebook(f"%%stage t01.frist\n{DOUBLE}", "def quadruple(x): pass")})
    (entry,) = find(subs)
    assert entry.read(UNIT, UNIT.stages[1:]).notes == (
        "ann.ipynb, cell 2 is not read: it defines quadruple, but its first line is not "
        "%%stage t01.second quadruple",
        "not handed in: second",
    )


def test_a_py_file_wins_over_a_notebook_unless_it_is_untouched(subs):
    book = notebook(f"%%stage t01.first\n{DOUBLE}")
    put(subs / "ann", {"first.py": FIRST, "work.ipynb": book})
    assert read(subs).sources["first"] == FIRST
    assert "first: the .py file counts, not work.ipynb" in read(subs).notes
    put(subs / "ann", {"first.py": STUB.replace("\n", "\r\n")})
    assert DOUBLE.encode() in read(subs).sources["first"]
    assert "first: the .py file is untouched; work.ipynb counts" in read(subs).notes


def test_two_notebooks_for_a_stage(subs):
    one, other = notebook(f"%%stage t01.first\n{DOUBLE}"), notebook("%%stage t01.first\na = 1\n")
    put(subs / "ann", {"a.ipynb": one, "b.ipynb": other})
    assert "a.ipynb and b.ipynb" in read(subs).refused
    (subs / "ann/b.ipynb").rename(subs / "ann/a-1.ipynb")
    assert b"a = 1" in read(subs).sources["first"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no JSON",
        "[]",
        '{"cells": 3, "nbformat": 4}',
        '{"nbformat": 3, "worksheets": []}',
        '{"nbformat": 4, "cells": [{"cell_type": "code", "source": 7}]}',
        '{"nbformat": 4, "cells": [], "metadata": ' + "[" * 200_000,
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_notebook_is_refused(subs, content):
    put(subs, {"ann.ipynb": content})
    assert "ann.ipynb is no notebook" in read(subs).refused
    put(subs / "bob", {"scratch.ipynb": content, "first.py": FIRST})
    bob = find(subs)[1].read(UNIT)
    assert bob.sources == {"first": FIRST} and "scratch.ipynb is no notebook" in bob.notes[0]


def test_notebooks_have_bounds(subs, monkeypatch):
    put(subs, {"ann.ipynb": notebook(f"%%stage t01.first\n{DOUBLE}")})
    monkeypatch.setattr(bounds, "NOTEBOOK_BYTES", 100)
    assert "larger than" in read(subs).refused
    monkeypatch.undo()
    monkeypatch.setattr(bounds, "NOTEBOOK_CODE_BYTES", 10)
    assert "of code for first" in read(subs).refused
    put(subs, {"ann.ipynb": notebook("a = 1")})
    assert "%%stage t01.first" in read(subs).refused


def test_surrogates_in_a_cell_are_no_crash(subs):
    put(subs, {"ann.ipynb": notebook("%%stage t01.first\nx = '\ud83d'\n")})
    assert read(subs).sources or read(subs).refused


# ---- hostile archives ----


def with_flag(data, flag):
    """Set a flag in every header of an archive."""
    out = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = out.find(mark)
        while at >= 0:
            out[at + offset] |= flag
            at = out.find(mark, at + 4)
    return bytes(out)


def lying(data, size):
    """Let an archive of one member claim that it unpacks to `size` bytes."""
    out = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", out, out.find(mark) + offset, size)
    return bytes(out)


def member(name, mode=0):
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = mode << 16
    return info


def crowded(count):
    """Return an archive whose table of contents repeats one entry."""
    data = zipped({"a": b""}, zipfile.ZIP_STORED)
    start = data.find(b"PK\x01\x02")
    end = data.find(b"PK\x05\x06")
    table = data[start:end] * count
    tail = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, len(table), start, 0
    )
    return data[:start] + table + tail


HOSTILE = {
    "zip slip": (zipped({"../../first.py": FIRST}), "leads out"),
    "zip slip inside": (zipped({**BOTH, "a/../../x": b""}), "leads out"),
    "absolute": (zipped({**BOTH, "/etc/cron.d/x": b""}), "absolute"),
    "drive letter": (zipped({**BOTH, "C:/first.py": b""}), "drive letter"),
    "zip slip of Windows": (zipped({**BOTH, "..\\first.py": b""}), "leads out"),
    "absolute of Windows": (zipped({**BOTH, "\\x\\first.py": b""}), "absolute"),
    "drive of Windows": (zipped({**BOTH, "C:\\first.py": b""}), "drive letter"),
    "both slashes": (zipped({"a/first.py": FIRST, "a\\first.py": b""}), "twice"),
    "symlink": (zipped({member("first.py", stat.S_IFLNK | 0o777): b"/etc/passwd"}), "link"),
    "pipe": (zipped({member("first.py", stat.S_IFIFO | 0o644): b""}), "no ordinary file"),
    "device": (zipped({member("first.py", stat.S_IFCHR | 0o644): b""}), "no ordinary file"),
    "a large file": (zipped({"first.py": bytes((1 << 20) + 1)}), "larger than 1 MB"),
    "a bomb": (zipped({**BOTH, "zeros.bin": bytes(40 << 20)}), "a bomb"),
    "says too little": (lying(zipped({"first.py": b"#" * 50_000}), 10), "damaged"),
    "says too much": (lying(zipped({"first.py": FIRST}), 5_000), "is not as long"),
    "says far too much": (lying(zipped({"first.py": FIRST}), 0xFFFFFFF0), "bomb"),
    "a password": (with_flag(zipped(BOTH), 0x1), "password"),
    "lzma": (zipped(BOTH, zipfile.ZIP_LZMA), "unusual way"),
    "cut off": (zipped(BOTH)[:-30], "no zip file"),
    "cut in front": (zipped(BOTH)[40:], ""),
    "empty": (b"", "no zip file"),
    "no zip": (b"Rar!\x1a\x07" * 100, "no zip file"),
    "case": (zipped({"first.py": FIRST, "First.py": b"other"}), "beside"),
    "accents": (zipped({**BOTH, "\u00e9.txt": b"", "e\u0301.txt": b""}), "beside"),
    "control characters": (zipped({**BOTH, "\x1b[2Jfirst.py": b""}), "control characters"),
    "a NUL": (zipped({"first_py": FIRST}).replace(b"first_py", b"first.\0y"), "control"),
    "not UTF-8": (zipped({**BOTH, "ab.txt": b""}).replace(b"ab.txt", b"a\xe9.txt"), "not UTF-8"),
    "not UTF-8, flagged": (
        zipped({**BOTH, "\u00e9.txt": b""}).replace("\u00e9".encode(), b"\xff\xff"),
        "not UTF-8",
    ),
    "deep": (zipped({"d/" * 30 + "first.py": FIRST}), "folders deep"),
    "long": (zipped({"d" * 5_000 + "/first.py": FIRST}), "longer than"),
    "many": (crowded(3_000), "3,000 files"),
    "100,000": (crowded(100_000), "table of contents"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_the_rest_goes_on(subs, name):
    data, why = HOSTILE[name]
    found = read_zip(subs, data)
    assert found.refused and why in found.refused and "Error" not in found.refused


def test_a_backslash_in_a_students_zip_is_between_folders(subs):
    here = "stages\\t01_tiny\\"
    files = {here: b"", f"{here}first\\first.py": FIRST, f"{here}second\\second.py": SECOND}
    put(subs, {"ann.zip": zipped(files)})
    assert read(subs).sources == {"first": FIRST, "second": SECOND} and not read(subs).notes


def test_a_backslash_in_a_packed_download_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "class.zip").write_bytes(
        zipped({"ann/first.py": FIRST, "eve/x\\first.py": SECOND})
    )
    ann, eve = (entry.read(UNIT) for entry in find(tmp_path / "class.zip"))
    assert ann.sources == {"first": FIRST}
    assert eve.refused.endswith(
        "has a backslash; rename it, or pack it again with another program"
    )


def test_names_that_are_there_twice_are_refused(subs):
    with pytest.warns(UserWarning):
        data = zipped([("first.py", FIRST), ("first.py", b"other")])
    assert "twice" in read_zip(subs, data).refused


def test_an_archive_may_not_unpack_to_more_than_its_bound(subs, monkeypatch):
    monkeypatch.setattr(bounds, "UNPACKED_BYTES", 30)
    assert "would unpack" in read_zip(subs, zipped({"first.py": b"#" * 40})).refused


def test_an_archive_may_not_be_larger_than_its_bound(subs, monkeypatch):
    put(subs, {"eve.zip": zipped({"first.py": os.urandom(9_000)})})
    monkeypatch.setattr(bounds, "ARCHIVE_BYTES", 5_000)
    assert "eve.zip is larger than" in read(subs).refused


@pytest.mark.parametrize("name", ["Ünterlagen/first.py", "李/first.py"])
def test_names_in_any_language_are_welcome(subs, name):
    assert read_zip(subs, zipped({name: FIRST})).sources == {"first": FIRST}
    unflagged = with_flag(zipped({name: FIRST}), 0)
    out = bytearray(unflagged)
    for mark, offset in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        out[out.find(mark) + offset] &= 0xF7  # as a Mac packs it: UTF-8, and no word of it
    assert read_zip(subs, bytes(out)).sources == {"first": FIRST}


def test_links_in_ignored_folders_do_no_harm(subs):
    link = member(".venv/bin/python", stat.S_IFLNK | 0o777)
    assert read_zip(subs, zipped({"first.py": FIRST, link: b"/usr/bin/python"})).sources


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150
)
@given(st.data())
def test_no_archive_makes_it_crash(subs, data):
    whole = bytearray(zipped({"first.py": FIRST * 20, "stages/t01_tiny/second/second.py": SECOND}))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, 60))
    read_zip(subs, bytes(whole[: len(whole) - cut]))


# ---- hostile folders ----


@posix
def test_links_in_a_folder_are_refused_and_not_followed(subs, tmp_path):
    secret = tmp_path / "secret"
    put(secret, BOTH)
    for name, target in (("file", secret / "first.py"), ("folder", secret)):
        (subs / name).mkdir()
        (subs / name / ("first.py" if name == "file" else "work")).symlink_to(target)
    (subs / "itself").symlink_to(secret)
    put(subs / "ann", BOTH)
    ann, *others = [entry.read(UNIT) for entry in find(subs)]
    assert ann.sources and len(others) == 3
    assert all("symbolic link" in other.refused and not other.sources for other in others)


@posix
def test_pipes_and_sockets_are_never_opened(subs, monkeypatch):
    put(subs / "ann", {})
    for name in ("eve", "mal"):
        (subs / name).mkdir()
    os.mkfifo(subs / "eve/first.py")
    monkeypatch.chdir(subs / "mal")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("first.py")
    os.mkfifo(subs / "pipe.zip")
    found = [entry.read(UNIT) for entry in find(subs)]
    assert [s.student.key for s in found] == ["eve", "mal", "pipe.zip"]
    assert all("no ordinary file" in s.refused for s in found)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_odd_names_on_disk_are_refused(subs):
    for key, name in (("a", b"first\xff.py"), ("b", b"x\x1b.txt"), ("c", b"a\\first.py")):
        (subs / key).mkdir()
        put(subs / key, BOTH)
        Path(os.fsdecode(bytes(subs / key) + b"/" + name)).write_bytes(FIRST)
    put(subs / "d", {"first.py": FIRST, "First.py": b"other"})
    (subs / os.fsdecode(b"e\xff")).mkdir()
    why = [entry.read(UNIT).refused for entry in find(subs)]
    assert all(reason.isprintable() for reason in why)
    for words, reason in zip(("UTF-8", "control", "backslash", "beside"), why, strict=False):
        assert words in reason


def test_folders_have_bounds(subs, monkeypatch):
    put(subs / "ann", {f"{i}.txt": "" for i in range(40)})
    put(subs / "bob", {"d/" * 25 + "first.py": FIRST})
    put(subs / "cem", {f"d{i}/x": "" for i in range(40)})
    put(subs / "dan", {"first.py": bytes((1 << 20) + 1)})
    put(subs / "eve", {f"d{i}/first.py": "1" for i in range(30)})
    assert "folders deep" in find(subs)[1].read(UNIT).refused
    assert "first.py is larger than 1 MB" in find(subs)[3].read(UNIT).refused
    assert "could be meant for first" in find(subs)[4].read(UNIT).refused
    monkeypatch.setattr(bounds, "FILES", 30)
    assert "more than 30 files" in find(subs)[0].read(UNIT).refused
    monkeypatch.setattr(bounds, "FOLDERS", 30)
    assert "more than 30 folders" in find(subs)[2].read(UNIT).refused


def test_what_cannot_be_read_is_refused(subs, monkeypatch):
    put(subs / "ann", BOTH)
    put(subs / "bob", BOTH)
    ann, bob = find(subs)
    (subs / "ann/first.py").unlink()
    (subs / "ann/second.py").unlink()
    (subs / "ann").rmdir()
    assert "cannot be read" in ann.read(UNIT).refused
    if os.name == "posix":
        monkeypatch.setattr(os, "open", _denied)
        assert "first.py cannot be read: Permission denied" in bob.read(UNIT).refused


def _denied(*_):
    raise PermissionError(13, "Permission denied")


def test_long_and_odd_names_are_shown_short(subs):
    put(subs / "ann", {"x" * 150 + ".docx": "", "\u202egnp.exe": ""})
    refused = read(subs).refused
    assert "x" * 80 not in refused and "\u202e" not in refused and len(refused) < 250


def test_finding_opens_no_hand_in(subs, monkeypatch):
    for i in range(50):
        put(subs, {f"s{i}.zip": b"no zip at all"})
    monkeypatch.setattr(zipfile, "ZipFile", None)
    entries = find(subs)
    assert len(entries) == 50 and all(isinstance(entry, Entry) for entry in entries)
