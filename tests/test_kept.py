"""Copies of what is about to be replaced."""

from datetime import datetime
from pathlib import Path

import pytest

from grader.kept import is_kept, keep

NOW = datetime(2026, 11, 21, 10, 31, 59)


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("padding.py", "padding.2026-11-21T10-31.py", "padding.2026-11-21T10-31-2.py"),
        ("padding", "padding.2026-11-21T10-31", "padding.2026-11-21T10-31-2"),
    ],
)
def test_a_file_is_copied_under_a_name_of_its_own(
    tmp_path: Path, name: str, first: str, second: str
) -> None:
    path = tmp_path / name
    path.write_text("one")
    assert keep(path, NOW) == tmp_path / first
    path.write_text("two")
    assert keep(path, NOW) == tmp_path / second
    assert [(tmp_path / n).read_text() for n in (name, first, second)] == ["two", "one", "two"]
    assert is_kept(first) and is_kept(second) and not is_kept(name)


def test_a_folder_makes_room(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "first/mine.py").write_text("mine")
    kept = keep(tmp_path / "first", NOW)
    assert kept == tmp_path / "first.2026-11-21T10-31"
    assert (kept / "mine.py").read_text() == "mine"
    assert not (tmp_path / "first").exists()


def test_where_nothing_is_nothing_is_kept(tmp_path: Path) -> None:
    assert keep(tmp_path / "padding.py", NOW) is None
    assert not list(tmp_path.iterdir())
