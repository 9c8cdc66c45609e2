"""Two versions of a function, as lines, as text, and for a notebook."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from grader.render.html import conflict_fragment

_AROUND = 2


@dataclass(frozen=True)
class Conflict:
    """A function that differs in a cell and in the file.

    Parameters
    ----------
    stage, name : str
    path : str
        The file, as a student knows it.
    cell, file : str
        The code in each.
    """

    stage: str
    name: str
    path: str
    cell: str
    file: str

    def lines(self) -> list[tuple[str, str]]:
        """Return the lines of both, each with a mark that says where it stands."""
        file, cell = self.file.split("\n"), self.cell.split("\n")
        found = list(difflib.unified_diff(file, cell, lineterm="", n=_AROUND))[2:]
        if found and found[0].startswith("@@ -1,"):
            found = found[1:]
        return [("~", "") if line.startswith("@@") else (line[:1], line[1:]) for line in found]

    def commands(self) -> list[tuple[str, str]]:
        """Return what can be done about it, and how."""
        first = f"%%stage {self.stage} {self.name} --keep"
        return [("to keep the cell", f"{first} cell"), ("to keep the file", f"{first} file")]

    def html(self) -> str:
        """Return it for a notebook."""
        return conflict_fragment(self.name, self.path, self.lines(), self.commands())

    def text(self) -> str:
        """Return it for what shows no HTML."""
        return "\n".join(
            [
                f"{self.name} was changed in two places: in this cell (+), and in",
                f"{self.path} (-). Nothing was written.",
                "",
                *(f"{'...' if mark == '~' else f'{mark} {text}'}" for mark, text in self.lines()),
                "",
                "Write one of these lines in the place of the cell's first, and run it",
                "again. The other version is kept in .grader/backups/.",
                *(f"  {words}:  {command}" for words, command in self.commands()),
            ]
        )
