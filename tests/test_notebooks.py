"""Every notebook of the course, run from top to bottom on the solutions."""

import asyncio
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from grader.course import Course
from grader.stub import clean

ROOT = Path(__file__).resolve().parent.parent
BOOKS = sorted(p.relative_to(ROOT) for p in (ROOT / "notebooks").rglob("*.ipynb"))
KERNELS = 2  # at once
SECONDS = 240  # for one cell


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course of somebody who has solved all of it."""
    root = tmp_path_factory.mktemp("solved") / "course"
    for folder in ("stages", "notebooks"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for unit in Course(root).units:
        for stage in unit.stages:
            stage.file.write_text(clean(stage.solution.read_text(encoding="utf-8")), "utf-8")
    return root


@pytest.fixture(scope="module")
def books(course):
    """The notebooks with their outputs. What was written to the course is there afterwards."""

    async def run_all():
        free = asyncio.Semaphore(KERNELS)
        return await asyncio.gather(*(run(course / path, free) for path in BOOKS))

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_DIGITS", "400")  # a lab that trains says that this is how tests do it
        return dict(zip(BOOKS, asyncio.run(run_all()), strict=True))


async def run(path, free):
    book = nbformat.read(path, as_version=4)
    seen = set()
    for cell in book.cells:
        # The same check of the same files again and again: once is enough here.
        if cell.source.startswith("%check") and cell.source in seen:
            cell.source = ""
        seen.add(cell.source)
    client = NotebookClient(
        book, timeout=SECONDS, allow_errors=True, resources={"metadata": {"path": path.parent}}
    )
    async with free:
        return await client.async_execute()


def outputs(cell):
    """Return the text of a code cell's outputs, and whether one of them is an error."""
    found = cell.get("outputs", [])
    text = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in found]
    errors = ["\n".join(o.traceback) for o in found if o.output_type == "error"]
    return "\n".join([*text, *errors]), bool(errors)


@pytest.mark.parametrize("path", BOOKS, ids=str)
def test_every_cell_does_what_it_should(books, path):
    for cell in books[path].cells:
        text, failed = outputs(cell)
        assert failed == ("fails" in cell.metadata.get("tags", [])), (cell.source, text)


@pytest.mark.parametrize("path", [p for p in BOOKS if p.parent.name == "notebooks"], ids=str)
def test_every_check_is_green(books, path):
    checks = [cell for cell in books[path].cells if cell.source.startswith("%check")]
    assert checks
    for cell in checks:
        (output,) = cell.outputs
        earned, possible = re.search(r"(\d+) of (\d+) points", output.data["text/plain"]).groups()
        assert earned == possible != "0"
        assert "<style>" in output.data["text/html"]


def test_the_files_are_as_they_were(books, course):
    for stage in Course(course).units[0].stages:
        assert stage.file.read_text("utf-8") == clean(stage.solution.read_text("utf-8"))
    assert not (course / ".grader" / "backups").exists()


def test_no_notebook_has_an_output_in_git():
    for path in BOOKS:
        for cell in json.loads((ROOT / path).read_text(encoding="utf-8"))["cells"]:
            assert not cell.get("outputs") and not cell.get("execution_count"), path
