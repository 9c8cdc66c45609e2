"""The command that builds what students get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from grader.cli.app import cli, working


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
    from grader.build import write_atomically
    from grader.course import Course
    from grader.edition import make
    from grader.edition.release import require_author
    from grader.edition.secret import Keys, read_secret

    course = Course.find(Path.cwd())
    require_author(course)
    archive = out.with_name(f"{out.name}.zip")
    make.require_free(out)
    if as_zip:
        make.require_free(archive)
    secret = read_secret(course.root)
    if secret.warning:
        click.echo(secret.warning, err=True)
    keys = Keys(secret.value)
    with working() as progress:
        files = make.make(course, keys, open_=open_, progress=progress)
        make.write_folder(files, out)
        if as_zip:
            write_atomically(archive, make.zipped(files, out.name))
    _tell(out, archive if as_zip else None, files, keys.edition_id, open_, secret)
    return 0


def _tell(
    out: Path, archive: Path | None, files: dict[str, bytes], name: str, open_: bool, secret: Any
) -> None:
    size = sum(map(len, files.values())) / 2**20
    kind = "open edition" if open_ else "edition"
    click.echo(f"{out}: {kind} {name}, {len(files)} files, {size:.1f} MB")
    if archive:
        click.echo(f"{archive}: the same, {archive.stat().st_size / 2**20:.1f} MB")
    if open_:
        click.echo("Nothing in it is sealed: solutions and hidden checks lie in solutions/.")
        return
    if secret.made:
        click.echo(f"A new secret was made: {secret.origin}. Keep a copy where students cannot")
        click.echo("look; without it no stage of this edition can ever be released.")
    click.echo("Release a stage with: grader release STAGE")
