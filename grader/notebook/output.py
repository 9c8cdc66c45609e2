"""What a command shows below its cell."""

from __future__ import annotations

import time
from html import escape

from grader.listener import Step

_PAUSE = 0.1  # seconds between two updates: a front end need not draw each check


class Told(Exception):
    """A message for a person: IPython shows it without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


def show(html: str, text: str) -> None:
    """Show HTML, and text where there is none."""
    from IPython.display import display

    display({"text/html": html, "text/plain": text}, raw=True)


class Output:
    """One place below a cell, whose content changes."""

    def __init__(self) -> None:
        from IPython.display import display

        self._drawn: Step | None = None
        self._when = 0.0
        self._handle = display(
            {"text/html": _bar(Step(0, 0, "starting"))}, raw=True, display_id=True
        )

    def progress(self, step: Step) -> None:
        """Show how far a run has come, if some time has passed since the last step."""
        now = time.monotonic()
        if step != self._drawn and now - self._when >= _PAUSE:
            self._drawn, self._when = step, now
            self._update(_bar(step), "")

    def result(self, html: str, text: str) -> None:
        """Show what came of it."""
        self._update(html, text)

    def clear(self) -> None:
        """Show nothing more."""
        self._update("", "")

    def _update(self, html: str, text: str) -> None:
        self._handle.update({"text/html": html, "text/plain": text}, raw=True)


def _bar(step: Step) -> str:
    value = f' value="{step.done}" max="{step.total}"' if step.total else ""
    words = f"{step.done} of {step.total}  {step.text}" if step.total else step.text
    return f"<div><progress{value}></progress> {escape(words)}</div>"
