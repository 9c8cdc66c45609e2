"""How long the commands of a student's day take, beside the goals.

Run it with nothing else going on::

    uv run python benchmarks/spine.py

Every figure is a median over whole processes, in turns where two are compared.
"""

from __future__ import annotations

import functools
import os
import platform
import statistics
import sys

from commands import GRADER, row, run

STAGES = ["padding", "im2col", "conv", "pooling"]


def median(command: list[str], runs: int, which: int) -> float:
    """Return the median of `runs` after one to warm the disk."""
    run(command)
    return statistics.median(run(command)[which] for _ in range(runs))


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
        f"{platform.node()}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}\n"
    )
    check = [*GRADER, "check", "--solution"]
    most = functools.partial(row, least=False)
    most("grader --help, CPU", 1000 * median([*GRADER, "--help"], 11, 1), "ms", 150)
    most("grader check padding --solution", median([*check, "padding"], 7, 0), "s", 0.7)
    most("grader check s13 --solution --quick", median([*check, "s13", "--quick"], 5, 0), "s", 3)
    most("grader check s13 --solution", median([*check, "s13"], 3, 0), "s", 25)
    most("isolated / in one process (without training)", isolation(5), "x", 1.3)


if __name__ == "__main__":
    main()
