"""The command that builds what students get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from grader.cli.app import cli, one_thread, say, working


@cli.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--open", "open_", is_flag=True, help="Seal nothing: an edition for self-study.")
@click.option("--zip", "as_zip", is_flag=True, help="Write OUT.zip beside it, to hand out.")
def edition(out: Path, open_: bool, as_zip: bool) -> int:
    """Build the students' edition in the new folder OUT.

    It holds the stubs, the lessons, the open checks and the grader. Solutions, hidden
    checks and the code of known mistakes are sealed; recorded answers stand in for them.

    \b
    Examples:
      grader edition ../for-students
      grader edition ../for-students --zip
    """  # noqa: D301  # click wants the character
    one_thread()
    from grader.atomic import write_atomically
    from grader.course import Course
    from grader.edition import make
    from grader.edition.about import require_author
    from grader.edition.fit import editions_of, note_built
    from grader.edition.secret import Keys, read_secret

    course = Course.find(Path.cwd())
    require_author(course)
    make.require_free(out)
    archive = out.with_name(f"{out.name}.zip")
    if as_zip:
        make.require_free(archive)
    before = editions_of(course).in_use
    secret = read_secret(course.root, make=True)
    if secret.warning:
        say(f"Warning: {secret.warning}", err=True)
    keys = Keys(secret.value)
    with working() as progress:
        files = make.make(course, keys, open_=open_, progress=progress)
        make.write_folder(files, out)
        if as_zip:
            write_atomically(archive, make.zipped(files, out.name))
    if not open_:
        note_built(course.root, keys.edition_id)
    _tell(out, archive if as_zip else None, files, keys.edition_id, open_, secret)
    if not open_ and before and keys.edition_id not in before:
        say(
            f"Note: before, it was edition {' or '.join(sorted(before))}. To release a stage for\n"
            "students who have that one, you need its secret and --edition.",
            err=True,
        )
    return 0


def _tell(
    out: Path, archive: Path | None, files: dict[str, bytes], name: str, open_: bool, secret: Any
) -> None:
    size = sum(map(len, files.values())) / 2**20
    kind = "open edition" if open_ else "edition"
    say(f"{out}: {kind} {name}, {len(files)} files, {size:.1f} MB")
    if archive:
        say(f"{archive}: the same, {archive.stat().st_size / 2**20:.1f} MB")
    if open_:
        say("Nothing in it is sealed: solutions and hidden checks lie in solutions/.")
        return
    if secret.made:
        say(
            f"A new secret was made: {secret.origin}\n"
            "Keep a copy where students cannot look: without it no stage of this edition can\n"
            "ever be released."
        )
    say("Release a stage with: grader release STAGE")
