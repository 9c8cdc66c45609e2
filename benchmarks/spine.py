"""How long the commands of a student's day take, beside the goals.

Run it with nothing else going on::

    uv run python benchmarks/spine.py

Every figure is a median over whole processes, in turns where two are compared.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GRADER = [sys.executable, "-m", "grader"]
STAGES = ["padding", "im2col", "conv", "pooling"]


def run(command: list[str]) -> tuple[float, float]:
    """Return the wall and CPU seconds of one process and its children."""
    before, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    wall = time.perf_counter() - clock
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]!r}"
        )
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def median(command: list[str], runs: int, which: int) -> float:
    """Return the median of `runs` after one to warm the disk."""
    run(command)
    return statistics.median(run(command)[which] for _ in range(runs))


def row(what: str, measured: float, goal: float, unit: str) -> None:
    verdict = "reached" if measured <= goal else "NOT reached"
    print(f"{what:<46} {measured:8.2f} {unit:<3} goal {goal:6.2f}  {verdict}", flush=True)


def isolation(runs: int) -> float:
    """Return how much longer the checks take apart from the code than with it."""
    files = [f"stages/s13_cnn/{stage}" for stage in STAGES]
    together = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    together += ["-p", "grader.plugin", "--solution"]
    apart = [*GRADER, "check", "--solution", *STAGES]
    # Both sides alike: one thread, and no plugins that the checks do not need.
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run(apart), run([*together, *files])
    ratios = [run(apart)[0] / run([*together, *files])[0] for _ in range(runs)]
    return statistics.median(ratios)


def main() -> None:
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}\n"
    )
    row("grader --help, CPU", 1000 * median([*GRADER, "--help"], 11, 1), 150, "ms")
    padding = [*GRADER, "check", "padding", "--solution"]
    row("grader check padding --solution", median(padding, 7, 0), 1.0, "s")
    quick = [*GRADER, "check", "s13", "--solution", "--quick"]
    row("grader check s13 --solution --quick", median(quick, 5, 0), 5.0, "s")
    row(
        "grader check s13 --solution",
        median([*GRADER, "check", "s13", "--solution"], 3, 0),
        25,
        "s",
    )
    row("isolated / in one process (without training)", isolation(5), 1.3, "x")


if __name__ == "__main__":
    main()
