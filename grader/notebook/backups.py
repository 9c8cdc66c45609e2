"""Copies of what a cell or a file held before the other took its place."""

from __future__ import annotations

import contextlib
import hashlib
import os
from datetime import datetime
from pathlib import Path

from grader.atomic import write_atomically
from grader.lock import private_folder

MOST = 100  # of one stage; a text of some kilobytes each


def back_up(root: Path, stage: str, name: str, data: bytes, now: datetime) -> Path:
    """Keep a copy in ``.grader/backups/`` and return its path; the oldest make room.

    Raises
    ------
    OSError
        It cannot be written.
    """
    folder = private_folder(root) / "backups" / stage
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(data).hexdigest()[:8]
    if kept := sorted(folder.glob(f"*.{name}.{digest}.py")):
        with contextlib.suppress(OSError):  # it was named anew: the oldest it is no more
            os.utime(kept[-1])
        return kept[-1]
    path = folder / f"{now:%Y-%m-%dT%H-%M-%S}.{name}.{digest}.py"
    write_atomically(path, data)
    copies = sorted(folder.glob("*.py"), key=lambda copy: (copy.stat().st_mtime_ns, copy.name))
    for old in copies[:-MOST]:
        if old != path:
            old.unlink(missing_ok=True)
    return path
