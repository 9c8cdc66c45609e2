"""Grades the one submission of a Gradescope container.

``python -m grader.gradescope.run`` reads ``/autograder/submission`` and always leaves
``/autograder/results/results.json``, whatever breaks.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from grader.atomic import write_atomically
from grader.course import Course
from grader.errors import GraderError
from grader.grades import Grade
from grader.gradescope.metadata import read_metadata
from grader.gradescope.settings import NAME, Settings
from grader.gradescope.submitted import grade_folder
from grader.render.gradescope import failure_results, gradescope_results
from grader.sandbox import Sandbox

ALLOW = "GRADER_ALLOW_UNSANDBOXED"


def main(argv: list[str] | None = None) -> int:
    """Grade; return 0 if there is a grade, 1 if something of ours broke."""
    parser = argparse.ArgumentParser(prog="grader.gradescope.run", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("/autograder"))
    parser.add_argument(
        "--self-test", action="store_true", help="only see that the course can be graded here"
    )
    options = parser.parse_args(argv)
    if options.self_test:
        return _self_test(options.root)
    code, results = _results(options.root)
    target: Path = options.root / "results" / "results.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, msgspec.json.format(msgspec.json.encode(results), indent=2))
    return code


def _results(root: Path) -> tuple[int, dict[str, Any]]:
    """Return an exit code, and what ``results.json`` is to say; never raise."""
    clock = time.monotonic()
    try:
        settings = _settings(root)
        grade = _grade(root, settings)
        results = gradescope_results(grade, settings.hidden_visibility)
    except GraderError as error:
        print(f"grader: {error}", file=sys.stderr)
        return 1, failure_results(str(error))
    except BaseException as error:  # interrupted, out of memory: a student still gets an answer
        traceback.print_exc()
        return 1, failure_results(f"{type(error).__name__}: {error}")
    return 0, results | {"execution_time": round(time.monotonic() - clock, 3)}


def _settings(root: Path) -> Settings:
    path = root / "source" / NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings)
    except (OSError, msgspec.MsgspecError) as error:
        raise GraderError(f"{path} cannot be read: {error}") from error


def _grade(root: Path, settings: Settings) -> Grade:
    course = Course.find(root / "source")
    metadata, note = read_metadata(root / "submission_metadata.json")
    student = metadata.students[0]
    grade = grade_folder(course, settings, root / "submission", best_level(), student)
    if note:
        grade = replace(grade, notes=(*grade.notes, note))
    if settings.late:
        grade = replace(grade, late=metadata.late(settings.late))
    return grade


def best_level() -> str:
    """Return the best sandbox level that works here; containers often refuse bubblewrap.

    Raises
    ------
    GraderError
        None works, and the environment does not say that this is allowed.
    """
    problems = []
    for level in ["L2", "L1"] + (["none"] if os.environ.get(ALLOW) == "1" else []):
        try:
            with Sandbox(level) as sandbox:
                return sandbox.settle().level
        except GraderError as error:
            problems.append(f"{level}: {error}")
    raise GraderError(
        "no sandbox works in this container, and without one a submission could read the "
        "solutions and write its own grade. Instructors: use another base image, or set "
        f"{ALLOW}=1 in run_autograder if you trust every student.\n" + "\n".join(problems)
    )


def _self_test(root: Path) -> int:
    """See that the settings, the course and a sandbox are there, while an image is built."""
    try:
        unit, stages = Course.find(root / "source").select(_settings(root).stages)
    except GraderError as error:
        print(f"grader: {error}", file=sys.stderr)
        return 1
    print(f"{unit.id}: {', '.join(stage.id for stage in stages)}")
    try:
        print(f"sandbox: {best_level()}")
    except GraderError as error:  # what grades may allow more than what builds: only warn
        print(f"grader: {error}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
