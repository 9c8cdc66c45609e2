"""A class as a page: who passed what, what goes wrong most, and what needs a look."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from urllib.parse import quote

from grader.grades import Grade, Standing
from grader.render.html.page import GLYPHS, WORDS, points, render, short
from grader.render.html.rows import FOLLOWED, UNNAMED, Column, Row, columns, row
from grader.results import Outcome

_SLOWEST = 10
_BINS = 10
_NAMES = 200  # at most so many students are listed by name under a mistake
# For each outcome the name of its cells, short since there are tens of thousands of them; then
# what stands in the cell, and what its title says. The first sorts first.
_CELLS = {
    Outcome.BROKEN.value: ("x", GLYPHS[Outcome.BROKEN], "broken, not by the student"),
    Outcome.FAILED.value: ("f", GLYPHS[Outcome.FAILED], WORDS[Outcome.FAILED]),
    Outcome.BLOCKED.value: ("b", GLYPHS[Outcome.BLOCKED], WORDS[Outcome.BLOCKED]),
    Outcome.TODO.value: ("t", GLYPHS[Outcome.TODO], WORDS[Outcome.TODO]),
    FOLLOWED: ("r", "◐", "points with the reference in place of an earlier stage"),
    Outcome.PASSED.value: ("p", GLYPHS[Outcome.PASSED], WORDS[Outcome.PASSED]),
}
_NOTHING = ("n", "", "not checked")


@dataclass(frozen=True)
class Line:
    """A row of the heat map.

    Parameters
    ----------
    row : Row
    link : str
        The address of the student's page.
    cells : list of (str, str, str)
        Name, glyph and title of each cell; none where nothing was checked.
    mistakes : list of int
        The numbers of the mistakes.
    """

    row: Row
    link: str
    cells: list[tuple[str, str, str]]
    mistakes: list[int]

    @property
    def codes(self) -> str:
        """The names of the cells in one text, for sorting."""
        return "".join(name for name, _, _ in self.cells)


@dataclass(frozen=True)
class Common:
    """A mistake, and who makes it."""

    number: int
    words: str
    lines: list[Line]
    share: float  # of the most frequent one, in percent


@dataclass(frozen=True)
class Bar:
    """One bar of the distribution: marks from `low` percent up to `high`."""

    low: int
    high: int
    count: int
    height: float


def class_page(
    grades: Iterable[Grade],
    title: str,
    *,
    unread: Iterable[tuple[str, str]] = (),
    folder: str = "students",
) -> str:
    """Return the page of a class.

    Parameters
    ----------
    grades : iterable of Grade
        In any order; each is read once and not kept.
    title : str
    unread : iterable of (str, str)
        Files that hold no grade, with the reason; looked at when all grades were read.
    folder : str
        Where the students' pages are, as seen from this page.
    """
    rows = _told_apart(sorted(map(row, grades), key=lambda e: (e.name.casefold(), e.key)))
    unread = list(unread)
    heads = columns(rows)
    lines = [_line(each, heads, _link(each, folder)) for each in rows]
    return render(
        "class.html.j2",
        "class.js",
        title=title,
        lines=lines,
        columns=heads,
        stages=[(stage, list(found)) for stage, found in groupby(heads, lambda c: c.stage)],
        mistakes=_mistakes(lines, heads),
        bars=_distribution(rows),
        figures=_figures(rows, len(unread)),
        slowest=_slowest(lines),
        odd=[line for line in lines if line.row.standing is not Standing.GRADED],
        faults=[line for line in lines if line.row.faults],
        noted=[line for line in lines if line.row.notes],
        unread=unread,
        legend=[(*_CELLS[outcome], outcome) for outcome in reversed(_CELLS)],
        most=_NAMES,
    )


def _told_apart(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with the keys of those who have the name of another.

    The key comes first: what does not fit is cut at the end.
    """
    counts = Counter(each.name.casefold() for each in rows)
    return [
        replace(each, name=f"{each.key} ({short(each.name, 30)})")
        if counts[each.name.casefold()] > 1
        else each
        for each in rows
    ]


def _line(each: Row, heads: Sequence[Column], link: str) -> Line:
    if not each.cells:
        return Line(each, link, [], [])
    cells = []
    for head in heads:
        name, glyph, words = _CELLS.get(each.cells.get((head.stage, head.id), ""), _NOTHING)
        place = f"{head.stage.rpartition('.')[2]} {head.id}"
        cells.append((name, glyph, f"{short(place, 60)}: {words}"))
    return Line(each, link, cells, [])


def _link(each: Row, folder: str) -> str:
    return f"{folder}/{quote(each.key, safe='', errors='replace')}.html"


# --- what stands around the heat map ------------------------------------------------------
def _mistakes(lines: Sequence[Line], heads: Sequence[Column]) -> list[tuple[str, list[Common]]]:
    """Number the mistakes, most frequent first within a stage; note the numbers in the lines."""
    who: dict[tuple[str, str], list[Line]] = {}
    words: dict[tuple[str, str], str] = {}
    for line in lines:
        for stage, identifier, text in line.row.mistakes:
            who.setdefault((stage, identifier), []).append(line)
            words[stage, identifier] = text
    order = list(dict.fromkeys(head.stage for head in heads))
    order += sorted({stage for stage, _ in who} - set(order))
    most = max((len(found) for found in who.values()), default=1)
    ranked = sorted(who, key=lambda key: (key[1].startswith(UNNAMED), -len(who[key]), key[1]))
    tables, number = [], 0
    for stage in order:
        found = []
        for key in (key for key in ranked if key[0] == stage):
            for line in who[key]:
                line.mistakes.append(number)
            share = round(100 * len(who[key]) / most, 1)
            found.append(Common(number, words[key], who[key], share))
            number += 1
        if found:
            tables.append((stage, found))
    return tables


def _distribution(rows: Sequence[Row]) -> list[Bar]:
    counts = [0] * _BINS
    for each in _graded(rows):
        share = each.mark / each.possible if each.possible else 0
        counts[max(0, min(_BINS - 1, int(share * _BINS)))] += 1
    width = 100 // _BINS
    most = max(counts) or 1
    return [
        Bar(i * width, (i + 1) * width, count, round(100 * count / most, 1))
        for i, count in enumerate(counts)
    ]


def _figures(rows: Sequence[Row], unread: int) -> list[tuple[str, str]]:
    """Return the numbers at the top of the page, each with its words."""
    graded = _graded(rows)
    marks = [each.mark for each in graded]
    possible = max((each.possible for each in graded), default=0)
    figures = [(f"{len(graded)} of {len(rows) + unread}", "graded")]
    if marks:
        figures.append((points(statistics.median(marks)), f"median of {possible} points"))
        figures.append((points(statistics.fmean(marks)), "mean"))
        full = sum(each.mark >= each.possible for each in graded)
        figures.append((str(full), "with all points"))
    for standing in (Standing.REFUSED, Standing.BROKEN):
        count = sum(each.standing is standing for each in rows)
        figures.append((str(count), standing.value))
    late = sum(each.days > 0 for each in rows)
    figures += [(str(late), "late")] if late else []
    return figures + ([(str(unread), "unreadable")] if unread else [])


def _slowest(lines: Sequence[Line]) -> list[Line]:
    timed = [line for line in lines if line.row.seconds > 0]
    return sorted(timed, key=lambda line: -line.row.seconds)[:_SLOWEST]


def _graded(rows: Sequence[Row]) -> list[Row]:
    return [each for each in rows if each.standing is Standing.GRADED]
