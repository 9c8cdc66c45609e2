"""Which of a course's files were saved, and what each of them is."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import watchfiles

from grader.course import Course, Stage, Unit

_DEFAULT = watchfiles.DefaultFilter()  # without what editors and Python write beside a file


@dataclass(frozen=True)
class Saved:
    """Something was saved, deleted or renamed.

    Parameters
    ----------
    stages : tuple of str
        The ids of the stages whose own file is another now.
    checks : bool
        Whether it is the checks that have changed.
    gone : bool
        Whether the files of the stages are there no more.
    """

    stages: tuple[str, ...]
    checks: bool = False
    gone: bool = False


class Files:
    """Watches the files of one unit, in threads of its own.

    Parameters
    ----------
    course : Course
    unit : Unit
    hear : callable
        Told what was saved; called from those threads.
    """

    def __init__(self, course: Course, unit: Unit, hear: Callable[[Saved], None]) -> None:
        self._unit = unit
        self._hear = hear
        self._judges = [unit.folder.resolve(), (course.root / "solutions").resolve()]
        # Editors write a file twice or touch it: what counts is what it holds.
        self._digests = {stage.id: _digest(stage.file) for stage in unit.stages}
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin to watch: the course, and where links lead to that students keep in it."""
        self._begin(set(self._judges))
        targets = {stage.file.resolve() for stage in self._unit.stages if self._is_afar(stage)}
        # Nothing else there is ours, and below it there may be all that somebody owns.
        self._begin({target.parent for target in targets}, only=targets)

    def stop(self) -> None:
        """End it."""
        self._stop.set()

    def _is_afar(self, stage: Stage) -> bool:
        return not any(stage.file.resolve().is_relative_to(folder) for folder in self._judges)

    def _begin(self, folders: set[Path], only: Collection[Path] = ()) -> None:
        if there := [folder for folder in folders if folder.is_dir()]:
            threading.Thread(target=self._watch, args=(there, only), daemon=True).start()

    def _watch(self, folders: Sequence[Path], only: Collection[Path]) -> None:
        changes = watchfiles.watch(
            *folders,
            watch_filter=(lambda _, path: Path(path) in only) if only else _DEFAULT,
            recursive=not only,
            debounce=60,  # milliseconds
            step=10,
            stop_event=self._stop,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        for change in changes:
            saved = self._saved({Path(path).resolve() for _, path in change})
            if saved.stages or saved.checks:
                self._hear(saved)

    def _saved(self, paths: set[Path]) -> Saved:
        stages = {stage.file.resolve(): stage for stage in self._unit.stages}  # links may change
        # Of a folder that is moved nothing is told about what it holds.
        own = [s for path, s in stages.items() if not paths.isdisjoint((path, *path.parents))]
        changed = tuple(stage.id for stage in own if self._is_new(stage))
        others = paths - stages.keys()
        gone = all(self._digests[stage] is None for stage in changed)
        return Saved(changed, any(self._judges_by(path) for path in others), gone)

    def _is_new(self, stage: Stage) -> bool:
        before, now = self._digests[stage.id], _digest(stage.file)
        self._digests[stage.id] = now
        return before != now

    def _judges_by(self, path: Path) -> bool:
        """Whether the verdict depends on a file."""
        if path.suffix == ".toml":
            return path.name in ("stage.toml", "unit.toml")
        given = path.parent == self._judges[0]
        names = ("solution.py", "mistakes.py")
        return path.suffix == ".py" and (given or "checks" in path.parts or path.name in names)


def _digest(path: Path) -> bytes | None:
    """Return what tells one content from another; None where there is no file."""
    try:
        if not path.is_file():  # a pipe would be waited for
            return None
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return None
