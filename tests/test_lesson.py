"""From a lesson to a notebook: one source, the same bytes each time."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from grader.build import build, outdated
from grader.course import Course
from grader.errors import CourseError
from grader.intake.cells import module_of
from grader.intake.notebook import read_book
from grader.lesson.book import book_text
from grader.lesson.cells import Cell, lab_cells, stage_cells
from grader.lesson.examples import cell_codes, examples
from grader.lesson.links import relocated

ROOT = Path(__file__).resolve().parent.parent
STUB = '''"""Frames."""

import numpy as np

from stages.s1.given import require


@np.vectorize
def pad(x):
    """Pad."""
    raise NotImplementedError("s1.frame: pad")


def size(n):
    """Count."""
    raise NotImplementedError("s1.frame: size")


class Layer:
    """A layer."""

    def forward(self, x):
        raise NotImplementedError("s1.frame: Layer.forward")


def given(n):
    return n
'''
LESSON = """# Frames

What you will build.

<!-- notebook
from stages.s1.explore import Frame
Frame()
-->

## The idea

<!-- table of sizes -->
A frame.

```python
>>> import numpy as np
>>> np.arange(3)
array([0, 1, 2])
>>> total = sum(
...     [1, 2]
... )
>>> total  # both
3

```

```python
>>> from stages.s1.frame.frame import pad
>>> pad(1)
2

```

```python
no_prompts = "stays"
## no heading
```

## Your tasks

Three.

### `pad`

Pads.

```python
>>> pad(np.int64(1))
2
>>> pad("x")
Traceback (most recent call last):
TypeError: no

```

More about it.

### The class `Layer`

## Pitfalls

- None.
"""


def cells(lesson: str = LESSON, **more: bool) -> list[Cell]:
    return stage_cells(
        lesson, STUB, stage="s1.frame", module="stages.s1.frame.frame", file="frame.py", **more
    )


def texts(found: list[Cell]) -> list[str]:
    return [cell.text for cell in found]


# --- cells --------------------------------------------------------------------------------
def test_a_lesson_becomes_cells_in_order() -> None:
    found = cells()
    assert [cell.name for cell in found] == [
        "text ",
        "start",
        "code ",
        "text The idea",
        "code The idea",
        "text The idea",
        "text Your tasks",
        "text `pad`",
        "write pad",
        "code `pad`",
        "text `pad`",
        "check pad",
        "text The class `Layer`",
        "write Layer",
        "check Layer",
        "text `size`",
        "write size",
        "check size",
        "text Pitfalls",
    ]
    assert "%load_ext grader.notebook" in found[1].text and "frame.py" in found[1].text
    assert found[2].text == "from stages.s1.explore import Frame\nFrame()"


def test_examples_are_run_where_nothing_of_the_students_is_called() -> None:
    code, shown = cells()[4:6]
    assert code.text == (
        "import numpy as np\ndisplay(np.arange(3))\ntotal = sum(\n    [1, 2]\n)\ntotal  # both"
    )
    assert ">>> pad(1)\n2" in shown.text and "## no heading" in shown.text
    assert "table of sizes" not in "".join(texts(cells()))


def test_a_task_is_a_cell_to_fill_in_then_its_example_then_the_check() -> None:
    _, write, example, text, check = cells()[7:12]
    assert write.text == (
        "%%stage s1.frame pad\n@np.vectorize\ndef pad(x):\n"
        '    """Pad."""\n    raise NotImplementedError("s1.frame: pad")'
    )
    assert write.tags == ("stage:s1.frame",) and write.fixed
    # The import stood in a block that is only shown.
    assert example.text == (
        'from stages.s1.frame.frame import pad\ndisplay(pad(np.int64(1)))\npad("x")'
    )
    assert example.tags == ("raises-exception", "fails")
    assert (text.text, check.text) == ("More about it.", "%check s1.frame")


def test_a_task_without_a_part_of_its_own_comes_after_the_others() -> None:
    lesson = "# Frames\n\nNo tasks are named.\n"
    names = [cell.name for cell in cells(lesson) if cell.name.startswith("write")]
    assert names == ["write pad", "write size", "write Layer"]


def test_slow_criteria_are_left_to_one_check_at_the_end_of_the_tasks() -> None:
    checks = [cell.text for cell in cells(slow=True) if cell.name.startswith("check")]
    assert checks == ["%check s1.frame --quick"] * 3 + ["%check s1.frame"]


def test_what_follows_from_what_is_only_shown_is_only_shown() -> None:
    lesson = (
        "# A\n\n```python\n>>> from stages.s1.frame.frame import pad\n>>> y = pad(1)\n```\n\n"
        "```python\n>>> y + 1\n3\n```\n\n```python\n>>> 1 + 1\n2\n```\n"
    )
    live = [cell.text for cell in cells(lesson) if cell.name == "code "]
    assert live == ["1 + 1"]


def test_a_lab_runs_all_of_its_examples() -> None:
    found = lab_cells("# Edges\n\n```python\n>>> from stages.s1.frame.frame import pad\n```\nEnd.")
    assert texts(found)[2:] == ["from stages.s1.frame.frame import pad", "End."]
    assert "%load_ext grader.notebook" in found[1].text


@pytest.mark.parametrize(
    ("block", "codes"),
    [
        (">>> print(1)\n1\n>>> 2\n2\n", [("print(1)\n2", False)]),
        (">>> (1 +\n...  2)\n3\n>>> 4\n4\n", [("(display(1 +\n 2))\n4", False)]),
        (
            ">>> 1 / 0\nTraceback (most recent call last):\nZ: z\n>>> 2\n2\n",
            [("1 / 0", True), ("2", False)],
        ),
        (">>> a = 'é'; 'é'\n'é'\n>>> 2 # doctest: +SKIP\n2\n", [("a = 'é'; 'é'\n2", False)]),
        ("no prompts", []),
        (">>>1\n", []),
    ],
)
def test_a_block_becomes_code_that_shows_the_same(block: str, codes: list) -> None:
    assert cell_codes(examples(block)) == codes


# --- links --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[b](../b/README.md#x)", "[b](2_b.ipynb#x)"),
        ("[b](notes.md 'T')", "[b](../stages/u/a/notes.md 'T')"),
        ("[![i](i.svg)](../c.py)", "[![i](../stages/u/a/i.svg)](../stages/u/c.py)"),
        ('<img src="i.svg" alt="x">', '<img src="../stages/u/a/i.svg" alt="x">'),
        ("[ref]: i.svg", "[ref]: ../stages/u/a/i.svg"),
        ("[w](https://x.org/a) [h](#here) [m](mailto:a)", None),
        ("`[no](code.md)` and ``a ` [no](b.md)``", None),
        ("```\n[no](code.md)\n```", None),
    ],
)
def test_links_lead_to_the_same_places(text: str, expected: str | None) -> None:
    moved = {"stages/u/b/README.md": "notebooks/2_b.ipynb"}
    assert relocated(text, "stages/u/a", "notebooks", moved) == (expected or text)


# --- the file -----------------------------------------------------------------------------
def test_a_notebook_is_valid_and_saved_as_jupyter_would() -> None:
    text = book_text([*cells(), *cells()])  # ids stay unique
    book = nbformat.reads(text, as_version=4)
    nbformat.validate(book)
    assert nbformat.writes(book) + "\n" == text
    assert book_text([*cells(), *cells()]) == text


def test_ids_do_not_move_when_something_is_added_elsewhere() -> None:
    longer = LESSON.replace("## Your tasks", "## New\n\nNew.\n\n## Your tasks")

    def ids(lesson: str) -> list[str]:
        return [cell["id"] for cell in json.loads(book_text(cells(lesson)))["cells"]]

    assert [name for name in ids(longer) if name != "text-new"] == ids(LESSON)


def test_every_committed_notebook_is_what_its_lesson_makes(tiny_course) -> None:
    course = Course(tiny_course.root)
    assert outdated(course) == []
    lesson = tiny_course.stage("first") / "README.md"
    lesson.write_text(lesson.read_text() + "\nMore.\n", encoding="utf-8")
    labs = tiny_course.unit / "labs"
    labs.mkdir()
    (labs / "edges.md").write_text("# Edges\n\nSee [first](../first/README.md).\n")
    lesson.write_text(lesson.read_text() + "\n[A lab](../labs/edges.md)\n", encoding="utf-8")
    books = tiny_course.root / "notebooks"
    assert build(course) == [books / "1_first.ipynb", books / "labs" / "edges.ipynb"]
    assert "More." in (books / "1_first.ipynb").read_text()
    assert "(labs/edges.ipynb)" in (books / "1_first.ipynb").read_text()
    assert "(../1_first.ipynb)" in (books / "labs" / "edges.ipynb").read_text()


def test_two_notebooks_of_one_name_are_refused(tiny_course) -> None:
    other = tiny_course.unit.with_name("t02_other")
    shutil.copytree(tiny_course.unit, other)
    unit = (other / "unit.toml").read_text().replace('"t01"', '"t02"')
    (other / "unit.toml").write_text(unit)
    with pytest.raises(CourseError, match=r"would both become 1_first\.ipynb"):
        outdated(Course(tiny_course.root))


# --- handed in ----------------------------------------------------------------------------
def test_a_notebook_that_is_handed_in_is_read() -> None:
    """As it was built it holds the stub; filled in it holds the student's code."""
    unit = Course(ROOT).units[0]
    for number, stage in enumerate(unit.stages, start=1):
        data = (ROOT / "notebooks" / f"{number}_{stage.name}.ipynb").read_bytes()
        book = read_book(data, "book.ipynb", unit)
        assert (list(book.cells), book.notes) == ([stage.name], [])
        assert module_of(book.cells[stage.name], stage, "b") == (stage.file.read_bytes(), [])
        task = f'raise NotImplementedError(\\"{stage.id}'.encode()
        filled = read_book(data.replace(task, b'return (1, \\"', 1), "b.ipynb", unit)
        assert b"return (1," in module_of(filled.cells[stage.name], stage, "b")[0]
