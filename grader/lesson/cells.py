"""From a lesson to the cells of a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.lesson.examples import Example, cell_codes, examples
from grader.lesson.markdown import Comment, Heading, Part, Python, parts
from grader.lesson.names import Names
from grader.pieces import parse, pieces_of

_TASKS = "Your tasks"
_FOR_NOTEBOOKS = re.compile(r"notebook[ \t]*\n")
_STAGE_START = """\
# Run the cells from the top with Shift+Enter. A cell of %%stage writes your code into
# {file}, and %check shows what the checks make of it.
# Helpers, constants and imports of your function belong in the same cell.
%load_ext grader.notebook"""
_LAB_START = """\
# Run the cells from the top with Shift+Enter. They use the functions that you wrote in the
# stages.
%load_ext grader.notebook"""


@dataclass(frozen=True)
class Cell:
    """One cell.

    Parameters
    ----------
    kind : str
        ``markdown`` or ``code``.
    text : str
    name : str
        What its id is made from.
    tags : tuple of str
    fixed : bool
        Whether it is protected from being deleted by mistake.
    """

    kind: str
    text: str
    name: str
    tags: tuple[str, ...] = ()
    fixed: bool = False


@dataclass(frozen=True)
class _Task:
    """A function or class to be written: its name, and its code in the stub."""

    name: str
    code: str


def stage_cells(
    lesson: str, stub: str, *, stage: str, module: str, file: str, slow: bool = False
) -> list[Cell]:
    """Return the cells of a stage's notebook.

    Parameters
    ----------
    lesson, stub : str
        The texts of the lesson, and of the file that a student starts from.
    stage : str
        Such as ``s13.padding``.
    module, file : str
        The name and the path of the student's module.
    slow : bool
        Whether some criteria take so long that they are left to one check at the end.
    """
    writer = _Writer(stage, module, _tasks(stub, stage), slow=slow)
    return _with_start(writer.cells(lesson), _STAGE_START.format(file=file))


def lab_cells(text: str) -> list[Cell]:
    """Return the cells of a lab: all of its examples are run."""
    return _with_start(_Writer("", "", [], slow=False).cells(text), _LAB_START)


def _with_start(cells: list[Cell], start: str) -> list[Cell]:
    """Put the cell that loads the commands behind the first text."""
    place = 1 if cells and cells[0].kind == "markdown" else 0
    return [*cells[:place], Cell("code", start, "start"), *cells[place:]]


def _tasks(stub: str, stage: str) -> list[_Task]:
    tree, mark = parse(stub), f'NotImplementedError("{stage}: '
    found = pieces_of(tree, stub) if tree else []
    tasks = [_Task(p.definition, "\n".join(p.lines)) for p in found if p.definition]
    return [task for task in tasks if mark in task.code]


@dataclass
class _Section:
    """What stands below one heading, up to the next of level 2 or 3."""

    heading: Heading | None
    parts: list[Part]


def _sections(text: str) -> Iterator[_Section]:
    section = _Section(None, [])
    for part in parts(text):
        if isinstance(part, Heading) and part.level in (2, 3):
            yield section
            section = _Section(part, [])
        else:
            section.parts.append(part)
    yield section


class _Writer:
    """Writes the cells of one notebook, from the top to the end."""

    def __init__(self, stage: str, module: str, tasks: list[_Task], *, slow: bool) -> None:
        self._stage = stage
        self._module = module
        self._waiting = {task.name: task for task in tasks}
        self._slow = slow
        self._names = Names()
        self._cells: list[Cell] = []
        self._prose: list[str] = []
        self._about = ""  # the words that the ids of cells are made from

    def cells(self, text: str) -> list[Cell]:
        """Return the cells of a lesson."""
        in_tasks = False
        for section in _sections(text):
            heading = section.heading
            if heading and heading.level == 2:
                if in_tasks:
                    self._end_of_tasks()
                in_tasks = heading.words == _TASKS
            tasks = list(self._taken(heading)) if in_tasks and heading else []
            self._section(section, tasks)
        self._end_of_tasks()
        return self._cells

    def _taken(self, heading: Heading) -> Iterator[_Task]:
        """Yield the tasks that a heading names and that no other named before."""
        for name in re.findall(r"`(\w+)", heading.words):
            if name in self._waiting:
                yield self._waiting.pop(name)

    def _section(self, section: _Section, tasks: Sequence[_Task]) -> None:
        self._about = section.heading.words if section.heading else ""
        if section.heading:
            self._prose.append(section.heading.text)
        waiting = list(tasks)
        for part in section.parts:
            if isinstance(part, Comment):
                if found := _FOR_NOTEBOOKS.match(part.body):
                    self._code(part.body[found.end() :], ())
            elif isinstance(part, Python) and (block := examples(part.body)):
                self._examples(block, part.text, waiting, is_task=bool(tasks))
            else:
                self._prose.append(part.text)
        self._to_write(waiting)
        if tasks:
            self._check(tasks[-1].name, quick=self._slow)
        self._end_of_prose()

    def _examples(
        self, block: list[Example], text: str, waiting: list[_Task], *, is_task: bool
    ) -> None:
        """Write a block as cells, or leave it on the page if it needs what is not written."""
        whole = [*self._names.needed(block), *block]
        calls_own = bool(self._module) and any(e.imports(self._module) for e in whole)
        if calls_own and not is_task:
            self._names.show(block)
            self._prose.append(text)
            return
        if calls_own:
            self._to_write(waiting)
        self._names.run(whole)
        for code, fails in cell_codes(whole):
            # An example of a task fails until it is written; the rest shall run all the same.
            expected = ("raises-exception", "fails") if fails else ()
            self._code(code, expected or (("raises-exception",) if calls_own else ()))

    def _to_write(self, waiting: list[_Task]) -> None:
        """Write the cells that are to be filled in."""
        for task in waiting:
            self._end_of_prose()
            text = f"%%stage {self._stage} {task.name}\n{task.code}"
            tag = f"stage:{self._stage}"
            self._cells.append(Cell("code", text, f"write {task.name}", (tag,), fixed=True))
        waiting.clear()

    def _check(self, about: str, *, quick: bool) -> None:
        self._end_of_prose()
        text = f"%check {self._stage}{' --quick' if quick else ''}"
        self._cells.append(Cell("code", text, f"check {about}"))

    def _end_of_tasks(self) -> None:
        """Write the tasks that have no part of the lesson to themselves, and the last check."""
        waiting = list(self._waiting.values())
        self._waiting.clear()
        for task in waiting:
            self._section(_Section(Heading(3, f"`{task.name}`", f"### `{task.name}`"), []), [task])
        if self._slow:
            self._check("all", quick=False)
        self._slow = False

    def _code(self, text: str, tags: tuple[str, ...]) -> None:
        self._end_of_prose()
        self._cells.append(Cell("code", text.strip("\n"), f"code {self._about}", tags))

    def _end_of_prose(self) -> None:
        text = "\n\n".join(self._prose).strip("\n")
        if text:
            self._cells.append(Cell("markdown", text, f"text {self._about}"))
        self._prose.clear()
