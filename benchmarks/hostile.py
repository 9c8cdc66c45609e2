"""What hostile submissions achieve against the real course: nothing, it is hoped.

Run it::

    uv run python benchmarks/hostile.py [--sandbox LEVEL] [--json FILE] [NAME...]

Every folder of `tests/hostile` is one submission; `expected.toml` there says which of its
criteria must pass and which must not. Honest submissions are graded in between, all of
them by ``grader grade``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from grader import confine
from grader.course import Course, Stage
from grader.grades import Grade, Standing, from_json

ROOT = Path(__file__).resolve().parent.parent
HOSTILE = ROOT / "tests" / "hostile"
JOBS = 2
HONEST = ("padding",)
HONEST_EVERY = 9
# A check may take 2 s here; a submission that hangs in a few of them is still graded.
LONG = 20.0
GIVE_UP = 240.0
PATIENCE = 3.0
SECRET = "instructors-secret"
# What the submissions would leave for somebody else, had they the right to.
PLANTED = (
    "sitecustomize.py usercustomize.py conftest.py planted.pth pytest.ini planted grader-note "
    "results.json report.json result.json grade.json"
).split()


class Attack(msgspec.Struct, forbid_unknown_fields=True):
    """The form of an entry of ``expected.toml``."""

    why: str
    passes: list[str]
    fails: list[str]
    alone: bool = False
    grown: int = 0
    never: list[str] = []
    chance: list[str] = []  # right code that the attack may or may not take down with it

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages to check, by name."""
        return tuple(
            dict.fromkeys(c.partition(".")[0] for c in [*self.passes, *self.fails, *self.chance])
        )


def expected() -> dict[str, Attack]:
    """Return what each submission is to get."""
    text = (HOSTILE / "expected.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Attack])


def quick_course(folder: Path) -> Course:
    """Make a copy of the course in which a check may take two seconds."""
    shutil.copytree(
        ROOT / "stages", folder / "stages", ignore=shutil.ignore_patterns("__pycache__", ".*")
    )
    for file in folder.glob("stages/*/*/stage.toml"):
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"(?m)^seconds = .*$", "seconds = 2", text), encoding="utf-8")
    return Course(folder)


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder."""
    files = (path for path in folder.rglob("*") if "__pycache__" not in path.parts)
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes() if path.is_file() else b""
        ).hexdigest()
        for path in files
    }


def handed_in(name: str, attack: Attack, stage: Stage) -> bytes | None:
    """Return what a submission has for a stage, if anything."""
    file = HOSTILE / name / stage.file.name
    if not file.is_file():
        return None
    code = file.read_bytes()
    if not attack.alone:
        code = stage.solution.read_bytes() + b"\n\n" + code
    line = b"# a comment that says nothing\n"
    return code + line * (max(0, attack.grown - len(code)) // len(line))


# --- grading --------------------------------------------------------------------------------
def grade(course: Course, names: Sequence[str], level: str | None, folder: Path) -> dict[str, str]:
    """Grade submissions as an instructor does; return the text of each grade."""
    attacks, found = expected(), {}
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        stages = attacks[name].stages if name in attacks else HONEST
        groups.setdefault(stages, []).append(name)
    for number, (wanted, members) in enumerate(groups.items()):
        submissions, grades = folder / f"submissions{number}", folder / f"grades{number}"
        for name in members:
            lay_out(submissions / name, name, attacks.get(name), course.select([])[1])
        run(course, submissions, grades, wanted, level)
        found |= {f.stem: f.read_text(encoding="utf-8") for f in grades.glob("results/*.json")}
    return found


def lay_out(folder: Path, name: str, attack: Attack | None, stages: Sequence[Stage]) -> None:
    """Write the files that one student hands in."""
    folder.mkdir(parents=True)
    for file in (HOSTILE / name).glob("*"):
        shutil.copyfile(file, folder / file.name)
    for stage in stages:
        code = handed_in(name, attack, stage) if attack else None
        right = stage.solution.read_bytes()
        (folder / stage.file.name).write_bytes(right if code is None else code)


def run(
    course: Course, submissions: Path, grades: Path, stages: Sequence[str], level: str | None
) -> None:
    """Run ``grader grade``."""
    command = [sys.executable, "-m", "grader", "grade", str(submissions), "--out", str(grades)]
    command += ["--stages", ",".join(stages), "--jobs", str(JOBS)]
    command += ["--sandbox", level] if level else []
    environment = os.environ | {"GRADER_SECRET": SECRET, "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            command,
            cwd=course.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=GIVE_UP,
        )
    except subprocess.TimeoutExpired:
        print(f"grader grade did not end within {GIVE_UP:g} s")
        return
    if done.returncode not in (0, 1):
        print(f"grader grade ended with {done.returncode}: {done.stderr.decode()[-2000:]}")


def outcomes(grade: Grade) -> dict[str, str]:
    """Return what became of each criterion."""
    return {
        f"{stage.id.rpartition('.')[2]}.{criterion.id}": criterion.outcome.value
        for stage in grade.stages
        for criterion in stage.criteria
    }


def left_behind() -> list[str]:
    """Return the command lines of what does not end by itself; all orphans came to us."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.01)
        except ChildProcessError:
            return []
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in pids]


def planted() -> set[Path]:
    """Return the files that the submissions would plant and that are there."""
    places = [Path(p) for p in ("/tmp", "/dev/shm", "/var/tmp", "/", sys.prefix, *sys.path)]
    places += [Path.home(), Path.cwd(), ROOT, ROOT / "stages"]
    return {place / name for place in places for name in PLANTED if (place / name).exists()}


def with_honest_ones(names: Sequence[str]) -> list[str]:
    """Return the names, and honest submissions among them: first, last, and in between."""
    mixed = ["honest_first", "honest_too"]
    for i, name in enumerate(names):
        mixed.append(name)
        if i % HONEST_EVERY == HONEST_EVERY - 1:
            mixed.append(f"honest_{i:03}")
    return [*mixed, "honest_last", "honest_very_last"]


def measure(names: Sequence[str], level: str | None) -> dict[str, Any]:
    """Grade submissions, and look at all that they could have changed."""
    confine.adopt_orphans()
    attacks = {name: attack for name, attack in expected().items() if not names or name in names}
    mixed = with_honest_ones(list(attacks))
    before = planted()
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        course = quick_course(Path(folder) / "course")
        was, clock = digests(course.root / "stages"), time.monotonic()
        texts = grade(course, mixed, level, Path(folder))
        seconds = time.monotonic() - clock
        changed = {path for path, _ in was.items() ^ digests(course.root / "stages").items()}
    grades = {name: from_json(text) for name, text in texts.items()}
    reports = [grade.report for grade in grades.values() if grade.report]
    return {
        "seconds": round(seconds, 1),
        "level": reports[0].sandbox.level if reports else "none",
        "submissions": {n: judged(attacks[n], grades.get(n), texts.get(n, "")) for n in attacks},
        "honest": {name: disturbed(grades.get(name)) for name in mixed if name not in attacks},
        "course": sorted(changed),
        "planted": sorted(map(str, planted() - before)),
        "left": left_behind(),
    }


def judged(attack: Attack, grade: Grade | None, text: str) -> dict[str, Any]:
    """Hold what a submission got against what it should get."""
    got = outcomes(grade) if grade else {}
    whole = (
        set(got) == {*attack.passes, *attack.fails, *attack.chance}
        and "broken" not in got.values()
    )
    refused = grade is not None and grade.standing is Standing.REFUSED and bool(grade.reason)
    return {
        "forged": [name for name in attack.fails if got.get(name) == "passed"],
        "lost": [name for name in attack.passes if got.get(name) != "passed"],
        "kept": len(attack.passes),
        "seconds": grade.report.seconds if grade and grade.report else 0.0,
        "graded": whole or refused,
        "leaked": [secret for secret in attack.never if secret in text],
        "outcomes": got,
    }


def disturbed(grade: Grade | None) -> list[str]:
    """Return what an honest submission did not get."""
    if grade is None or grade.standing is not Standing.GRADED:
        return ["no grade"]
    return [name for name, outcome in outcomes(grade).items() if outcome != "passed"]


def table(found: dict[str, Any]) -> str:
    """Return the figures beside their goals."""
    each = found["submissions"]
    others = [f"{name}: {each}" for name, lost in found["honest"].items() for each in lost]
    others += [f"changed: {path}" for path in found["course"] + found["planted"]]
    lost = [f"{name}: {criterion}" for name, s in each.items() for criterion in s["lost"]]
    forged = [f"{name}: {c}" for name, s in each.items() for c in s["forged"] + s["leaked"]]
    hung = [name for name, s in each.items() if s["seconds"] > LONG]
    kept = sum(s["kept"] for s in each.values())
    lines = [
        f"{len(each)} hostile submissions, {len(found['honest'])} honest ones in between, "
        f"level {found['level']}, {found['seconds']} s"
    ]
    for what, bad in [
        ("forged, or told a secret", forged),
        ("hung", hung),
        ("without a grade", [name for name, s in each.items() if not s["graded"]]),
        ("effects on others", others),
        ("processes left", found["left"]),
        (f"points lost beside the attack, of {kept} criteria", lost),
    ]:
        verdict = "reached" if not bad else "NOT reached"
        lines.append(f"  {what:<52} {len(bad):>3}   goal 0  {verdict}")
        lines += [f"      {text}" for text in bad]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--sandbox", choices=["L1", "L2"])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = measure(options.names, options.sandbox)
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
