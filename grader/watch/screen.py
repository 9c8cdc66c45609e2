"""Where the board is shown: a screen of its own, or lines where there is none."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from grader.board import Board
from grader.render.board import board_text
from grader.render.terminal import Terminal
from grader.results import Report


class Screen:
    """The whole terminal; what was there before comes back at the end."""

    def __init__(self, *, colour: bool) -> None:
        self._console = Console(highlight=False, no_color=not colour, soft_wrap=False)
        self._live = Live(console=self._console, screen=True, auto_refresh=False)
        self._colour = colour
        self._size = self._console.size

    def __enter__(self) -> Screen:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, board: Board) -> None:
        """Show the board."""
        self._size = self._console.size
        unicode = "utf" in (self._console.encoding or "").lower()
        terminal = Terminal(self._size.width - 1, colour=self._colour, unicode=unicode)
        text = board_text(board, terminal, self._size.height - 1)
        self._live.update(Text.from_ansi(text, no_wrap=True, overflow="crop"), refresh=True)

    def checked(self, report: Report) -> None:
        """Do nothing: the board shows it."""

    def look(self, board: Board) -> None:
        """Show the board again if the terminal has another size now."""
        if self._console.size != self._size:
            self.show(board)


class Lines:
    """A terminal that cannot move its cursor, a file or a pipe: each verdict, as it comes."""

    def __init__(self) -> None:
        unicode = "utf" in (sys.stdout.encoding or "").lower()
        self._terminal = Terminal(80, unicode=unicode)
        self._said = ""

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, board: Board) -> None:
        """Say what is new."""
        if board.message and board.message != self._said:
            print(board.message, flush=True)
        self._said = board.message

    def checked(self, report: Report) -> None:
        """Print a verdict."""
        print(self._terminal.report(report), flush=True)

    def look(self, board: Any) -> None:
        """Do nothing: lines have no size."""
