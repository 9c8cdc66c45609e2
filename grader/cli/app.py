"""The command group, and what several commands share."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import __version__

if TYPE_CHECKING:
    from grader.course import Course

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


def listener() -> Any:
    """A progress bar where somebody looks at one."""
    import contextlib

    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        from grader.listener import Listener

        return contextlib.nullcontext(Listener())
    from rich.console import Console

    from grader.live import LiveProgress

    return LiveProgress(Console(stderr=True))


def working() -> Any:
    """A context that is told how far a long command has come, and shows it on a terminal."""
    import contextlib

    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return contextlib.nullcontext(lambda step, steps, text: None)
    from rich.console import Console

    from grader.live import Working

    return Working(Console(stderr=True))


def shown_path(course: Course, path: Path) -> str:
    """Return a path as somebody in the course's folder would type it."""
    return path.relative_to(course.root).as_posix()


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
