"""What is still to be written says so in a line, and not in a traceback of a page."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

_TASK = re.compile(r"(\w+\.\w+): ([\w.]+)")


def tell_of_tasks(shell: Any, stages: Collection[str]) -> None:
    """Show a stub's ``NotImplementedError`` as a message; any other as it is.

    Parameters
    ----------
    shell : InteractiveShell
    stages : collection of str
        The ids of the stages whose stubs are meant.
    """

    def tell(shell: Any, kind: Any, error: Any, trace: Any, tb_offset: Any = None) -> Any:
        task = _TASK.fullmatch(str(error))
        if task is None or task[1] not in stages:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
            return None
        told = [f"{task[2]} of {task[1]} is still to be written."]
        shell._showtraceback(kind, error, told)
        return told

    shell.set_custom_exc((NotImplementedError,), tell)
