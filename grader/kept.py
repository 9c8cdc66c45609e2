"""Copies of what is about to be replaced: nothing of the user's is lost."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path


def keep(path: Path, now: datetime) -> Path | None:
    """Move what lies at `path` to a dated name beside it; return that, or None for nothing.

    ``submission.zip`` becomes ``submission.2026-12-01-180000.zip``.
    """
    if not os.path.lexists(path):
        return None
    dated = f"{path.stem}.{now:%Y-%m-%d-%H%M%S}"
    kept, count = path.with_name(dated + path.suffix), 1
    while os.path.lexists(kept):
        count += 1
        kept = path.with_name(f"{dated}-{count}{path.suffix}")
    path.rename(kept)
    return kept
