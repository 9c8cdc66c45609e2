"""The course itself: its checks are complete, its stubs are current."""

import doctest
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from grader.course import Course, Stage
from grader.results import Outcome, Report, from_json

ROOT = Path(__file__).resolve().parent.parent
COURSE = Course.find(ROOT)
UNIT = COURSE.units[0]
PUBLIC = {
    "padding": "pad2d get_output_shape resolve_padding",
    "im2col": "im2col col2im",
    "conv": "conv2d_naive conv2d_forward conv2d_backward Conv2D",
    "pooling": "max_pool2d_forward max_pool2d_backward avg_pool2d_forward avg_pool2d_backward "
    "global_avg_pool2d_forward global_avg_pool2d_backward MaxPool2D AvgPool2D GlobalAvgPool2D",
    "lenet": "ReLU Flatten Dense softmax_cross_entropy build_lenet forward_cnn backward_cnn "
    "sgd_step train predict",
}


def check(course: Path, *arguments: str) -> tuple[int, str, Report]:
    """Run ``grader check`` on a course; return its exit code, text and report."""
    command = [sys.executable, "-m", "grader", "check", *arguments, "--json", "report.json"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=300)
    assert "Traceback (most recent call last)" not in done.stderr
    return done.returncode, done.stdout, from_json((course / "report.json").read_text())


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the course as a student has it: all stubs untouched."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "stages", tmp_path / "stages", ignore=ignore)
    return tmp_path


def answer(clone: Path, *stages: str) -> None:
    """Fill in stages with the reference."""
    for name in stages:
        folder = clone / "stages" / "s13_cnn" / name
        shutil.copy(folder / "solution.py", folder / f"{name}.py")


# --- the path of a student --------------------------------------------------------------------
def test_the_solutions_pass_every_criterion(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "grader", "check", "s13", "--solution", "--json", str(report)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout
    assert "100 of 100 points" in done.stdout
    stages = from_json(report.read_text()).stages
    assert [stage.points for stage in stages] == [10, 15, 25, 20, 30]


def test_an_untouched_clone_has_five_stages_to_do(clone: Path) -> None:
    code, text, report = check(clone, "s13")
    assert code == 1
    assert len(report.stages) == 5
    outcomes = {c.outcome for stage in report.stages for c in stage.criteria}
    assert outcomes == {Outcome.TODO}, text
    assert "Next task: s13.padding" in text
    assert "pad2d is still to be written" in text
    assert "stages/s13_cnn/padding/README.md" in text


def test_padding_alone_turns_exactly_its_criteria_green(clone: Path) -> None:
    answer(clone, "padding")
    code, _, report = check(clone, "s13", "--quick")
    assert code == 1
    for stage in report.stages:
        green = stage.id == "s13.padding"
        assert {c.outcome is Outcome.PASSED for c in stage.criteria} == {green}, stage.id


def test_a_wrong_function_of_padding_costs_only_what_is_about_it(clone: Path) -> None:
    answer(clone, "padding")
    file = clone / "stages/s13_cnn/padding/padding.py"
    wrong = "\n\ndef pad2d(x, padding, value=0.0):\n    return x\n\n\nget_output_shape = pad2d\n"
    file.write_text(file.read_text() + wrong)
    _, _, report = check(clone, "padding")
    outcomes = {criterion.id: criterion.outcome for criterion in report.stages[0].criteria}
    assert outcomes.pop("modes") is Outcome.PASSED
    assert set(outcomes.values()) == {Outcome.FAILED}


def test_a_wrong_im2col_is_shown_with_its_evidence_and_blocks_conv(clone: Path) -> None:
    answer(clone, "padding", "im2col", "conv")
    file = clone / "stages/s13_cnn/im2col/im2col.py"
    right = "planes[:, :, i : i + SH * OH : SH, j : j + SW * OW : SW]"
    source = file.read_text()
    assert right in source
    file.write_text(source.replace(right, "planes[:, :, i : i + OH, j : j + OW]"))
    code, text, report = check(clone, "padding", "im2col", "conv", "--quick")
    padding, im2col, conv = report.stages
    assert code == 1
    assert padding.outcome is Outcome.PASSED
    first, second = im2col.criteria[:2]
    assert (first.outcome, second.outcome) == (Outcome.PASSED, Outcome.FAILED)
    decisive = second.decisive
    assert decisive is not None and decisive.evidence is not None
    assert decisive.evidence.index is not None
    assert "im2col(x, kernel_size=" in text and "first difference at index" in text
    blocked = [c for c in conv.criteria if c.outcome is Outcome.BLOCKED]
    assert blocked and all(c.decisive.blocked_by == "s13.im2col" for c in blocked if c.decisive)
    assert {c.outcome for c in conv.criteria} == {Outcome.PASSED, Outcome.BLOCKED}


def test_a_mistake_of_conv_is_not_blamed_on_a_wrong_im2col(clone: Path) -> None:
    answer(clone, "padding", "im2col", "conv")
    im2col = clone / "stages/s13_cnn/im2col/im2col.py"
    im2col.write_text(
        im2col.read_text().replace("return windows.reshape(", "return 2 * windows.reshape(")
    )
    conv = clone / "stages/s13_cnn/conv/conv.py"
    source = conv.read_text()
    changed = re.sub(
        r"(def conv2d_naive.*?)(    return out\b)", r"\1    return -out", source, flags=re.S
    )
    assert changed != source
    conv.write_text(changed)
    _, _, report = check(clone, "conv", "--quick")
    outcomes = [c.outcome for c in report.stages[0].criteria]
    assert outcomes[0] is Outcome.FAILED
    assert Outcome.BLOCKED in outcomes


# --- the course as such -----------------------------------------------------------------------
@pytest.mark.parametrize("stage", UNIT.stages, ids=lambda stage: stage.name)
def test_every_public_name_has_an_example_that_runs(
    stage: Stage, solutions: dict[str, ModuleType]
) -> None:
    module = solutions[stage.module]
    tests = doctest.DocTestFinder(exclude_empty=False).find(module, stage.name)
    with_examples = {
        test.name.split(".")[1] for test in tests if test.examples and "." in test.name
    }
    assert set(PUBLIC[stage.name].split()) <= with_examples
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in tests:
        assert runner.run(test).failed == 0, test.name


@pytest.mark.parametrize("stage", UNIT.stages, ids=lambda stage: stage.name)
def test_every_criterion_has_an_open_and_a_hidden_check(stage: Stage) -> None:
    marks: dict[bool, set[str]] = {True: set(), False: set()}
    for path in stage.checks():
        named = re.findall(r'^@criterion\("([\w-]+)"\)', path.read_text(), flags=re.M)
        marks["hidden" in path.parts] |= set(named)
    wanted = {criterion.id for criterion in stage.about.criteria}
    assert marks == {True: wanted, False: wanted}


@pytest.mark.parametrize("stage", UNIT.stages, ids=lambda stage: stage.name)
def test_checks_use_the_helpers_that_make_messages(stage: Stage) -> None:
    for path in stage.checks():
        text = path.read_text()
        assert not re.search(r"^\s*assert\b|^\s*print\(|pytest\.raises", text, flags=re.M), path


@pytest.mark.parametrize("stage", UNIT.stages, ids=lambda stage: stage.name)
def test_the_checks_run_in_one_process_against_the_solution(stage: Stage) -> None:
    # Training is run by the first test of this file.
    arguments = ["-k", "not learning"] if stage.name == "lenet" else []
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(
        [*command, str(stage.folder), "--solution"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_the_checks_run_in_one_process_against_the_students_file() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "stages/s13_cnn/padding"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "NotImplementedError: s13.padding: pad2d" in done.stdout
