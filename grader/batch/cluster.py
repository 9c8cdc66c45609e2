"""Grades on the workers of a dask scheduler: the same grading processes, elsewhere.

A task is a chunk of submissions. It brings their sources, and the course as one zip that
each worker unpacks once; it sends back grades. The journal stays here.

A task depends on no other: whoever dies with what it depends on would be blamed for it.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import tempfile
import time
import zipfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from grader import __version__
from grader.batch.digests import course_digest, course_files
from grader.batch.messages import Done, Setup, Work
from grader.batch.station import Station, gave_up
from grader.course import Course, Unit
from grader.errors import GraderError

CHUNK = 25
CONNECT_SECONDS = 10
# How long to wait for a worker when there is none.
WORKERLESS_SECONDS = 60
# Chunks under way for each thread of a worker.
_AHEAD = 2
# How often a chunk, or a submission alone, is tried when it is lost without a worker's death.
_TRIES = 3
# How often to look for a result, and for workers.
_LOOK_SECONDS, _COUNT_SECONDS = 0.02, 1.0


class Cluster:
    """The workers of an existing scheduler.

    Parameters
    ----------
    address : str
        Of the scheduler.
    seconds : float
        What one submission may take before its process is taken for hung.
    total : int
        How many submissions there are at most; a small class is shared out evenly.
    chunk : int
        Submissions in one task, at most.
    """

    def __init__(
        self,
        address: str,
        course: Course,
        unit: Unit,
        setup: Setup,
        seconds: float,
        total: int,
        chunk: int = CHUNK,
    ) -> None:
        try:
            import distributed
        except ImportError as error:
            raise GraderError(
                "--cluster needs dask.distributed, which is not installed here.\n"
                'Install it with: pip install "convolution-by-hand[cluster]"'
            ) from error
        self._distributed: Any = distributed
        self._address = address
        self._course = (course_digest(course, unit), _packed(course, unit))
        self._setup = setup
        self._seconds = seconds
        self._total = total
        self._chunk = chunk

    def run(self, works: Iterator[Work]) -> Iterator[Done]:
        """Yield the grade of each submission, in the order in which they come.

        Raises
        ------
        GraderError
            The scheduler cannot be reached or is gone, it has no workers for long, or the
            course is broken.
        """
        first = next(works, None)
        if first is None:
            return
        with self._connected() as client:
            yield from _Run(self, client).grades(itertools.chain([first], works))

    def _connected(self) -> Any:
        """Return a client, once it is known that somebody listens at the address.

        A client that finds nobody says so again, at length, when it is thrown away.
        """
        connect, security = self._distributed.comm.connect, self._distributed.Security()

        async def knock() -> None:
            arguments = security.get_connection_args("client")
            (await connect(self._address, **arguments)).abort()

        try:
            asyncio.run(asyncio.wait_for(knock(), CONNECT_SECONDS))
            return self._distributed.Client(
                self._address, timeout=CONNECT_SECONDS, set_as_default=False
            )
        except (OSError, ValueError, TimeoutError) as error:
            why = str(error) or f"no answer for {CONNECT_SECONDS} s"
            raise GraderError(
                f"--cluster: no dask scheduler answers at {self._address!r}.\n"
                f"{why}.\n"
                "Start one with `dask scheduler`, and name the address that it prints, as in\n"
                "--cluster tcp://127.0.0.1:8786."
            ) from error

    def submit(self, client: Any, works: list[Work]) -> Any:
        """Send a chunk to any worker."""
        tasks = [msgspec.msgpack.encode(work) for work in works]
        setup = msgspec.msgpack.encode(self._setup)
        arguments = (__version__, setup, self._seconds, *self._course, tasks)
        return client.submit(grade_chunk, *arguments, pure=False, retries=2)

    def lost(self, why: str) -> GraderError:
        """Return what is said when nobody is left to grade."""
        return GraderError(
            f"--cluster: the scheduler at {self._address!r} {why}.\n"
            "What was graded is kept: the same command goes on with the rest."
        )

    def chunks(self, works: Iterator[Work], threads: int) -> Iterator[list[Work]]:
        """Cut submissions into chunks."""
        size = max(1, min(self._chunk, -(-self._total // threads)))
        while chunk := list(itertools.islice(works, size)):
            yield chunk


class _Run:
    """One run on a cluster: chunks under way, and what to do about lost ones."""

    def __init__(self, cluster: Cluster, client: Any) -> None:
        self._cluster = cluster
        self._client = client
        self._distributed = cluster._distributed
        self._done: Any = self._distributed.as_completed(loop=client.loop)
        self._works: dict[str, tuple[list[Work], int]] = {}
        self._again: deque[tuple[list[Work], int]] = deque()
        self._suspects: deque[list[Work]] = deque()
        self._alone = False

    def grades(self, works: Iterator[Work]) -> Iterator[Done]:
        chunks = self._cluster.chunks(works, self._threads())
        while True:
            while len(self._works) < _AHEAD * self._threads() and self._send_next(chunks):
                pass
            self._alone = not self._works and bool(self._suspects)
            if self._alone:
                self._send(self._suspects.popleft(), 0)
            if not self._works:
                return
            for future in self._finished():
                yield from self._take(future)

    def _finished(self) -> list[Any]:
        """Wait for results, as long as there is somebody who may send some."""
        counted = seen = time.monotonic()
        while not (found := self._done.next_batch(block=False)):
            time.sleep(_LOOK_SECONDS)
            if (now := time.monotonic()) - counted < _COUNT_SECONDS:
                continue
            counted = now
            if self._nthreads():
                seen = now
            elif now - seen > WORKERLESS_SECONDS:
                raise self._cluster.lost(f"has had no worker for {WORKERLESS_SECONDS} s")
        return list(found)

    def _threads(self) -> int:
        return max(1, self._nthreads())

    def _nthreads(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except (OSError, TimeoutError) as error:
            raise self._cluster.lost(f"answers no more: {error or 'no answer'}") from error

    def _send_next(self, chunks: Iterator[list[Work]]) -> bool:
        works, tries = self._again.popleft() if self._again else (next(chunks, None), 0)
        if works is None:
            return False
        self._send(works, tries)
        return True

    def _send(self, works: list[Work], tries: int) -> None:
        future = self._cluster.submit(self._client, works)
        self._works[future.key] = (works, tries)
        self._done.add(future)

    def _take(self, future: Any) -> Iterator[Done]:
        works, tries = self._works.pop(future.key)
        if future.status == "finished":
            answers, fault = future.result()
            if fault:
                raise GraderError(fault)
            yield from (msgspec.msgpack.decode(answer, type=Done) for answer in answers)
            return
        killed = isinstance(_error(future), self._distributed.KilledWorker)
        if not killed:
            self._nthreads()  # lost with the scheduler is not the fault of a submission
        if len(works) > 1:
            self._again.extend(([work], 0) for work in works)
        elif killed and not self._alone:
            # What waits for a worker is blamed for its death like what ran on it. So it is
            # tried once more when nothing else is under way.
            self._suspects.append(works)
        elif killed or tries + 1 >= _TRIES:
            why = f"its worker died again and again: {_error(future)}" if killed else "it was lost"
            yield gave_up(works[0], why)
        else:
            self._again.append((works, tries + 1))


def _error(future: Any) -> BaseException | None:
    try:
        found = future.exception()
    except Exception as error:  # cancelled: its data were lost
        return error
    return found if isinstance(found, BaseException) else None


# --- on a worker --------------------------------------------------------------------------
def grade_chunk(
    version: str, setup: bytes, seconds: float, digest: str, course: bytes, tasks: list[bytes]
) -> tuple[list[bytes], str]:
    """Grade some submissions here; return their grades, or why none can be made.

    Parameters
    ----------
    version : str
        Of the grader that asks.
    setup : bytes
        A `Setup` in MessagePack; its root is not of this machine.
    seconds : float
        What one submission may take before its process is taken for hung.
    digest, course : str, bytes
        The course as a zip, and its name.
    tasks : list of bytes
        Each a `Work` in MessagePack.
    """
    if version != __version__:
        return [], f"a worker of the cluster has grader {__version__}, and not {version}"
    about = msgspec.msgpack.decode(setup, type=Setup)
    root = _unpacked(digest, course)
    station = Station(msgspec.structs.replace(about, root=str(root)), seconds)
    try:
        works = [msgspec.msgpack.decode(task, type=Work) for task in tasks]
        return [msgspec.msgpack.encode(station.grade(work)) for work in works], ""
    except GraderError as error:
        return [], str(error)
    finally:
        station.close()


def _packed(course: Course, unit: Unit) -> bytes:
    """Return the course as a zip, without what students write."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in course_files(course, unit):
            archive.write(path, path.relative_to(course.root).as_posix())
    return buffer.getvalue()


def _unpacked(digest: str, course: bytes) -> Path:
    """Return the folder of the course on this machine; unpack it if it is not there."""
    from distributed import get_worker

    folder = Path(get_worker().local_directory)  # the worker's own, and removed with it
    root = folder / f"course-{digest[:16]}"
    if not root.is_dir():
        new = tempfile.mkdtemp(dir=folder, prefix="course-new-")
        with zipfile.ZipFile(io.BytesIO(course)) as archive:
            archive.extractall(new)
        try:
            os.rename(new, root)
        except OSError:  # another thread was faster
            if not root.is_dir():
                raise
    return root
