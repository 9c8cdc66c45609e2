"""Building a student's edition: a folder to hand out, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path

import msgspec

import grader
from grader import __version__
from grader.atomic import write_atomically
from grader.course import Course, Stage, Unit
from grader.edition.about import FILE, SEALED, VERSION
from grader.edition.bundle import bundle
from grader.edition.contents import contents
from grader.edition.origin import handed
from grader.edition.record import record
from grader.edition.sealed import seal
from grader.edition.secret import Keys
from grader.errors import UsageError
from grader.listener import Listener
from grader.recording import dump

# Told how much is done, between 0 and 1, and what is being done.
Progress = Callable[[float, str], None]
_CACHE = Path(".grader", "recordings")
# A zip holds the time of each file; with one time for all, the same edition is the same zip.
_TIME = (1980, 1, 1, 0, 0, 0)


def make(course: Course, keys: Keys, *, open_: bool, progress: Progress) -> dict[str, bytes]:
    """Return all files of a student's edition, by name.

    Parameters
    ----------
    keys : Keys
        What the sealed parts are sealed with.
    open_ : bool
        Seal nothing: solutions and hidden checks lie open, for self-study.
    progress : callable
        Told how far it has come.

    Raises
    ------
    CourseError
        The course is broken: a stub cannot be made, or the solution fails a check.

    Notes
    -----
    Recording takes about a minute for a course of five stages; it is kept under
    ``.grader/`` until a check, a solution, a mistake or the grader changes.
    """
    files = contents(course)
    stages = [(unit, stage) for unit in course.units for stage in unit.stages]
    heard = _Recording(progress, [stage for _, stage in stages])
    for unit, stage in stages:
        inside = bundle(unit, stage)
        if open_:
            where = stage.released.relative_to(course.root).as_posix()
            files |= {f"{where}/{_unsealed(name)}": data for name, data in inside.items()}
            continue
        where = stage.issued.relative_to(course.root).as_posix()
        files[f"{where}/recording.bin"] = _recorded(course, unit, stage, heard)
        code = keys.code(stage.id)
        files[f"{where}/{SEALED}"] = seal(inside, code, keys.edition_id, stage.id)
    progress(1.0, "writing")
    return files | {FILE.as_posix(): _about(course, keys, files, open_)}


def _unsealed(name: str) -> str:
    return "README.md" if name == "walkthrough.md" else name


def _about(course: Course, keys: Keys, files: Mapping[str, bytes], open_: bool) -> bytes:
    written = {s.file.relative_to(course.root).as_posix() for u in course.units for s in u.stages}
    # Students write in the notebooks too.
    students = written | {name for name in files if name.endswith(".ipynb")}
    about = {
        "version": VERSION,
        "edition": keys.edition_id,
        "open": open_,
        "grader": __version__,
        "units": [unit.id for unit in course.units],
        "handed": {stage.id: handed(stage) for unit in course.units for stage in unit.stages},
        "files": {
            name: hashlib.sha256(data).hexdigest()
            for name, data in sorted(files.items())
            if name not in students
        },
    }
    return msgspec.json.format(msgspec.json.encode(about), indent=1) + b"\n"


class _Recording(Listener):
    """Tells how far the recordings have come.

    A stage takes as long as its checks and its mistakes are many; how long their files are
    says so well enough.
    """

    def __init__(self, progress: Progress, stages: Sequence[Stage]) -> None:
        self._progress = progress
        self._shares = {stage.id: _work(stage) for stage in stages}
        self._before = self._done = self._checks = 0
        self._stage = ""

    def begins(self, stage: Stage) -> None:
        """All earlier stages are over."""
        earlier = list(self._shares)[: list(self._shares).index(stage.id)]
        self._before = sum(self._shares[name] for name in earlier)
        self._stage, self._checks = stage.id, 0
        self._tell()

    def began(self, total: int) -> None:
        """So many checks will run."""
        self._done, self._checks = 0, total

    def finished(self, stage: Stage) -> None:
        """A check has met the solution and every mistake."""
        self._done += 1
        self._tell()

    def _tell(self) -> None:
        here = self._shares[self._stage] * self._done / self._checks if self._checks else 0
        of = f", check {self._done} of {self._checks}" if self._checks else ""
        share = (self._before + here) / sum(self._shares.values())
        self._progress(share, f"recording {self._stage}{of}")


def _work(stage: Stage) -> int:
    checks = sum(path.stat().st_size for path in stage.folder.glob("checks/test_*.py"))
    mistakes = stage.folder / "mistakes.py"
    return 1 + checks * (1 + mistakes.stat().st_size if mistakes.is_file() else 1)


def _recorded(course: Course, unit: Unit, stage: Stage, heard: _Recording) -> bytes:
    """Return a stage's recording, from the last time if nothing has changed since."""
    kept = course.root / _CACHE / f"{stage.id}-{_fingerprint(unit, stage)}.bin"
    heard.begins(stage)
    if kept.is_file():
        return kept.read_bytes()
    data = dump(record(course, unit, stage, heard))
    kept.parent.mkdir(parents=True, exist_ok=True)
    for old in kept.parent.glob(f"{stage.id}-*.bin"):
        old.unlink()
    write_atomically(kept, data)
    return data


def _fingerprint(unit: Unit, stage: Stage) -> str:
    """Return a digest of all that a stage's recording depends on."""
    package = Path(grader.__file__).parent
    paths = {*package.rglob("*.py"), *unit.solutions().values(), *stage.folder.rglob("*")}
    digest = hashlib.sha256()
    for path in sorted(p for p in paths if p.suffix in (".py", ".toml")):
        digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


# --- writing --------------------------------------------------------------------------------
def require_free(out: Path) -> None:
    """Refuse a place that is taken, before anything is made.

    Raises
    ------
    UsageError
        There is a file, or a folder with something in it; or it has no name.
    """
    if out.name in ("", ".."):
        raise UsageError(
            f"{out} is no new folder. Name one, as in: grader edition ../for-students"
        )
    if out.is_dir() and not any(out.iterdir()):
        return
    if os.path.lexists(out):
        raise UsageError(f"{out} is there already. Name a new folder, or move that one away.")
    if not out.resolve().parent.is_dir():
        raise UsageError(f"there is no folder {out.resolve().parent}")


def write_folder(files: Mapping[str, bytes], out: Path) -> None:
    """Write an edition to a new folder, whole or not at all."""
    out = out.resolve()
    made = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        for name, data in files.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        made.chmod(0o755)
        if out.is_dir():
            out.rmdir()
        os.replace(made, out)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def zipped(files: Mapping[str, bytes], folder: str) -> bytes:
    """Return an edition as a zip of one folder, the same bytes each time."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}", _TIME)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
