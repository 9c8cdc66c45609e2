"""Sealed files: they open with their code and with nothing else, whatever happened to them."""

import hashlib
import zlib

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.course import Course
from grader.edition import sealed
from grader.edition.bundle import bundle, unsafe_names
from grader.edition.codes import ALPHABET, read_code, write_code
from grader.edition.sealed import open_sealed, read_header, seal
from grader.edition.secret import Keys
from grader.errors import UsageError

KEYS = Keys(bytes(range(32)))
EDITION = KEYS.edition_id
CODE = KEYS.code("s13.padding")
FILES = {"solution.py": b"x = 1\n", "hidden/test_one.py": b"", "walkthrough.md": bytes(range(256))}
CHEAP = 1  # of scrypt: two rounds
SEALED = seal(FILES, CODE, EDITION, "s13.padding", cost=CHEAP)

numbers = st.integers(0, 2**100 - 1)
part = st.builds(
    "{}{}".format, st.text("abz_09", min_size=1), st.sampled_from(["", ".py", ".tar.gz"])
)
names = st.lists(part, min_size=1, max_size=3).map("/".join)
bundles = st.dictionaries(names, st.binary(max_size=200), max_size=5).filter(
    lambda files: not unsafe_names(files)
)


def refused(data=SEALED, code=CODE, stage="s13.padding", edition=EDITION, **more) -> str:
    """Open what must be refused; return the message."""
    with pytest.raises(UsageError) as caught:
        open_sealed(data, code, stage, edition, **more)
    return str(caught.value)


def checksummed(body: bytes) -> bytes:
    """Return a changed file with a checksum that fits, as somebody who means harm would."""
    return body + hashlib.sha256(body).digest()


# --- codes ------------------------------------------------------------------------------------
@given(numbers, numbers)
def test_a_code_is_read_back_and_different_numbers_have_different_codes(one, two):
    body = read_code(write_code(one))
    assert sum(ALPHABET.index(c) << 5 * i for i, c in enumerate(reversed(body))) == one
    assert (write_code(one) == write_code(two)) is (one == two)


@given(numbers, st.randoms(use_true_random=False))
def test_a_code_may_be_typed_as_people_type(number, random):
    code = write_code(number)
    look_alikes = {"0": "0oO", "1": "1iIlL", "-": ["-", " ", "", "\N{EN DASH}", " - "]}
    typed = "".join(random.choice(look_alikes.get(c, [c, c.lower()])) for c in code)
    assert read_code(f" {typed}\n") == read_code(code)


@given(numbers, st.integers(0, 22), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_a_typing_mistake(number, place, other):
    code = write_code(number).replace("-", "")
    typed = code[:place] + other + code[place + 1 :]
    if typed == code:
        return
    # Three characters of check: one slip in 32,768 goes unseen here, and opens nothing.
    if typed[20:] != write_code_of(typed):
        with pytest.raises(UsageError, match="typing mistake"):
            read_code(typed)


def write_code_of(typed: str) -> str:
    """Return the check group that belongs to 20 characters."""
    number = 0
    for character in typed[:20]:
        number = number * 32 + ALPHABET.index(character)
    return write_code(number)[-3:]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "it has 0 characters, and a code has 23"),
        ("4X7QK", "it has 5 characters"),
        (CODE + "0", "it has 24 characters"),
        (CODE.replace(CODE[0], "U", 1), "'U' occurs in no code"),
        (CODE[:-1] + "é", "'É' occurs in no code"),
        ("0" * 10_000, "characters, and a code has 23"),
    ],
)
def test_what_can_be_no_code_is_refused_with_the_reason(typed, said):
    assert said in refused(code=typed)


# --- keys -------------------------------------------------------------------------------------
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_keys_depend_on_the_secret_and_on_nothing_else(one, two):
    assert Keys(one).edition_id == Keys(one).edition_id
    assert Keys(one).code("s13.conv") == Keys(one).code("s13.conv")
    assert (Keys(one).code("s13.conv") == Keys(two).code("s13.conv")) is (one == two)
    assert len({Keys(one).code(f"s13.{n}") for n in range(9)}) == 9


def test_keys_stay_what_they_were_when_editions_were_handed_out():
    assert (EDITION, CODE) == ("e7a79860", "Q239W-49H7D-RZ610-BGJ5G-7HX")


# --- opening ----------------------------------------------------------------------------------
@settings(deadline=None, max_examples=40)
@given(bundles, numbers)
def test_what_was_sealed_comes_out(files, number):
    code = write_code(number)
    data = seal(files, code, EDITION, "s1.a", cost=CHEAP)
    assert open_sealed(data, code.lower(), "s1.a", EDITION) == files
    assert data == seal(dict(reversed(files.items())), code, EDITION, "s1.a", cost=CHEAP)


def test_nothing_of_the_files_or_of_the_code_is_in_the_clear():
    text = b"def pad2d(x): return the_answer" * 10
    data = seal({"the_name.py": text}, CODE, EDITION, "s13.padding", cost=CHEAP)
    for secret in (b"pad2d", b"the_answer", b"the_name", read_code(CODE).encode(), CODE.encode()):
        assert secret not in data
    assert zlib.compress(text)[:20] not in data


def test_different_files_have_different_nonces():
    other = seal(FILES | {"solution.py": b"x = 2\n"}, CODE, EDITION, "s13.padding", cost=CHEAP)
    assert read_header(other).nonce != read_header(SEALED).nonce


def test_a_code_costs_something_to_try():
    assert read_header(seal({}, CODE, EDITION, "s13.padding")).cost == sealed.COST >= 14


@settings(deadline=None)
@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_any_changed_byte_is_refused(place, change):
    changed = bytearray(SEALED)
    changed[place] ^= change
    said = refused(bytes(changed))
    assert "damaged" in said or "version" in said


@settings(deadline=None)
@given(st.integers(0, len(SEALED) - 33), st.integers(1, 255))
def test_any_byte_changed_on_purpose_is_refused(place, change):
    changed = bytearray(SEALED[:-32])
    changed[place] ^= change
    refused(checksummed(bytes(changed)))


@settings(deadline=None)
@given(st.integers(0, len(SEALED) - 1))
def test_a_file_that_ends_early_is_refused(length):
    assert "damaged" in refused(SEALED[:length])


@settings(deadline=None)
@given(numbers)
@example(0)
def test_any_wrong_code_is_refused(number):
    code = write_code(number)
    assert code == CODE or f"does not open s13.padding of this edition ({EDITION})" in refused(
        code=code
    )


@given(st.binary(max_size=300))
def test_a_file_that_is_something_else_is_refused(data):
    assert "damaged" in refused(data)


def test_a_file_whose_line_ends_were_converted_is_damaged():
    assert "does not begin like a sealed file" in refused(SEALED.replace(b"\r\n", b"\n"))


# --- which of them is wrong -------------------------------------------------------------------
def test_the_code_of_another_stage_is_named():
    code = KEYS.code("s13.im2col")
    other = seal(FILES, code, EDITION, "s13.im2col", cost=CHEAP)
    said = refused(code=code, others=[b"damaged", SEALED, other])
    assert "this is the code of s13.im2col, not of s13.padding" in said


def test_the_code_of_another_edition_is_no_code_of_this_one():
    keys = Keys(bytes(32))
    code = keys.code("s13.padding")
    theirs = seal(FILES, code, keys.edition_id, "s13.padding", cost=CHEAP)
    assert "for another edition" in refused(code=code, others=[theirs])
    assert f"s13.padding of edition {keys.edition_id}" in refused(theirs, code)


def test_the_file_of_another_stage_in_its_place_is_named():
    other = seal(FILES, CODE, EDITION, "s13.im2col", cost=CHEAP)
    assert "this file is s13.im2col" in refused(other)


def test_a_newer_version_is_said_whatever_else_has_changed():
    newer = SEALED[:8] + (2).to_bytes(2) + b"quite another form"
    assert "has version 2, and this grader reads up to 1" in refused(newer.ljust(100))


def test_a_cost_that_would_fill_the_memory_is_refused():
    header = msgspec.json.encode(
        {"edition": EDITION, "stage": "s13.padding", "cost": 30, "tag": "A" * 11 + "=",
         "nonce": "A" * 16}
    )  # fmt: skip
    body = sealed.MAGIC + (1).to_bytes(2) + len(header).to_bytes(4) + header + bytes(40)
    assert "its header cannot be read" in refused(checksummed(body))


# --- what may be inside -----------------------------------------------------------------------
BAD_NAMES = [
    *"../up.py /etc/passwd a/../../b a//b a/./b . .. .hidden a/.git/config c:/x c:x".split(),
    *[
        "nul",
        "con.py",
        "a/AUX.txt",
        "name.",
        "na:me",
        "a\\b",
        "",
        "a\nb",
        "a\0b",
        "é.py",
        "x" * 300,
    ],
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_leads_elsewhere_can_neither_be_sealed_nor_opened(name, monkeypatch):
    files = {"solution.py": b"", name: b"boo"}
    with pytest.raises(ValueError, match="cannot seal"):
        seal(files, CODE, EDITION, "s13.padding", cost=CHEAP)
    with monkeypatch.context() as patch:
        patch.setattr(sealed, "unsafe_names", lambda names: [])
        data = seal(files, CODE, EDITION, "s13.padding", cost=CHEAP)
    assert "what is in it is no stage" in refused(data)


@pytest.mark.parametrize("names", [["a", "A"], ["a", "a/b"], ["a/b", "A"], ["x/y", "x/Y"]])
def test_names_that_collide_somewhere_are_unsafe(names):
    assert unsafe_names(names) == names[1:]


def test_what_grows_without_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(sealed, "MOST_BYTES", 20_000)
    with pytest.raises(ValueError, match="cannot seal"):
        seal({"bomb": bytes(15_000)}, CODE, EDITION, "s13.padding", cost=CHEAP)
    monkeypatch.setattr(sealed, "MOST_BYTES", 2_000_000)
    bomb = seal({"bomb": bytes(900_000)}, CODE, EDITION, "s13.padding", cost=CHEAP)
    monkeypatch.setattr(sealed, "MOST_BYTES", 20_000)
    assert len(bomb) < 20_000
    assert "damaged" in refused(bomb)


def test_the_bundle_of_a_stage_is_what_a_student_gets(tiny_course):
    course = Course(tiny_course.root)
    unit = course.units[0]
    (tiny_course.stage("first") / "walkthrough.md").write_text("# Why\n", encoding="utf-8")
    files = bundle(unit, unit.stages[0])
    assert set(files) == {"solution.py", "walkthrough.md", "hidden/test_first_hidden.py"}
    assert b"return n - k + 1" in files["solution.py"]
    assert b"### " not in files["solution.py"]
    assert files["walkthrough.md"] == b"# Why\n"
    assert set(bundle(unit, unit.stages[1])) == {"solution.py", "hidden/test_second_hidden.py"}
