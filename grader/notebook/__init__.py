"""The commands of a notebook: an extension of IPython.

``%load_ext grader.notebook`` loads it, from any folder of a course.
"""

from __future__ import annotations

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """Register the commands in a running IPython."""
    from grader.notebook.commands import Commands

    Commands.register(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Stop looking after the modules; the commands stay, as IPython has it."""
    from grader.notebook.commands import Commands

    Commands.unregister(shell)
