"""The outcome of ``grader verify`` as text."""

from __future__ import annotations

import textwrap

from grader.proof import Proof


def proof_text(proof: Proof) -> str:
    """Return one stage's proof: a line of counts, then a line for each problem."""
    counts = (
        f"{proof.stage:<14} {proof.mistakes:>3} mistakes: {proof.open} failed by open checks, "
        f"{proof.hidden} by hidden, {proof.named} named; "
        f"{proof.accepted} of {proof.right} right answers accepted"
    )
    lines = textwrap.wrap(counts, 80, subsequent_indent=" " * 15)
    for problem in proof.problems:
        lines += textwrap.wrap(f"! {problem}", 80, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines) + "\n"
