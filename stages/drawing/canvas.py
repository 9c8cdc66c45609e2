"""A card to draw on: cells with numbers, outlines, arrows and words, in pixels."""

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from stages.drawing.colours import COLOURS

_CAP_HEIGHT = 0.72  # of the font's size, in every common sans-serif font
_DASHES = (0, (4, 2.5))
_CARD, _DASHED, _CELLS, _OUTLINES, _LINES, _WORDS = range(6)


class Box(NamedTuple):
    """A rectangle; y grows downwards.

    Parameters
    ----------
    x, y : float
        The top left corner.
    width, height : float
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self):
        """The x of the right side."""
        return self.x + self.width

    @property
    def bottom(self):
        """The y of the bottom."""
        return self.y + self.height

    @property
    def centre(self):
        """The point in the middle."""
        return self.at(0.5, 0.5)

    def at(self, across, down):
        """Return a point inside, given in shares of the width and the height."""
        return self.x + across * self.width, self.y + down * self.height


class Grid(NamedTuple):
    """Where the cells of an array lie.

    Parameters
    ----------
    box : Box
        All of it.
    rows, columns : int
    """

    box: Box
    rows: int
    columns: int

    def part(self, row, column, rows=1, columns=1):
        """Return the box around some of the cells."""
        width, height = self.box.width / self.columns, self.box.height / self.rows
        x, y = self.box.x + column * width, self.box.y + row * height
        return Box(x, y, columns * width, rows * height)


class Canvas:
    """A picture: a card that brings its own background, so that it is readable anywhere.

    Parameters
    ----------
    width, height : int
        In pixels, at the natural size.
    title : str
        What is shown, in a few words.
    description : str
        What somebody who does not see the picture needs to know.
    """

    colours = COLOURS

    def __init__(self, width, height, title, description):
        self.title = title
        self.description = description
        self.figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        self._axes = self.figure.add_axes((0, 0, 1, 1))
        self._axes.set(xlim=(0, width), ylim=(height, 0))
        self._axes.set_axis_off()
        self.figure.patch.set_visible(False)
        corners = "round,pad=0,rounding_size=8"
        card = FancyBboxPatch((0.5, 0.5), width - 1, height - 1, boxstyle=corners)
        self._add(card, _CARD, "border", "card")

    def text(self, x, y, words, size=13, colour="ink", align="center", bold=False, name=None):
        """Write one line of words, its capitals centred on `y`.

        Parameters
        ----------
        x, y : float
        words : str
        size : float
            In pixels; 11 is the least that is readable.
        colour : str
        align : {"left", "center", "right"}
        bold : bool
        name : str, optional
            What the words are, for whoever reads the file.
        """
        self._axes.text(
            x,
            y + size * _CAP_HEIGHT / 2,
            words,
            fontsize=size,
            fontweight="bold" if bold else "normal",
            color=COLOURS[colour][0],
            ha=align,
            va="baseline",
            gid=name,
            zorder=_WORDS,
            parse_math=False,
        )

    def grid(self, x, y, values, role, size=30, dashed=False, name=None, text_size=13):
        """Draw an array: a cell for each value, with the value in it.

        Parameters
        ----------
        x, y : float
            The top left corner.
        values : array_like, shape (rows, columns)
            Numbers or words; None leaves a cell empty.
        role : str or array_like of str
            What the cells are: the name of a colour.
        size : float or (float, float)
            Of a cell; two numbers are its width and its height.
        dashed : bool or array_like of bool
        name : str, optional
            What the array is, for whoever reads the file.
        text_size : float

        Returns
        -------
        grid : Grid
        """
        values = np.asarray(values, dtype=object)
        rows, columns = values.shape
        width, height = np.broadcast_to(size, 2).tolist()
        roles, dashes = np.broadcast_to(role, values.shape), np.broadcast_to(dashed, values.shape)
        grid = Grid(Box(x, y, columns * width, rows * height), rows, columns)
        for place, value in np.ndenumerate(values):
            box = grid.part(*place)
            self.fill(box, str(roles[place]), dashed=bool(dashes[place]))
            if value is not None:
                ink = "note" if roles[place] == "frame" else "ink"
                self.text(*box.centre, shown(value), text_size, ink, name=name)
        return grid

    def fill(self, box, role, dashed=False):
        """Draw a cell without anything in it."""
        patch = Rectangle(box[:2], box.width, box.height)
        if not dashed:
            self._add(patch, _CELLS, role, f"{role}-fill")
            return
        # Every side from left to right or from the top down, so that the dashes of two
        # neighbours lie on each other; and below the sides of cells that are not dashed.
        self._add(patch, _DASHED, None, f"{role}-fill")
        (x, y), (right, bottom) = box[:2], (box.right, box.bottom)
        sides = [(x, y), (right, y), (x, y), (x, bottom)]
        sides += [(right, y), (right, bottom), (x, bottom), (right, bottom)]
        path = Path(sides, [Path.MOVETO, Path.LINETO] * 4)
        self._add(PathPatch(path), _DASHED, role, dashed=True)

    def outline(self, box, role, width=2.5, dashed=False):
        """Draw a frame around a box."""
        patch = Rectangle(box[:2], box.width, box.height)
        self._add(patch, _OUTLINES, role, width=width, dashed=dashed)

    def area(self, *points, role):
        """Draw a cell with any number of corners."""
        self._add(Polygon(points), _CELLS, role, f"{role}-fill")

    def line(self, *points, colour="ink", width=1.4, dashed=False):
        """Draw a line through points."""
        self._add(Polygon(points, closed=False), _LINES, colour, width=width, dashed=dashed)

    def route(self, *points, colour="ink", width=1.4, dashed=False):
        """Draw a line through points, the last of which it points at."""
        self.line(*points[:-1], colour=colour, width=width, dashed=dashed)
        self.arrow(*points[-2:], colour, width=width)

    def arrow(self, start, end, colour="ink", width=1.4, both=False):
        """Draw a straight arrow; `both` gives it two heads."""
        style = "<|-|>" if both else "-|>"
        patch = FancyArrowPatch(
            start, end, arrowstyle=style, mutation_scale=11, shrinkA=0, shrinkB=0
        )
        self._add(patch, _LINES, colour, colour, width=width)

    def width(self, left, right, y, words, colour="ink"):
        """Say how far it is from `left` to `right`, above a line with two arrows."""
        self.arrow((left + 2, y), (right - 2, y), colour, width=1.0, both=True)
        self.text((left + right) / 2, y - 11, words, 12, colour)

    def height(self, top, bottom, x, words, colour="ink"):
        """Say how far it is from `top` to `bottom`, beside a line with two arrows."""
        self.arrow((x, top + 2), (x, bottom - 2), colour, width=1.0, both=True)
        self.text(x + 12, (top + bottom) / 2, words, 12, colour, align="left")

    def _add(self, patch, zorder, edge, fill=None, width=1.0, dashed=False):
        patch.set(
            edgecolor=COLOURS[edge][0] if edge else "none",
            facecolor=COLOURS[fill][0] if fill else "none",
            linewidth=width,
            linestyle=_DASHES if dashed else "solid",
            zorder=zorder,
            clip_on=False,
        )
        self._axes.add_artist(patch)
        patch.set_clip_path(None)


def shown(value):
    """Return a value as it is written in a cell.

    Examples
    --------
    >>> shown(-3.0), shown(3.75), shown("same")
    ('−3', '3.75', 'same')
    """
    return value if isinstance(value, str) else f"{value:g}".replace("-", "−")
