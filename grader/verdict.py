"""From what a check raised to an outcome with evidence."""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.checking.checks import Mismatch
from grader.course import Stage, Unit
from grader.errors import Ended, Frame, NotRecorded, StudentError
from grader.results import Evidence, Outcome

_TASK = re.compile(r"^(?P<stage>\w+\.\w+): (?P<name>[\w.]+)$")
_NONE = Evidence("")


@dataclass(frozen=True)
class Verdict:
    """What a check's end means for a criterion."""

    outcome: Outcome
    evidence: Evidence | None = None
    blocked_by: str = ""
    error: BaseException | None = None
    otherwise: Verdict | None = None  # what holds if the fault turns out to be the stage's own
    calls: int = 0  # that were made until then

    def at_fault(self, stage: Stage) -> str:
        """Return the id of the stage in which the mistake lies, of a check of `stage`.

        Empty where nobody can tell.
        """
        if self.otherwise:
            return ""
        return self.blocked_by or stage.id


PASSED = Verdict(Outcome.PASSED)


def judge(error: BaseException, stage: Stage, unit: Unit) -> Verdict:
    """Return the verdict on a check of `stage` that raised `error`."""
    if isinstance(error, Mismatch):
        return Verdict(Outcome.FAILED, error.evidence)
    if isinstance(error, Ended):
        evidence = replace(error.evidence or _NONE, what=f"your program {error.cause}")
        return Verdict(Outcome.FAILED, evidence)
    if isinstance(error, NotRecorded):
        return unrecorded(error)
    if isinstance(error, StudentError):
        return _judge_exception(error, stage, unit)
    return broken(error)


def _judge_exception(error: StudentError, stage: Stage, unit: Unit) -> Verdict:
    evidence = replace(error.evidence or _NONE, frames=error.frames)
    message = str(error)
    task = _TASK.match(message) if isinstance(error, NotImplementedError) else None
    if task and task["stage"] in {other.id for other in unit.stages}:
        what = f"{task['name']} is still to be written"
        if task["stage"] == stage.id:
            return Verdict(Outcome.TODO, Evidence(what, frames=error.frames))
        evidence = replace(
            evidence, what=f"it calls {task['name']} of {task['stage']}, and {what}"
        )
        return Verdict(Outcome.BLOCKED, evidence, task["stage"])
    evidence = replace(evidence, what=_in_words(error, stage, unit))
    earlier = _earlier_stage(error, stage, unit)
    if earlier:
        return Verdict(Outcome.BLOCKED, evidence, earlier.id)
    return Verdict(Outcome.FAILED, evidence)


def _earlier_stage(error: StudentError, stage: Stage, unit: Unit) -> Stage | None:
    """Return the other stage whose module raised while it was loaded, if that is what happened."""
    if error.phase != "load":
        return None
    others = [other for other in unit.stages if other.id != stage.id]
    last = error.frames[-1].path if error.frames else ""
    return next((o for o in others if last.endswith(f"/{o.name}/{o.file.name}")), None)


def _in_words(error: StudentError, stage: Stage, unit: Unit) -> str:
    message, kind = str(error), error.kind
    raised = f"{kind}: {message}" if message else kind
    if error.phase == "missing":
        return message
    if error.phase == "argument":
        return message
    if error.phase == "load":
        name = error.frames[-1].path.rpartition("/")[2] if error.frames else stage.file.name
        raised = f"{name} does not load: {raised}"
    elif kind == "Unsendable":
        raised = message
    elif kind == "SystemExit":
        raised = f"the program ends itself: {raised}"
    else:
        raised = f"raises {raised}"
    return raised + _advice(error, stage)


def _advice(error: StudentError, stage: Stage) -> str:
    if isinstance(error, EOFError):
        return " (it asks for input, and nobody can type during a check)"
    if isinstance(error, MemoryError):
        return f" (a check may use {stage.about.limits.memory_mb} MB)"
    if error.phase == "load" and "null bytes" in str(error):
        return " (UTF-16 has them: save it as UTF-8)"
    if error.signature:
        return f"; its parameters are {error.signature}"
    return ""


def broken(error: BaseException) -> Verdict:
    """Return the verdict on a fault of ours, with our own traceback for a bug report."""
    frames = [
        Frame(f.filename, f.lineno or 0, f.name, f.line or "")
        for f in traceback.extract_tb(error.__traceback__)
        if "site-packages" not in f.filename
    ]
    what = (
        f"the check itself failed: {type(error).__name__}: {error}. This is our fault, not yours"
    )
    return Verdict(Outcome.BROKEN, Evidence(what, frames=tuple(frames[-3:])))


def unrecorded(error: NotRecorded) -> Verdict:
    """Return the verdict when nothing was recorded for what a check asks of the reference."""
    what = (
        f"this edition has no recorded answer for {error}: your code led the check to "
        "arguments that the solution never met. Nothing is said about them here; your "
        "instructor's grader can tell"
    )
    return Verdict(Outcome.BROKEN, Evidence(what))


def blocked(verdict: Verdict, culprit: Stage, *, passes: bool) -> Verdict:
    """Return the verdict on a failure that goes away with the reference's `culprit`.

    That stage may pass all of its own checks; then that is said, as they show nothing.
    """
    evidence = verdict.evidence or _NONE
    what = f"{evidence.what}. With the course's {culprit.id} in place of yours this check passes"
    if passes:
        what = f"{what}, although yours passes its own"
    evidence = replace(evidence, what=what)
    return replace(verdict, outcome=Outcome.BLOCKED, evidence=evidence, blocked_by=culprit.id)


def in_doubt(verdict: Verdict, suspects: Sequence[Stage], failing: Sequence[Stage]) -> Verdict:
    """Return the verdict on a failure that may be an earlier stage's, for all that is known.

    In an edition whose solutions are sealed an earlier stage cannot always be replaced. Of
    one that is known to fail, `failing`, it is said that it is in the way: whoever mends it
    first loses nothing, and whoever looks for a mistake here may find none.
    """
    evidence = verdict.evidence or _NONE
    if not failing:
        names = " or ".join(stage.id for stage in suspects)
        what = f"{evidence.what}. (If {names} does not pass yet, that may be why.)"
        return replace(verdict, evidence=replace(evidence, what=what))
    names = " and ".join(stage.id for stage in failing)
    what = f"{evidence.what}. Whose fault it is can be told when {names} passes"
    return replace(
        verdict,
        outcome=Outcome.BLOCKED,
        evidence=replace(evidence, what=what),
        blocked_by=failing[0].id,
        otherwise=verdict,
    )


def left_over(verdict: Verdict) -> Verdict:
    """Return the verdict when a stub's line stands below code of the student's own."""
    evidence = verdict.evidence or _NONE
    task = evidence.what.partition(" ")[0]
    what = f"{task} has code of yours and still ends in the stub's raise NotImplementedError"
    return replace(verdict, outcome=Outcome.FAILED, evidence=replace(evidence, what=what))


def cannot_go_on(verdict: Verdict) -> Verdict:
    """Return the verdict when a check crashed here, and does not with the reference.

    The check is sound, so what the student's code returned is not what it can go on with.
    """
    error = verdict.error
    why = f"{type(error).__name__}: {error}" if error else "it is of another kind"
    return Verdict(Outcome.FAILED, Evidence(f"the check cannot use what came back: {why}"))
