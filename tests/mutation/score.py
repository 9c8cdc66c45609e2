"""The score of the checks: all mutants of some stages, tried in parallel, and a table."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from children import spread
from mutants import Mutant, mutants_of
from stories import STORIES
from survivors import KNOWN_SURVIVORS
from trial import EQUIVALENT, KILLED, SURVIVED, Verdict, court

from grader.course import Course, Stage, Unit

SURVIVORS = 4  # known ones that a sample tries again, of each stage
ROOT = Path(__file__).resolve().parent.parent.parent


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line."""
    options = _parser().parse_args(argv)
    course = Course.find(ROOT)
    unit, stages = course.select(options.stages)
    verdicts, began = {}, time.monotonic()
    for stage in stages:
        mutants = mutants_of(stage.solution.read_text(encoding="utf-8"))
        chosen = choose(stage.name, mutants, options.sample)
        verdicts[stage.name] = try_all(course, unit, stage, chosen, options.jobs)
    if options.json:
        options.json.write_text(json.dumps(as_data(verdicts), indent=1), encoding="utf-8")
    print(table(verdicts))
    print(f"{time.monotonic() - began:.0f} s with {options.jobs} processes")
    return 1 if any(unknown(verdicts[stage], stage) for stage in verdicts) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help="such as padding; default all")
    parser.add_argument(
        "--sample", type=int, metavar="N", help="N mutants of each stage and some known survivors"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every verdict there")
    return parser


def choose(stage: str, mutants: Sequence[Mutant], sample: int | None) -> list[Mutant]:
    """Return all mutants, or a fixed sample of them and of the known survivors."""
    if sample is None:
        return list(mutants)
    drawn = random.Random(f"{stage} 13").sample(mutants, min(sample, len(mutants)))
    known = KNOWN_SURVIVORS.get(stage, {})
    lasting = [m for m in mutants if m.key in known and m not in drawn]
    return drawn + lasting[:: max(1, len(lasting) // SURVIVORS)]


def try_all(
    course: Course, unit: Unit, stage: Stage, mutants: Sequence[Mutant], jobs: int
) -> list[Verdict]:
    """Try mutants of one stage; a line tells how far it has come, and each survivor gets one."""
    verdicts: list[Verdict] = []
    with court(course, unit, stage, STORIES[stage.name]) as bench:
        for verdict in spread(bench.judge, mutants, jobs):
            verdicts.append(verdict)
            if unknown([verdict], stage.name):
                print(f"{described(stage.name, verdict)}", flush=True)
            _progress(stage.name, len(verdicts), len(mutants))
    return sorted(verdicts, key=lambda verdict: mutants.index(verdict.mutant))


def _progress(stage: str, done: int, total: int) -> None:
    if not sys.stderr.isatty():
        return
    bar = "#" * (20 * done // total)
    end = "\r" if done < total else "\r" + " " * 60 + "\r"
    print(f"{stage:<8} [{bar:<20}] {done}/{total}", end=end, file=sys.stderr, flush=True)


def unknown(verdicts: Sequence[Verdict], stage: str) -> list[Verdict]:
    """Return the survivors that nobody has given a reason for."""
    known = KNOWN_SURVIVORS.get(stage, {})
    return [v for v in verdicts if v.outcome == SURVIVED and v.mutant.key not in known]


def described(stage: str, verdict: Verdict) -> str:
    """Return a survivor in one line."""
    m = verdict.mutant
    return f"{stage} {m.function}:{m.line}: - {m.before} + {m.after} | {verdict.by}"


def as_data(verdicts: dict[str, list[Verdict]]) -> list[dict[str, object]]:
    """Return the verdicts in a JSON form."""
    return [
        {
            "stage": stage,
            "key": v.mutant.key,
            "outcome": v.outcome,
            "by": v.by,
            "line": v.mutant.line,
        }
        for stage, found in verdicts.items()
        for v in found
    ]


def table(verdicts: dict[str, list[Verdict]]) -> str:
    """Return the scores as a table in Markdown."""
    lines = ["| stage | mutants | equivalent | killed | survived | score |", "|-|-|-|-|-|-|"]
    counts = {stage: Counter(v.outcome for v in found) for stage, found in verdicts.items()}
    if len(counts) > 1:
        counts["all"] = sum(counts.values(), Counter())
    for stage, count in counts.items():
        killed, survived = count[KILLED], count[SURVIVED]
        score = 100 * killed / max(1, killed + survived)
        lines.append(
            f"| {stage} | {count.total()} | {count[EQUIVALENT]} | {killed} of {killed + survived} "
            f"| {survived} | {score:.1f} % |"
        )
    return "\n".join(lines)
