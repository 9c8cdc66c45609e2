"""What a machine has to offer: Python, packages, a sandbox, places to write to."""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from grader.doctor.project import Project, lacking
from grader.errors import GraderError
from grader.findings import Finding, good, note, wrong
from grader.lock import private_folder
from grader.sandbox import Sandbox

_INSTALL = "Run:\n  uv sync   (or: pip install -e .)"
_EXTRA = (
    'To work in notebooks, run:\n  uv sync --extra notebooks   (or: pip install -e ".[notebooks]")'
)
_BUBBLEWRAP = """\
L2 is L1 inside bubblewrap. To have it on Debian or Ubuntu:
  sudo apt install bubblewrap"""
_SECONDS = 60.0
_PROBE = bytes(1 << 16)


def python(project: Project) -> Finding:
    """Say which Python this is."""
    version = platform.python_version()
    try:
        does = SpecifierSet(project.python).contains(version, prereleases=True)
    except InvalidSpecifier:
        does = True
    if does:
        return good("Python", version)
    fix = "Get a newer Python, or let uv get one:\n  uv sync"
    return wrong("Python", f"{version}, and {project.python} is asked for", fix)


def packages(project: Project) -> Iterator[Finding]:
    """Say which packages are missing."""
    missing = lacking(project.packages)
    for each in missing:
        yield wrong("packages", each, _INSTALL)
    if project.packages and not missing:
        yield good("packages", f"all {len(project.packages)} that are asked for")


def numpy(root: Path) -> Finding:
    """Import NumPy in a process of its own: one that is broken may take Python with it."""
    # -P: as the grader does, whatever lies in this folder.
    command = [sys.executable, "-P", "-c", "import numpy; print(numpy.__version__)"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return wrong("NumPy", f"not imported within {_SECONDS:.0f} seconds", _INSTALL)
    if done.returncode == 0:
        return good("NumPy", done.stdout.decode(errors="replace").strip())
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    why = lines[-1] if lines else f"Python ended with status {done.returncode}"
    return wrong("NumPy", f"it cannot be imported: {why}", _INSTALL)


def notebooks(project: Project) -> Iterator[Finding]:
    """Say whether notebooks can be opened; all else works without."""
    if not project.notebooks:
        return
    missing = lacking(project.notebooks)
    if missing:
        yield note("notebooks", "; ".join(missing), _EXTRA)
    else:
        yield good("notebooks", "installed")


def sandbox() -> Finding:
    """Say how well a student's code is confined here, and why it is not better."""
    try:
        with Sandbox() as tried:
            result = tried.settle()
    except GraderError as error:
        return wrong("sandbox", str(error), "Tell your instructor what stands here.")
    found = ". ".join([result.level, *result.notes])
    if result.level == "L2":
        return good("sandbox", found)
    if sys.platform != "linux":
        return note("sandbox", found, "There is none for this system; on Linux there is.")
    if result.level == "L1":
        return note("sandbox", found, _BUBBLEWRAP)
    return note("sandbox", found, "It takes Linux 5.13 or newer, on x86-64 or arm64.")


def writing(root: Path, folders: Sequence[Path]) -> Iterator[Finding]:
    """Say where nothing can be written."""
    failed: dict[str, list[str]] = {}
    for folder in [Path(tempfile.gettempdir()), root, root / ".grader", *folders]:
        if why := _unwritable(root, folder):
            failed.setdefault(why, []).append(str(folder))
    for why, places in failed.items():
        fix = "Make room there, or copy the course to a folder that is yours."
        yield wrong("writing", "\n".join([f"{why}:", *places]), fix)
    if not failed:
        yield good("writing", "possible, in every folder")


def _unwritable(root: Path, folder: Path) -> str:
    """Return why a file cannot be written to a folder."""
    try:
        if folder == root / ".grader":
            private_folder(root)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(_PROBE)
            file.flush()
    except OSError as error:
        return error.strerror or str(error)
    return ""
