"""Single keys from a terminal, as they are pressed, and Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def keys(hear: Callable[[str], None]) -> Iterator[None]:
    """Hear each key while this lasts; the terminal is as before when it ends.

    Where standard input is no terminal nothing is heard. Whoever comes back from Ctrl-Z is
    heard as an empty key: the screen is to be drawn again.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        yield
        return
    with _unbuffered(lambda: hear("")):
        threading.Thread(target=_listen, args=(hear,), daemon=True).start()
        yield


@contextlib.contextmanager
def interrupts(hear: Callable[[], None]) -> Iterator[None]:
    """Hear each Ctrl-C while this lasts, as an event that nothing on the way can lose.

    An exception that a signal raises is lost if it comes in the middle of a callback, or of a
    library that does not expect it. Who is to ignore Ctrl-C still does.
    """
    old = signal.getsignal(signal.SIGINT)
    if old is signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: hear())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, old)


@contextlib.contextmanager
def _unbuffered(back: Callable[[], None]) -> Iterator[None]:
    if sys.platform == "win32":
        yield
        return
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def resumed(*_: object) -> None:
        tty.setcbreak(descriptor)  # the shell had it as it likes it
        back()

    old = signal.signal(signal.SIGCONT, resumed)
    try:
        tty.setcbreak(descriptor)  # Ctrl-C stays Ctrl-C
        yield
    finally:
        signal.signal(signal.SIGCONT, old)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _listen(hear: Callable[[str], None]) -> None:
    while key := _key():
        hear(key)


def _key() -> str:
    """Wait for a key; return nothing when there will be no more."""
    if sys.platform == "win32":
        import msvcrt

        return msvcrt.getwch()
    with contextlib.suppress(OSError):
        return os.read(sys.stdin.fileno(), 1).decode("latin-1")
    return ""
