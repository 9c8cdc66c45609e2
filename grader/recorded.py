"""A unit whose solutions are sealed: what recordings say in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.course import Stage
from grader.errors import CourseError
from grader.mistakes import Mistake
from grader.naming import Attempted
from grader.recording import Recording, load
from grader.replayer import Replayer


class Recorded:
    """The recordings of a unit, each read when it is first needed.

    Parameters
    ----------
    files : mapping
        For each stage's id its recording.
    modules : mapping
        For each stage's id the name of its module.
    sealed : frozenset of str
        The ids of the stages that cannot do without one.
    """

    def __init__(
        self, files: Mapping[str, Path], modules: Mapping[str, str], sealed: frozenset[str]
    ) -> None:
        self._files = files
        self._modules = modules
        self._sealed = sealed
        self._stage = ""
        self._read: dict[str, Recording] = {}
        self._replayer = Replayer(_Others(self))

    def of(self, stage: str) -> Recording:
        """Return the recording of a stage, by its id."""
        if stage not in self._read:
            self._read[stage] = self._load(stage)
        return self._read[stage]

    def _load(self, stage: str) -> Recording:
        path = self._files[stage]
        if not path.is_file():
            return Recording(stage=stage) if stage not in self._sealed else load(path)
        recording = load(path)
        if recording.stage != stage:
            raise CourseError(f"{path}: it is of {recording.stage}. Get the course again.")
        return recording

    def begin(self, stage: str) -> None:
        """A check of a stage begins."""
        self._stage = stage
        self._replayer.rewind(self.of(stage))

    def answers(self, name: str) -> bool:
        """Whether a module is asked here, in the check that has begun.

        A sealed stage asks for all of them, also those whose solutions are open: what is done
        to their objects is a part of its tape.
        """
        if self._stage in self._sealed:
            return name in self._modules.values()
        return any(self._modules[stage] == name for stage in self._sealed)

    def module(self, name: str) -> ModuleType:
        """Return what stands in for a module of the course."""
        return self._replayer.module(name)

    def lender(self) -> Replayer:
        """Return a session that answers a student's program from the recordings."""
        lender = Replayer(_Others(self))
        lender.rewind(self._replayer.recording)
        return lender

    def mistakes(self, stage: Stage) -> list[Mistake]:
        """Return what the known mistakes of a stage are called."""
        return [
            Mistake(m.id.rpartition(".")[2], stage, m.function, m.name, m.hints, None)
            for m in self.of(stage.id).mistakes
        ]

    def attempt(self, mistake: Mistake, check: str) -> Attempted:
        """Tell how a check goes with a mistake in the student's place."""
        failures = self.of(mistake.stage.id).failures.get(check, {})
        failure = failures.get(mistake.id)
        return Attempted(mistake.id not in failures, failure)


class _Others(Sequence[Recording]):
    """All recordings of a unit, read when they are looked through."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded

    def __len__(self) -> int:
        return len(self._recorded._files)

    def __getitem__(self, index: Any) -> Any:
        return self._recorded.of(list(self._recorded._files)[index])
