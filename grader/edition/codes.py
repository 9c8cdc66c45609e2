"""Unlock codes: 100 bits that fit on a board.

``4X7QK-9M2TD-WH3RA-PZ80C-7JX`` are four groups of five characters that are the code
itself, and a last group that is computed from them: it tells a slip of the pen from the
code of something else. The alphabet is Crockford's base 32, which has neither I, L, O nor
U; whoever reads a 1 as an I is understood.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from grader.errors import UsageError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 100
_BODY = BITS // 5
_CHECK = 3
_LONGEST = 200  # of what somebody typed: no need to look at more
_ALIKE = str.maketrans("OIL", "011")


def write_code(number: int) -> str:
    """Return the code of a number of 100 bits.

    Examples
    --------
    >>> write_code(0)
    '00000-00000-00000-00000-0XH'
    """
    body = _characters(number, _BODY)
    groups = [body[i : i + 5] for i in range(0, _BODY, 5)]
    return "-".join([*groups, _check_group(body)])


def read_code(typed: str) -> str:
    """Return the 20 characters of a code that count, however it was typed.

    Raises
    ------
    UsageError
        It cannot be any code: a typing mistake.

    Examples
    --------
    >>> read_code(" ooooo 00000-0000O-00000 oxh")
    '00000000000000000000'
    """
    text = unicodedata.normalize("NFKC", typed[:_LONGEST]).upper()
    plain = re.sub(r"[\s\-_.\u2010-\u2015\u2212]", "", text).translate(_ALIKE)
    strange = next((c for c in plain if c not in ALPHABET), None)
    if strange:
        raise _typing_mistake(f"{strange!r} occurs in no code")
    if len(plain) != _BODY + _CHECK:
        raise _typing_mistake(f"it has {len(plain)} characters, and a code has {_BODY + _CHECK}")
    body, check = plain[:_BODY], plain[_BODY:]
    if check != _check_group(body):
        raise _typing_mistake("a character is wrong, or two are exchanged")
    return body


def _typing_mistake(what: str) -> UsageError:
    return UsageError(
        f"there is a typing mistake in the code: {what}.\n"
        "Compare it with the one you were given, group by group; capitals, spaces and\n"
        "dashes do not matter. Nothing was written."
    )


def _check_group(body: str) -> str:
    digest = hashlib.sha256(b"check group of " + body.encode()).digest()
    return _characters(int.from_bytes(digest), _CHECK)


def _characters(number: int, count: int) -> str:
    """Write the lowest ``5 * count`` bits of a number."""
    return "".join(ALPHABET[number >> 5 * i & 31] for i in reversed(range(count)))
