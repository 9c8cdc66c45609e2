"""The command group, and what several commands share."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import __version__
from grader.errors import in_words

if TYPE_CHECKING:
    from grader.course import Course
    from grader.render.terminal import Terminal

_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 80}


class Command(click.Command):
    """A command with the option that all of them have."""

    def __init__(self, *arguments: Any, **given: Any) -> None:
        super().__init__(*arguments, **given)
        self.params.append(_no_color())


class Commands(click.Group):
    """Commands whose unknown names get a suggestion, and whose errors are one message."""

    command_class = Command

    def __init__(self, *arguments: Any, **given: Any) -> None:
        super().__init__(*arguments, **given)
        self.params.append(_no_color())

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


def _no_color() -> click.Option:
    return click.Option(
        ["--no-color"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_without_colour,
        help="No colours; so does NO_COLOR=1 in the environment. "
        "FORCE_COLOR=1 keeps them in a pipe.",
    )


def _without_colour(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        ctx.with_resource(_no_color_set())


@contextlib.contextmanager
def _no_color_set() -> Iterator[None]:
    """Tell everything that paints, in this process and in those that it starts."""
    before = os.environ.get("NO_COLOR")
    os.environ["NO_COLOR"] = "1"
    yield
    if before is None:
        del os.environ["NO_COLOR"]
    else:
        os.environ["NO_COLOR"] = before


@click.group(cls=Commands, context_settings=_HELP)
@click.version_option(__version__, prog_name="grader")
def cli() -> None:
    """Check the stages of the course, and see what to do next.

    \b
    Example:
      grader check padding
    """  # noqa: D301  # click wants the character
    if os.environ.get("FORCE_COLOR"):  # else click takes the colours out of what is piped
        click.get_current_context().color = True


def terminal() -> Terminal:
    """Return how standard output shows things."""
    import shutil

    from grader.render.terminal import Terminal

    if sys.stdout is None:  # closed by whoever started us
        return Terminal()
    looked_at = sys.stdout.isatty()
    wanted = looked_at or bool(os.environ.get("FORCE_COLOR"))
    return Terminal(
        shutil.get_terminal_size().columns if looked_at else 80,
        colour=wanted and not os.environ.get("NO_COLOR"),
        unicode="utf" in (sys.stdout.encoding or "").lower(),
    )


def listener(lines: bool = False) -> Any:
    """A progress bar where somebody looks at one, or lines for a program."""
    if lines:
        from grader.listener import Lines

        return contextlib.nullcontext(Lines())
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        from grader.listener import Listener

        return contextlib.nullcontext(Listener())
    from rich.console import Console

    from grader.live import LiveProgress

    return LiveProgress(Console(stderr=True))


def working() -> Any:
    """A context that is told how far a long command has come, and shows it on a terminal."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return contextlib.nullcontext(lambda share, text: None)
    from rich.console import Console

    from grader.live import Working

    return Working(Console(stderr=True))


def one_thread() -> None:
    """Keep NumPy to one thread, as in the workers; to be called before it is imported.

    The arrays of checks are small: threads that wait for each other take twice the time.
    """
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(variable, "1")


def say(text: str, *, err: bool = False) -> None:
    """Say something in lines that fit a terminal."""
    from grader.render.legible import in_columns

    click.echo(in_columns(text.split("\n"), 2000), err=err, nl=False)


def tell(*lines: str) -> None:
    """Say something on standard error."""
    say("\n".join(lines), err=True)


def tell_of_run(grades: Path, *, damaged: bool = False) -> None:
    """Say what a reader of grades should know about the run that they come from."""
    from grader.gradebook import read_run
    from grader.render.grading import gone_text

    run = read_run(grades)
    if run.gone:
        tell(gone_text(run.gone))
    if not run.finished:
        tell("The last run of grader grade was not finished: these are the grades so far.")
    if damaged:
        tell("A result that cannot be read is made anew by the same grader grade command.")


def shown_path(course: Course, path: Path) -> str:
    """Return a path as somebody in the course's folder would type it."""
    return path.relative_to(course.root).as_posix()


def told(error: Exception) -> str:
    """Return an error as a person should read it."""
    return in_words(error) if isinstance(error, OSError) else str(error)


def require_writable(path: Path, option: str) -> None:
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
        raise click.BadParameter(problem, param_hint=option)
