"""The process itself: it checks one stage after the other, as it is asked to.

It is trusted, as the grading processes of a class are: students' code runs in workers.
"""

from __future__ import annotations

import gc
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from grader import confine, wire
from grader.course import Course, Stage, Unit
from grader.errors import GraderError
from grader.listener import Listener
from grader.results import Report, to_json
from grader.runner import Candidate, check_each, sources
from grader.sandbox import Sandbox
from grader.warm.messages import CAP, Checked, Fault, Order, Running, Setup, Stepped

_TELL_EVERY = 0.05  # seconds


def main(sock: socket.socket) -> None:
    """Serve whoever is at the other end of `sock` until it closes."""
    confine.die_with_parent()
    channel = wire.Channel(sock, Order, CAP)
    try:
        setup, _ = channel.receive()
        course = Course(Path(setup.root))
        unit, stages = course.select(setup.stages)
        with Sandbox(setup.level) as sandbox:
            reports: list[Report] = []
            candidates = _candidates(channel, setup, course, unit, reports)
            check_each(course, unit, stages, sandbox, candidates, reports.append, Told(channel))
    except GraderError as error:
        channel.send(Fault(str(error)))
    except (EOFError, BrokenPipeError):
        pass  # nobody wants to know any more


def _candidates(
    channel: wire.Channel,
    setup: Setup,
    course: Course,
    unit: Unit,
    reports: list[Report],
) -> Iterator[Candidate]:
    """Yield what is to be checked next; when it is asked for more, a report is there."""
    gc.freeze()  # what was imported and collected stays, and need not be searched
    gc.enable()
    known = {stage.id: stage for stage in unit.stages}
    while True:
        try:
            wanted, _ = channel.receive()
        except EOFError:
            return
        modules = sources(course, unit, solution=setup.solution)
        subject = "solution" if setup.solution else "student"
        only = (known[wanted.stage],)
        yield Candidate(modules, subject, (), only, wanted.quick, wanted.known)
        channel.send(Checked(wanted.stage, wanted.quick, to_json(reports.pop())))


class Told(Listener):
    """Tells the other side how far a run has come, now and then."""

    def __init__(self, channel: wire.Channel) -> None:
        self._channel = channel
        self._done = self._total = 0
        self._last = 0.0

    def began(self, total: int) -> None:
        """So many checks will run."""
        self._done, self._total = 0, total
        self._last = 0.0  # the first news of a stage say how many checks it has

    def running(self, stage: Stage, title: str) -> None:
        """A check starts."""
        self._send(Running(stage.id, title, self._done, self._total))

    def progress(self, stage: Stage, step: int, steps: int, text: str) -> None:
        """A long check has come so far."""
        self._send(Stepped(stage.id, step, steps, text))

    def finished(self, stage: Stage) -> None:
        """A check is over."""
        self._done += 1

    def _send(self, news: Running | Stepped) -> None:
        if time.monotonic() - self._last >= _TELL_EVERY:
            self._last = time.monotonic()
            self._channel.send(news)
