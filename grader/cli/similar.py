"""Who shares much with whom: ``grader similar``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.app import cli, require_writable, tell
from grader.cli.completion import stages_argument
from grader.cli.writing import json_option, write_json

if TYPE_CHECKING:
    from grader.course import Unit
    from grader.intake import Entry, Submission


@cli.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@stages_argument
@click.option("--html", "html_to", metavar="FILE", help="Write a page too: the lines themselves.")
@json_option
def similar(
    submissions: Path, stages: tuple[str, ...], html_to: str | None, json_to: str | None
) -> int:
    """List submissions that share unusually much: a pointer, no proof.

    SUBMISSIONS is what `grader grade` takes. Nothing of it is run.

    \b
    Examples:
      grader similar submissions
      grader similar submissions conv --html similar.html
    """  # noqa: D301  # click wants the character
    from grader.course import Course
    from grader.edition.about import require_author
    from grader.intake import find
    from grader.render.similarity import similarity_page, similarity_text
    from grader.similar import parts_of, similar_pairs

    course = Course.find(Path.cwd())
    require_author(course)
    unit, chosen = course.select(stages)
    if html_to:
        require_writable(Path(html_to), "--html")
    groups = _hand_ins(find(submissions))
    read = [_read(entries[0], unit) for entries in groups]
    ids = {stage.name: stage.id for stage in chosen}
    files = {
        each.student.key: {ids[n]: code for n, code in each.sources.items() if n in ids}
        for each in read
    }
    pairs = similar_pairs(files, {id: p for id, p in parts_of(unit).items() if id in ids.values()})
    names = {
        entries[0].student.key: ", ".join(e.student.name or e.student.key for e in entries)
        for entries in groups
    }
    refused = {each.student.key: each.refused for each in read if each.refused}
    tree = {"version": 1, "pairs": pairs, "names": names, "refused": refused}
    if not write_json(tree, json_to):
        click.echo(similarity_text(pairs, names), nl=False)
    for key, why in refused.items():
        tell(f"not compared: {key}: {why}")
    if html_to:
        from grader.cli.writing import Writer

        sides = {(key, pair.stage) for pair in pairs for key in (pair.first, pair.second)}
        sources = {(k, id): files[k][id].decode("utf-8", "replace") for k, id in sides}
        Writer(html_to, force=False)(similarity_page(pairs, names, sources).encode())
        click.echo(f"written: {html_to}", err=json_to == "-")
    return 0


def _hand_ins(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Return who handed in together: theirs is one hand-in, and no pair with itself."""
    groups: dict[object, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.places or entry.origin, []).append(entry)
    return list(groups.values())


def _read(entry: Entry, unit: Unit) -> Submission:
    """Open a submission; whatever is the matter with it, the rest goes on."""
    from grader.errors import GraderError
    from grader.intake import Submission

    try:
        return entry.read(unit)
    except GraderError:
        raise
    except Exception as error:
        return Submission(entry.student, refused=f"it cannot be read: {type(error).__name__}")
