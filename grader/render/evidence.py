"""Evidence in plain text: the one form that a failure has everywhere."""

from __future__ import annotations

from grader.results import Evidence, Shown

_INDENT = "  "


def evidence_text(evidence: Evidence) -> str:
    """Return all of `evidence` as lines of text.

    Examples
    --------
    >>> print(evidence_text(Evidence("the result is 3 instead of 4", "get_output_shape(...)")))
    get_output_shape(...): the result is 3 instead of 4
    """
    return "\n".join(evidence_lines(evidence))


def evidence_lines(evidence: Evidence) -> list[str]:
    """Return `evidence` as lines: the sentence, the arrays, the student's lines, the output."""
    head = f"{evidence.call}: {evidence.what}" if evidence.call else evidence.what
    lines = [head]
    for name, value in evidence.arguments:
        lines += _value_lines(f"with {name}", value)
    if evidence.index is not None:
        lines.append(f"first difference at index {list(evidence.index)}")
    for name, shown in (("expected", evidence.expected), ("got", evidence.got)):
        if shown is not None:
            lines += _value_lines(name, shown)
    for frame in evidence.frames:
        lines.append(f"{frame.path}:{frame.line}, in {frame.function}")
        if frame.text:
            lines.append(f"{_INDENT}{frame.text}")
    if evidence.printed:
        lines.append("your program printed:")
        lines += [_INDENT + line for line in evidence.printed.splitlines()]
    return [row for line in lines for row in line.split("\n")]


def _value_lines(name: str, value: Shown) -> list[str]:
    if not value.excerpt:
        return [f"{name} = {value.text}"]
    return [f"{name} = {value.text}{_place(value)}", *(_INDENT + row for row in grid(value))]


def _place(value: Shown) -> str:
    """Which part of the array the numbers are: ``, here [0, 2:8, 1:7, 3]``."""
    whole = all(r == (0, n) for r, n in zip(value.excerpt, value.shape, strict=True))
    if whole:
        return ""
    ranges = (f"{a}" if b - a == 1 else f"{a}:{b}" for a, b in value.excerpt)
    return f", here [{', '.join(ranges)}]"


def grid(value: Shown) -> list[str]:
    """Return the numbers of an excerpt as rows, one image or matrix after another.

    An axis of length one takes no part in the picture; of the others the last two are its
    columns and rows, except that channels of an image are shown one after another.

    Examples
    --------
    >>> grid(Shown("", "float64", (2, 2), (1.0, 2.5, 3.0, 4.0), ((0, 2), (0, 2))))
    ['  1  2.5', '  3    4']
    """
    sizes = [b - a for a, b in value.excerpt if b - a > 1]
    if not value.values:
        return ["(empty)"]
    texts = [_number(v) for v in value.values]
    width = max(map(len, texts))
    columns = sizes[-1] if sizes else 1
    rows = [texts[i : i + columns] for i in range(0, len(texts), columns)]
    return ["  ".join(text.rjust(width) for text in row) for row in rows]


def _number(value: float | str) -> str:
    if isinstance(value, bool | str):
        return str(value)
    return f"{value:.4g}"
