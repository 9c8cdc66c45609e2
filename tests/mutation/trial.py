"""The trial of a mutant: it stands in the student's place until a check kills it.

Quick checks come first, those that name the changed function before all. What survives
them is compared with the solution by the differential fuzz; what differs there meets the
long checks too. Each step runs in a forked child under the limits of ``grader check``.
"""

from __future__ import annotations

import contextlib
import functools
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

import pytest
from children import ChildEnded, allow, in_child
from mutants import Mutant
from transcript import Record, Story, departure, tell

from grader.checkfiles import CheckPlugin, proxies, run_checks, runs
from grader.course import Course, Stage, Unit
from grader.errors import CourseError
from grader.local import Local
from grader.naming import names_used
from grader.reference import LiveReference

# A check that takes the solution longer is kept for mutants that the fuzz tells apart.
_LONG = 0.5
# The fuzz takes a second or two; a mutant that takes so long is another program.
_FUZZ_SECONDS = 60.0
KILLED, EQUIVALENT, SURVIVED = "killed", "equivalent", "survived"


@dataclass(frozen=True)
class Check:
    """One check of a stage.

    Parameters
    ----------
    name : str
    run : callable
        Raises if the code in the student's place is wrong.
    uses : frozenset of str
        The names in the check's code.
    seconds : float
        How long it takes with the solution; infinite if nobody has waited for it.
    limit : float
        How many seconds it may take.
    """

    name: str
    run: Callable[[], None]
    uses: frozenset[str] = frozenset()
    seconds: float = 0.0
    limit: float = 10.0


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: killed by a check, or told apart by a story, or neither."""

    mutant: Mutant
    outcome: str
    by: str = ""


class Court:
    """Tries the mutants of one stage.

    Parameters
    ----------
    stage : Stage
    reference : LiveReference
        The solutions.
    stories : mapping of Story to int
        The differential fuzz, and how many of each story are told.
    """

    def __init__(
        self, stage: Stage, reference: LiveReference, stories: Mapping[Story, int]
    ) -> None:
        self.stage = stage
        self.session = Local(reference)
        self.checks: Sequence[Check] = ()
        self._reference = reference
        self._tales = [(story, seed) for story, n in stories.items() for seed in range(n)]

    def judge(self, mutant: Mutant) -> Verdict:
        """Try one mutant."""
        quick = [check for check in self.checks if check.seconds <= _LONG]
        killer = self._killer(mutant, quick)
        if killer:
            return Verdict(mutant, KILLED, killer)
        different = self._difference(mutant)
        if different is None:
            return Verdict(mutant, EQUIVALENT)
        killer = self._killer(mutant, [check for check in self.checks if check not in quick])
        return Verdict(mutant, KILLED, killer) if killer else Verdict(mutant, SURVIVED, different)

    def _killer(self, mutant: Mutant, checks: Sequence[Check]) -> str | None:
        """Return the first check that fails."""
        first = sorted(checks, key=lambda c: (mutant.definition not in c.uses, c.seconds))

        def attempt() -> str | None:
            self.session = Local(self._with(mutant))
            for check in first:
                allow(check.limit)
                try:
                    check.run()
                except BaseException:
                    return check.name
            return None

        try:
            return in_child(attempt, memory_mb=self.stage.about.limits.memory_mb)
        except ChildEnded as end:
            return f"a limit: {end}"

    def _difference(self, mutant: Mutant) -> str | None:
        """Return the first call in which a mutant differs from the solution."""

        def attempt() -> str | None:
            allow(_FUZZ_SECONDS)
            module = self._with(mutant).module(self.stage.module)
            for (story, seed), right in zip(self._tales, self.right, strict=True):
                found = departure(tell(story, module, seed), right)
                if found:
                    return found
            return None

        try:
            return in_child(attempt, memory_mb=self.stage.about.limits.memory_mb)
        except ChildEnded as end:
            return f"a limit: {end}"

    @functools.cached_property
    def right(self) -> list[list[Record]]:
        """What the solution does in each story."""
        module = self._reference.module(self.stage.module)
        return [tell(story, module, seed, strict=True) for story, seed in self._tales]

    def _with(self, mutant: Mutant) -> LiveReference:
        def change(module: ModuleType) -> None:
            if module.__name__ == self.stage.module:
                exec(mutant.code, vars(module))

        return self._reference.changed(change)


@contextlib.contextmanager
def court(
    course: Course, unit: Unit, stage: Stage, stories: Mapping[Story, int]
) -> Iterator[Court]:
    """Prepare the trial of a stage's mutants by its checks, while the context lasts."""
    reference = LiveReference(unit.solutions())
    found = Court(stage, reference, stories)
    with proxies(course, unit, reference, lambda: found.session):
        collected = _Collected(stage)
        run_checks(course, [stage], collected)
        found.checks = collected.checks
        len(found.right)  # told once, before any child is forked
        yield found


class _Collected(CheckPlugin):
    """Keeps the checks of a stage as callables, and times them with the solution."""

    def __init__(self, stage: Stage) -> None:
        super().__init__([stage])
        self.checks: list[Check] = []

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Run one check with the solution; slow ones are taken on trust."""
        criterion, run = self.criterion_of(pyfuncitem), runs(pyfuncitem)
        clock = time.monotonic()
        try:
            if not criterion.slow:
                run()
        except Exception as error:
            self.course_error = CourseError(f"the solution fails {pyfuncitem.name}: {error}")
        seconds = math.inf if criterion.slow else time.monotonic() - clock
        limit = criterion.seconds or self.stages[0].about.limits.seconds
        uses = frozenset(names_used(pyfuncitem.obj))
        self.checks.append(Check(pyfuncitem.name, run, uses, seconds, limit))
        return True
