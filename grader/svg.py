"""The text of a picture: matplotlib's SVG, made small, stable and readable on any page.

Two machines that draw one picture get the same text: numbers are rounded, and dates and the
ids of elements are left out. A renderer that knows no style sheets shows the light colours;
others follow the reader's choice of light or dark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby
from typing import NamedTuple
from xml.etree import ElementTree as ET

from grader.errors import CourseError

_SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_SPACES = re.compile(r" ?([A-Za-z]) ?")
_COUNTED = re.compile(r"(axes|figure|line2d|patch|text)_\d+")
_PAINTS = ("fill", "stroke")
# What matplotlib leaves unsaid, and what need not be said.
_IMPLIED = {"fill": "#000000", "stroke-linejoin": "round"}
_INITIAL = {"stroke-linejoin": "miter", "stroke-linecap": "butt", "stroke-dashoffset": "0"}

Attributes = tuple[tuple[str, str], ...]


class _Shape(NamedTuple):
    """One path or one line of words: how it is painted, and the element itself."""

    attributes: Attributes
    element: str


def picture_text(
    raw: str,
    name: str,
    title: str,
    description: str,
    colours: Mapping[str, tuple[str, str]],
    remark: str,
) -> str:
    """Return the file of a picture.

    Parameters
    ----------
    raw : str
        What matplotlib wrote.
    name : str
        Makes the picture's ids its own, on a page with several.
    title, description : str
        For those who do not see it.
    colours : mapping of str to (str, str)
        The colours by name, each on a light page and on a dark one. The picture is drawn
        with the light ones.
    remark : str
        A comment at the top.

    Raises
    ------
    CourseError
        The picture has something other than paths and words in one of its colours.
    """
    root = ET.fromstring(raw)
    _, _, width, height = root.attrib["viewBox"].split()
    shapes = list(_shapes(root))
    return "\n".join(
        [
            f"<!-- {remark} -->",
            f'<svg xmlns="http://www.w3.org/2000/svg" class="lesson-picture" width="{width}" '
            f'height="{height}" viewBox="0 0 {width} {height}" role="img" '
            f'aria-labelledby="{name}-title {name}-description" '
            'font-family="system-ui, sans-serif">',
            f'<title id="{name}-title">{escape(title, quote=False)}</title>',
            f'<desc id="{name}-description">{escape(description, quote=False)}</desc>',
            *_style(shapes, colours),
            *_elements(shapes),
            "</svg>",
            "",
        ]
    )


def _style(shapes: list[_Shape], colours: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """Yield the style sheet: the colours by name, and what is painted with each of them."""
    names = {light: name for name, (light, _) in colours.items()}
    pairs = {pair for shape in shapes for pair in shape.attributes if pair[0] in _PAINTS}
    painted = sorted((value, paint) for paint, value in pairs if value != "none")
    unknown = [value for value, _ in painted if value not in names]
    if unknown:
        raise CourseError(f"colours without a name: {', '.join(unknown)}")
    used = sorted({names[value] for value, _ in painted})
    light, dark = (";".join(f"--{n}:{colours[n][scheme]}" for n in used) for scheme in (0, 1))
    yield "<style>"
    yield f".lesson-picture{{{light}}}"
    yield f"@media (prefers-color-scheme:dark){{.lesson-picture{{{dark}}}}}"
    for value, paint in painted:
        yield f'.lesson-picture [{paint}="{value}"]{{{paint}:var(--{names[value]})}}'
    yield "</style>"


def _shapes(root: ET.Element, name: str = "") -> Iterator[_Shape]:
    """Yield what is drawn, in order; `name` is that of the group around it."""
    for child in root:
        tag = child.tag.removeprefix(_SVG)
        if tag == "g":
            own = child.get("id", "")
            yield from _shapes(child, "" if _COUNTED.fullmatch(own) else own)
        elif tag == "path":
            commands = _SPACES.sub(r"\1", " ".join(_rounded(child.attrib["d"]).split()))
            yield _Shape(_painted(child), f'<path d="{commands}"/>')
        elif tag == "text":
            if len(child) or not child.get("transform", "").startswith("rotate(-0 "):
                raise CourseError("words in a picture are level and on one line")
            named = (("class", name),) if name else ()
            place = tuple((key, _rounded(child.attrib[key])) for key in ("x", "y"))
            words = f"<text {_written(place)}>{escape(child.text or '', quote=False)}</text>"
            yield _Shape(named + _painted(child), words)
        elif tag not in ("defs", "metadata"):
            raise CourseError(f"a picture is made of paths and lines of words, not of <{tag}>")


def _painted(element: ET.Element) -> Attributes:
    """Return an element's style as attributes, which any style sheet overrules."""
    pairs = (part.split(":", 1) for part in element.get("style", "").split(";") if part.strip())
    style = _IMPLIED | {key.strip(): value.strip() for key, value in pairs}
    if style.get("stroke", "none") == "none":
        style = {key: value for key, value in style.items() if not key.startswith("stroke")}
    style.pop("font-family", None)
    kept = ((key, value) for key, value in style.items() if _INITIAL.get(key) != value)
    return tuple((key, value if value.startswith("#") else _rounded(value)) for key, value in kept)


def _elements(shapes: list[_Shape]) -> Iterator[str]:
    """Yield the elements; what neighbours have in common is said once."""
    for attributes, group in groupby(shapes, key=lambda shape: shape.attributes):
        yield f"<g {_written(attributes)}>"
        yield from (shape.element for shape in group)
        yield "</g>"


def _written(attributes: Attributes) -> str:
    return " ".join(f'{key}="{escape(value)}"' for key, value in attributes)


def _rounded(text: str) -> str:
    return _NUMBER.sub(lambda found: f"{round(float(found[0]), 2) + 0.0:g}", text)
