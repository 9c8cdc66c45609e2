"""The board of a watched course as text that fits a screen."""

from __future__ import annotations

from collections.abc import Iterator

from grader.board import Board, Place
from grader.render.terminal import Terminal
from grader.results import Outcome

_KEYS = (("h", "next hint"), ("n", "next stage"), ("a", "all"), ("o", "page"), ("q", "quit"))
_BAR = 10


def board_text(board: Board, terminal: Terminal, height: int) -> str:
    """Return the whole screen, `height` rows at most.

    Parameters
    ----------
    board : Board
    terminal : Terminal
        How it shows things.
    height : int
        Rows of the screen.
    """
    head = [terminal.bold(_cut(board.title, terminal.width)), *_stages(board, terminal), ""]
    foot = ["", _cut(" ".join(board.message.split()), terminal.width), _keys(board, terminal)]
    room = max(3, height - len(head) - len(foot))
    criteria, fix = list(_criteria(board, terminal)), list(_fix(board, terminal))
    # Where there is no room for both, what to do next is more than how the rest stands.
    body = [*criteria, *fix] if len(criteria) + len(fix) <= room or not fix else fix
    if len(body) > room:
        body = [*body[: room - 1], terminal.faint("... o opens the page, which has it all")]
    return "\n".join([*head, *body, *foot])


def _stages(board: Board, terminal: Terminal) -> Iterator[str]:
    longest = max(len(place.name) for place in board.places)
    for place in board.places:
        yield _stage(board, place, terminal, longest)


def _stage(board: Board, place: Place, terminal: Terminal, longest: int) -> str:
    """One row: the mark, the name, a bar, the points, and what goes on."""
    result = board.result(place.id)
    outcome = result.outcome if result else Outcome.TODO
    earned = result.earned if result else 0
    full = _BAR * earned // max(1, place.points)
    here = ">" if place.id == board.focus else " "
    mark = terminal.mark(outcome) if result else " "
    points = f"{earned:>3}/{place.points:<3}" if result else f"  ./{place.points:<3}"
    row = f"{here} {mark} {place.name:<{longest}}  {terminal.bar(full, _BAR)} {points}"
    rest = _going_on(board, place) or place.title
    row = f"{row} {_cut(rest, terminal.width - len(row) - 1)}".rstrip()
    return terminal.paint(row, outcome) if result else row


def _going_on(board: Board, place: Place) -> str:
    at = board.underway
    if at is None or at.stage != place.id:
        return ""
    step = f", step {at.step} of {at.steps}" if at.steps else ""
    return f"checking {at.done} of {at.total}{step}" if at.total else "checking"


def _criteria(board: Board, terminal: Terminal) -> Iterator[str]:
    result = board.result(board.focus)
    if result is None:
        yield f"{board.focus}: not checked yet"
        return
    for criterion in result.criteria:
        yield from terminal.criterion(criterion)
    if result.left_out:
        slow = ", ".join(result.left_out)
        yield terminal.faint(f"    slow, checked when the rest passes: {slow}")
    yield ""


def _fix(board: Board, terminal: Terminal) -> Iterator[str]:
    report = board.reports.get(board.focus)
    if report:
        yield from terminal.first_to_fix(report, hints=board.hints)


def _keys(board: Board, terminal: Terminal) -> str:
    shown = [(key, what) for key, what in _KEYS if key != "h" or board.steps > board.hints]
    return terminal.faint(_cut("   ".join(f"{key} {what}" for key, what in shown), terminal.width))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 3)] + "..."
