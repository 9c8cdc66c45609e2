"""What the instructor chose when the autograder was made: ``autograder.json`` in the zip."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, cast

import msgspec

from grader.course import Course
from grader.late import Policy, read_policy

NAME = "autograder.json"
Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form of the file.

    Parameters
    ----------
    stages : list of str
        Their ids; all when it is empty.
    hidden_visibility : str
        Who sees what hidden checks found.
    follow_through : bool
        Whether later stages are checked again with the reference in place of earlier ones.
    late : Policy or None
        What a late submission loses; None leaves that to Gradescope.
    """

    stages: list[str] = []
    hidden_visibility: Visibility = "after_published"
    follow_through: bool = False
    late: Policy | None = None


def settings_for(
    course: Course,
    stages: Sequence[str],
    hidden_visibility: str,
    late: Path | None,
    *,
    follow_through: bool,
) -> Settings:
    """Return the settings that the options of a command mean.

    Raises
    ------
    UsageError
        A stage is unknown, or the file of late penalties is wrong.
    """
    _, chosen = course.select(stages)
    return Settings(
        [stage.id for stage in chosen] if stages else [],
        cast(Visibility, hidden_visibility),
        follow_through,
        read_policy(late) if late else None,
    )
