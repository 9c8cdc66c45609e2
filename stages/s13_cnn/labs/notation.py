"""Networks in one line of text, such as ``INPUT 32x32x1 -> CONV 6 5x5 -> RELU -> POOL 2``."""

import difflib
import re
from dataclasses import dataclass

from stages.s13_cnn.labs.layers import Conv, Dense, Flatten, GlobalPool, Layer, Local, Pool, Relu

MOST_LAYERS = 1000
MOST_BRACKETS = 100
_TOKEN = re.compile(r"->|[\[\]*]|(?:(?!->)[^\s\[\]*])+")
_SIZE = re.compile(r"\d{1,6}(x\d{1,6})*")
_OPTION = re.compile(r"([spd])(\d{1,6}(?:x\d{1,6})?)|same")
_MEANING = {"s": "the stride", "p": "the padding", "d": "the dilation"}
_EXAMPLES = {
    "INPUT": "INPUT 32x32x3",
    "CONV": "CONV 6 5x5",
    "LOCAL": "LOCAL 6 5x5",
    "POOL": "POOL 2",
    "FC": "FC 10",
    "RELU": "RELU",
    "FLATTEN": "FLATTEN",
    "GLOBALPOOL": "GLOBALPOOL",
}


class NotationError(ValueError):
    """A text that describes no network, with the place in it.

    Parameters
    ----------
    text : str
        The whole text.
    start, end : int
        What is wrong in it.
    what : str
        Why.
    """

    def __init__(self, text, start, end, what):
        before = text[:start].rpartition("\n")[2]
        line = before + text[start:].partition("\n")[0]
        first = max(0, len(before) - 40)
        marks = " " * (len(before) - first) + "^" * max(
            1, min(end - start, 76 - len(before) + first)
        )
        super().__init__(f"{line[first : first + 76]}\n{marks}\n{what}")

    def _render_traceback_(self):
        """What a notebook shows: the message alone."""
        return str(self).split("\n")


@dataclass(frozen=True)
class Placed:
    """A layer, and where it stands in the text.

    Parameters
    ----------
    layer : Layer
    start, end : int
    """

    layer: Layer
    start: int
    end: int


def parse(text):
    """Read a network.

    Parameters
    ----------
    text : str
        Layers with ``->`` between them, ``INPUT`` first. ``CONV filters kernel``,
        ``LOCAL filters kernel``, ``POOL size``, ``GLOBALPOOL``, ``RELU``, ``FLATTEN``,
        ``FC units``. After a kernel or size, each at most once: ``s2`` for the stride, ``p1``
        or ``same`` for the padding, ``d2`` for the dilation. Sizes are ``3`` or ``3x2``.
        ``[...]*3`` repeats what is in brackets.

    Returns
    -------
    shape : tuple of int
        That of one input.
    layers : list of Placed

    Raises
    ------
    NotationError
        The text describes no network; the message points at the place.
    TypeError
        `text` is no text.

    Examples
    --------
    >>> shape, layers = parse("INPUT 8x8x1 -> [CONV 4 3x3 same -> RELU]*2 -> FC 10")
    >>> shape, " / ".join(str(each.layer) for each in layers)
    ((8, 8, 1), 'CONV 4 3x3 p1 / RELU / CONV 4 3x3 p1 / RELU / FC 10')
    >>> parse("INPUT 8x8x1 -> RELUU -> FC 10")
    Traceback (most recent call last):
    stages.s13_cnn.labs.notation.NotationError: INPUT 8x8x1 -> RELUU -> FC 10
                   ^^^^^
    there is no layer 'RELUU'. Did you mean RELU?
    """
    if not isinstance(text, str):
        raise TypeError(f"a network is a text such as 'INPUT 8x8x1 -> FC 10', not {text!r}")
    reader = _Reader(text)
    shape = reader.input()
    layers = reader.arrow_and_stack() if reader.word == "->" else []
    if reader.word == "]":
        raise reader.error("this bracket was never opened")
    if reader.word:
        raise reader.error("expected -> and the next layer")
    return shape, layers


class _Reader:
    """Goes through the words of a text; `word` is the next one, empty at the end."""

    def __init__(self, text):
        self.text = text
        self.tokens = [(m[0], m.start(), m.end()) for m in _TOKEN.finditer(text)]
        self.tokens.append(("", len(text), len(text)))
        self.place = 0
        self.depth = 0

    @property
    def word(self):
        return self.tokens[self.place][0]

    def take(self):
        self.place += 1
        return self.tokens[self.place - 1]

    def error(self, what, token=None):
        _, start, end = token or self.tokens[self.place]
        return NotationError(self.text, start, end, what)

    def input(self):
        """``INPUT 32x32x3``, or ``INPUT 784``."""
        token = self.take()
        if token[0].upper() != "INPUT":
            raise self.error(f"a network starts with its input: {_EXAMPLES['INPUT']}", token)
        size = self.size("INPUT", "height, width and channels")
        if len(size) == 2:
            raise self.error("the channels are missing, 1 or 3", self.tokens[self.place - 1])
        if len(size) > 3:
            raise self.error("an input has height, width and channels",
                             self.tokens[self.place - 1])  # fmt: skip
        return size

    def arrow_and_stack(self):
        """``-> layer -> layer``, up to a closing bracket or the end."""
        layers = []
        while self.word == "->":
            self.take()
            layers += self.part()
            if len(layers) > MOST_LAYERS:
                raise self.error(f"more than {MOST_LAYERS} layers")
        return layers

    def part(self):
        """A layer, or ``[...]*3``."""
        if self.word != "[":
            return [self.layer()]
        if self.depth == MOST_BRACKETS:
            raise self.error(f"more than {MOST_BRACKETS} brackets in each other")
        self.depth += 1
        opened = self.take()
        layers = self.part()
        layers += self.arrow_and_stack()
        self.depth -= 1
        if self.word != "]":
            if self.word:
                raise self.error("expected -> and the next layer, or ]")
            raise self.error("this bracket is never closed", opened)
        self.take()
        return layers * self.repetitions(len(layers))

    def repetitions(self, each):
        if self.word != "*":
            return 1
        self.take()
        token = self.take()
        if not re.fullmatch(r"\d{1,6}", token[0]):
            raise self.error("how often? a whole number follows *, as in [RELU]*2", token)
        if int(token[0]) * each > MOST_LAYERS:
            raise self.error(f"more than {MOST_LAYERS} layers", token)
        return int(token[0])

    def layer(self):
        token = self.take()
        word = token[0].upper()
        if word == "INPUT":
            raise self.error("a network has one input, at its start", token)
        if word not in _EXAMPLES:
            raise self.error(_unknown(token[0]), token)
        layer = getattr(self, f"_{word.lower()}")()
        return Placed(layer, token[1], self.tokens[self.place - 1][2])

    def _relu(self):
        return Relu()

    def _flatten(self):
        return Flatten()

    def _globalpool(self):
        return GlobalPool()

    def _fc(self):
        return Dense(self.number("FC", "the number of neurons"))

    def _pool(self):
        size = self.pair("POOL", "the size of the window")
        stride, padding, dilation = self.options(size, size)
        return Pool(size, stride, padding, dilation)

    def _conv(self, kind=Conv):
        filters = self.number(kind.word, "the number of filters")
        kernel = self.pair(kind.word, "the size of the kernel")
        return kind(kernel, *self.options(kernel, (1, 1)), filters)

    def _local(self):
        return self._conv(Local)

    def options(self, kernel, stride):
        """``s2 p1 d2`` in any order; return stride, padding and dilation."""
        said = {}
        while match := _OPTION.fullmatch(self.word.lower()):
            token = self.take()
            letter = match[1] or "p"
            if letter in said:
                raise self.error(f"{_MEANING[letter]} is there already, say it once", token)
            # None is "same".
            said[letter] = match[1] and self._pair_of(match[2], token, least=int(letter != "p"))
        if self.word not in ("", "->", "]"):
            raise self.error("expected s2, p1, same or d2, or -> and the next layer")
        stride, padding, dilation = (
            said.get(letter, usual)
            for letter, usual in {"s": stride, "p": (0, 0), "d": (1, 1)}.items()
        )
        sides = [(p, p) for p in padding or ()]
        if padding is None:  # what a window takes away at stride 1 is laid around the image
            lost = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
            sides = [(n // 2, n - n // 2) for n in lost]
        return stride, tuple(sides), dilation

    def size(self, word, what):
        token = self.take()
        if not _SIZE.fullmatch(token[0].lower()):
            raise self.error(f"{word} needs {what}, as in {_EXAMPLES[word]}", token)
        size = tuple(map(int, token[0].lower().split("x")))
        if not all(size):
            raise self.error("a size is at least 1", token)
        return size

    def number(self, word, what):
        size = self.size(word, what)
        if len(size) != 1:
            raise self.error(f"{word} needs {what}, as in {_EXAMPLES[word]}",
                             self.tokens[self.place - 1])  # fmt: skip
        return size[0]

    def pair(self, word, what):
        self.size(word, what)
        token = self.tokens[self.place - 1]
        return self._pair_of(token[0].lower(), token)

    def _pair_of(self, digits, token, least=1):
        size = [int(each) for each in digits.split("x")]
        if len(size) > 2:
            raise self.error("a window has height and width", token)
        if min(size) < least:
            raise self.error(f"at least {least}", token)
        return size[0], size[-1]


def _unknown(word):
    if word in ("", "->", "]", "*"):
        return "a layer is missing here"
    if word[1:].endswith("?"):
        return f"in a pattern {word!r} may be left out; write {word[:-1]!r}, or nothing"
    near = difflib.get_close_matches(word.upper(), list(_EXAMPLES), n=1, cutoff=0.5)
    known = f"Did you mean {near[0]}?" if near else f"There are {', '.join(_EXAMPLES)}."
    return f"there is no layer {word!r}. {known}"
