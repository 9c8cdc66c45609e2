"""The folder of grades: one file a submission, and what a run was about.

::

    GRADES/
      grading.json            the course, the options, how far it came
      results/<key>.json      one grade each, written in one piece
      previous/<key>.*.json   grades that a later run replaced

A run that is interrupted at any moment leaves whole files only; the next one goes on.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from grader.atomic import write_atomically
from grader.errors import UsageError
from grader.gradebook import ABOUT, MAX_BYTES, RESULTS
from grader.grades import Grade, from_json

PREVIOUS = "previous"
_LOCK = ".lock"


class Regrading(msgspec.Struct, frozen=True):
    """A regrading that has begun: which one, of what, after which change."""

    number: int
    stages: tuple[str, ...]
    course: str


class About(msgspec.Struct, frozen=True):
    """What ``grading.json`` holds.

    Parameters
    ----------
    unit, title : str
        The unit's id and title.
    stages : tuple of str
        The ids of the stages that are graded.
    possible : int
        Their points.
    options : dict
        How they are graded.
    course : str
        The digest of the course.
    grader : str
        The version.
    counts : dict
        Submissions by standing; ``submissions`` is all of them.
    finished : bool
        Whether all were graded.
    names : dict
        By key, a digest of what the download calls the student, who keeps that key.
    gone : tuple of str
        Who has a result and is no longer among the submissions.
    regradings : int
        How many regradings are over.
    regrading : Regrading or None
        One that has begun and is not over.
    """

    unit: str
    title: str
    stages: tuple[str, ...]
    possible: int
    options: dict[str, Any]
    course: str
    grader: str
    counts: dict[str, int] = {}
    finished: bool = False
    names: dict[str, str] = {}
    gone: tuple[str, ...] = ()
    regradings: int = 0
    regrading: Regrading | None = None
    version: int = 1


class Journal:
    """The grades on disk, with one writer at a time.

    Parameters
    ----------
    folder : Path
    filled : bool
        Whether there must be grades already.

    Raises
    ------
    UsageError
        Another run writes there now, or the folder is something else.
    """

    def __init__(self, folder: Path, *, filled: bool = False) -> None:
        self.folder = folder
        self._results = folder / RESULTS
        _require_grades(folder)
        if filled:
            self.earlier()
        self._results.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(folder / _LOCK)
        self._sweep()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.close()

    # --- grades -----------------------------------------------------------------------
    def read(self, key: str) -> Grade | None:
        """Return a student's grade; None if there is none that can be read."""
        return _read(self._path(key))

    def write(self, key: str, text: bytes) -> None:
        """Put a grade in place, whole or not at all."""
        write_atomically(self._path(key), text)

    def keys(self) -> Iterator[str]:
        """Yield the key of each student who has a result."""
        for name in os.listdir(self._results):
            if name.endswith(".json") and not name.startswith("."):
                yield name.removesuffix(".json")

    # --- what was replaced ------------------------------------------------------------
    def keep(self, key: str, label: str = "") -> None:
        """Copy a grade to where replaced ones stay, before a new one takes its place."""
        try:
            text = self._path(key).read_bytes()
        except OSError:
            return
        (self.folder / PREVIOUS).mkdir(exist_ok=True)
        # Named by its content, if by nothing else: an interrupted run keeps no second copy.
        label = label or hashlib.sha256(text).hexdigest()[:8]
        write_atomically(self._previous(key, label), text)

    def kept(self, key: str, label: str) -> Grade | None:
        """Return a grade that was replaced."""
        return _read(self._previous(key, label))

    def _sweep(self) -> None:
        """Remove what a run that was killed had begun to write."""
        for folder in (self.folder, self._results, self.folder / PREVIOUS):
            for half in folder.glob(".new-*"):
                half.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not key or key.startswith(".") or Path(key).name != key:
            raise ValueError(f"a student's key that names no file: {key!r}")
        return self._results / f"{key}.json"

    def _previous(self, key: str, label: str) -> Path:
        return self.folder / PREVIOUS / f"{key}.{label}.json"

    # --- the run ----------------------------------------------------------------------
    def about(self) -> About | None:
        """Return what the last run was about, if that can be read."""
        try:
            return msgspec.json.decode((self.folder / ABOUT).read_bytes(), type=About)
        except (OSError, msgspec.MsgspecError):
            return None

    def earlier(self) -> About:
        """Return what the last run was about.

        Raises
        ------
        UsageError
            There was none.
        """
        if (about := self.about()) is None:
            raise UsageError(f"{self.folder} has no grades yet; grade first")
        return about

    def describe(self, about: About) -> None:
        """Keep what this run is about."""
        text = msgspec.json.format(msgspec.json.encode(about), indent=1)
        write_atomically(self.folder / ABOUT, text + b"\n")


def _read(path: Path) -> Grade | None:
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        return from_json(path.read_bytes())
    except (OSError, ValueError):
        return None


def _require_grades(folder: Path) -> None:
    """Refuse to fill a folder that holds something else."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder for the grades")
    known = (RESULTS, PREVIOUS, ABOUT, _LOCK)
    if folder.is_dir() and any(folder.iterdir()) and not any((folder / n).exists() for n in known):
        raise UsageError(
            f"{folder} holds other things than grades.\n"
            "Name a new folder, or one that an earlier run has filled."
        )


def _lock(path: Path) -> Any:
    """Lock a file for as long as we live; the system frees it, however we end."""
    file = open(path, "a+b")  # noqa: SIM115  # open until the run is over
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        pid = file.read(20).decode(errors="replace").strip() or "?"
        file.close()
        raise UsageError(
            f"another run of grader grade (process {pid}) is writing to {path.parent}.\n"
            "Wait until it is over, or stop it."
        ) from error
    file.truncate(0)
    file.write(f"{os.getpid()}\n".encode())
    file.flush()
    return file
