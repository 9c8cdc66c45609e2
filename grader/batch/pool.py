"""Grades on this machine: one grading process for each job, a window of submissions."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator

from grader.batch.messages import Done, Setup, Work
from grader.batch.station import Station, Stopped
from grader.launched import Launched

# Submissions in memory for each process: the one at hand, and the next.
_WINDOW = 2


class Pool:
    """Grading processes, one a thread of ours.

    Parameters
    ----------
    setup : Setup
        What is checked.
    jobs : int
        How many processes.
    seconds : float
        What one submission may take before its process is taken for hung.
    warm : iterable of Launched
        Processes that were started already, from which it takes as many as it needs.
    """

    def __init__(
        self, setup: Setup, jobs: int, seconds: float, warm: Iterable[Launched] = ()
    ) -> None:
        self._stations = [Station(setup, seconds) for _ in range(jobs)]
        self._warm = warm

    def run(self, works: Iterator[Work]) -> Iterator[Done]:
        """Yield the grade of each submission, in the order in which they come.

        Raises
        ------
        GraderError
            The course is broken, or no process starts.
        """
        first = next(works, None)
        if first is None:
            return  # and no process was started for nothing
        tasks: queue.Queue[Work | None] = queue.Queue()
        answers: queue.Queue[Done | BaseException] = queue.Queue()
        threads = [
            threading.Thread(target=_serve, args=(station, tasks, answers), daemon=True)
            for station in self._stations
        ]
        # The stations first: for each that there is, a process is taken.
        for station, launched in zip(self._stations, self._warm, strict=False):
            station.adopt(launched)
        for thread in threads:
            thread.start()
        try:
            tasks.put(first)
            yield from self._windowed(works, tasks, answers)
            for _ in threads:
                tasks.put(None)
            for thread in threads:
                thread.join()
        finally:
            for station in self._stations:
                station.stop()
            for thread in threads:
                thread.join(10)

    def _windowed(
        self,
        works: Iterator[Work],
        tasks: queue.Queue[Work | None],
        answers: queue.Queue[Done | BaseException],
    ) -> Iterator[Done]:
        waiting = 1
        for work in works:
            tasks.put(work)
            waiting += 1
            while waiting >= _WINDOW * len(self._stations) or not answers.empty():
                yield _taken(answers)
                waiting -= 1
        for _ in range(waiting):
            yield _taken(answers)


def _taken(answers: queue.Queue[Done | BaseException]) -> Done:
    answer = answers.get()
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _serve(
    station: Station,
    tasks: queue.Queue[Work | None],
    answers: queue.Queue[Done | BaseException],
) -> None:
    try:
        station.open()
        while (work := tasks.get()) is not None:
            answers.put(station.grade(work))
    except Stopped:
        pass
    except BaseException as error:
        answers.put(error)
    finally:
        station.close()
