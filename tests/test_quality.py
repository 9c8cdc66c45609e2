"""The rules of this repository, as the tools hold them."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from grader import schema

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "ruff", "check"],
        ["-m", "ruff", "format", "--check"],
        ["-m", "mypy"],
        ["-c", "from importlinter.cli import lint_imports_command as run; run()"],
        ["-m", "grader", "build", "--check"],
    ],
    ids=["ruff check", "ruff format", "mypy", "import-linter", "grader build --check"],
)
def test_it_is_clean(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_published_schema_of_reports_is_current() -> None:
    published = json.loads((ROOT / "docs" / "report.schema.json").read_text())
    assert published == json.loads(msgspec.json.encode(schema.schema()))


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from grader.cli import main; main(['check', '--help']); "
        "print([m for m in ('numpy', 'pytest', 'hypothesis', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_no_module_of_the_grader_grows_beyond_bounds() -> None:
    lengths = {
        path.name: len(path.read_text().splitlines()) for path in (ROOT / "grader").rglob("*.py")
    }
    assert {name: n for name, n in lengths.items() if n > 350} == {}
