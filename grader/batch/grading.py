"""A grading run: which submissions need a grade, and where the grades go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import msgspec

from grader import __version__
from grader.batch.digests import checks_of, course_digest, course_digests, options_digest
from grader.batch.journal import About, Journal, Regrading
from grader.batch.messages import Done, Work
from grader.batch.times import Times
from grader.course import Course, Stage, Unit
from grader.edition.origin import Own
from grader.errors import GraderError, UsageError
from grader.grades import Grade, Standing, to_json
from grader.intake import Entry, Submission
from grader.late import Policy, instant, penalty

_REGRADE = "regrade"
_NOTHING = Own()


class Engine(Protocol):
    """Grades submissions, here or elsewhere."""

    def run(self, works: Iterator[Work]) -> Iterator[Done]:
        """Yield the grade of each, in any order."""


@dataclass(frozen=True)
class Options:
    """How submissions are graded.

    Parameters
    ----------
    stages : tuple of Stage
        What is checked.
    follow : bool
        Whether later stages are checked again with the reference in place of earlier ones.
    sandbox : str or None
        The level that was demanded.
    regrade : tuple of Stage
        Stages to check again, although nothing else changed.
    """

    stages: tuple[Stage, ...]
    follow: bool = False
    sandbox: str | None = None
    regrade: tuple[Stage, ...] = ()

    @property
    def plain(self) -> dict[str, Any]:
        """What a grade depends on, as ``grading.json`` has it."""
        return {
            "stages": [stage.id for stage in self.stages],
            "follow_through": self.follow,
            "sandbox": self.sandbox or "best",
        }


class Grading:
    """One run over a class.

    Parameters
    ----------
    policy, times
        Late penalties, and when submissions came in where they do not say themselves.
    own : Own
        What is known of the editions that were made of this course.
    heard : callable
        Told the standing of each submission that is over.
    """

    def __init__(
        self,
        course: Course,
        unit: Unit,
        options: Options,
        journal: Journal,
        *,
        policy: Policy | None = None,
        times: Times | None = None,
        own: Own = _NOTHING,
        heard: Callable[[Standing, bool], None] = lambda standing, fresh: None,
    ) -> None:
        self._unit = unit
        self._options = options
        self._journal = journal
        self._policy = policy
        self._times = times
        self._own = own
        self._heard = heard
        self._possible = sum(c.points for s in options.stages for c in s.about.criteria)
        self._judges = course_digests(course, unit, options.stages)
        self._digests = {"options": options_digest(options.plain), **self._judges}
        self._course = course_digest(course, unit)
        self.seen: set[str] = set()
        self.forgiven = 0  # penalties of an earlier run that this one knows nothing of
        self.counts: Counter[str] = Counter()
        self.about = self._begin()

    @property
    def label(self) -> str:
        """What the grades that a regrading replaces are kept as."""
        return f"{_REGRADE}-{self.about.regrading.number}" if self.about.regrading else ""

    def run(self, entries: Sequence[Entry], engine: Engine) -> None:
        """Grade what needs it, and keep each grade as soon as it is there."""
        names = {entry.student.key: entry.named for entry in entries}
        gone = sorted(set(self._journal.keys()) - set(names))
        before = {key: name for key, name in self.about.names.items() if key in gone}
        self.about = msgspec.structs.replace(self.about, gone=tuple(gone), names=before | names)
        self._journal.describe(self.about)
        answers = engine.run(self._works(entries))
        try:
            for done in answers:
                self._journal.write(done.key, done.text)
                self._count(done.standing, fresh=True)
        finally:
            close: Callable[[], None] = getattr(answers, "close", lambda: None)
            close()
        self._journal.describe(self._ended())

    # --- the run ----------------------------------------------------------------------
    def _begin(self) -> About:
        last, options = self._journal.about(), self._options
        about = About(
            unit=self._unit.id,
            title=self._unit.about.title,
            stages=tuple(stage.id for stage in options.stages),
            possible=self._possible,
            options=options.plain,
            course=self._course,
            grader=__version__,
            names=last.names if last else {},
            # One that was never finished keeps its number: some grades bear it.
            regradings=max(last.regradings, _number(last)) if last else 0,
        )
        if not options.regrade:
            return about
        last = self._journal.earlier()
        if last.options != options.plain:
            raise UsageError(_other_options(last, options))
        stages = tuple(s.id for s in options.regrade)
        wanted = Regrading(about.regradings + 1, stages, about.course)
        before = last.regrading
        if before and (before.stages, before.course) == (stages, about.course):
            wanted = before  # it was interrupted, and goes on
        return msgspec.structs.replace(about, regrading=wanted)

    def _ended(self) -> About:
        number = self.about.regrading.number if self.about.regrading else self.about.regradings
        counts = {"submissions": self.counts.total()}
        counts |= {str(standing): self.counts[standing] for standing in Standing}
        return msgspec.structs.replace(
            self.about, counts=counts, finished=True, regradings=number, regrading=None
        )

    def _count(self, standing: Standing, *, fresh: bool) -> None:
        self.counts[standing] += 1
        self._heard(standing, fresh)

    # --- one submission ---------------------------------------------------------------
    def _works(self, entries: Iterable[Entry]) -> Iterator[Work]:
        for entry in entries:
            self.seen.add(entry.student.key)
            work = self._work(self._read(entry))
            if work is not None:
                yield work

    def _read(self, entry: Entry) -> Submission:
        """Open a submission; whatever happens, the rest goes on."""
        try:
            return entry.read(self._unit, self._options.stages)
        except GraderError:
            raise
        except Exception as error:
            why = f"it cannot be read: {type(error).__name__}: {error}"
            return Submission(entry.student, refused=why[:500], submitted=entry.submitted)

    def _work(self, submission: Submission) -> Work | None:
        """Return what is to be done for a submission; None if its grade is there."""
        key, grade = submission.student.key, self._grade(submission)
        old = self._journal.read(key)
        self.forgiven += bool(old and old.late and self._policy is None)
        if submission.refused:
            refused = replace(grade, standing=Standing.REFUSED, reason=submission.refused)
            self._settle(key, old, refused)
            return None
        if old is None or old.standing is Standing.BROKEN or not self._unchanged(old, grade):
            if old is not None and old.standing is not Standing.BROKEN:
                self._journal.keep(key)
            return Work(self._labelled(grade), dict(submission.sources))
        if self.about.regrading and (old.digests or {}).get(_REGRADE) != self.label:
            self._journal.keep(key, self.label)
            again = self.about.regrading.stages
            grade = self._labelled(self._partly(old, grade, again))
            return Work(grade, dict(submission.sources), again)
        self._settle(key, old, self._kept(old, grade))
        return None

    def _grade(self, submission: Submission) -> Grade:
        """Return what is known of a grade before the checks run."""
        student = submission.student
        made = submission.made_with
        notes = (*submission.notes, *self._own.notes(made.edition, made.handed))
        submitted = (self._times.of(student) if self._times else "") or submission.submitted
        late = None
        if self._policy is not None:
            late = penalty(self._policy, student, submitted)
            if instant(submitted) is None and not submission.refused:
                notes += ("when it was handed in is not known, so nothing is taken off",)
        digests = {"submission": submission.digest, **self._digests}
        return Grade(
            student, Standing.GRADED, self._possible, notes=notes, late=late, digests=digests
        )

    def _labelled(self, grade: Grade) -> Grade:
        """Mark a grade as made by this regrading, so that it is made once."""
        if not self.label:
            return grade
        return replace(grade, digests={**(grade.digests or {}), _REGRADE: self.label})

    def _unchanged(self, old: Grade, grade: Grade) -> bool:
        """Whether the checks would find what they have found."""
        mine, theirs = grade.digests or {}, old.digests or {}
        names = mine.keys() - (self._judges if self.label else ())
        return all(mine[name] == theirs.get(name) for name in names)

    def _partly(self, old: Grade, grade: Grade, again: Sequence[str]) -> Grade:
        """Return a grade of which only the stages `again` will be new: it says so."""
        digests = dict(grade.digests or {})
        if {stage.id for stage in self._options.stages} - set(again):
            renewed = {checks_of(stage) for stage in again}
            stay = self._judges.keys() - renewed
            digests |= {name: (old.digests or {}).get(name, "") for name in stay}
        return replace(grade, report=old.report, followed=old.followed, digests=digests)

    def _kept(self, old: Grade, grade: Grade) -> Grade:
        """Return the old result, with what did not come from the checks brought up to date."""
        return replace(
            grade,
            standing=old.standing,
            reason=old.reason,
            report=old.report,
            followed=old.followed,
            digests=old.digests,
        )

    def _settle(self, key: str, old: Grade | None, grade: Grade) -> None:
        """Keep a grade that needed no checks."""
        if old != grade:
            self._journal.write(key, to_json(grade).encode())
        self._count(grade.standing, fresh=False)


def _number(about: About) -> int:
    return about.regrading.number if about.regrading else 0


def _said(value: Any) -> str:
    """Return the value of an option as a person would write it."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return {True: "yes", False: "no"}.get(value, str(value))


def _other_options(last: About, options: Options) -> str:
    changed = [
        f"  {name.replace('_', '-')}: {_said(last.options.get(name))} then; {_said(value)} now"
        for name, value in options.plain.items()
        if last.options.get(name) != value
    ]
    return "\n".join(
        [
            "these submissions were graded with other options:",
            *changed,
            "Repeat the command as it was, with --regrade added; or leave --regrade out.",
        ]
    )
