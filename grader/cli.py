"""The command line: parse, call, render, return a code."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import __version__
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.results import Report

_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 80}


class Commands(click.Group):
    """Commands whose unknown names get a suggestion, and whose errors are one message."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command, or say which one may be meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], self.commands, n=1)
            if near:
                raise click.UsageError(
                    f"{error.message} Did you mean {near[0]!r}?", ctx
                ) from error
            raise


@click.group(cls=Commands, context_settings=_HELP)
@click.version_option(__version__, prog_name="grader")
def cli() -> None:
    """Check the stages of the course, and see what to do next.

    \b
    Example:
      grader check padding
    """  # noqa: D301  # click wants the character


@cli.command()
@click.argument("stages", nargs=-1, metavar="[STAGE]...")
@click.option("--solution", is_flag=True, help="Check the reference solutions instead.")
@click.option("--quick", is_flag=True, help="Leave out what takes longer than a second.")
@click.option("--json", "json_to", metavar="FILE", help="Write the report as JSON; - for stdout.")
@click.option(
    "--sandbox",
    type=click.Choice(["none", "L1", "L2"]),
    help="Insist on a sandbox level; by default the best that works here.",
)
def check(
    stages: tuple[str, ...], solution: bool, quick: bool, json_to: str | None, sandbox: str | None
) -> int:
    """Run the checks of the stages named, or of all.

    A STAGE is s13 (the whole unit), s13.conv or conv.

    \b
    Examples:
      grader check padding
      grader check s13 --quick
    """  # noqa: D301  # click wants the character
    from grader.course import Course

    course = Course.find(Path.cwd())
    unit, chosen = course.select(stages)
    if json_to and json_to != "-":
        _require_writable(Path(json_to))
    from grader.sandbox import Sandbox

    # The sandbox warms up in a process of its own while the runner is imported here.
    with Sandbox(sandbox) as started, _listener() as listener:
        from grader.runner import check as run

        report = run(
            course, unit, chosen, started, solution=solution, quick=quick, listener=listener
        )
    _show(report, json_to)
    if not solution:
        _remember(course.root, report)
    return report.exit_code


@cli.command()
@click.argument("stage", required=False)
def hint(stage: str | None) -> int:
    """Give the next hint for the mistake that was named last.

    \b
    Example:
      grader hint padding
    """  # noqa: D301  # click wants the character
    from grader.course import Course
    from grader.render.hints import hint_text
    from grader.seen import Seen, one_more, read_seen, write_seen

    course = Course.find(Path.cwd())
    seen = read_seen(course.root)
    _, chosen = course.select([stage] if stage else [])
    about = chosen[0] if stage else next((s for s in chosen if s.id in seen), chosen[0])
    last = seen.get(about.id, Seen())
    click.echo(hint_text(about.id, last.mistakes, last.step, about.about.hints), nl=False)
    write_seen(course.root, seen | {about.id: one_more(last)})
    return 0


@cli.command("list")
def list_stages() -> int:
    """List the stages, what each needs, and how long it takes.

    \b
    Example:
      grader list
    """  # noqa: D301  # click wants the character
    from grader.course import Course

    for unit in Course.find(Path.cwd()).units:
        click.echo(f"{unit.id}  {unit.about.title}")
        for stage in unit.stages:
            about = stage.about
            needs = f"needs {', '.join(about.needs)}" if about.needs else "needs nothing before it"
            points = sum(c.points for c in about.criteria)
            difficulty = f"difficulty {about.difficulty} of 5"
            click.echo(f"  {stage.id:<14} {about.title}")
            click.echo(f"  {'':<14} {needs}")
            click.echo(f"  {'':<14} {difficulty}, {about.minutes} minutes, {points} points")
    return 0


@cli.command()
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail on a difference.")
def build(only_check: bool) -> int:
    """Generate the stubs from the solutions.

    \b
    Examples:
      grader build
      grader build --check
    """  # noqa: D301  # click wants the character
    from grader import build as builder
    from grader.course import Course

    course = Course.find(Path.cwd())
    paths = builder.outdated(course) if only_check else builder.build(course)
    for path in paths:
        click.echo(f"{'differs' if only_check else 'written'}: {path.relative_to(course.root)}")
    if only_check and paths:
        click.echo("Run: grader build", err=True)
        return 1
    if not paths:
        click.echo("Everything that is generated is up to date.")
    return 0


@cli.command()
@click.argument("stages", nargs=-1, metavar="[STAGE]...")
def verify(stages: tuple[str, ...]) -> int:
    """Prove the checks: mistakes fail and are named, right answers pass.

    \b
    Example:
      grader verify padding
    """  # noqa: D301  # click wants the character
    from grader.course import Course
    from grader.render.proof import proof_text
    from grader.sandbox import Sandbox
    from grader.verify import verify as prove

    course = Course.find(Path.cwd())
    unit, chosen = course.select(stages)
    proofs = []
    with Sandbox() as sandbox:
        for stage in chosen:
            with _listener() as listener:
                proofs.append(prove(course, unit, stage, sandbox, listener))
            click.echo(proof_text(proofs[-1]), nl=False)
    return 1 if any(proof.problems for proof in proofs) else 0


def _remember(root: Path, report: Report) -> None:
    """Keep what was named for ``grader hint``; checking works without it."""
    from grader.seen import after_report, read_seen, write_seen

    try:
        write_seen(root, after_report(read_seen(root), report))
    except OSError as error:
        click.echo(f"grader hint will not know this run: {error}", err=True)


def _listener() -> Any:
    """A progress bar where somebody looks at one."""
    import contextlib

    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        from grader.collector import Listener

        return contextlib.nullcontext(Listener())
    from rich.console import Console

    from grader.live import LiveProgress

    return LiveProgress(Console(stderr=True))


def _require_writable(path: Path) -> None:
    """Refuse a place for the report before anything runs."""
    problem = (
        f"there is no folder {path.parent}"
        if not path.resolve().parent.is_dir()
        else f"{path} is a folder"
        if path.is_dir()
        else f"{path.parent} is a folder that you may not write to"
        if not os.access(path.parent, os.W_OK)
        else ""
    )
    if problem:
        raise click.BadParameter(problem, param_hint="--json")


def _show(report: Report, json_to: str | None) -> None:
    if json_to:
        from grader.build import write_atomically
        from grader.results import to_json

        if json_to == "-":
            click.echo(to_json(report))
            return
        write_atomically(Path(json_to), to_json(report) + "\n")
    if sys.stdout is None:  # closed by whoever started us: the exit code says enough
        return
    import shutil

    from grader.render.terminal import Terminal

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    unicode = "utf" in (sys.stdout.encoding or "").lower()
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
    click.echo(Terminal(width, colour=colour, unicode=unicode).report(report), nl=False)


def main(argv: list[str] | None = None) -> int:
    """Run the command line.

    Returns
    -------
    int
        0: all passed; 1: something did not, or nothing ran; 2: wrong use or a broken
        course; 130: interrupted.
    """
    try:
        code = cli.main(argv, prog_name="grader", standalone_mode=False)
        return int(code or 0)
    except click.ClickException as error:
        error.show()
        return 2
    except GraderError as error:
        click.echo(f"grader: {error}", err=True)
        return 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped.", err=True)
        return 130
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # nobody reads on; exit quietly
        return 1
    except OSError as error:  # a folder that may not be written to, a full disk
        click.echo(f"grader: {error}", err=True)
        return 2
