"""The command line: parse, call, render, return a code."""

from __future__ import annotations

import os
import sys

import click

from grader.cli import (  # noqa: F401  # each adds its commands
    author,
    batch,
    desk,
    edition,
    exports,
    handout,
    release,
    similar,
    student,
)
from grader.cli.app import cli
from grader.errors import GraderError

__all__ = ["cli", "main"]


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
