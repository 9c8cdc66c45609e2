"""Releasing solutions on the author's side: at once, at a time, and not any more."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.atomic import write_atomically
from grader.course import Course, Stage, Unit
from grader.edition.about import require_author
from grader.edition.bundle import solution_text, walkthrough_text
from grader.edition.ledger import Entry, read_ledger, write_ledger
from grader.edition.moment import Moment, shown
from grader.edition.secret import Keys
from grader.errors import GraderError, UsageError
from grader.kept import keep
from grader.lock import locked


class State(enum.StrEnum):
    """How open a stage is."""

    CLOSED = "closed"
    SCHEDULED = "scheduled"
    DUE = "due"  # its time has come, and nobody has run `grader release --due`
    PUBLISHED = "published"
    GONE = "gone"  # it was scheduled, and the course has no such stage any more


@dataclass(frozen=True)
class Released:
    """What publishing a stage did.

    Parameters
    ----------
    stage : str
        Its id.
    code : str
        What opens the stage in the edition that students have.
    folder : Path
        Where the solution lies now.
    written, kept : tuple of Path
        Files that were written, and copies of edited ones that were in their place.
    again : bool
        Whether it had been published before.
    walkthrough : bool
        Whether there is one.
    planned : datetime or None
        When it was going to be published, if that is later than now.
    """

    stage: str
    code: str
    folder: Path
    written: tuple[Path, ...]
    kept: tuple[Path, ...]
    again: bool
    walkthrough: bool
    planned: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """How a stage stands, and since or until when."""

    stage: str
    state: State
    when: datetime | None = None


def release(
    course: Course, unit: Unit, stages: Sequence[Stage], keys: Keys, now: datetime
) -> list[Released]:
    """Write the solutions of `stages` to ``solutions/``, and remember it.

    Raises
    ------
    CourseError
        A stage has no readable solution; nothing of it was written.
    UsageError
        This is a student's edition, or the ledger is damaged.
    """
    require_author(course)
    with locked(course.root):
        read_ledger(course.root)  # a damaged one is said before anything is public
        return [_release(course, unit, stage, keys, now) for stage in stages]


def schedule(
    course: Course, unit: Unit, stages: Sequence[Stage], keys: Keys, when: Moment, now: datetime
) -> dict[str, datetime | None]:
    """Have `stages` released by the first ``--due`` after a moment.

    Returns
    -------
    dict of str to datetime or None
        For each stage what it was scheduled for before.

    Raises
    ------
    UsageError
        The moment is past, or a stage is published already.
    """
    require_author(course)
    if when.when <= now:
        raise UsageError(
            f"{when} is past.\n"
            f"It is {shown(now.astimezone(when.when.tzinfo))} now.\n"
            "To release at once, leave --at out."
        )
    with locked(course.root):
        entries = read_ledger(course.root)
        for stage in stages:
            solution_text(stage)  # better now than at night
            if _is_published(course, unit, stage, entries):
                raise UsageError(
                    f"{stage.id} is published already: there is nothing left to schedule."
                )
        before = {s.id: entries[s.id].at if s.id in entries else None for s in stages}
        planned = Entry(when.when, keys.edition_id, zone=when.zone)
        write_ledger(course.root, entries | {stage.id: planned for stage in stages})
    return before


def due(course: Course, now: datetime) -> list[str]:
    """Return the ids of the stages whose time has come."""
    require_author(course)
    entries = read_ledger(course.root)
    return [name for name, entry in entries.items() if not entry.published and entry.at <= now]


def release_due(
    course: Course, keys: Keys, now: datetime
) -> tuple[list[Released], dict[str, str]]:
    """Release what is due; what fails stays scheduled and holds nothing else up.

    Returns
    -------
    released : list of Released
    failed : dict of str to str
        Why a stage was not released.
    """
    stages = {stage.id: (unit, stage) for unit in course.units for stage in unit.stages}
    done: list[Released] = []
    failed: dict[str, str] = {}
    with locked(course.root):
        for name in due(course, now):
            try:
                if name not in stages:
                    raise UsageError(
                        f"there is no stage {name} in this course any more.\n"
                        f"To try it no more: grader release --withdraw {name}"
                    )
                _require_same_secret(read_ledger(course.root)[name], keys)
                done.append(_release(course, *stages[name], keys, now))
            except (GraderError, OSError) as error:
                failed[name] = str(error)
    return done, failed


def gone(course: Course) -> list[Standing]:
    """Return what is scheduled though its stage has left the course."""
    require_author(course)
    known = {stage.id for unit in course.units for stage in unit.stages}
    left = {name: e for name, e in read_ledger(course.root).items() if name not in known}
    return [Standing(name, State.GONE, e.at) for name, e in left.items() if not e.published]


def withdraw(
    course: Course, unit: Unit, stages: Sequence[Stage], left: Sequence[str] = ()
) -> tuple[dict[str, datetime], list[str]]:
    """Take back what was scheduled.

    Parameters
    ----------
    left : sequence of str
        The ids of stages besides, as `gone` tells them.

    Returns
    -------
    withdrawn : dict of str to datetime
        What each stage had been scheduled for.
    published : list of str
        Stages that cannot be taken back: their code is known.
    """
    require_author(course)
    with locked(course.root):
        entries = read_ledger(course.root)
        published = [s.id for s in stages if _is_published(course, unit, s, entries)]
        names = [*(stage.id for stage in stages), *left]
        withdrawn = {n: entries[n].at for n in names if n in entries and n not in published}
        if withdrawn:
            stay = {name: entry for name, entry in entries.items() if name not in withdrawn}
            write_ledger(course.root, stay)
    return withdrawn, published


def standings(
    course: Course, unit: Unit, stages: Sequence[Stage], now: datetime
) -> list[Standing]:
    """Return how each of `stages` stands."""
    require_author(course)
    entries = read_ledger(course.root)
    found = []
    for stage in stages:
        entry = entries.get(stage.id)
        if _is_published(course, unit, stage, entries):
            at = entry.at.astimezone() if entry and entry.published else None
            found.append(Standing(stage.id, State.PUBLISHED, at))
        elif entry:
            state = State.DUE if entry.at <= now else State.SCHEDULED
            found.append(Standing(stage.id, state, entry.at))
        else:
            found.append(Standing(stage.id, State.CLOSED))
    return found


def _release(course: Course, unit: Unit, stage: Stage, keys: Keys, now: datetime) -> Released:
    """Write what a stage's code opens, and only then note that it is public."""
    entries = read_ledger(course.root)
    again = _is_published(course, unit, stage, entries)
    walkthrough = walkthrough_text(stage)
    texts = {"solution.py": solution_text(stage)}
    if walkthrough is not None:
        texts["README.md"] = walkthrough
    folder = stage.released
    written, kept = _write(folder, texts, now)
    before = entries.get(stage.id)
    # The day when it became public stays, unless the code is another one now.
    if not (before and before.published and before.edition == keys.edition_id):
        entry = Entry(now.replace(microsecond=0), keys.edition_id, published=True)
        write_ledger(course.root, entries | {stage.id: entry})
    code = keys.code(stage.id)
    planned = before.at if before and not before.published and before.at > now else None
    has_walkthrough = walkthrough is not None
    return Released(stage.id, code, folder, written, kept, again, has_walkthrough, planned)


def _write(
    folder: Path, texts: Mapping[str, str], now: datetime
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Write what differs; return it, and the copies of what was there."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = [folder / name for name, text in texts.items() if not _holds(folder / name, text)]
    kept = [keep(path, now.astimezone()) for path in changed]
    for path in changed:
        write_atomically(path, texts[path.name])
    return tuple(changed), tuple(path for path in kept if path)


def _is_published(course: Course, unit: Unit, stage: Stage, entries: dict[str, Entry]) -> bool:
    """Whether a stage is public; another machine's ledger is not here, its files may be."""
    entry = entries.get(stage.id)
    if entry and entry.published:
        return True
    return (stage.released / "solution.py").exists()


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def _require_same_secret(entry: Entry, keys: Keys) -> None:
    if entry.edition != keys.edition_id:
        raise UsageError(
            f"it was scheduled for edition {entry.edition}, and the secret here makes the codes\n"
            f"of edition {keys.edition_id}. Put the secret of then back, or schedule it anew."
        )
