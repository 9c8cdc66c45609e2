"""Opening what was sealed: a code becomes a folder under ``solutions/``."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.course import Course, Stage, Unit
from grader.edition.about import About, edition_of, note_opened, read_sealed, sealed_file
from grader.edition.bundle import WALKTHROUGH
from grader.edition.sealed import open_sealed
from grader.errors import UsageError
from grader.kept import keep
from grader.lock import locked


@dataclass(frozen=True)
class Unlocked:
    """What became of a right code.

    Parameters
    ----------
    folder : Path
        Where the files are.
    files : tuple of str
        Their names in it.
    kept : Path or None
        Where what was in the way lies now.
    already : bool
        Whether all of it was there before.
    """

    folder: Path
    files: tuple[str, ...]
    kept: Path | None = None
    already: bool = False


def require_sealed(course: Course) -> About:
    """Return what the edition says of itself.

    Raises
    ------
    CourseError
        It does not say which edition it is.
    UsageError
        Nothing is sealed: this is the author's edition, or one for self-study.
    """
    about = edition_of(course)
    if about is None:
        raise UsageError(
            "nothing is sealed here: this is the author's edition.\n"
            "The solutions are in stages/. To release one to the class: grader release STAGE"
        )
    if about.open:
        raise UsageError("nothing is sealed in this edition: the solutions are in solutions/.")
    return about


def unlock(course: Course, unit: Unit, stage: Stage, code: str, now: datetime) -> Unlocked:
    """Open the sealed file of a stage and put what is in it under ``solutions/``.

    All of it appears at once, or nothing. What was in its place is kept.

    Raises
    ------
    UsageError
        What `open_sealed` refuses; a sealed file that is missing; an author's edition.
    """
    about = require_sealed(course)
    # Only a wrong code makes anybody look at the files of the other stages.
    paths = [sealed_file(course.root, s.id) for u in course.units for s in u.stages]
    here = sealed_file(course.root, stage.id)
    if not here.exists() and (stage.folder / "solution.py").is_file():
        raise UsageError(f"{stage.id} is not sealed in this edition: see {stage.folder}")
    others = (read_sealed(path) for path in paths if path != here and path.is_file())
    opened = open_sealed(read_sealed(here), code, stage.id, about.edition, others=others)
    files = {("README.md" if name == WALKTHROUGH else name): opened[name] for name in opened}
    folder = stage.released
    where = folder.relative_to(course.root).as_posix()
    with locked(course.root):
        already = _holds(folder, files)
        kept = None if already else _put(folder, files, now)
        note_opened(course.root, stage.id, {f"{where}/{name}": files[name] for name in files})
    return Unlocked(folder, tuple(files), kept, already)


def _put(folder: Path, files: Mapping[str, bytes], now: datetime) -> Path | None:
    """Make a folder of files appear as a whole; return where what it replaces was kept."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".new-{folder.name}-"
    for left in folder.parent.glob(f"{prefix}*"):  # of a run that was cut off
        shutil.rmtree(left, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    try:
        for name, data in files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        new.chmod(0o755)
        kept = keep(folder, now)
        folder.unlink(missing_ok=True)  # a file, of which a copy is kept
        new.rename(folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    return kept


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    try:
        return all((folder / name).read_bytes() == data for name, data in files.items())
    except OSError:
        return False
