"""The workers of one candidate: its own modules, and the reference's where those are lent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader import wire
from grader.authority import Authority
from grader.course import Stage, Unit
from grader.sandbox import Sandbox
from grader.session import Session


class Workers:
    """Starts workers for the modules of one candidate.

    Parameters
    ----------
    sandbox : Sandbox
        Where they are started.
    unit : Unit
        What is checked.
    sources : mapping
        For each module of the unit its source, or why there is none.
    authority : Authority
        Lends what is sealed.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        unit: Unit,
        sources: Mapping[str, wire.Source | str],
        authority: Authority,
    ) -> None:
        self._sandbox = sandbox
        self._unit = unit
        self._present = [each for each in sources.values() if isinstance(each, wire.Source)]
        self._authority = authority

    def start(self, stage: Stage, replaced: Sequence[Stage]) -> Session:
        """Start a worker in which the reference stands in for the stages `replaced`.

        The reference runs in a worker of its own, or is a recording: the student's program
        reaches it by calls alone.
        """
        memory, elsewhere = stage.about.limits.memory_mb, [s.module for s in replaced]
        own = [each for each in self._present if each.module not in elsewhere]
        session = self._sandbox.session(own, memory, elsewhere)
        if replaced:
            recorded = self._authority.lender(replaced)
            session.borrow(elsewhere, recorded or self._reference(memory))
        return session

    def _reference(self, memory: int) -> Session:
        """Start a worker for the solutions."""
        sources = [
            wire.Source(name, path.name, path.read_bytes())
            for name, path in self._unit.solutions().items()
        ]
        return self._sandbox.session(sources, memory)
