"""The interface that check files import."""

from grader.checking.calling import call
from grader.checking.cases import cases
from grader.checking.checks import (
    Mismatch,
    agrees,
    beside,
    criterion,
    progress,
    reference_for,
    reference_of,
    require,
    same,
)
from grader.checking.gradient import central_difference
from grader.checking.timing import settled

__all__ = [
    "Mismatch",
    "agrees",
    "beside",
    "call",
    "cases",
    "central_difference",
    "criterion",
    "progress",
    "reference_for",
    "reference_of",
    "require",
    "same",
    "settled",
]
