"""Child processes for code that may loop for ever or ask for all memory."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import resource
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

_FORK = multiprocessing.get_context("fork")


def in_child(action: Callable[[], Any], *, memory_mb: int) -> Any:
    """Return what `action` returns in a forked child; it must have a JSON form.

    Raises
    ------
    ChildEnded
        The child came to its end before: by a limit, or by an error of `action`.
    """
    read, write = os.pipe()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            os.close(read)
            _answer(action, write, memory_mb)
        os._exit(1)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise ChildEnded(signal.Signals(os.WTERMSIG(status)).name)
    found = json.loads(said) if said else {"error": "no answer"}
    if "error" in found:
        raise ChildEnded(found["error"])
    return found["answer"]


class ChildEnded(Exception):
    """A child ended without an answer."""


def allow(seconds: float) -> None:
    """End this process by a signal unless it is allowed more time before."""
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _answer(action: Callable[[], Any], write: int, memory_mb: int) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(silence, stream)
    limit = _address_space() + memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    warnings.simplefilter("ignore")
    try:
        answer = {"answer": action()}
    except BaseException:
        answer = {"error": traceback.format_exc()}
    with os.fdopen(write, "w") as pipe:
        json.dump(answer, pipe)
        pipe.flush()
        os._exit(0)


def _address_space() -> int:
    """Return how many bytes this process has reserved: its limit counts from there."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def spread(work: Callable[[Any], Any], items: Sequence[Any], jobs: int) -> Iterator[Any]:
    """Return ``work(item)`` for all items as they are done, by forked processes."""
    following, done = _FORK.Value("i", 0), _FORK.SimpleQueue()

    def labour() -> None:
        while True:
            with following.get_lock():
                i = following.value
                following.value += 1
            if i >= len(items):
                return
            done.put(work(items[i]))

    workers = [_FORK.Process(target=labour, daemon=True) for _ in range(min(jobs, len(items)))]
    for worker in workers:
        worker.start()
    try:
        for _ in items:
            yield done.get()
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()
