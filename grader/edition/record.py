"""Recording a stage: what its open checks ask of the reference, and how mistakes fail them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from grader.collector import named
from grader.course import Course, Stage, Unit
from grader.listener import Listener
from grader.matrix import matrix_of
from grader.mistakes import load_mistakes
from grader.recorder import Recorder
from grader.recording import Recording
from grader.reference import LiveReference


def record(course: Course, unit: Unit, stage: Stage, listener: Listener) -> Recording:
    """Run the open checks of a stage with the solution and every mistake, and keep it all.

    Notes
    -----
    Takes as long as running the checks once for each known mistake: seconds for a stage of
    small functions, half a minute for one that builds networks.
    """
    reference = LiveReference(unit.solutions())
    recording = Recording(stage=stage.id)
    recorder = _recorder(reference, recording)
    for each in unit.stages:
        recorder.module(each.module)
    known = load_mistakes(stage, reference)
    matrix = matrix_of(course, unit, stage, recorder.reference, known, listener, recorder)
    recording.mistakes = [named(m) for m in known]
    recording.failures = {
        row.name: {name: tried.failure for name, tried in row.attempts.items() if not tried.passed}
        for row in matrix.checks
        if not row.slow
    }
    return recording


def _recorder(reference: LiveReference, recording: Recording) -> Recorder:
    """Return a recorder that also keeps what one stage asks of another."""

    def listen(module: ModuleType) -> None:
        for name, value in list(vars(module).items()):
            own = isinstance(value, FunctionType) and value.__module__ == module.__name__
            if own and not name.startswith("_"):
                setattr(module, name, _noting(value, recorder))

    recorder = Recorder(reference.changed(listen), recording)
    return recorder


def _noting(function: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    @functools.wraps(function)
    def noting(*args: Any, **kwargs: Any) -> Any:
        value = function(*args, **kwargs)
        recorder.note(function, args, kwargs, value)
        return value

    return noting
