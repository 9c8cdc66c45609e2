"""What a course asks of a machine, as its ``pyproject.toml`` says."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import msgspec
from packaging.requirements import InvalidRequirement, Requirement

from grader.errors import GraderError
from grader.settings import read_settings


class _Table(msgspec.Struct, rename="kebab", frozen=True):
    requires_python: str = ""
    dependencies: list[str] = []
    optional_dependencies: dict[str, list[str]] = {}


class _File(msgspec.Struct, frozen=True):
    project: _Table = _Table()


@dataclass(frozen=True)
class Project:
    """The Python and the packages that are asked for; nothing where nobody says.

    Parameters
    ----------
    python : str
        ``>=3.11``.
    packages, notebooks : tuple of Requirement
        What all of it needs, and what the notebooks need beside that.
    """

    python: str = ""
    packages: tuple[Requirement, ...] = ()
    notebooks: tuple[Requirement, ...] = ()


def read_project(root: Path) -> Project:
    """Return what the course in a folder asks for."""
    path = root / "pyproject.toml"
    if not path.is_file():
        return Project()
    try:
        table = read_settings(path, _File, GraderError).project
        extra = table.optional_dependencies.get("notebooks", [])
        return Project(table.requires_python, _wanted(table.dependencies), _wanted(extra))
    except (GraderError, InvalidRequirement):  # the files of the course are looked at elsewhere
        return Project()


def _wanted(texts: list[str]) -> tuple[Requirement, ...]:
    """Return the requirements that are for this machine."""
    found = [Requirement(text) for text in texts]
    return tuple(r for r in found if r.marker is None or r.marker.evaluate())


def lacking(requirements: tuple[Requirement, ...]) -> list[str]:
    """Return what is not installed, or in a version that does not do."""
    found = []
    for wanted in requirements:
        try:
            version = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            found.append(f"{wanted} is not installed")
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            found.append(f"{wanted.name} is {version}, and {wanted.specifier} is asked for")
    return found
