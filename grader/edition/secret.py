"""The instructor's secret, and the keys that come from it.

One secret makes all codes of an edition: whoever has it can rebuild the edition and
release every stage, and nobody else can. It is never a part of an edition.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.edition.codes import BITS, write_code
from grader.errors import UsageError
from grader.lock import locked

VARIABLE = "GRADER_SECRET"
FILE = Path(".grader", "secret")
_BYTES = 32
_FORM = re.compile(rf"[0-9a-fA-F]{{{2 * _BYTES}}}")
_MISSING = (
    f"there is no secret here, neither in {FILE.as_posix()} nor in {VARIABLE}.\n"
    "Put the one there that your students' edition was built with.\n"
    "If none was built yet, build it, and its secret is made with it:\n"
    "grader edition OUT"
)
_MEND_FILE = (
    "It is left as it is, since every code that was given out depends on it: put it\n"
    "back from a copy. Only if no edition was ever handed out, remove it, and the\n"
    "next grader edition makes a new one."
)
_MEND_VARIABLE = (
    "Set it to those of the secret that your students' edition was built with, or\n"
    f"unset it, and the secret in {FILE.as_posix()} is used."
)
_LABEL = b"convolution-by-hand edition 1 "


@dataclass(frozen=True)
class Secret:
    """A secret, and what a person should know of it.

    Parameters
    ----------
    value : bytes
        Never shown.
    origin : str
        ``GRADER_SECRET``, or the file.
    made : bool
        Whether it was made just now.
    warning : str
        What is wrong with the way it is kept; empty if nothing is.
    """

    value: bytes
    origin: str
    made: bool = False
    warning: str = ""

    def __repr__(self) -> str:
        return f"Secret(origin={self.origin!r})"


def read_secret(
    root: Path, environment: Mapping[str, str] = os.environ, *, make: bool = False
) -> Secret:
    """Return the secret of a course.

    Parameters
    ----------
    make : bool
        Make one if there never was any. Only a new edition has a use for it.

    Raises
    ------
    UsageError
        There is none; or there is one, and it is damaged. It is left as it is: a new one
        would make every code that was given out worthless.
    """
    told = environment.get(VARIABLE)
    if told is not None:
        origin = f"the environment variable {VARIABLE}"
        return Secret(_value(told, origin, _MEND_VARIABLE), VARIABLE)
    path = root / FILE
    with locked(root):
        missing = not os.path.lexists(path)
        if missing and not make:
            raise UsageError(_MISSING)
        if missing:
            _make(path)
    try:
        text = path.read_bytes()[:1000].decode("ascii", errors="replace")
    except OSError as error:
        raise UsageError(f"{path}: the secret cannot be read: {error.strerror}") from error
    return Secret(_value(text, str(path), _MEND_FILE), str(path), missing, _exposed(path))


class Keys:
    """What is derived from a secret: the edition's id, and a code for each stage.

    Each is HKDF-SHA256 of the secret under a label of its own, so none tells of another.
    The same secret gives the same keys: an edition can be rebuilt, and its codes stay.

    Parameters
    ----------
    secret : bytes
        ``Secret.value``.

    Examples
    --------
    >>> keys = Keys(bytes(32))
    >>> keys.edition_id, keys.code("s13.padding")
    ('c18f0e65', '5BFZ1-841N4-MTVJR-7JEZ6-DWP')
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @property
    def edition_id(self) -> str:
        """Eight hexadecimal characters that name the edition, and are no secret."""
        return self._derive(b"id", 4).hex()

    def code(self, stage_id: str) -> str:
        """Return the unlock code of a stage."""
        length = -(-BITS // 8)
        number = int.from_bytes(self._derive(b"code of " + stage_id.encode(), length))
        return write_code(number >> 8 * length - BITS)

    def _derive(self, label: bytes, length: int) -> bytes:
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derivation = HKDF(algorithm=SHA256(), length=length, salt=None, info=_LABEL + label)
        return derivation.derive(self._secret)


def _make(path: Path) -> None:
    # O_EXCL: whatever happens, a secret that is there is never written over.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    descriptor = os.open(path, flags, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")
        file.flush()
        os.fsync(descriptor)


def _value(text: str, origin: str, mend: str) -> bytes:
    if _FORM.fullmatch(text.strip()):
        return bytes.fromhex(text.strip())
    raise UsageError(
        f"{origin} is no secret: expected {2 * _BYTES} hexadecimal characters.\n{mend}"
    )


def _exposed(path: Path) -> str:
    """Return a warning if others may read the file. Windows has no such mode."""
    if sys.platform == "win32" or not path.stat().st_mode & 0o077:
        return ""
    return (
        f"others on this machine can read the secret of this course. Close it:\n  chmod 600 {path}"
    )
