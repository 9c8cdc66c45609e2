"""The start of a worker that was not forked: find the socket, then serve."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from typing import Any

from grader import worker


def main() -> None:
    """Read which socket to use from standard input, and serve it."""
    data = sys.stdin.buffer.read()
    # Windows hands a socket over as a description of itself, other systems as a number.
    open_socket: Any = getattr(
        socket, "fromshare", lambda number: socket.socket(fileno=int(number))
    )
    sock = open_socket(data)
    scratch = tempfile.mkdtemp(prefix="grader-")
    os.chdir(scratch)
    try:
        worker.serve(sock, [], scratch)
    finally:
        os.chdir(os.path.dirname(scratch))
        shutil.rmtree(scratch, ignore_errors=True)
        os._exit(0)
