"""What a student's file says, without how it says it.

Comments, docstrings, annotations, line breaks, round brackets and the names that a student
may choose are left out of a file; keywords, operators, numbers and the names of Python,
NumPy and the course stay. Only the tokens are looked at and no syntax tree is built, so
that half a program is read as far as it goes, and no file can exhaust a parser's stack.
"""

from __future__ import annotations

import builtins
import codecs
import io
import keyword
import re
import tokenize
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_BYTES = 1 << 20
MAX_TOKENS = 10_000
_MAX_LINE = 2_000  # Python's own tokenizer takes quadratic time for some long lines
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_SPACING = (
    tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENCODING, tokenize.ENDMARKER,
)  # fmt: skip
# The type of a parameter or of a result ends before these, at this depth of brackets.
_HINT_ENDS = {":": ((1, ","), (1, "="), (0, ")")), "->": ((0, ":"),)}
_VARIABLE, _ATTRIBUTE, _TEXT = "a name", "a name of an object", "some text"
_FIRST = 0xE000  # the characters from here on stand for tokens
_OFTEN = frozenset(keyword.kwlist) | frozenset(dir(builtins))

Token = tokenize.TokenInfo


@dataclass(frozen=True)
class Vocabulary:
    """The names that mean something, since no student can choose them.

    Parameters
    ----------
    names : frozenset of str
        What the course defines.
    members : frozenset of str
        What means something behind a dot.
    """

    names: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()

    @classmethod
    def of(cls, stub: str) -> Vocabulary:
        """Return the names of a stub, and those of NumPy."""
        import numpy as np

        defined = re.findall(r"^\s*(?:def|class) +(\w+)", stub, re.MULTILINE)
        lines = re.findall(r"^from [\w.]+ import (.+)$", stub, re.MULTILINE)
        imported = [name.strip() for line in lines for name in line.split(",")]
        names = frozenset([*defined, *imported])
        owners = (np, np.ndarray, np.linalg, np.random, np.random.Generator, np.lib.stride_tricks)
        return cls(names, names.union(*map(dir, owners)))


@dataclass(frozen=True)
class Wording:
    """What one function says, or the code outside of all functions.

    Parameters
    ----------
    text : str
        One character for each token.
    lines : tuple of int
        The line of each token, counted from 1.
    """

    text: str
    lines: tuple[int, ...]


def wordings(code: bytes, known: Vocabulary) -> tuple[Wording, ...]:
    r"""Return what each function of a file says, and last what stands outside of them.

    Parameters
    ----------
    code : bytes
        A student's file. Of one that breaks off, what comes before; of one that is larger
        than `MAX_BYTES`, nothing.
    known : Vocabulary
        The names that mean something.

    Examples
    --------
    >>> one = b"def f(x: int):\n    '''Doc.'''\n    y = x + 1  # so\n    return (y)"
    >>> other = b"def f(here):\n  there = (here\n     + 1); return there"
    >>> wordings(one, Vocabulary())[0].text == wordings(other, Vocabulary())[0].text
    True
    """
    if len(code) > MAX_BYTES:
        return ()
    functions: list[list[Token]] = []
    outside: list[Token] = []
    column = -1  # of the `def` that the statement lies in
    for statement in _statements(code):
        first = statement[0]
        if column < 0 or first.start[1] <= column:
            begins = _begins_function(statement)
            column = first.start[1] if begins else -1
            if begins:
                functions.append([])
        if _begins_function(statement):
            statement = list(_without_hints(statement))
        elif first.type == tokenize.NAME and not keyword.iskeyword(first.string):
            statement = _without_hint(statement)
        (functions[-1] if column >= 0 else outside).extend(statement)
    return tuple(_wording(tokens, known) for tokens in [*functions, outside])


# --- statements -----------------------------------------------------------------------------
def _statements(code: bytes) -> Iterator[list[Token]]:
    """Return the statements of a file; text that stands for itself is none."""
    statement: list[Token] = []
    for token in _tokens(code):
        ends = _ends_line(token) or token.string == ";"
        if not ends:
            statement.append(token)
        elif statement:
            if any(each.type != tokenize.STRING for each in statement):
                yield statement
            statement = []
    if statement:
        yield statement


def _tokens(code: bytes) -> Iterator[Token]:
    """Return the tokens of a file as far as Python can tell them apart."""
    text = code.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    lines = (_line(line) for line in io.StringIO(text))
    count = 0
    try:
        for token in tokenize.generate_tokens(lambda: next(lines, "")):
            if token.type in _SPACING or not (token.string.strip() or _ends_line(token)):
                continue
            yield token
            count += 1
            if count >= MAX_TOKENS:
                return
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return


def _ends_line(token: Token) -> bool:
    return token.type == tokenize.NEWLINE


def _line(line: str) -> str:
    """Return a line in a form that every tokenizer reads in time proportional to it."""
    indent = line[: len(line) - len(line.lstrip(" \t"))][:_MAX_LINE]
    rest = re.sub(r"[ \t\f]+", " ", line[len(indent) :]).replace("\0", "?")
    return indent + (rest if len(rest) <= _MAX_LINE else rest[:_MAX_LINE] + "\n")


def _begins_function(statement: list[Token]) -> bool:
    return "def" in (statement[0].string, statement[min(1, len(statement) - 1)].string) and (
        statement[0].string in ("def", "async")
    )


def _without_hints(statement: list[Token]) -> Iterator[Token]:
    """Return a function's first line without the types of its parameters and its result."""
    depth, inside, skipping = 0, True, ""
    before = ["", ""]
    for token in statement:
        text = token.string
        depth += (text in _OPENING) - (text in _CLOSING)
        if skipping and (depth, text) not in _HINT_ENDS[skipping]:
            continue
        if skipping:
            skipping = ""
        elif inside and depth == 1 and text == ":" and before[0] in ("(", ",", "*", "**"):
            skipping = ":"
            continue
        elif inside and depth == 0 and text == "->":
            skipping = "->"
            continue
        inside = inside and not (depth == 0 and text == ":")
        before = [before[1], text]
        yield token


def _without_hint(statement: list[Token]) -> list[Token]:
    """Return an assignment without the type that is declared in it."""
    depth = 0
    for i, token in enumerate(statement):
        text = token.string
        depth += (text in _OPENING) - (text in _CLOSING)
        if depth == 0 and text in ("=", "lambda"):
            return statement
        if depth == 0 and text == ":":
            signs = (j for j in range(i, len(statement)) if statement[j].string == "=")
            return statement[:i] + statement[next(signs, len(statement)) :]
    return statement


# --- tokens ---------------------------------------------------------------------------------
def _wording(tokens: list[Token], known: Vocabulary) -> Wording:
    kept = [(_meaning(*pair, known), pair[1].start[0]) for pair in _with_the_last(tokens)]
    kept = [(meaning, line) for meaning, line in kept if meaning]
    # Formatters add a comma before a closing bracket.
    after = [meaning for meaning, _ in kept[1:]] + [""]
    kept = [
        pair
        for pair, following in zip(kept, after, strict=False)
        if not (pair[0] == "," and following in ("]", "}", ""))
    ]
    return Wording("".join(_sign(m) for m, _ in kept), tuple(line for _, line in kept))


def _with_the_last(tokens: Iterable[Token]) -> Iterator[tuple[str, Token]]:
    last = ""
    for token in tokens:
        yield last, token
        last = token.string


def _meaning(last: str, token: Token, known: Vocabulary) -> str:
    """Return what a token says, empty if nothing; `last` is the text before it."""
    text = token.string
    if token.type == tokenize.NAME:
        if last == ".":
            return text if text in known.members else _ATTRIBUTE
        return text if text in known.names or text in _OFTEN else _VARIABLE
    if token.type == tokenize.STRING:
        return _TEXT
    if token.type == tokenize.NUMBER:
        return f"number {text.lower().rstrip('.')}"
    return "" if text in ("(", ")") else text


def _sign(meaning: str) -> str:
    """Return the character for a token, the same in every run."""
    return chr(_FIRST + zlib.crc32(meaning.encode("utf-8", "replace")) % 1_000_000)
