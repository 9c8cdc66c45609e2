"""Whether this edition is complete and works here: the files, the answers, one whole run."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import Course, Stage, Unit
from grader.edition.about import changed_files
from grader.recording import load

ROOT = Path(__file__).resolve().parent.parent
STAGES = [(u, s) for u in Course(ROOT).units for s in u.stages]


def test_the_files_of_the_course_are_as_they_were_handed_out() -> None:
    changed = changed_files(Course(ROOT))
    assert not changed, f"changed or missing, get them again: {', '.join(changed)}"


@pytest.mark.parametrize("unit, stage", STAGES, ids=[s.id for _, s in STAGES])
def test_a_stage_has_answers_to_be_checked_by(unit: Unit, stage: Stage) -> None:
    path = unit.recordings()[stage.id]
    assert path.is_file() or not stage.is_sealed
    if path.is_file():
        assert load(path).stage == stage.id


def test_the_checks_run_on_this_machine() -> None:
    command = [sys.executable, "-m", "grader", "check", "--solution", "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
