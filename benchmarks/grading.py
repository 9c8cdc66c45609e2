"""How fast a class is graded, what it costs beside the checks, and what stays flat.

Run it with nothing else going on::

    uv run python benchmarks/grading.py             # a few minutes
    uv run python benchmarks/grading.py --many 10000   # and hours

Every figure stands beside its goal. The machine's cores are what the rates refer to.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from commands import GRADER, ROOT, row, run

UNIT = ROOT / "stages" / "s13_cnn"
STAGES = ["padding", "im2col"]


def hand_in(folder: Path, count: int) -> Path:
    """Write `count` right submissions; each differs from the others by a comment."""
    for i in range(count):
        student = folder / f"student{i:05}"
        student.mkdir(parents=True)
        for stage in STAGES:
            code = (UNIT / stage / "solution.py").read_text()
            (student / f"{stage}.py").write_text(f"{code}\n# {i}\n")
    return folder


def grade(submissions: Path, out: Path, *options: str) -> tuple[float, float]:
    """Return the wall and CPU seconds of grading a folder."""
    return run([*GRADER, "grade", str(submissions), *STAGES, "--out", str(out), *options])


# --- speed ----------------------------------------------------------------------------------
def speed(scratch: Path, runs: int) -> None:
    """30 right submissions as a whole command, and the rate between 30 and 90 of them."""
    small, large = hand_in(scratch / "small", 30), hand_in(scratch / "large", 90)
    whole, steady, cpu, start, beyond = [], [], [], [], []
    for i in range(runs):
        # L1, because inside bubblewrap nobody tells us what the workers' CPU time was.
        short = grade(small, scratch / f"s{i}", "--sandbox", "L1")
        long = grade(large, scratch / f"l{i}", "--sandbox", "L1")
        whole.append(30 / short[0])
        steady.append(60 / (long[0] - short[0]))
        cpu.append(1000 * (long[1] - short[1]) / 60)
        start.append(short[1] - 30 * (long[1] - short[1]) / 60)
        beyond.append(cpu[-1] - own_time())
    row("30 submissions, whole command", max(whole), "/s", 8, least=True)
    row("  median of the runs", statistics.median(whole), "/s", least=True)
    row("steady rate", max(steady), "/s", 8, least=True)
    row("  median of the runs", statistics.median(steady), "/s", least=True)
    row("CPU of the start, all processes", min(start), "s", least=False)
    row("CPU of a submission, all processes", min(cpu), "ms", least=False)
    row("  of it beyond the checks' own", min(beyond), "ms", 100, least=False)
    row("  median of the runs", statistics.median(beyond), "ms", least=False)


_IN_ONE_PROCESS = """
import sys, time
from pathlib import Path
from grader.course import Course
from grader.local import Local
from grader import runner, supervisor

# The same checks with the reference called directly: no worker, no wire.
class Direct(Local):
    left, calls = 100.0, 0
    def __init__(self, reference): super().__init__(reference)
    def allow(self, *_): pass
    def take_printed(self): return ""
    def close(self): pass
    def load(self, _): pass
    def inspect(self, *_): return []

class Here:
    result = runner.__dict__.get("SandboxResult")
    def __init__(self, reference): self.reference = reference
    def session(self, *_): return Direct(self.reference)

from grader.reference import LiveReference
from grader.results import Sandbox as Result
course = Course.find(Path("."))
unit, stages = course.select(sys.argv[2:])
here = Here(LiveReference(unit.solutions()))
here.result = Result("none")
modules = runner.sources(course, unit, solution=True)
many, marks = int(sys.argv[1]), []
candidates = [runner.Candidate(modules)] * many
def done(report):
    if report.exit_code:
        raise SystemExit("the solution fails without a worker: what follows would be wrong")
    marks.append(time.process_time())
runner.check_each(course, unit, stages, here, candidates, done)
print(1000 * (marks[-1] - marks[2]) / (many - 3))
"""


def own_time() -> float:
    """Return the CPU milliseconds of the checks with the reference in the same process.

    As many processes do it at once as grade a class: a core whose neighbour is busy, often the
    other half of the same core, takes up to half as long again for the same work.
    """
    command = [sys.executable, "-c", _IN_ONE_PROCESS, "43", *STAGES]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdout=pipe, text=True)
        for _ in range(os.cpu_count() or 1)
    ]
    said = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise SystemExit("the checks do not run in one process: nothing to compare with")
    return statistics.mean(float(text.split()[-1]) for text in said)


# --- memory ---------------------------------------------------------------------------------
def peak_memory(submissions: Path, out: Path) -> float:
    """Return the largest resident size of the coordinator, in MB."""
    command = [*GRADER, "grade", str(submissions), "padding", "--out", str(out)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = 0
    while process.poll() is None:
        with contextlib.suppress(OSError, AttributeError):
            status = Path(f"/proc/{process.pid}/status").read_text()
            found = re.search(r"VmHWM:\s+(\d+)", status)
            peak = max(peak, int(found[1]) if found else 0)
        time.sleep(0.05)
    return peak / 1024


def memory(scratch: Path, many: int) -> None:
    few = peak_memory(hand_in(scratch / "few", 30), scratch / "few-grades")
    lots = peak_memory(hand_in(scratch / "lots", many), scratch / "lots-grades")
    row("memory of the coordinator, 30 submissions", few, "MB", least=False)
    row(f"memory of the coordinator, {many} submissions", lots, "MB", 1.5 * few, least=False)


# --- two workers of a cluster ---------------------------------------------------------------
def contents(grades: Path) -> dict[str, str]:
    times = re.compile(r'"(started|seconds)": [^,\n]+')
    return {f.name: times.sub("", f.read_text()) for f in (grades / "results").iterdir()}


@contextlib.contextmanager
def two_workers() -> Iterator[tuple[str, list[int]]]:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as cluster:
        yield cluster.scheduler_address, [worker.pid for worker in cluster.workers.values()]


def cluster(scratch: Path) -> None:
    submissions = hand_in(scratch / "class", 30)
    grade(submissions, scratch / "here")
    with two_workers() as (address, pids):
        wall, _ = grade(submissions, scratch / "there", "--cluster", address)
        row("30 submissions on 2 dask workers", 30 / wall, "/s", least=True)
        equal = contents(scratch / "here") == contents(scratch / "there")
        row("  grades that are the same", 30.0 if equal else 0.0, "", 30, least=True)
        killer = threading.Timer(wall / 2, os.kill, (pids[0], 9))
        killer.start()
        grade(submissions, scratch / "again", "--cluster", address)
        killer.cancel()
    equal = contents(scratch / "here") == contents(scratch / "again")
    row(
        "  the same with a worker killed in the middle", 30.0 if equal else 0.0, "", 30, least=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=300, help="submissions of the memory test")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("parts", nargs="*", default=["speed", "cluster", "memory"])
    given = parser.parse_args()
    machine = f"{platform.node()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}: {json.dumps(STAGES)}\n")
    scratch = Path(tempfile.mkdtemp(prefix="grading-"))
    try:
        if "speed" in given.parts:
            speed(scratch, given.runs)
        if "cluster" in given.parts:
            cluster(scratch)
        if "memory" in given.parts:
            memory(scratch, given.many)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
