"""Copies of what is about to be replaced: nothing of the user's is lost."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from grader.atomic import write_atomically

_DATED = re.compile(r"\.\d{4}-\d\d-\d\dT\d\d-\d\d(-\d+)?(?=\.[^.]*$|$)")


def keep(path: Path, now: datetime) -> Path | None:
    """Keep what lies at `path` under a dated name beside it; return that, or None for nothing.

    A file is copied and stays until something takes its place; all else is moved away.
    ``padding.py`` is kept as ``padding.2026-11-21T10-31.py``, a second one of that minute as
    ``padding.2026-11-21T10-31-2.py``.
    """
    if not os.path.lexists(path):
        return None
    kept = _free_name(path, f"{path.stem}.{now:%Y-%m-%dT%H-%M}")
    if path.is_file():
        write_atomically(kept, path.read_bytes())
    else:
        path.rename(kept)
    return kept


def is_kept(name: str) -> bool:
    """Whether a file's name is one that `keep` gives.

    Examples
    --------
    >>> is_kept("padding.2026-11-21T10-31.py"), is_kept("padding.py")
    (True, False)
    """
    return _DATED.search(name) is not None


def _free_name(path: Path, dated: str) -> Path:
    free, count = path.with_name(dated + path.suffix), 1
    while os.path.lexists(free):
        count += 1
        free = path.with_name(f"{dated}-{count}{path.suffix}")
    return free
