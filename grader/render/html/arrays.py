"""Arrays as pictures: panels of numbers whose shade follows their value."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from grader.results import Evidence, Shown

_MOST = 400  # cells of one picture; the checks show at most 36
_LEVELS = 6  # shades of a value, from q0 to q6
_SIDES = 3  # shades of a difference on each side of none: m3 ... m1, d0, p1 ... p3
_NOISE = 1e-12  # of the largest difference; less than that is rounding
Value = bool | int | float | str


@dataclass(frozen=True)
class Cell:
    """One number: its text, the name of its shade, and whether it differs first."""

    text: str
    shade: str
    first: bool = False


@dataclass(frozen=True)
class Panel:
    """A matrix of cells with the indices of its rows and columns.

    Parameters
    ----------
    label : str
        Where it stands in the array: ``[0, :, 2:8, 1]``; empty if it is the whole array.
    columns : tuple of str
        Indices along the columns.
    rows : tuple of (str, tuple of Cell)
        Each with its own index, which is empty where the array has no such axis.
    """

    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Picture:
    """An array for showing; without panels its text says all."""

    name: str
    text: str
    panels: tuple[Panel, ...] = ()
    part: bool = False  # the panels are not the whole array


def argument_pictures(evidence: Evidence) -> list[Picture]:
    """Return the arrays of a call."""
    return [_picture(n, s, _shades(s, _range([s]))) for n, s in evidence.arguments]


def answer_pictures(evidence: Evidence) -> list[Picture]:
    """Return expected, got and, where their shapes agree, the difference."""
    pairs = [("expected", evidence.expected), ("got", evidence.got)]
    known = [(name, shown) for name, shown in pairs if shown is not None]
    bounds = _range([shown for _, shown in known])
    pictures = [_picture(n, s, _shades(s, bounds), evidence.index) for n, s in known]
    if evidence.expected and evidence.got and _comparable(evidence.expected, evidence.got):
        cells = list(_differences(evidence.expected.values, evidence.got.values))
        shown = replace(evidence.got, text="got − expected")
        pictures.append(_picture("difference", shown, cells, evidence.index))
    return pictures


# --- shades -------------------------------------------------------------------------------
def _shades(shown: Shown, bounds: tuple[float, float]) -> list[Cell]:
    low, high = bounds
    cells = []
    for value in shown.values:
        number = _number(value)
        if number is None:
            cells.append(Cell(_text(value), "odd"))
        else:
            span = high / 2 - low / 2  # halves: the difference of two doubles may be too large
            share = (number / 2 - low / 2) / span if span else 0
            cells.append(Cell(_text(value), f"q{round(share * _LEVELS)}"))
    return cells


def _differences(expected: Sequence[Value], got: Sequence[Value]) -> Iterator[Cell]:
    pairs = [(_number(e), _number(g)) for e, g in zip(expected, got, strict=True)]
    sizes = [abs(g - e) for e, g in pairs if e is not None and g is not None]
    largest = max((size for size in sizes if math.isfinite(size)), default=0.0)
    for (e, g), wanted, came in zip(pairs, expected, got, strict=True):
        if e is None or g is None or not math.isfinite(g - e):
            yield Cell("0", "d0") if str(wanted) == str(came) else Cell("≠", "odd")
        elif abs(g - e) <= largest * _NOISE:
            yield Cell("0" if g == e else "≈0", "d0")
        else:
            level = max(1, math.ceil(abs(g - e) / largest * _SIDES))
            yield Cell(f"{g - e:+.3g}", f"{'p' if g > e else 'm'}{min(level, _SIDES)}")


def _range(arrays: Sequence[Shown]) -> tuple[float, float]:
    numbers = [n for shown in arrays for v in shown.values if (n := _number(v)) is not None]
    return min(numbers, default=0.0), max(numbers, default=0.0)


def _number(value: Value) -> float | None:
    """Return a finite number, None for whatever is none."""
    if isinstance(value, str):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value[:12]
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int) and abs(value) < 10**7:
        return str(value)
    number = _number(value)
    return "huge" if number is None and isinstance(value, int) else f"{float(value):.4g}"


# --- panels -------------------------------------------------------------------------------
def _comparable(expected: Shown, got: Shown) -> bool:
    same = expected.shape == got.shape and expected.excerpt == got.excerpt
    return same and _drawable(expected) and len(expected.values) == len(got.values)


def _drawable(shown: Shown) -> bool:
    """Whether the values are as many as the excerpt says: a file may say anything."""
    if not shown.values or len(shown.excerpt) != len(shown.shape) or len(shown.shape) > 32:
        return False
    return len(shown.values) <= _MOST and len(shown.values) == math.prod(
        max(0, stop - start) for start, stop in shown.excerpt
    )


def _picture(
    name: str, shown: Shown, cells: Sequence[Cell], index: tuple[int, ...] | None = None
) -> Picture:
    if not _drawable(shown):
        return Picture(name, shown.text)
    whole = all(r == (0, n) for r, n in zip(shown.excerpt, shown.shape, strict=True))
    return Picture(name, shown.text, tuple(_panels(shown, cells, index)), not whole)


def _panels(shown: Shown, cells: Sequence[Cell], index: tuple[int, ...] | None) -> Iterator[Panel]:
    """Cut the cells into matrices, one for each index of the axes that are no row or column."""
    down, across = _axes(shown.excerpt)
    ranges = [range(*r) for r in shown.excerpt]
    at = dict(zip(product(*ranges), cells, strict=True))
    fixed = [[0] if axis in (down, across) else r for axis, r in enumerate(ranges)]
    for place in product(*fixed):
        rows = []
        for i in ranges[down] if down is not None else [None]:
            row = []
            for j in ranges[across] if across is not None else [None]:
                here = tuple(
                    i if axis == down else j if axis == across else n
                    for axis, n in enumerate(place)
                )
                cell = at[here]  # type: ignore[index]  # i and j are None for no axis only
                row.append(Cell(cell.text, cell.shade, here == index))
            rows.append(("" if i is None else str(i), tuple(row)))
        columns = tuple(map(str, ranges[across])) if across is not None else ("",)
        yield Panel(_label(shown, place, (down, across)), columns, tuple(rows))


def _axes(excerpt: Sequence[tuple[int, int]]) -> tuple[int | None, int | None]:
    """Return which axes are the rows and the columns of a panel.

    Of four axes those in the middle, if they have any extent: images are (N, H, W, C).
    Else the last two that are longer than one.
    """
    count = len(excerpt)
    if count <= 2:
        return (0, 1) if count == 2 else (None, 0 if count else None)
    long = [axis for axis, (start, stop) in enumerate(excerpt) if stop - start > 1]
    if count == 4 and (set(long) <= {1, 2} or {1, 2} <= set(long)):
        return 1, 2
    if len(long) >= 2:
        return long[-2], long[-1]
    return None, long[0] if long else count - 1


def _label(shown: Shown, place: Sequence[int], drawn: tuple[int | None, int | None]) -> str:
    parts = []
    for axis, (n, size, r) in enumerate(zip(place, shown.shape, shown.excerpt, strict=True)):
        if axis not in drawn:
            parts.append(str(n))
        else:
            parts.append(":" if r == (0, size) else f"{r[0]}:{r[1]}")
    whole = all(part == ":" for part in parts)
    return "" if whole else f"[{', '.join(parts)}]"
