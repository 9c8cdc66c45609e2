"""The start of a worker that was not forked: find the socket, then serve."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile

from grader import worker


def main() -> None:
    """Read which socket to use from standard input, and serve it."""
    data = sys.stdin.buffer.read()
    if os.name == "nt":
        sock = socket.fromshare(data)  # type: ignore[attr-defined]  # Windows alone has it
    else:
        sock = socket.socket(fileno=int(data))
    scratch = tempfile.mkdtemp(prefix="grader-")
    os.chdir(scratch)
    try:
        worker.serve(sock, [], scratch)
    finally:
        os.chdir(os.path.dirname(scratch))
        shutil.rmtree(scratch, ignore_errors=True)
        os._exit(0)
