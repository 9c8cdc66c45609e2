"""Mutation testing of the course's checks: how many small changes of the solutions they notice.

Run it for all stages, or for some::

    uv run python benchmarks/mutation.py
    uv run python benchmarks/mutation.py padding im2col

A mutant that behaves as the solution in the differential fuzz is equivalent and does not
count. Every other must be killed by a check, or stand with its reason among the known
survivors in tests/mutation/survivors.py; otherwise the exit code is 1.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the grader's workers
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "mutation"), str(ROOT)]

from score import main  # noqa: E402  # found by the line above

if __name__ == "__main__":
    raise SystemExit(main())
