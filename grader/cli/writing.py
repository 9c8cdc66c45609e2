"""Where a command's output goes, without losing what is there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from grader.cli.app import require_writable, tell
from grader.errors import UsageError


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
        """Write one file; what it replaces is kept, unless it is the same."""
        import datetime

        from grader.atomic import write_atomically
        from grader.kept import keep

        if path.is_file() and not self._force:
            if path.read_bytes() == data:
                return
            if kept := keep(path, datetime.datetime.now()):
                tell(f"{path} was there already: it is kept as {kept.name}")
        write_atomically(path, data)


def _json_place(_: click.Context, option: click.Parameter, to: str | None) -> str | None:
    """Refuse a place that cannot be written to, or holds other things, before anything runs."""
    if to and to != "-":
        path = Path(to)
        require_writable(path, option.opts[0])
        if path.is_file() and not _is_json(path):
            raise UsageError(
                f"{option.opts[0]}: {path} is there, and it is no JSON.\n"
                "Name another file; nothing was changed."
            )
    return to


def _is_json(path: Path) -> bool:
    """Whether a file is empty or begins as what `write_json` writes."""
    with path.open("rb") as file:
        return file.read(1) in (b"", b"{", b"[")


json_option = click.option(
    "--json",
    "json_to",
    metavar="FILE",
    type=click.Path(),
    callback=_json_place,
    help="Write it as JSON; - for stdout.",
)


def write_json(tree: Any, to: str | None) -> bool:
    """Write data as JSON where `json_option` says; return whether that is all of the output."""
    if to is None:
        return False
    import msgspec

    from grader.atomic import write_atomically

    text = msgspec.json.format(msgspec.json.encode(tree), indent=2) + b"\n"
    if to == "-":
        click.echo(text, nl=False)
        return True
    write_atomically(Path(to), text)
    return False
