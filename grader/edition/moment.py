"""Moments as people write them: a date, a time, and a zone whose clocks may be changed."""

from __future__ import annotations

import difflib
import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from grader.errors import UsageError

_FORM = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T]+(\d\d:\d\d(?::\d\d)?) *(Z|[+-]\d\d:\d\d)?", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True)
class Moment:
    """A point in time, with the offset that its zone has then.

    Parameters
    ----------
    when : datetime
        With an offset.
    zone : str
        The zone's name, if one was given.
    note : str
        What became of a time that the clocks skip or show twice.
    """

    when: datetime
    zone: str = ""
    note: str = ""

    def __str__(self) -> str:
        zone = f" ({self.zone})" if self.zone else ""
        return f"{shown(self.when)}{zone}"


def shown(when: datetime) -> str:
    """Return a moment in words.

    Examples
    --------
    >>> shown(datetime(2026, 12, 1, 18, 0, tzinfo=UTC))
    'Tue 2026-12-01 18:00 +00:00'
    """
    offset = when.strftime("%z")
    seconds = ":%S" if when.second else ""
    # strftime's names of days follow the machine's language; the table's do not.
    day = "Mon Tue Wed Thu Fri Sat Sun".split()[when.weekday()]
    return f"{day} {when.strftime(f'%Y-%m-%d %H:%M{seconds}')} {offset[:3]}:{offset[3:5]}"


def read_moment(text: str, zone: str | None = None) -> Moment:
    """Return the moment that somebody wrote.

    A time that the clocks skip in spring is moved on as they are; of a time that they show
    twice in autumn the later one is meant, since nothing should come out too early.

    Parameters
    ----------
    text : str
        ``2026-12-01 18:00``, with seconds or an offset (``+01:00``, ``Z``) if wanted.
    zone : str, optional
        Such as ``Europe/Berlin``; by default the machine's own.

    Raises
    ------
    UsageError
        There is no such date, form or zone, or there are two zones.
    """
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise UsageError(f'{text!r} is no date with a time. Write it like "2026-12-01 18:00".')
    date, time, offset = found.groups()
    if offset and zone is not None:
        raise UsageError(f"{text!r} says its offset, and --tz a zone. Leave one of them out.")
    try:
        local = datetime.fromisoformat(f"{date}T{time}{(offset or '').upper()}")
    except ValueError as error:
        raise UsageError(f"{text!r} is no date with a time: {error}.") from error
    if offset:
        return Moment(local)
    place = _zone(zone) if zone is not None else None
    try:
        return Moment(_on_the_clocks(local, place), zone or "", _note(local, place, zone))
    except (OverflowError, OSError) as error:
        raise UsageError(f"{text!r} is too far away. Name a date of our time.") from error


def _on_the_clocks(local: datetime, place: tzinfo | None) -> datetime:
    """Return the later of the instants that a time on the wall may mean."""
    return max(_instants(local, place)).astimezone(place)


def _instants(local: datetime, place: tzinfo | None) -> tuple[datetime, datetime]:
    """Return what a time means before and after the clocks are changed: usually the same."""
    first, second = (
        (local.replace(tzinfo=place, fold=fold) if place else local.replace(fold=fold))
        for fold in (0, 1)
    )
    return first.astimezone(UTC), second.astimezone(UTC)


def _note(local: datetime, place: tzinfo | None, zone: str | None) -> str:
    first, second = _instants(local, place)
    if first == second:
        return ""
    where = f"in {zone}" if zone else "on this machine"
    meant = shown(_on_the_clocks(local, place))
    if first > second:
        return (
            f"{local:%H:%M} does not exist that day {where}: the clocks skip it.\nTaken: {meant}."
        )
    return (
        f"{local:%H:%M} comes twice that day {where}: the clocks go back.\n"
        f"Taken, the later: {meant}."
    )


def _zone(name: str) -> zoneinfo.ZoneInfo:
    if not name.strip():
        raise UsageError(
            "--tz is empty. Name a zone, such as Europe/Berlin, or leave --tz out if this\n"
            "machine's own is meant."
        )
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        known = zoneinfo.available_timezones()
        by_lower = {n.lower(): n for n in known}
        near = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.5)
        guess = f" Did you mean {by_lower[near[0]]!r}?" if near else ""
        missing = "" if known else " This machine has no list of zones (pip install tzdata)."
        raise UsageError(f"there is no time zone {name!r}.{guess}{missing}") from None
