"""Stubs: a solution without its answers. Text in, text out."""

from __future__ import annotations

import ast
import re

from grader.errors import CourseError

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"


def make_stub(solution: str, stage: str, origin: str = "solution.py") -> str:
    """Return what a student starts from.

    Parameters
    ----------
    solution : str
        Source with each answer between ``### BEGIN SOLUTION`` and ``### END SOLUTION``.
    stage : str
        Such as ``s13.padding``; it names the task in the stub's ``NotImplementedError``.
    origin : str
        The file, for messages.

    Raises
    ------
    CourseError
        Marks that are nested, open or unmatched, or source that is no Python.

    Examples
    --------
    >>> print(make_stub('''def one():
    ...     ### BEGIN SOLUTION
    ...     return 1
    ...     ### END SOLUTION
    ... ''', "s0.demo"))
    def one():
        raise NotImplementedError("s0.demo: one")
    <BLANKLINE>
    """
    owners = _Owners(solution, origin)
    lines: list[str] = []
    opened = 0
    for number, line in enumerate(solution.splitlines(), start=1):
        mark = line.strip()
        if mark == BEGIN:
            if opened:
                raise CourseError(f"{origin}:{number}: {BEGIN} inside that of line {opened}")
            opened = number
            owner = owners.at(number)
            if owner:
                indent = line[: len(line) - len(line.lstrip())]
                lines.append(f'{indent}raise NotImplementedError("{stage}: {owner}")')
        elif mark == END:
            if not opened:
                raise CourseError(f"{origin}:{number}: {END} without a {BEGIN} before it")
            opened = 0
        elif not opened:
            lines.append(line)
    if opened:
        raise CourseError(f"{origin}:{opened}: {BEGIN} without an {END} after it")
    return _tidy(lines)


def is_untouched(source: str, stub: str, task: str) -> bool:
    r"""Whether what leads to a task's ``NotImplementedError`` is what the stub has there.

    Parameters
    ----------
    source, stub : str
        The student's file, and the one that it began as.
    task : str
        ``s13.padding: pad2d``.

    Examples
    --------
    >>> stub = 'def one():\n    raise NotImplementedError("s0.demo: one")'
    >>> is_untouched(stub.replace("raise", "print(1)\n    raise"), stub, "s0.demo: one")
    False
    """
    return set(_own_lines(source, task)) <= set(_own_lines(stub, task))


def has_work(source: str, stub: str) -> bool:
    r"""Whether somebody wrote in a file what its stub leaves to do.

    Parameters
    ----------
    source, stub : str
        The file; and what it is to become, which may have tasks that the file never had.

    Examples
    --------
    >>> stub = 'def one():\n    raise NotImplementedError("s0.demo: one")'
    >>> has_work(stub + "  # as before", stub), has_work("def one():\n    return 1", stub)
    (False, True)
    """
    tasks = re.findall(r'NotImplementedError\("(.+?: (?:\w+\.)?(\w+))"\)', stub)
    return any(f'"{task}"' not in source and f"def {name}(" in source for task, name in tasks)


def _own_lines(text: str, task: str) -> list[str]:
    """Return a function's lines from its docstring to the one that raises for a task."""
    lines = [line.strip() for line in text.splitlines()]
    told = [line for line in lines if line and not line.startswith("#")]
    end = next((i for i, line in enumerate(told) if f'NotImplementedError("{task}")' in line), -1)
    start = next((i for i in range(end, 0, -1) if _opens_body(told[i - 1])), 0)
    return told[start : end + 1]


def _opens_body(line: str) -> bool:
    """Whether a line is the last before a function's own code: a docstring's end, or ``def``."""
    return line.endswith('"""') or line.startswith("def ")


def answers(solution: str) -> list[str]:
    """Return the lines of a solution that stand between its marks."""
    found, inside = [], False
    for line in solution.splitlines():
        mark = line.strip()
        if mark in (BEGIN, END):
            inside = mark == BEGIN
        elif inside:
            found.append(line)
    return found


def clean(solution: str) -> str:
    """Return a solution without its marks, as it is shown once it is released.

    Examples
    --------
    >>> print(clean('''def one():
    ...     ### BEGIN SOLUTION
    ...     return 1
    ...     ### END SOLUTION
    ... '''))
    def one():
        return 1
    <BLANKLINE>
    """
    return _tidy([s for s in solution.splitlines() if s.strip() not in (BEGIN, END)])


class _Owners:
    """Which function a line of the solution belongs to."""

    def __init__(self, source: str, origin: str) -> None:
        try:
            tree = ast.parse(source)
        except SyntaxError as error:
            raise CourseError(f"{origin}:{error.lineno}: {error.msg}") from error
        self._functions: list[tuple[int, int, str]] = []
        self._collect(tree, "")

    def _collect(self, node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{prefix}{child.name}"
                if not isinstance(child, ast.ClassDef):
                    self._functions.append((child.lineno, child.end_lineno or 0, name))
                self._collect(child, f"{name}.")
            else:  # a function may stand inside an if
                self._collect(child, prefix)

    def at(self, line: int) -> str:
        """Return the innermost function around a line, ``""`` at module level."""
        # A mark after the last statement of a body lies beyond the function's last line,
        # but the answer that it opens always lies inside.
        around = [f for f in self._functions if f[0] <= line <= f[1]]
        return around[-1][2] if around else ""


def _tidy(lines: list[str]) -> str:
    """Squeeze the blank lines that a dropped region leaves behind: at most two in a row."""
    kept: list[str] = []
    for line in lines:
        if line.strip() or kept[-2:] != ["", ""]:
            kept.append(line.rstrip())
    return "\n".join(kept).rstrip("\n") + "\n"
