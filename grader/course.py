"""The course on disk: units, their stages, and the success criteria of each."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated

import msgspec

from grader.errors import CourseError, UsageError
from grader.settings import read_settings

# What a student's edition says of itself, below its folder.
EDITION = Path("edition", "edition.json")
_Identifier = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]*$")]
_Positive = Annotated[float, msgspec.Meta(gt=0)]
_Text = Annotated[str, msgspec.Meta(min_length=1)]


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one check may cost inside the student's program.

    `stage_seconds` bounds what the failing checks of a stage may take together; it is six
    times `seconds` where nothing is said.
    """

    seconds: _Positive = 10.0
    memory_mb: Annotated[int, msgspec.Meta(ge=256)] = 2048
    stage_seconds: _Positive | None = None

    @property
    def together(self) -> float:
        """The seconds that failing checks of one stage may take together."""
        return self.stage_seconds or 6 * self.seconds


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One success criterion, as ``stage.toml`` states it."""

    id: _Identifier
    sentence: _Text
    points: Annotated[int, msgspec.Meta(ge=1)]
    slow: bool = False
    seconds: _Positive | None = None


class StageFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form of ``stage.toml``."""

    title: _Text
    criteria: Annotated[list[Criterion], msgspec.Meta(min_length=1)]
    needs: list[_Identifier] = []
    difficulty: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    minutes: Annotated[int, msgspec.Meta(ge=1)] = 60
    limits: Limits = Limits()
    forbid: list[Annotated[str, msgspec.Meta(pattern=r"^\w+(\.\w+)*$")]] = []
    hints: list[_Text] = []


class UnitFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form of ``unit.toml``."""

    id: _Identifier
    title: _Text
    stages: Annotated[list[_Identifier], msgspec.Meta(min_length=1)]
    prerequisites: list[_Text] = []


@dataclass(frozen=True)
class Stage:
    """One stage: a student's file, a lesson, checks.

    Parameters
    ----------
    name, unit : str
    folder : Path
    about : StageFile
        What ``stage.toml`` says.
    needed : tuple of Stage
        Every earlier stage that it builds on, in the unit's order.
    """

    name: str
    unit: str
    folder: Path
    about: StageFile
    needed: tuple[Stage, ...] = ()

    @property
    def id(self) -> str:
        """The full name, ``s13.padding``."""
        return f"{self.unit}.{self.name}"

    @property
    def module(self) -> str:
        """The name that the student's file is imported under."""
        return ".".join((*self.folder.parts[-3:], self.name))

    @property
    def file(self) -> Path:
        """The student's file."""
        return self.folder / f"{self.name}.py"

    @property
    def root(self) -> Path:
        """The course's folder."""
        return self.folder.parents[2]

    @property
    def released(self) -> Path:
        """Where the stage's solution lies once it was released to students."""
        return self.root / "solutions" / self.folder.parent.name / self.name

    @property
    def issued(self) -> Path:
        """Where a student's edition keeps the stub as it was handed out, and what is sealed."""
        return self.root / "edition" / self.id

    @property
    def stub(self) -> Path:
        """The stub of a student's edition, as it was handed out."""
        return self.issued / "stub.py"

    @property
    def solution(self) -> Path:
        """The reference: the author's, or one that was unlocked."""
        return self._authored("solution.py")

    @property
    def mistakes(self) -> Path:
        """The known mistakes: the author's file, or one that was unlocked."""
        return self._authored("mistakes.py")

    @property
    def is_sealed(self) -> bool:
        """Whether its solution cannot run here: it is not there, or one that it calls is not."""
        return not self.solution.is_file() or any(each.is_sealed for each in self.needed)

    @property
    def reference(self) -> Path:
        """The solution, or in its place the stub that was handed out."""
        return self.stub if self.is_sealed and self.stub.is_file() else self.solution

    def _authored(self, name: str) -> Path:
        own, unlocked = self.folder / name, self.released / name
        return unlocked if unlocked.is_file() and not own.is_file() else own

    def checks(self) -> list[Path]:
        """Return the check files, open ones first."""
        own = self.folder / "checks"
        hidden = own / "hidden" if (own / "hidden").is_dir() else self.released / "hidden"
        closed = () if self.is_sealed else sorted(hidden.glob("test_*.py"))
        return [*sorted(own.glob("test_*.py")), *closed]

    def criterion(self, identifier: str) -> Criterion | None:
        """Return the criterion with this id, if there is one."""
        return next((c for c in self.about.criteria if c.id == identifier), None)


@dataclass(frozen=True)
class Unit:
    """A unit of the course: stages that build on each other."""

    folder: Path
    about: UnitFile
    stages: tuple[Stage, ...]

    @property
    def id(self) -> str:
        """The short name, ``s13``."""
        return self.about.id

    def given(self) -> dict[str, Path]:
        """Return the modules that every stage may import and no student writes.

        A stage's name is its folder's, as it is for Python: a file of that name is a copy.
        """
        parts = ".".join(self.folder.parts[-2:])
        files = sorted(self.folder.glob("*.py"))
        taken = {"__init__", *(stage.name for stage in self.stages)}
        return {f"{parts}.{f.stem}": f for f in files if f.stem not in taken}

    def solutions(self) -> dict[str, Path]:
        """Return the reference's file for each module, given ones included."""
        open_ones = (stage for stage in self.stages if not stage.is_sealed)
        return self.given() | {stage.module: stage.solution for stage in open_ones}

    def recordings(self) -> dict[str, Path]:
        """Return where answers that stand in for solutions are, by the id of the stage."""
        return {stage.id: stage.issued / "recording.bin" for stage in self.stages}

    @property
    def is_edition(self) -> bool:
        """Whether it was handed out to students, even if some of it is gone.

        Then what was issued lies there, or at least no stage has its solution beside it.
        """
        issued = any(stage.issued.is_dir() for stage in self.stages)
        return issued or not any((s.folder / "solution.py").is_file() for s in self.stages)


@dataclass(frozen=True)
class Course:
    """Everything under ``stages/`` of one folder.

    Parameters
    ----------
    root : Path
        The folder that holds ``stages/``.
    """

    root: Path

    @classmethod
    def find(cls, start: Path) -> Course:
        """Return the course that `start` lies in.

        Raises
        ------
        UsageError
            Neither `start` nor a folder above it is a course.
        """
        start = start.resolve()
        for folder in (start, *start.parents):
            if any(folder.glob("stages/*/unit.toml")) or (folder / EDITION).is_file():
                return cls(folder)
        raise UsageError(
            f"no course here: neither {start} nor a folder above it has stages/*/unit.toml.\n"
            "Change to the folder of the course and try again."
        )

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The units, by folder name."""
        units = tuple(_read_unit(f.parent) for f in sorted(self.root.glob("stages/*/unit.toml")))
        if not units:
            raise CourseError(f"{self.root / 'stages'}: no folder in it has a unit.toml")
        ids = [unit.id for unit in units]
        for unit in units:
            if ids.count(unit.id) > 1:
                raise CourseError(f"{unit.folder}/unit.toml: id: {unit.id!r} is used twice")
        return units

    def select(self, selectors: Sequence[str]) -> tuple[Unit, tuple[Stage, ...]]:
        """Return the unit and stages that `selectors` name, in the order of the unit.

        Parameters
        ----------
        selectors : sequence of str
            ``s13``, ``s13.conv`` or ``conv``; none at all means everything.

        Raises
        ------
        UsageError
            A name is unknown, or names of two units are mixed.
        """
        chosen = {stage.id: unit for name in selectors for unit, stage in self._named(name)}
        unit = next(iter(chosen.values())) if chosen else self.units[0]
        if any(other is not unit for other in chosen.values()):
            raise UsageError("stages of one unit at a time: " + ", ".join(selectors))
        return unit, tuple(s for s in unit.stages if not selectors or s.id in chosen)

    def _named(self, name: str) -> list[tuple[Unit, Stage]]:
        stages = [(unit, stage) for unit in self.units for stage in unit.stages]
        wanted = name.strip().lower()
        found = [(u, s) for u, s in stages if wanted in (u.id, s.id, s.name)]
        if found:
            return found
        names = list(dict.fromkeys(n for u, s in stages for n in (u.id, s.name, s.id)))
        near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
        guess = f"\nDid you mean {near[0]!r}?" if near else ""
        known = ", ".join(s.id for _, s in stages)
        raise UsageError(f"there is no stage {name!r}.{guess}\nThe stages are: {known}.")


def _read_unit(folder: Path) -> Unit:
    path = folder / "unit.toml"
    about = read_settings(path, UnitFile, CourseError)
    for i, name in enumerate(about.stages):
        if name in about.stages[:i]:
            raise CourseError(f"{path}: stages[{i}]: {name!r} stands there twice")
        if not (folder / name / "stage.toml").is_file():
            raise CourseError(f"{path}: stages[{i}]: there is no {folder / name / 'stage.toml'}")
    stages: list[Stage] = []
    for i, name in enumerate(about.stages):
        stage = _read_stage(folder / name, about, i)
        direct = [other for other in stages if other.name in stage.about.needs]
        wanted = {other.name for each in direct for other in (*each.needed, each)}
        stages.append(replace(stage, needed=tuple(s for s in stages if s.name in wanted)))
    return Unit(folder, about, tuple(stages))


def _read_stage(folder: Path, unit: UnitFile, position: int) -> Stage:
    path = folder / "stage.toml"
    about = read_settings(path, StageFile, CourseError)
    for i, need in enumerate(about.needs):
        if need not in unit.stages[:position]:
            raise CourseError(
                f"{path}: needs[{i}]: {need!r} is no stage before this one; "
                f"expected one of {unit.stages[:position]}"
            )
    ids = [criterion.id for criterion in about.criteria]
    for i, identifier in enumerate(ids):
        if identifier in ids[:i]:
            raise CourseError(f"{path}: criteria[{i}].id: {identifier!r} stands there twice")
    return Stage(unit.stages[position], unit.id, folder, about)
