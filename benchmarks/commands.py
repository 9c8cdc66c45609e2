"""What the benchmarks share: whole commands, timed as their users have them."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GRADER = [sys.executable, "-m", "grader"]

# Where this is set, as in many images of containers, each start compiles what it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def run(command: list[str]) -> tuple[float, float]:
    """Return the wall and CPU seconds of a command, its children's included.

    Raises
    ------
    SystemExit
        The command fails; the message has what it printed.
    """
    before, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - clock
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        said = f"{done.stdout}{done.stderr}"[-2000:]
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{said}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def row(what: str, measured: float, unit: str, goal: float | None = None, *, least: bool) -> None:
    """Print a figure, and beside it the goal, if it has one, that is a `least` or a most."""
    verdict = ""
    if goal is not None:
        reached = measured >= goal if least else measured <= goal
        sign, words = (">=" if least else "<="), ("reached" if reached else "NOT reached")
        verdict = f"goal {sign} {goal:g}  {words}"
    print(f"{what:<47} {measured:8.2f} {unit:<4} {verdict}", flush=True)
