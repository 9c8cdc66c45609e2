"""Frames over a connected socket."""

from __future__ import annotations

import functools
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from grader.errors import ProtocolError
from grader.wire.values import MAX_ARRAYS, Unsendable

MAX_STRUCTURE = 2 << 20
MAX_FRAME = MAX_ARRAYS + MAX_STRUCTURE
_HEADER = struct.Struct(">II")
_SMALL = 64 << 10  # up to here one system call for a whole frame is worth a copy
# A time-out that was set stays while so much of it is right.
_SLACK = 0.97


@functools.cache
def decoder(incoming: Any) -> msgspec.msgpack.Decoder[Any]:
    """Return the decoder of a union of messages.

    Notes
    -----
    The first one takes about a millisecond: a process that forks workers makes it for all.
    """
    return msgspec.msgpack.Decoder(incoming)


class Channel:
    """Frames over a connected socket.

    Parameters
    ----------
    sock : socket.socket
        It belongs to the channel from now on.
    incoming : type
        The union of messages that may arrive.
    cap : int
        The largest structure, in bytes.

    Attributes
    ----------
    room : int
        Bytes that can be sent, in frames of some size, while the other side does not read.
    """

    def __init__(self, sock: socket.socket, incoming: Any, cap: int = MAX_STRUCTURE) -> None:
        self._sock = sock
        self._cap = cap
        self._decoder = decoder(incoming)
        self._encoder = msgspec.msgpack.Encoder()
        self._buffer = bytearray()
        self._timeout = sock.gettimeout()
        # The system counts what a message takes of its memory, which is more than its bytes.
        self.room = sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) // 4

    def send(
        self,
        message: msgspec.Struct,
        blobs: Sequence[memoryview] = (),
        deadline: float | None = None,
        most: int = MAX_FRAME,
    ) -> int:
        """Send one frame of `most` bytes at most; return its size.

        Raises
        ------
        Unsendable
            It is over the caps; nothing was sent.
        TimeoutError, OSError
            The other side does not read, or is gone.
        """
        structure = self._encoder.encode(message)
        total = len(structure) + sum(map(len, blobs))
        if len(structure) > self._cap or total > most:
            raise Unsendable(f"a message of {total / 2**20:,.1f} MB is too large to send")
        self._wait(deadline)
        head = _HEADER.pack(total, len(structure))
        if total <= _SMALL:
            self._sock.sendall(b"".join([head, structure, *blobs]))
            return _HEADER.size + total
        parts: list[bytes | memoryview] = [head, structure, *blobs]
        for part in parts:
            self._wait(deadline)
            self._sock.sendall(part)
        return _HEADER.size + total

    def receive(self, deadline: float | None = None) -> tuple[Any, memoryview]:
        """Wait for one frame; return its message and its array bytes.

        Raises
        ------
        EOFError
            The other side is gone.
        TimeoutError
            `deadline` (of `time.monotonic`) passed first.
        ProtocolError
            The frame breaks a rule of this module.
        """
        self._fill(_HEADER.size, deadline)
        total, length = _HEADER.unpack_from(self._buffer)
        if total > MAX_FRAME or length > min(total, self._cap):
            raise ProtocolError(f"a frame that claims {total:,} bytes")
        self._fill(_HEADER.size + total, deadline)
        frame = self._take(_HEADER.size + total)[_HEADER.size :]
        try:
            message = self._decoder.decode(frame[:length])
        except (msgspec.MsgspecError, RecursionError, ValueError) as error:
            raise ProtocolError(f"a frame that does not decode: {error}"[:200]) from error
        return message, frame[length:]

    def close(self) -> None:
        """Close the socket; the other side sees the end of the stream."""
        self._sock.close()

    def _fill(self, size: int, deadline: float | None) -> None:
        """Wait until so many bytes are there; a claimed length alone allocates nothing."""
        while len(self._buffer) < size:
            self._wait(deadline)
            part = self._sock.recv(max(_SMALL, min(size - len(self._buffer), 1 << 20)))
            if not part:
                raise EOFError
            self._buffer += part

    def _take(self, size: int) -> memoryview:
        if len(self._buffer) == size:  # as good as always: there is no other question yet
            whole, self._buffer = self._buffer, bytearray()
            return memoryview(whole)
        whole = self._buffer[:size]
        del self._buffer[:size]
        return memoryview(whole)

    def _wait(self, deadline: float | None) -> None:
        """Have the socket wait no longer than until the deadline, or a little beyond it."""
        if deadline is None:
            if self._timeout is not None:
                self._sock.settimeout(None)
                self._timeout = None
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        # Setting it is a system call; most calls take a fraction of a percent of the limit.
        if self._timeout is None or not _SLACK * self._timeout <= left <= self._timeout:
            self._sock.settimeout(left)
            self._timeout = left
