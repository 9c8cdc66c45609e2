"""The start of a worker that was not forked: find the socket, then serve."""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

from grader import worker


def main() -> None:
    """Read which socket to use from standard input, and serve it; our folder is our own."""
    data = sys.stdin.buffer.read()
    # Windows hands a socket over as a description of itself, other systems as a number.
    from_share: Any = getattr(socket, "fromshare", None)
    sock = from_share(data) if from_share else socket.socket(fileno=int(data))
    worker.serve(sock, [], os.getcwd())
    os._exit(0)
