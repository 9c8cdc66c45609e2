"""Where a command's output goes, without losing what is there."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli.app import require_writable


class Writer:
    """Writes a file, or standard output.

    Parameters
    ----------
    out : str or None
        The file; None or ``-`` for standard output.
    force : bool
        Whether what is there may be replaced; else a copy is kept beside it.
    """

    def __init__(self, out: str | None, force: bool) -> None:
        self.to = Path(out) if out and out != "-" else None
        self._force = force

    def prepare(self) -> None:
        """Refuse a place that cannot be written to, before anything is read."""
        if self.to:
            require_writable(self.to, "--out")

    def __call__(self, data: bytes) -> None:
        """Write the one file that was named, or standard output."""
        if self.to is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
        else:
            self.file(self.to, data)

    def file(self, path: Path, data: bytes) -> None:
        """Write one file; what it replaces is copied first, unless it is the same."""
        from grader.build import write_atomically

        if path.is_file() and not self._force:
            old = path.read_bytes()
            if old == data:
                return
            copy = free_name(path)
            write_atomically(copy, old)
            click.echo(f"{path} was there already: it is kept as {copy.name}", err=True)
        write_atomically(path, data)


def free_name(path: Path) -> Path:
    """Return a dated name for a copy of `path`: ``name.csv.bak-20261201-180000``."""
    import datetime

    name = f"{path.name}.bak-{datetime.datetime.now():%Y%m%d-%H%M%S}"
    free, count = path.with_name(name), 1
    while free.exists():
        count += 1
        free = path.with_name(f"{name}-{count}")
    return free
