"""A grading process: trusted, with a sandbox of its own; one submission after the other.

It ends when its socket closes, and at once when the coordinator dies.
"""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from grader import confine, wire
from grader.batch.messages import CAP, Done, Fault, Order, Ready, Setup, Work
from grader.course import Course, Stage, Unit
from grader.errors import CourseError, GraderError
from grader.grades import FollowThrough, Grade, Standing, to_json
from grader.results import Outcome, Report, StageResult
from grader.runner import MAX_SOURCE, Candidate, check_each
from grader.sandbox import Sandbox


def main(sock: socket.socket) -> None:
    """Serve the coordinator at the other end of `sock` until it closes."""
    confine.die_with_parent()
    _take_turns()
    channel = wire.Channel(sock, Order, CAP)
    try:
        setup, _ = channel.receive()
    except EOFError:
        return
    desk = Desk(channel, setup)
    try:
        desk.run()
    except GraderError as error:
        # Before the first submission it is the course or the machine that is at fault.
        channel.send(Fault(str(error), fatal=not desk.began))


def _take_turns() -> None:
    """Have the system switch between us and our workers only where one waits for the other.

    Calls go ahead to a worker: were it woken for the first at once, it would take them one by
    one, and each switch costs as much as a short call.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


class Desk:
    """Checks what comes in, and sends back grades."""

    def __init__(self, channel: wire.Channel, setup: Setup) -> None:
        self._channel = channel
        self._setup = setup
        self._reports: list[Report] = []
        self.began = False

    def run(self) -> None:
        """Grade until the coordinator has no more.

        Raises
        ------
        GraderError
            The course is broken, or no worker starts.
        """
        course, setup = Course(Path(self._setup.root)), self._setup
        unit, stages = course.select(setup.stages)
        with Sandbox(setup.level) as sandbox:
            level = sandbox.settle().level
            if level == "none" and not setup.unsandboxed:
                raise GraderError(_unsandboxed(sandbox, asked=setup.level == "none"))
            given = _given(course, unit)
            candidates = self._candidates(course, unit, stages, given, Ready(level))
            check_each(course, unit, stages, sandbox, candidates, self._reports.append)

    def _candidates(
        self,
        course: Course,
        unit: Unit,
        stages: tuple[Stage, ...],
        given: Mapping[str, wire.Source],
        ready: Ready,
    ) -> Iterator[Candidate]:
        """Yield what is to be checked next; when it is asked for more, a report is there."""
        # The checks have been collected. What is there now stays, so it need not be searched.
        gc.freeze()
        gc.enable()
        self._channel.send(ready)
        for work in self._works():
            self.began = True
            modules = {**given, **_handed_in(course, unit, work.sources)}
            wanted = tuple(s for s in stages if work.only is None or s.id in work.only)
            yield Candidate(modules, only=wanted, known=_known(work.grade.report, wanted))
            report = _merged(stages, work.grade.report, self._reports.pop())
            followed = [f for f in work.grade.followed if f.stage.id not in (work.only or ())]
            for stage, lent in _to_follow(wanted, report) if self._setup.follow else ():
                if stage.name in work.sources:
                    yield Candidate(modules, lent=lent, only=(stage,))
                    again = self._reports.pop().stages[0]
                    followed.append(FollowThrough(again, tuple(s.id for s in lent)))
            order = [stage.id for stage in stages]
            followed.sort(key=lambda f: order.index(f.stage.id))
            grade = settled(replace(work.grade, report=report, followed=tuple(followed)))
            text = to_json(grade).encode()
            self._channel.send(Done(work.key, grade.standing, text))

    def _works(self) -> Iterator[Work]:
        while True:
            try:
                work, _ = self._channel.receive()
            except EOFError:
                return
            yield work


def settled(grade: Grade) -> Grade:
    """Return a checked grade with its standing: broken if a check of ours broke."""
    fault = next((w for s in grade.stages for w in _faults(s)), "")
    if not fault:
        return replace(grade, standing=Standing.GRADED, reason="")
    return replace(grade, standing=Standing.BROKEN, reason=fault)


def _faults(stage: StageResult) -> Iterable[str]:
    """Say of each criterion that is broken what broke."""
    for criterion in stage.criteria:
        if criterion.outcome is Outcome.BROKEN:
            check = criterion.decisive
            what = check.evidence.what if check and check.evidence else "it has no check"
            yield f"{stage.id}.{criterion.id}: {what}"


def _given(course: Course, unit: Unit) -> dict[str, wire.Source]:
    """Return the modules that no student writes."""
    found = {}
    for module, path in unit.given().items():
        try:
            code = path.read_bytes()
        except OSError as error:
            raise CourseError(f"{path}: {error.strerror}") from error
        found[module] = wire.Source(module, path.relative_to(course.root).as_posix(), code)
    return found


def _handed_in(
    course: Course, unit: Unit, sources: Mapping[str, bytes]
) -> dict[str, wire.Source | str]:
    """Return each stage's module as it was handed in, or why there is none."""
    found: dict[str, wire.Source | str] = {}
    for stage in unit.stages:
        code = sources.get(stage.name)
        if code is None:
            found[stage.module] = f"there is no {stage.file.name} in what was handed in"
        elif len(code) > MAX_SOURCE:
            found[stage.module] = f"{stage.file.name} is larger than 1 MB"
        else:
            shown = stage.file.relative_to(course.root).as_posix()
            found[stage.module] = wire.Source(stage.module, shown, code)
    return found


def _merged(stages: Iterable[Stage], before: Report | None, now: Report) -> Report:
    """Return the new report, with the old one's results for what was not checked again."""
    if before is None:
        return now
    known = {s.id: s for s in before.stages} | {s.id: s for s in now.stages}
    return replace(now, stages=tuple(known[s.id] for s in stages if s.id in known))


def _known(before: Report | None, wanted: tuple[Stage, ...]) -> dict[str, Outcome]:
    """Return what is known already of the stages that are not checked again."""
    again = {stage.id for stage in wanted}
    stages = before.stages if before else ()
    return {stage.id: stage.answers for stage in stages if stage.id not in again}


def _to_follow(
    stages: Iterable[Stage], report: Report
) -> Iterator[tuple[Stage, tuple[Stage, ...]]]:
    """Yield each stage that an earlier one stands in the way of, and which ones.

    Whether it does was asked of each check that failed, slow ones apart. So what is a stage's
    own fault, a loop without end say, is not waited for again.
    """
    results = {result.id: result for result in report.stages}
    failing = {r.id for r in report.stages if r.outcome is not Outcome.PASSED}
    for stage in stages:
        mine = results[stage.id]
        if mine.outcome in (Outcome.PASSED, Outcome.BROKEN) or not _may_gain(stage, mine):
            continue
        blamed = {check.blocked_by for c in mine.criteria for check in c.checks}
        lent = tuple(s for s in stage.needed if s.id in failing | blamed)
        if lent:
            yield stage, lent


def _may_gain(stage: Stage, found: StageResult) -> bool:
    """Whether a stage could get more with the reference in place of earlier stages."""
    unasked = {criterion.id for criterion in stage.about.criteria if criterion.slow}
    return any(
        check.outcome is Outcome.BLOCKED
        or (check.outcome is Outcome.FAILED and criterion.id in unasked)
        for criterion in found.criteria
        for check in criterion.checks
    )


def _unsandboxed(sandbox: Sandbox, *, asked: bool) -> str:
    if asked:
        return (
            "--sandbox none: submissions could do as they like.\n"
            "Leave it out, or accept the risk with --allow-unsandboxed."
        )
    said = "\n".join(sandbox.result.notes)
    return (
        f"no sandbox works here, so submissions could do as they like.\n{said}\n"
        "Grade on Linux 5.13 or later, or accept the risk with --allow-unsandboxed."
    )
