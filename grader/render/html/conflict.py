"""Two versions of a function, side by side in one column, as a part of a notebook."""

from __future__ import annotations

from collections.abc import Sequence

from grader.render.html.page import fragment


def conflict_fragment(
    name: str, path: str, lines: Sequence[tuple[str, str]], commands: Sequence[tuple[str, str]]
) -> str:
    """Return what is shown when a cell and a file were both changed.

    Parameters
    ----------
    name, path : str
        The function, and the file.
    lines : sequence of (str, str)
        The lines of both, with ``-`` for one of the file, ``+`` for one of the cell, a blank
        for one of both, and ``~`` where lines of both are left out.
    commands : sequence of (str, str)
        What each command does, and the command.
    """
    return fragment(
        "conflict.html.j2", name=name, path=path, lines=list(lines), commands=list(commands)
    )
