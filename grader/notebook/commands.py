"""``%%stage``, ``%stage``, ``%check`` and ``%hint``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.course import Course, Stage
from grader.errors import GraderError
from grader.notebook import running
from grader.notebook.conflict import Conflict
from grader.notebook.desk import Desk, Settled
from grader.notebook.line import Line, read_line
from grader.notebook.modules import Modules
from grader.notebook.output import Output, Told, show
from grader.notebook.remarks import on_missing, on_trials
from grader.notebook.unwritten import tell_of_tasks
from grader.notebook.views import Newer, in_file
from grader.notebook.words import read_words, with_page
from grader.pieces import fault
from grader.pristine import pristine
from grader.render.html import verdict_fragment
from grader.render.terminal import Terminal
from grader.splice import names_in, trials


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Show an error that is a message for a person without a traceback."""
    try:
        yield
    except GraderError as error:
        raise Told(str(error)) from None


class Commands:
    """The commands of one notebook.

    Parameters
    ----------
    shell : InteractiveShell
    course : Course
    """

    def __init__(self, shell: Any, course: Course) -> None:
        self._shell = shell
        self._desk = Desk(course)
        files = [stage.file for unit in course.units for stage in unit.stages]
        self._modules = Modules(course.root, files, shell.user_ns)
        self._running = ""  # the text of the cell that runs
        self._problem = ""  # what was said before it: why a module does not load

    @classmethod
    def register(cls, shell: Any) -> None:
        """Make the commands known to an IPython that runs somewhere in a course."""
        with _told():
            self = cls(shell, Course.find(Path.cwd()))
        self._modules.open()
        shell.register_magic_function(self.stage_cell, "cell", "stage")
        shell.register_magic_function(self.stage_line, "line", "stage")
        shell.register_magic_function(_not_first, "line", "%stage")
        shell.register_magic_function(self.check, "line", "check")
        shell.register_magic_function(self.hint, "line", "hint")
        cls.unregister(shell)
        shell.events.register("pre_run_cell", self._before_cell)
        tell_of_tasks(shell, [s.id for unit in self._desk.course.units for s in unit.stages])
        shell.grader_commands = self

    @staticmethod
    def unregister(shell: Any) -> None:
        """Stop what happens before each cell."""
        old = shell.__dict__.pop("grader_commands", None)
        if old is not None:
            shell.events.unregister("pre_run_cell", old._before_cell)

    def stage_cell(self, line: str, cell: str) -> None:
        """Write a function into the student's file, or show what the file has newer.

        ``%%stage s13.padding pad2d``, in the cell's first line.
        """
        with _told():
            about = read_line(line)
            stage = self._desk.stage(about.stage)
            if about.keep != "file" and (wrong := fault(cell)):
                raise Told(_fault_text(wrong, self._shown(stage)))
            settled = self._desk.settle(stage, about.name, cell, about.keep, datetime.now())
            if settled.newer is Newer.BOTH:
                self._show_conflict(stage, about, cell, settled)
            replaced = self._replace(stage, about, cell, settled)
            self._say(stage, about, settled)
            self._remark(stage, cell, settled)
            names = [n for text in (cell, settled.there) for n in names_in(text, imports=True)]
            if not self._fetch(stage, about.name, names, must=not replaced):
                return
        if code := trials(cell):
            self._shell.run_cell(code, store_history=False)

    def stage_line(self, line: str) -> None:
        """Load a function from the student's file into this cell.

        ``%stage s13.padding pad2d``
        """
        with _told():
            about = read_line(line)
            stage = self._desk.stage(about.stage)
            code = self._desk.load(stage, about.name)
            # Where more stands in the cell, the function comes into the next one.
            alone = len(self._running.split("\n")) == 1
            self._shell.set_next_input(_cell(stage, about.name, code), replace=alone)
            self._fetch(stage, about.name, names_in(code), must=False)

    def check(self, line: str) -> None:
        """Run the checks, and show what they found.

        ``%check s13.padding``, ``%check padding --quick``, or ``%check`` for all stages.
        """
        with _told():
            words, page = with_page(read_words(line, "%check"))
        output = Output()
        try:
            with _told():
                report = running.check(self._root, words, output.progress)
        except KeyboardInterrupt:
            output.clear()
            raise Told("Stopped: the check did not come to its end.") from None
        except Told:
            output.clear()
            raise
        output.result(verdict_fragment(report), Terminal(80).report(report))
        if page:
            print(f"The page is {self._shown(page)}.")

    def hint(self, line: str) -> None:
        """Give the next hint for the mistake that was named last: ``%hint padding``."""
        with _told():
            said = running.hint(self._root, read_words(line, "%hint"))
            print(said.replace("with: grader check", "with: %check"), end="")

    @property
    def _root(self) -> Path:
        return self._desk.course.root

    def _shown(self, path: Stage | Path) -> str:
        path = path.file if isinstance(path, Stage) else path
        inside = path.is_relative_to(self._root)
        return (path.relative_to(self._root) if inside else path).as_posix()

    def _before_cell(self, info: Any) -> None:
        """Take up what was changed in the files since the last cell."""
        self._running = (info.raw_cell or "").strip()
        if problem := self._modules.refresh():
            print(problem)
        self._problem = problem

    def _fetch(self, stage: Stage, name: str, others: Sequence[str], *, must: bool) -> bool:
        """Bring a function and what comes with it into the notebook.

        An error would make the front end drop the text that is to replace the cell's; where
        there is such a text, why the module does not load is only said.

        Returns
        -------
        loads : bool
            Whether the module does.
        """
        try:
            self._modules.fetch(stage.module, name, others)
        except GraderError as error:
            if must:
                raise
            if str(error) != self._problem:
                print(error)
            return False
        return True

    def _remark(self, stage: Stage, cell: str, settled: Settled) -> None:
        """Say what the file lacks, where its functions need more than the cell gave it."""
        path = self._shown(stage)
        lines = on_missing(settled.there, settled.file, path, self._shell.user_ns)
        if settled.newer is not Newer.FILE:
            lines += on_trials(cell, pristine(stage), path)
        for line in lines:
            print(line)

    def _show_conflict(self, stage: Stage, about: Line, cell: str, settled: Settled) -> None:
        path = self._shown(stage)
        here = in_file(about.name, cell, cell)
        conflict = Conflict(stage.id, about.name, path, here, settled.there)
        show(conflict.html(), conflict.text())
        raise Told(f"Nothing was written: {about.name} has two versions.")

    def _replace(self, stage: Stage, about: Line, cell: str, settled: Settled) -> bool:
        """Show in the cell what the file has, or take the option out of its first line.

        Returns
        -------
        replaced : bool
            Whether there was anything to replace.
        """
        if settled.newer is Newer.FILE:
            code = "\n\n\n".join(filter(None, (settled.there, trials(cell).strip("\n"))))
        elif about.keep:
            code = cell.strip("\n")
        else:
            return False
        self._shell.set_next_input(_cell(stage, about.name, code), replace=True)
        return True

    def _say(self, stage: Stage, about: Line, settled: Settled) -> None:
        path, name = self._shown(stage), about.name
        if settled.created:
            print(f"{path} was missing; it was made anew from the stub.")
        if settled.newer is Newer.FILE:
            print(f"The cell shows {name} as it is in {path}.")
        elif settled.untouched:
            print(f"{name} is still to be written.")
        elif settled.newer is Newer.CELL:
            print(f"{name} is written to {path}.")
        else:
            print(f"{name} is the same here and in {path}.")
        if settled.stale:
            print("An earlier version stood here. To take that one after all, put it back")
            print(f"and write --keep cell behind {name} in the first line.")
        if settled.kept and (settled.newer is Newer.FILE or about.keep or settled.surprising):
            print(f"What stood there before is kept in {self._shown(settled.kept)}.")


def _not_first(line: str) -> None:
    """Say what is wrong with a ``%%stage`` that IPython takes for one line among others."""
    raise Told(
        f"%%stage {line.strip()} must be the first line of its cell.\n"
        "Nothing was written. Move what stands above it below, and run the cell again."
    )


def _cell(stage: Stage, name: str, code: str) -> str:
    return f"%%stage {stage.id} {name}\n{code}"


def _fault_text(wrong: SyntaxError, path: str) -> str:
    text = (wrong.text or "").rstrip("\n")
    lines = [f"This cell is no valid Python: line {(wrong.lineno or 0) + 1}: {wrong.msg}."]
    if text.strip():
        lines += [f"    {text}", " " * (3 + (wrong.offset or 1)) + "^"]
    if text.lstrip().startswith(("%", "!")):
        lines.append("What begins with % or ! belongs into a cell of its own.")
    return "\n".join([*lines, f"Nothing was written; {path} is as it was."])
