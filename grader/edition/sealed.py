"""Sealed files: what is encrypted with an unlock code, and how it opens.

The layout of version 1::

    magic       8 bytes, not text: whoever converts line ends damages it visibly
    version     2 bytes
    length      4 bytes, of the header
    header      JSON: edition, stage, cost of scrypt, tag, nonce
    ciphertext  AES-256-GCM of the compressed files; all that stands before it is
                authenticated with it
    checksum    SHA-256 of all that stands before it: tells damage from a wrong code

The code becomes a key by scrypt, with the edition as its salt, and HKDF, with the stage as
its context. Nothing here is compared with a stored code.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

import msgspec

from grader.edition.bundle import unsafe_names
from grader.edition.codes import read_code
from grader.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"\x89SEAL\r\n\x1a"
VERSION = 1
COST = 14  # scrypt takes 2**14 rounds: some 50 ms and 16 MB for each code that is tried
MOST_BYTES = 64 * 2**20  # of a sealed file, and of what is in it
MOST_FILES = 2000
_MOST_HEADER = 4096
_FRONT = struct.Struct(">8sHI")


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a sealed file says of itself, in the clear."""

    edition: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}$")]
    stage: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_.-]*$", max_length=200)]
    # A file from elsewhere must not make us use gigabytes of memory.
    cost: Annotated[int, msgspec.Meta(ge=1, le=17)]
    tag: Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]
    nonce: Annotated[bytes, msgspec.Meta(min_length=12, max_length=12)]


def seal(
    files: Mapping[str, bytes], code: str, edition_id: str, stage_id: str, *, cost: int = COST
) -> bytes:
    """Return `files` encrypted, to be opened with `code`.

    The same arguments give the same bytes, as long as zlib stays the same.

    Parameters
    ----------
    files : mapping of str to bytes
        Relative POSIX names, and what is in them.
    code : str
        The stage's unlock code, ``Keys.code(stage_id)``.
    edition_id, stage_id : str
        Where they belong.
    cost : int
        Binary logarithm of scrypt's rounds. Only tests want another.

    Raises
    ------
    ValueError
        A name leads out of the folder or collides, or the files are too many or too large.
    """
    unsafe = unsafe_names(files)
    size = sum(map(len, files.values()))
    if unsafe or len(files) > MOST_FILES or size > MOST_BYTES // 2:
        raise ValueError(f"cannot seal {len(files)} files of {size} bytes; bad names: {unsafe}")
    plain = zlib.compress(msgspec.msgpack.encode(dict(sorted(files.items()))), 9)
    keys = _Keys(_stretch(read_code(code), edition_id, cost), stage_id)
    # A nonce of GCM must not come twice with one key. This one is a keyed hash of all that is
    # encrypted or authenticated: it comes twice only with the same text, and then the sealed
    # file is the same, which tells nobody anything. A counter or a random number would make
    # each build of an edition differ from the last.
    about = f"{VERSION} {edition_id} {stage_id} {cost} ".encode()
    nonce = keys.hash(b"nonce", about + plain)[:12]
    header = msgspec.json.encode(Header(edition_id, stage_id, cost, keys.tag, nonce))
    front = _FRONT.pack(MAGIC, VERSION, len(header)) + header
    body = front + keys.cipher().encrypt(nonce, plain, front)
    return body + hashlib.sha256(body).digest()


def open_sealed(
    data: bytes,
    code: str,
    stage_id: str,
    edition_id: str,
    *,
    others: Iterable[bytes] = (),
) -> dict[str, bytes]:
    """Return the files that were sealed.

    Parameters
    ----------
    data : bytes
        The sealed file.
    code : str
        As it was typed.
    stage_id, edition_id : str
        What the file is expected to be of.
    others : iterable of bytes
        The other sealed files of the edition, so that a message can say which stage a code
        belongs to.

    Raises
    ------
    UsageError
        The code has a typing mistake, is another stage's or another edition's; the file is
        damaged, of another stage or edition, or newer than this grader.
    """
    body = read_code(code)
    header, front, ciphertext = _parts(data)
    if (header.edition, header.stage) != (edition_id, stage_id):
        raise UsageError(
            f"this file is {header.stage} of edition {header.edition}, where {stage_id} of\n"
            f"edition {edition_id} is expected. Get the course again. Nothing was written."
        )
    keys = _Keys(_stretch(body, edition_id, header.cost), stage_id)
    if not hmac.compare_digest(keys.tag, header.tag):
        raise _wrong_code(body, stage_id, edition_id, others)
    from cryptography.exceptions import InvalidTag

    try:
        plain = keys.cipher().decrypt(header.nonce, ciphertext, front)
    except InvalidTag:
        raise _damaged("the code is right, but what it opens was changed") from None
    return _unpack(plain)


def read_header(data: bytes) -> Header:
    """Return what a sealed file says of itself.

    Raises
    ------
    UsageError
        It is none, damaged, or newer than this grader.
    """
    return _parts(data)[0]


class _Keys:
    """The keys of one stage, from its stretched code."""

    def __init__(self, stretched: bytes, stage_id: str) -> None:
        self._stretched = stretched
        self._stage = stage_id.encode()

    @property
    def tag(self) -> bytes:
        """What tells whether a code is this stage's; as hard to find a code for as the key."""
        return self._derive(b"tag", 8)

    def cipher(self) -> AESGCM:
        """Return the AES-GCM of this stage."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._derive(b"key", 32))

    def hash(self, label: bytes, text: bytes) -> bytes:
        """Return a keyed hash."""
        return hmac.digest(self._derive(label, 32), text, "sha256")

    def _derive(self, label: bytes, length: int) -> bytes:
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

        info = b"sealed stage 1 " + label + b" of " + self._stage
        return HKDFExpand(SHA256(), length, info).derive(self._stretched)


@lru_cache(maxsize=8)  # a code that is no stage's is tried on all of them
def _stretch(body: str, edition_id: str, cost: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    salt = b"sealed edition 1 " + edition_id.encode()
    return Scrypt(salt=salt, length=32, n=2**cost, r=8, p=1).derive(body.encode())


def _parts(data: bytes) -> tuple[Header, bytes, bytes]:
    """Return the header, all that is authenticated, and the ciphertext."""
    if len(data) > MOST_BYTES:
        raise _damaged(f"it is larger than {MOST_BYTES // 2**20} MB")
    if len(data) < _FRONT.size + hashlib.sha256().digest_size or data[:8] != MAGIC:
        raise _damaged("it does not begin like a sealed file")
    _, version, length = _FRONT.unpack_from(data)
    if version > VERSION:
        raise UsageError(
            f"this sealed file has version {version}, and this grader reads up to {VERSION}.\n"
            "Get a newer grader. Nothing was written."
        )
    body, checksum = data[:-32], data[-32:]
    if version != VERSION or hashlib.sha256(body).digest() != checksum:
        raise _damaged("its checksum is another")
    end = _FRONT.size + length
    if length > _MOST_HEADER or end > len(body):
        raise _damaged("its header is longer than it may be")
    try:
        header = msgspec.json.decode(body[_FRONT.size : end], type=Header)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _damaged(f"its header cannot be read: {error}") from error
    return header, body[:end], body[end:]


def _unpack(plain: bytes) -> dict[str, bytes]:
    """Return the files. The code's owner made them, and yet nothing is taken on trust."""
    inflate = zlib.decompressobj()
    try:
        packed = inflate.decompress(plain, MOST_BYTES)
        files = msgspec.msgpack.decode(packed, type=dict[str, bytes])
    except (zlib.error, msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _damaged(f"what is in it cannot be read: {error}") from error
    unsafe = unsafe_names(files)
    if not inflate.eof or len(files) > MOST_FILES or unsafe:
        raise _damaged(f"what is in it is no stage{': ' + repr(unsafe[0]) if unsafe else ''}")
    return files


def _wrong_code(body: str, stage_id: str, edition_id: str, others: Iterable[bytes]) -> UsageError:
    for data in others:
        try:
            header = read_header(data)
        except UsageError:
            continue  # another stage's file is not what this is about
        if header.edition != edition_id:
            continue
        keys = _Keys(_stretch(body, edition_id, header.cost), header.stage)
        if hmac.compare_digest(keys.tag, header.tag):
            return UsageError(
                f"this is the code of {header.stage}, not of {stage_id}. Nothing was written.\n"
                f"To open {header.stage}: grader unlock {header.stage} CODE"
            )
    return UsageError(
        f"this code does not open {stage_id} of this edition ({edition_id}).\n"
        "It has no typing mistake, so it is for another edition of the course. Ask your\n"
        "instructor for the code of yours. Nothing was written."
    )


def _damaged(what: str) -> UsageError:
    return UsageError(
        f"the sealed file is damaged: {what}.\n"
        "Get it again from where the course came from. Nothing was written."
    )
