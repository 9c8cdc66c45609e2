"""What a shell may offer: the names of stages, and the script that makes it ask."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class

from grader.cli.app import cli
from grader.errors import GraderError


def stage_names(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the stages and units that a word may become, without those that stand there."""
    return _offered(ctx, parameter, incomplete, units=True)


def lone_stage_names(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the stages that a word may become where no whole unit will do."""
    return _offered(ctx, parameter, incomplete, units=False)


def _offered(
    ctx: click.Context, parameter: click.Parameter, incomplete: str, *, units: bool
) -> list[CompletionItem]:
    from grader.course import Course

    try:
        found = Course.find(Path.cwd()).units
    except (GraderError, OSError):
        return []
    titles = {unit.id: unit.about.title for unit in found if units}
    full = "." in incomplete
    titles |= {s.id if full else s.name: s.about.title for u in found for s in u.stages}
    given = ctx.params.get(parameter.name or "") or ()
    return [
        CompletionItem(name, help=title)
        for name, title in titles.items()
        if name.startswith(incomplete.lower()) and name not in given
    ]


stages_argument = click.argument(
    "stages", nargs=-1, metavar="[STAGE]...", shell_complete=stage_names
)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the script by which a shell completes words.

    Add what it prints to ~/.bashrc or ~/.zshrc; for fish it is a file of its own,
    ~/.config/fish/completions/grader.fish. It works for the word `grader`, so where the
    environment of the course is active (source .venv/bin/activate).

    \b
    Example:
      grader completion bash
    """  # noqa: D301  # click wants the character
    found = get_completion_class(shell)
    assert found
    click.echo(found(cli, {}, "grader", "_GRADER_COMPLETE").source())
    return 0
