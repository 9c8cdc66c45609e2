"""From a save to its verdict, in ``grader watch``.

Run it with nothing else going on::

    uv run python benchmarks/watch.py                    # with hidden checks
    uv run python benchmarks/watch.py --edition FOLDER   # as students have it

A copy of the course is watched whose files are the solutions, but for the last stage, which is
still to be written; each save changes a comment. The time is that from the save until the
verdict is printed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from commands import GRADER, ROOT

STAGES = ("padding", "im2col", "conv", "pooling")
GOAL = 300


@contextlib.contextmanager
def watched(course: Path, scratch: Path) -> Iterator[Path]:
    """A copy of the course under ``grader watch``; yields where it prints."""
    for folder in ("stages", "edition"):
        if (course / folder).is_dir():
            shutil.copytree(course / folder, scratch / folder)
    for stage in STAGES:
        inside = Path("stages", "s13_cnn", stage)
        shutil.copyfile(ROOT / inside / "solution.py", scratch / inside / f"{stage}.py")
    out = scratch / "out.txt"
    with out.open("w") as file:
        process = subprocess.Popen(
            [*GRADER, "watch"],
            cwd=scratch,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=file,
        )
    try:
        yield out
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def saved(file: Path, out: Path, title: bytes, number: int) -> float:
    """Save a file; return the milliseconds until its verdict is printed."""
    before = out.stat().st_size
    new = file.with_name(".new")
    new.write_text(f"{file.read_text()}# {number}\n")
    clock = time.perf_counter()
    os.replace(new, file)
    while title not in out.read_bytes()[before:]:
        time.sleep(0.002)
    return 1000 * (time.perf_counter() - clock)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=7)
    parser.add_argument("--edition", type=Path, default=ROOT)
    given = parser.parse_args()
    print(f"{platform.node()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as folder, watched(given.edition, Path(folder)) as out:
        while "lenet  " not in out.read_text():
            time.sleep(0.1)
        time.sleep(5)  # the process that stands behind gets warm, too
        for stage in STAGES:
            file = Path(folder, "stages", "s13_cnn", stage, f"{stage}.py")
            times = []
            for number in range(given.saves):
                times.append(saved(file, out, f"{stage}  ".encode(), number))
                time.sleep(4)
            middle = statistics.median(times)
            verdict = "reached" if middle <= GOAL else "NOT reached"
            print(
                f"{stage:<8} save to verdict: {min(times):6.0f} ms least, {middle:6.0f} ms median"
                f"   goal <= {GOAL}  {verdict}",
                flush=True,
            )


if __name__ == "__main__":
    main()
