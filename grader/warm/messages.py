"""What a warm process and those who give it work say to each other; both are ours."""

from __future__ import annotations

import msgspec

from grader.results import Outcome

CAP = 64 << 20


class Setup(msgspec.Struct, tag="setup", frozen=True):
    """The first frame.

    Parameters
    ----------
    root : str
        The course.
    stages : tuple of str
        What will be asked for, as on a command line.
    level : str or None
        The sandbox level to insist on.
    solution : bool
        Check the reference instead of the student's files.
    """

    root: str
    stages: tuple[str, ...]
    level: str | None = None
    solution: bool = False


class Wanted(msgspec.Struct, tag="wanted", frozen=True):
    """Check this stage as its file is now; `quick` leaves out slow criteria.

    `known` are the outcomes of other stages, by their ids.
    """

    stage: str
    quick: bool
    known: dict[str, Outcome]


class Running(msgspec.Struct, tag="running", frozen=True):
    """So many of so many checks are done, and this one begins."""

    stage: str
    title: str
    done: int
    total: int


class Stepped(msgspec.Struct, tag="stepped", frozen=True):
    """The check that runs has come so far."""

    stage: str
    step: int
    steps: int
    text: str


class Checked(msgspec.Struct, tag="checked", frozen=True):
    """The verdict on a stage: `report` is its JSON."""

    stage: str
    quick: bool
    report: str


class Fault(msgspec.Struct, tag="fault", frozen=True):
    """The process cannot go on."""

    reason: str


Order = Setup | Wanted
Answer = Running | Stepped | Checked | Fault
