"""Whether a student's edition works on a machine, as text."""

from __future__ import annotations

import textwrap
from collections.abc import Collection

from grader.results import Outcome, Report, StageResult


def is_ready(report: Report, sealed: Collection[str]) -> bool:
    """Whether a run over untouched stubs and open solutions went as it must.

    Parameters
    ----------
    report : Report
        Of the stubs of sealed stages, and of the solutions of the others.
    sealed : collection of str
        The ids of the sealed stages.
    """
    return all(_went_well(stage, sealed) for stage in report.stages)


def _went_well(stage: StageResult, sealed: Collection[str]) -> bool:
    wanted = Outcome.TODO if stage.id in sealed else Outcome.PASSED
    return all(criterion.outcome is wanted for criterion in stage.criteria)


def readiness_text(report: Report, sealed: Collection[str]) -> str:
    """Return what such a run shows: a line for each stage, and what it means."""
    lines = []
    for stage in report.stages:
        checks = sum(len(criterion.checks) for criterion in stage.criteria)
        name = stage.id.rpartition(".")[2]
        found = "sealed; its stub was checked" if stage.id in sealed else "the solution passes"
        lines.append(f"{name:<12} {checks:>3} checks ran  ({found})")
    lines += [
        "",
        f"This machine is ready  ({report.seconds:.1f} s, sandbox {report.sandbox.level})",
    ]
    lines += [row for note in report.notes for row in textwrap.wrap(f"Note: {note}", 80)]
    lines += [row for note in report.sandbox.notes for row in textwrap.wrap(note, 80)]
    if sealed:
        text = (
            "The solutions of this edition are sealed until your instructor releases them: "
            "grader unlock STAGE CODE opens one. Your own files were not looked at; to check "
            "them, leave out --solution."
        )
        lines += textwrap.wrap(text, 80)
    return "\n".join(lines) + "\n"
