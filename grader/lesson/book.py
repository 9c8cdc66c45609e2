"""The cells of a notebook as the text of its file."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from grader.lesson.cells import Cell

_METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
_LONGEST_ID = 56  # of the 64 characters that the format allows; the rest is for a number


def book_text(cells: Iterable[Cell]) -> str:
    """Return a notebook of format 4.5, byte for byte as Jupyter would save it."""
    used: Counter[str] = Counter()
    book = {
        "cells": [_cell(cell, used) for cell in cells],
        "metadata": _METADATA,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _cell(cell: Cell, used: Counter[str]) -> dict[str, Any]:
    metadata: dict[str, Any] = {"tags": list(cell.tags)} if cell.tags else {}
    if cell.fixed:
        metadata["deletable"] = False
    tree = {
        "cell_type": cell.kind,
        "id": _id(cell.name, used),
        "metadata": metadata,
        "source": cell.text.splitlines(keepends=True),
    }
    return tree | ({"execution_count": None, "outputs": []} if cell.kind == "code" else {})


def _id(name: str, used: Counter[str]) -> str:
    """Return an id that stays the same when other cells change."""
    word = re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-")[:_LONGEST_ID]
    free = word
    while free in used:
        used[word] += 1
        free = f"{word}-{used[word]}"
    used[free] += 1
    return free
