"""The lessons: all numbers in them are computed, every task has its place, no answer is given.

A lesson is a page and the source of a notebook. Besides fences it may hold HTML comments,
which a page does not show: ``<!-- check`` (assertions that back the numbers of the text
around them), ``<!-- table`` (code whose `rows` the table below must show; `...` stands for a
cell of words), ``<!-- measured`` (figures that a run of minutes gave) and ``<!-- notebook``
(a cell that only the notebook has).
"""

import ast
import doctest
import re
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader.course import Course, Stage
from grader.stub import make_stub

ROOT = Path(__file__).resolve().parent.parent
UNIT = Course.find(ROOT).units[0]
OPTIONS = doctest.NORMALIZE_WHITESPACE

PIECE = re.compile(
    r"^```(?P<fence>\w*)\n(?P<shown>.*?)^```$|^<!-- (?P<mark>\w+)\n(?P<hidden>.*?)^-->$",
    re.M | re.S,
)
COMMENT = re.compile(r"^<!-- .*?^-->\n", re.M | re.S)
TABLE = re.compile(r"^\|.*\n\|[-|]+\n(?:\|.*\n)+", re.M)
TASK = re.compile(r"^### `(\w+)`\n", re.M)
QUIZ = re.compile(r"<details><summary>Answer</summary>\n\n(?:[^<].*\n|\n)+?\n</details>\n")
# The size 28x28 holds two numbers, the names float32 and W2 hold none.
NUMBER = re.compile(r"(?<![a-wyzA-Z_.\d])(?:\d{1,3}(?:[,_]\d{3})+|\d+)(?:\.\d+)?")
YEAR = re.compile(r"\((?:\D*\s)?(?:19|20)\d\d\)")
SECTIONS = ["The idea", "Your tasks", "Pitfalls", "Questions", "Further reading"]


@dataclass(frozen=True)
class Piece:
    """A fence or a comment: what kind it is, its code, and where it stands."""

    kind: str
    code: str
    start: int
    end: int

    def imports(self, module: str) -> bool:
        return re.search(rf"\b{re.escape(module)}\b", self.code) is not None


def prose_of(text: str) -> str:
    """Return a page without fences and comments, as long as the page itself."""
    return PIECE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


class Lesson:
    """One README.md, cut into its parts."""

    def __init__(self, path: Path, stage: Stage | None) -> None:
        self.path, self.stage = path, stage
        self.text = path.read_text(encoding="utf-8")
        self.name = path.parent.name

    @property
    def pieces(self) -> list[Piece]:
        return [
            Piece(
                found["mark"] or found["fence"] or "text",
                found["shown"] if found["hidden"] is None else found["hidden"],
                found.start(),
                found.end(),
            )
            for found in PIECE.finditer(self.text)
        ]

    @property
    def prose(self) -> str:
        return prose_of(self.text)

    @property
    def headings(self) -> list[str]:
        return re.findall(r"^## (.*)$", self.prose, flags=re.M)

    def section(self, heading: str) -> tuple[int, int]:
        """Return where a section of the second level begins and ends."""
        start = self.text.index(f"\n## {heading}\n")
        return start, (self.prose + "\n## \n").index("\n## ", start + 1)

    @property
    def tasks(self) -> dict[str, str]:
        """The subsections of the tasks."""
        start, end = self.section("Your tasks")
        parts = TASK.split(self.text[start:end])
        return dict(zip(parts[1::2], parts[2::2], strict=True))

    def table_after(self, piece: Piece) -> list[list[str]]:
        """Return the cells of the table that a comment computes."""
        found = TABLE.match(self.text, piece.end + 1)
        assert found, f"no table below the code {piece.code!r}"
        return cells(found[0])

    def is_live(self, piece: Piece) -> bool:
        """Whether a block is a cell of the notebook, not only text."""
        if piece.kind != "python" or self.stage is None:
            return False
        start, end = self.section("Your tasks")
        return start < piece.start < end or not piece.imports(self.stage.module)


LESSONS = [
    Lesson(UNIT.folder / "README.md", None),
    *(Lesson(stage.folder / "README.md", stage) for stage in UNIT.stages),
]
DATA = Lesson(ROOT / "stages" / "data" / "README.md", None)
STAGES = [(lesson, lesson.stage) for lesson in LESSONS if lesson.stage]
pages = pytest.mark.parametrize("lesson", [*LESSONS, DATA], ids=lambda lesson: lesson.name)
lessons = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
stages = pytest.mark.parametrize(
    ("lesson", "stage"), STAGES, ids=[stage.name for _, stage in STAGES]
)


# --- what is printed is true -------------------------------------------------------------------
def run_examples(piece: Piece, lesson: Lesson, names: dict[str, Any]) -> int:
    """Run a block of examples with `names`, add what it defines; return how many there were."""
    line = lesson.text.count("\n", 0, piece.start) + 1
    test = doctest.DocTestParser().get_doctest(
        piece.code, names, lesson.name, str(lesson.path), line
    )
    done = doctest.DocTestRunner(optionflags=OPTIONS).run(test, clear_globs=False)
    names.update(test.globs)
    assert done.failed == 0, f"{lesson.path}:{line}"
    return done.attempted


def run_hidden(piece: Piece, lesson: Lesson, names: dict[str, Any]) -> None:
    """Run the code of a comment with `names`, and add what it defines."""
    line = lesson.text.count("\n", 0, piece.start) + 1
    exec(compile("\n" * line + piece.code, str(lesson.path), "exec"), names)


def cells(table: str) -> list[list[str]]:
    """Return the cells of a table's body."""
    rows = table.splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pages
def test_the_page_is_true_from_top_to_bottom(
    lesson: Lesson, solutions: dict[str, ModuleType]
) -> None:
    shown: dict[str, Any] = {"__name__": lesson.name}
    hidden: dict[str, Any] = {}
    for piece in lesson.pieces:
        if piece.kind == "python":
            assert run_examples(piece, lesson, shown) > 0
        elif piece.kind in ("check", "table"):
            hidden |= shown
            run_hidden(piece, lesson, hidden)
            if piece.kind == "table":
                compare(lesson.table_after(piece), hidden["rows"])
            else:
                assert re.search(r"^ *assert ", piece.code, flags=re.M)
        else:
            assert piece.kind in ("text", "measured", "notebook")


def compare(table: list[list[str]], rows: list[list[Any]]) -> None:
    """Hold a table against the rows that were computed for it."""
    assert len(table) == len(rows)
    for shown, computed in zip(table, rows, strict=True):
        for cell, value in zip(shown, computed, strict=True):
            if value is ...:
                assert not re.search(r"\d", cell), "a number is no cell of words"
            else:
                assert cell == str(value), shown


@stages
def test_the_cells_of_the_notebook_run_without_what_is_only_text(
    lesson: Lesson, stage: Stage, solutions: dict[str, ModuleType]
) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    live = [piece for piece in lesson.pieces if lesson.is_live(piece)]
    assert sum(run_examples(piece, lesson, names) for piece in live) > 0
    assert live[0].start < lesson.section("Your tasks")[0], "no experiment before the tasks"


@stages
def test_one_cell_only_for_the_notebook_stands_near_the_top(lesson: Lesson, stage: Stage) -> None:
    (only,) = [piece for piece in lesson.pieces if piece.kind == "notebook"]
    start, end = lesson.section("The idea")
    assert start < only.start < end
    ast.parse(only.code)


@lessons
def test_a_table_with_numbers_is_computed(lesson: Lesson) -> None:
    computed = {piece.end + 1 for piece in lesson.pieces if piece.kind == "table"}
    for found in TABLE.finditer(lesson.prose):
        numbers = [c for row in cells(found[0]) for c in row if re.fullmatch(r"[\d.,x ]+", c)]
        assert not numbers or found.start() in computed, numbers


def numbers(text: str) -> set[str]:
    """Return the numbers of a text that have two digits at least, each in one form."""
    found = (re.sub(r"[,_]|\.0+$", "", number) for number in NUMBER.findall(text))
    return {number for number in found if len(number) > 1}


@lessons
def test_a_number_in_the_text_stands_in_what_was_run_too(lesson: Lesson) -> None:
    """Numbers of two digits and more: whoever changes one must change what computes it."""
    run = [piece.code for piece in lesson.pieces if piece.kind != "text"]
    said = lesson.prose[: lesson.prose.index("\n## Further reading\n")]
    for piece in lesson.pieces:
        if piece.kind == "table":
            table = "\n".join(" ".join(row) for row in lesson.table_after(piece))
            run.append(table)
    assert sorted(numbers(YEAR.sub("", said)) - numbers("\n".join(run))) == []


@lessons
def test_what_was_measured_says_how(lesson: Lesson) -> None:
    for piece in lesson.pieces:
        if piece.kind == "measured":
            paragraph = lesson.text[piece.end + 1 :].partition("\n\n")[0]
            assert "seed" in paragraph and "`uv run " in paragraph and "thread" in paragraph


# --- what a lesson has -------------------------------------------------------------------------
@stages
def test_the_parts_of_a_lesson_stand_in_their_order(lesson: Lesson, stage: Stage) -> None:
    assert lesson.text.startswith(f"# {stage.about.title}\n")
    assert [heading for heading in lesson.headings if heading in SECTIONS] == SECTIONS
    assert lesson.headings[0] == SECTIONS[0] and lesson.headings[-4:] == SECTIONS[1:]
    before = lesson.text[: lesson.section("Your tasks")[0]]
    assert "](pictures/" in before
    assert any(piece.kind == "text" and piece.start < len(before) for piece in lesson.pieces)


def stub_of(stage: Stage) -> str:
    return make_stub(stage.solution.read_text(encoding="utf-8"), stage.id)


def public_names(stage: Stage) -> list[str]:
    tree = ast.parse(stub_of(stage))
    names = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    return [name for name in names if not name.startswith("_")]


@stages
def test_every_function_has_its_task(lesson: Lesson, stage: Stage) -> None:
    assert sorted(lesson.tasks) == sorted(public_names(stage))
    start, end = lesson.section("Your tasks")
    assert len(re.findall(r"^### ", lesson.text[start:end], flags=re.M)) == len(lesson.tasks)
    assert f"\nuv run grader check {stage.name}" in lesson.text[start:end]
    known = {criterion.id for criterion in stage.about.criteria}
    assert known <= set(re.findall(r"`([\w-]+)`", lesson.text[start:end]))
    for name, task in lesson.tasks.items():
        assert known & set(re.findall(r"`([\w-]+)`", task)), name
        (block,) = [found for found in PIECE.finditer(task) if found["fence"] == "python"]
        assert f">>> from {stage.module} import {name}\n" in block["shown"]


@stages
def test_questions_have_folded_answers(lesson: Lesson, stage: Stage) -> None:
    start, end = lesson.section("Questions")
    text = lesson.text[start:end]
    questions = re.findall(r"^\*\*(\d)\.\*\* ", text, flags=re.M)
    assert questions in (["1", "2"], ["1", "2", "3"])
    assert len(QUIZ.findall(text)) == text.count("<details>") == len(questions)


@lessons
def test_pictures_exist_and_say_what_one_sees(lesson: Lesson) -> None:
    for alt, target in re.findall(r"!\[([^]]*)\]\(([^)]*)\)", lesson.text):
        assert len(alt) >= 60, target
        assert (lesson.path.parent / target).is_file(), target


@stages
def test_every_picture_of_a_lesson_is_shown(lesson: Lesson, stage: Stage) -> None:
    for picture in (stage.folder / "pictures").glob("*.svg"):
        assert f"](pictures/{picture.name})" in lesson.text


@lessons
def test_links_lead_somewhere(lesson: Lesson) -> None:
    for target in re.findall(r"(?<!!)\[[^]]+\]\(([^)]+)\)", lesson.prose):
        assert (lesson.path.parent / target).exists(), target


def page_name(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


@lessons
def test_a_lesson_is_short(lesson: Lesson) -> None:
    assert max(map(len, lesson.text.splitlines())) <= 100
    visible = COMMENT.sub("", lesson.text)
    tasks = "".join(lesson.tasks.values()) if lesson.stage else ""
    lines = [line for line in visible.splitlines() if line.strip()]
    assert len(lines) - len([line for line in tasks.splitlines() if line.strip()]) <= 180


@pytest.mark.parametrize("path", sorted(UNIT.folder.rglob("*.md")), ids=page_name)
def test_a_product_is_not_taken_for_emphasis(path: Path) -> None:
    """In lessons, walk-throughs and labs."""
    prose = prose_of(path.read_text(encoding="utf-8"))
    assert re.findall(r"\w\*\w", re.sub(r"`[^`]*`", "", prose)) == []


# --- what a lesson does not have ---------------------------------------------------------------
def answers(stage: Stage) -> set[str]:
    """The lines of a solution that a student has to find, without those that any code has."""
    given = {line.strip() for line in stub_of(stage).splitlines()}
    lines = {line.strip() for line in stage.solution.read_text(encoding="utf-8").splitlines()}
    return {line for line in lines - given if len(line) >= 16 and line[-1] not in "(:"}


@stages
def test_no_line_of_the_solution_stands_in_a_lesson(lesson: Lesson, stage: Stage) -> None:
    assert [line for line in answers(stage) if line in lesson.text] == []
