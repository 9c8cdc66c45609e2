"""The program ``grader``, or ``python -m grader``: what holds before anything is imported."""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # the folder that we are in: its random.py is a student's, not Python's

TYPE_CHECKING = False  # importing `typing` for it takes longer than all else here
if TYPE_CHECKING:
    from types import FrameType


def main() -> int:
    """Run the command line; return its exit code.

    While it begins, imports and when it is over nothing can be left half done: then Ctrl-C
    ends the process where it is. Else it is an exception, so that workers end and files stay
    whole.
    """
    # The built-in part of `signal`: what else that imports leaves time for a Ctrl-C.
    import _signal as signal  # type: ignore[import-not-found]  # the C module has no types

    _take_streams()
    # Ignored is what it is for a process in the background, and then it stays so.
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        from grader import cli

        return cli.main()
    signal.signal(signal.SIGINT, _stop)
    from grader import cli

    try:
        signal.signal(signal.SIGINT, _interrupt)
        code = cli.main()
        signal.signal(signal.SIGINT, _stop)
    except KeyboardInterrupt:  # once more, while the first was being answered
        code = 130
    return code


def _take_streams() -> None:
    """Have something stand where a standard stream was closed: else a socket of ours would."""
    import os

    taken = os.open(os.devnull, os.O_RDWR)
    while taken <= 2:
        taken = os.dup(taken)
    os.close(taken)


def _interrupt(_: int, frame: FrameType | None) -> None:
    while frame:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            _stop()  # Python loses an exception there, or wraps it, if it comes at a bad moment
        frame = frame.f_back
    raise KeyboardInterrupt


def _stop(*_: object) -> None:
    import os

    try:
        os.write(2, b"Stopped.\n")
        if launched := sys.modules.get("grader.launched"):
            launched.kill_all()
    finally:
        os._exit(130)


if __name__ == "__main__":
    sys.exit(main())
