"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, text: str | bytes) -> None:
    """Write a file so that a reader sees the old text or the new, never a part.

    Where a symbolic link points is what is written; a pipe or a device is written to.

    Raises
    ------
    OSError
        It cannot be written; its name is that of `path`.
    """
    data = text.encode("utf-8") if isinstance(text, str) else text
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            _replace(path.resolve(), data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _replace(path: Path, data: bytes) -> None:
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    file = tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False)  # noqa: SIM115
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).chmod(mode)
        os.replace(file.name, path)  # Windows renames no file that is open
    except BaseException:
        with contextlib.suppress(OSError):  # Ctrl-C may come when it has its name already
            Path(file.name).unlink()
        raise
