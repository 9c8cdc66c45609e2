"""The course on disk: what is read, what is refused, and how stages are named."""

import pytest

from grader.build import build, outdated
from grader.course import Course
from grader.errors import CourseError, UsageError
from grader.kept import is_kept


@pytest.fixture
def course(tmp_path):
    """A folder of two units: one of three stages, one of one."""
    write_unit(tmp_path, "s13_cnn", "s13", ["padding", "im2col", "conv"])
    write_unit(tmp_path, "s14_rnn", "s14", ["cell"])
    return tmp_path


def write_unit(root, folder, identifier, stages):
    unit = root / "stages" / folder
    for i, name in enumerate(stages):
        (unit / name / "checks" / "hidden").mkdir(parents=True)
        needs = [stages[i - 1]] if i else []
        (unit / name / "stage.toml").write_text(STAGE.format(name=name, needs=needs))
        (unit / name / "solution.py").write_text(SOLUTION)
    (unit / "unit.toml").write_text(f'id = "{identifier}"\ntitle = "A unit"\nstages = {stages}\n')


STAGE = """
title = "About {name}"
needs = {needs}

[[criteria]]
id = "first"
sentence = "the first criterion"
points = 2

[[criteria]]
id = "second"
sentence = "the second criterion"
points = 3
slow = true
seconds = 20.5
"""
SOLUTION = '''
def answer():
    """Return the answer."""
    ### BEGIN SOLUTION
    return 42
    ### END SOLUTION
'''


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def refused(root):
    """Return why a course is refused."""
    with pytest.raises(CourseError) as caught:
        _ = Course(root).units
    return str(caught.value)


# --- reading ------------------------------------------------------------------------------
def test_stages_come_in_the_order_of_the_unit(course):
    first, second = Course(course).units
    assert [stage.id for stage in first.stages] == ["s13.padding", "s13.im2col", "s13.conv"]
    assert [stage.id for stage in second.stages] == ["s14.cell"]


def test_a_stage_knows_its_files_and_how_it_is_imported(course):
    stage = Course(course).units[0].stages[1]
    folder = course / "stages" / "s13_cnn" / "im2col"
    assert stage.file == folder / "im2col.py"
    assert stage.solution == folder / "solution.py"
    assert stage.module == "stages.s13_cnn.im2col.im2col"


def test_criteria_and_limits_have_their_usual_values(course):
    about = Course(course).units[0].stages[0].about
    assert (about.limits.seconds, about.limits.memory_mb) == (10.0, 2048)
    assert [(c.points, c.slow, c.seconds) for c in about.criteria] == [
        (2, False, None),
        (3, True, 20.5),
    ]


def test_a_criterion_is_found_by_its_id(course):
    stage = Course(course).units[0].stages[0]
    assert stage.criterion("second").points == 3
    assert stage.criterion("third") is None


def test_open_checks_come_before_hidden_ones(course):
    checks = course / "stages" / "s13_cnn" / "padding" / "checks"
    for name in ("test_b.py", "test_a.py", "helper.py", "hidden/test_0.py"):
        (checks / name).touch()
    found = Course(course).units[0].stages[0].checks()
    assert [path.name for path in found] == ["test_a.py", "test_b.py", "test_0.py"]


def test_modules_beside_the_stages_are_given(course):
    folder = course / "stages" / "s13_cnn"
    (folder / "tools.py").touch()
    (folder / "__init__.py").touch()
    unit = Course(course).units[0]
    assert unit.given() == {"stages.s13_cnn.tools": folder / "tools.py"}
    assert unit.solutions()["stages.s13_cnn.conv.conv"] == folder / "conv" / "solution.py"
    assert "stages.s13_cnn.tools" in unit.solutions()


def test_a_course_is_found_from_any_folder_inside(course):
    inside = course / "stages" / "s13_cnn" / "padding"
    assert Course.find(inside).root == course.resolve()
    assert Course.find(course).root == course.resolve()


def test_a_folder_outside_of_any_course_says_what_to_do(tmp_path):
    with pytest.raises(UsageError, match="Change to the folder of the course"):
        Course.find(tmp_path)


# --- naming stages ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("selectors", "names"),
    [
        ([], ["padding", "im2col", "conv"]),
        (["s13"], ["padding", "im2col", "conv"]),
        (["s13.conv"], ["conv"]),
        (["conv"], ["conv"]),
        ([" CONV "], ["conv"]),
        (["conv", "padding", "s13.conv"], ["padding", "conv"]),
        (["s14"], ["cell"]),
    ],
)
def test_stages_are_chosen_by_unit_full_name_or_name(course, selectors, names):
    unit, stages = Course(course).select(selectors)
    assert [stage.name for stage in stages] == names
    assert unit.stages[0].unit == stages[0].unit


@pytest.mark.parametrize(
    ("wrong", "right"), [("pading", "padding"), ("s13.cnov", "s13.conv"), ("S15", "s14")]
)
def test_a_near_name_is_suggested(course, wrong, right):
    with pytest.raises(UsageError) as caught:
        Course(course).select([wrong])
    message = str(caught.value)
    assert f"there is no stage {wrong!r}" in message
    assert "Did you mean" in message
    assert right[:2] in message
    assert "The stages are: s13.padding, s13.im2col, s13.conv, s14.cell." in message


def test_a_name_like_no_other_gets_no_suggestion(course):
    with pytest.raises(UsageError) as caught:
        Course(course).select(["zzzzzz"])
    assert "Did you mean" not in str(caught.value)


def test_stages_of_two_units_do_not_mix(course):
    with pytest.raises(UsageError, match="stages of one unit at a time: conv, cell"):
        Course(course).select(["conv", "cell"])


# --- what is refused: file, key, expected form --------------------------------------------
STAGE_FAULTS = {
    "a missing title": ('title = "About padding"', "", "top level", "title"),
    "an empty title": ('"About padding"', '""', "title", "length >= 1"),
    "a title that is a number": ('"About padding"', "3", "title", "Expected `str`, got `int`"),
    "an unknown key": ("needs = []", "need = []", "top level", "unknown field `need`"),
    "an unknown key of a criterion": ("slow = true", "slwo = true", "criteria[1]", "`slwo`"),
    "no points": ("points = 2", "points = 0", "criteria[0].points", "`int` >= 1"),
    "points in words": ("points = 3", 'points = "3"', "criteria[1].points", "Expected `int`"),
    "an id with a space": ('id = "first"', 'id = "the first"', "criteria[0].id", "matching regex"),
    "an id twice": ('id = "second"', 'id = "first"', "criteria[1].id", "stands there twice"),
    "no time": ("seconds = 20.5", "seconds = 0", "criteria[1].seconds", "> 0.0"),
    "a difficulty of six": ("needs = []", "needs = []\ndifficulty = 6", "difficulty", "<= 5"),
    "hardly any memory": (
        "needs = []", "needs = []\nlimits = {memory_mb = 16}", "limits.memory_mb", ">= 256",
    ),
    "a later need": ("needs = []", 'needs = ["conv"]', "needs[0]", "expected one of []"),
}  # fmt: skip


@pytest.mark.parametrize("fault", STAGE_FAULTS)
def test_a_fault_in_a_stage_is_told_with_file_key_and_form(course, fault):
    old, new, key, form = STAGE_FAULTS[fault]
    path = course / "stages" / "s13_cnn" / "padding" / "stage.toml"
    change(path, old, new)
    message = refused(course)
    assert message.startswith(f"{path}: {key}: ")
    assert form in message


def test_a_stage_without_criteria_is_refused(course):
    path = course / "stages" / "s13_cnn" / "padding" / "stage.toml"
    path.write_text('title = "a"\ncriteria = []\n')
    assert refused(course).startswith(f"{path}: criteria: Expected `array` of length >= 1")


UNIT_FAULTS = {
    "no stages": ("['padding', 'im2col', 'conv']", "[]", "stages", "length >= 1"),
    "a stage without a folder": ("'conv'", "'convolution'", "stages[2]", "there is no"),
    "a stage twice": ("'conv'", "'padding'", "stages[2]", "stands there twice"),
    "an id in capitals": ('"s13"', '"S13"', "id", "matching regex"),
    "an unknown key": ("title", "titel", "top level", "field"),
    "an id that is used twice": ('"s13"', '"s14"', "id", "'s14' is used twice"),
}


@pytest.mark.parametrize("fault", UNIT_FAULTS)
def test_a_fault_in_a_unit_is_told_with_file_key_and_form(course, fault):
    old, new, key, form = UNIT_FAULTS[fault]
    path = course / "stages" / "s13_cnn" / "unit.toml"
    change(path, old, new)
    message = refused(course)
    assert message.startswith(f"{path}: {key}: ")
    assert form in message


@pytest.mark.parametrize("name", ["unit.toml", "padding/stage.toml"])
@pytest.mark.parametrize("data", [b"title = ", b"\xff\xfe", b"= 3", b'a = "\n"'])
def test_a_file_that_is_no_toml_is_refused_by_name(course, name, data):
    path = course / "stages" / "s13_cnn" / name
    path.write_bytes(data)
    assert refused(course).startswith(f"{path}: not a TOML file: ")


def test_a_file_that_cannot_be_read_is_refused_by_name(course):
    path = course / "stages" / "s13_cnn" / "unit.toml"
    path.unlink()
    path.mkdir()
    assert refused(course).startswith(f"{path}: cannot be read: ")


# --- what is generated --------------------------------------------------------------------
def test_stubs_are_written_once_and_then_up_to_date(course):
    found = Course(course)
    files = [stage.file for unit in found.units for stage in unit.stages]
    assert outdated(found) == files
    assert build(found) == files
    assert outdated(found) == build(found) == []
    assert 'raise NotImplementedError("s13.padding: answer")' in files[0].read_text()


@pytest.mark.parametrize("data", [b"changed\n", b"\xff", b""])
def test_a_stub_that_differs_is_outdated(course, data):
    found = Course(course)
    build(found)
    file = found.units[0].stages[1].file
    file.write_bytes(data)
    assert outdated(found) == [file]
    assert file.read_bytes() == data
    assert build(found) == [file]


def test_what_somebody_wrote_in_a_stub_is_kept_beside_it(course):
    found = Course(course)
    build(found)
    file = found.units[0].stages[0].file
    change(file, 'raise NotImplementedError("s13.padding: answer")', "return 41")
    written = file.read_bytes()
    kept, again = build(found)
    assert (kept.parent, kept.read_bytes(), again) == (file.parent, written, file)
    assert is_kept(kept.name) and outdated(found) == []


def test_nothing_but_the_stubs_is_left_behind(course):
    before = set(course.rglob("*"))
    build(Course(course))
    assert {path.name for path in set(course.rglob("*")) - before} == {
        "padding.py",
        "im2col.py",
        "conv.py",
        "cell.py",
    }


def test_when_one_solution_is_at_fault_no_stub_is_written(course):
    found = Course(course)
    change(found.units[0].stages[2].solution, "### END SOLUTION", "")
    with pytest.raises(CourseError, match=r"stages/s13_cnn/conv/solution\.py:4: ### BEGIN"):
        build(found)
    assert not found.units[0].stages[0].file.exists()


def test_a_missing_solution_is_named(course):
    found = Course(course)
    found.units[0].stages[0].solution.unlink()
    with pytest.raises(CourseError, match=r"padding.solution\.py: No such file"):
        outdated(found)
