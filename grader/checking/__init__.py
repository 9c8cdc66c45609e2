"""The interface that check files import."""

from grader.checking.checks import (
    Mismatch,
    agrees,
    call,
    central_difference,
    criterion,
    progress,
    reference_of,
    require,
    same,
)

__all__ = [
    "Mismatch",
    "agrees",
    "call",
    "central_difference",
    "criterion",
    "progress",
    "reference_of",
    "require",
    "same",
]
