"""IPython's own commands in the code of a cell, taken out of it."""

from __future__ import annotations

import re

# %time, !ls, ?pad2d; pad2d?; t = %timeit -o pad2d(x), files = !ls. A \ at the end goes on.
_REST = r"(?:[^\n\\]|\\[^\n]|\\\n)*"
_COMMAND = re.compile(
    rf"(?P<indent>[ \t]*)(?P<text>[%!?]{_REST}|[\w.]+\?{{1,2}}[ \t]*(?=\n|\Z)"
    rf"|[\w.][\w.,* \t\[\]()]*=[ \t]*[%!]{_REST})"
)
_TOKEN = re.compile(
    r"""\#[^\n]* | \"{3}(?:\\.|[^\\])*?(?:\"{3}|\Z) | '{3}(?:\\.|[^\\])*?(?:'{3}|\Z)
    | "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'? | (?P<open>[(\[{]) | (?P<close>[)\]}])
    | \\\n | (?P<end>\n)""",
    re.VERBOSE | re.DOTALL,
)


def without_magics(code: str) -> str:
    r"""Return code in which each command of IPython's is a comment, behind a ``pass``.

    A line in the middle of a statement is none, whatever it begins with.

    Examples
    --------
    >>> print(without_magics("t = %timeit -o f()\nx = (7\n  % 4)\n!ls\n"))
    pass  # t = %timeit -o f()
    x = (7
      % 4)
    pass  # !ls
    <BLANKLINE>
    """
    parts, at = list[str](), 0
    while at < len(code):
        if found := _COMMAND.match(code, at):
            end = found.end()
            parts.append(f"{found['indent']}pass  # " + found["text"].replace("\n", "\n# "))
        else:
            end = _end(code, at)
            parts.append(code[at:end])
        at = end
        if found and at < len(code):
            parts.append("\n")
            at += 1
    return "".join(parts)


def _end(code: str, start: int) -> int:
    """Return where the line ends that begins a statement, with the lines that go on with it."""
    depth = 0
    for token in _TOKEN.finditer(code, start):
        depth = max(0, depth + (token["open"] is not None) - (token["close"] is not None))
        if token["end"] and not depth:
            return token.end()
    return len(code)
