"""The words behind ``%check`` and ``%hint``."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from grader.errors import UsageError


def read_words(line: str, command: str) -> list[str]:
    """Return the words of a line. Raises UsageError for what has no place in a notebook."""
    try:
        words = shlex.split(line)
    except ValueError:
        raise UsageError(f"a quotation mark has no partner: {line.strip()}") from None
    for word in words:
        option = word.partition("=")[0]
        if option in ("-h", "--help", "--json", "--steps"):
            raise UsageError(
                f"{option} is of no use in a notebook. How {command} is written: {command}?\n"
                f"In a terminal: grader {command[1:]} {option}"
            )
    return words


def with_page(words: Sequence[str]) -> tuple[list[str], Path | None]:
    """Return words in which the page of ``--html`` is named from the root, and that page.

    In a notebook a path begins where the notebook is, and the check runs elsewhere.

    Raises
    ------
    UsageError
        No page is named.
    """
    left, page = list[str](), None
    waiting = iter(words)
    for word in waiting:
        option, _, name = word.partition("=")
        if option != "--html":
            left.append(word)
            continue
        name = name or next(waiting, "")
        if not name or name.startswith("-"):
            raise UsageError("--html needs the name of a file: --html check.html, say")
        page = Path.cwd() / Path(name).expanduser()
    return [*left, *(["--html", str(page)] if page else [])], page
