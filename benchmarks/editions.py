"""A student's edition beside the author's: every verdict, every name, every secret line.

Run it for all stages, which takes four minutes, or for some::

    uv run python benchmarks/editions.py
    uv run python benchmarks/editions.py padding pooling

Every known mistake stands in the student's place while each open check runs, judged by the
solution and judged by the recording. Then the edition is searched for every line and every
name that only solutions and mistakes have. The tests do both for a sample.
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "editions"), str(ROOT)]

from replayed import compare  # noqa: E402  # found by the line above
from secret_lines import found_in, pieces, secrets_of  # noqa: E402

from grader.course import Course, Stage, Unit  # noqa: E402
from grader.edition.contents import contents  # noqa: E402
from grader.edition.record import record  # noqa: E402
from grader.listener import Listener  # noqa: E402
from grader.matrix import matrix_of  # noqa: E402
from grader.mistakes import load_mistakes  # noqa: E402
from grader.naming import Attempted  # noqa: E402
from grader.recording import dump  # noqa: E402
from grader.reference import LiveReference  # noqa: E402


def main(names: list[str]) -> int:
    """Compare the stages, search the edition, and print what came out."""
    course = Course(ROOT)
    unit, stages = course.select(names)
    files = contents(course)
    ok = True
    with tempfile.TemporaryDirectory() as folder:
        recordings = {stage.id: Path(folder, f"{stage.id}.bin") for stage in stages}
        for stage in stages:
            recordings[stage.id].write_bytes(dump(record(course, unit, stage, Listener())))
            files[f"edition/{stage.id}/recording.bin"] = recordings[stage.id].read_bytes()
        for stage in stages:
            ok = _compared(course, unit, stage, recordings) and ok
    secrets = secrets_of(course)
    leaks = found_in(pieces(files), secrets)
    print(f"{len(files)} files searched for {len(secrets)} lines and names: {len(leaks)} found")
    print(*sorted(leaks), sep="\n")
    return 0 if ok and not leaks else 1


def _compared(course: Course, unit: Unit, stage: Stage, recordings: dict[str, Path]) -> bool:
    reference = LiveReference(unit.solutions())
    known = load_mistakes(stage, reference)
    matrix = matrix_of(course, unit, stage, reference, known, Listener(), answers=reference)
    rows = {row.name: row.attempts for row in matrix.checks}

    def live(check: str, mistake: str) -> Attempted | None:
        return rows[check].get(mistake)

    found = compare(course, unit, stage, known, live, recordings)
    print(
        f"{stage.id:<13} {found.runs} runs: {len(found.different)} differ, {found.unrecorded} "
        f"met what was not recorded; {found.named} of {len(known)} mistakes are named"
    )
    print(*found.different, sep="\n", end="\n" if found.different else "")
    return not found.different


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
