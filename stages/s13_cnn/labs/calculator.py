"""What a network costs: sizes, parameters, multiply-adds, memory and receptive field."""

from dataclasses import dataclass
from html import escape
from operator import index

from stages.s13_cnn.labs.layers import product, times
from stages.s13_cnn.labs.notation import NotationError, parse

BYTES = 4  # float32
_WIDTH = 80
_HEADS = ("layer", "output", "parameters", "multiply-adds", "memory", "field", "jump")


@dataclass(frozen=True)
class Row:
    """One layer of a network, with what it does to one image.

    Parameters
    ----------
    layer : str
        As it is written.
    output : tuple of int
        (H, W, C), or (D,).
    parameters, multiply_adds : int
    field, jump : (int, int) or None
        How many pixels of the input one output sees, down and along, and how far apart the
        windows of neighbours are; None where each output sees the whole image.
    """

    layer: str
    output: tuple
    parameters: int
    multiply_adds: int
    field: tuple | None
    jump: tuple | None

    @property
    def values(self):
        """How many numbers the output has."""
        return product(self.output)


@dataclass(frozen=True, repr=False)
class Network:
    """A network, layer by layer. It prints as a table, and a notebook shows it as one.

    Parameters
    ----------
    rows : tuple of Row
        The input first.
    batch : int
        Images at once; memory counts all of them, the rest is for one image.
    """

    rows: tuple
    batch: int

    @property
    def parameters(self):
        """Weights and biases of all layers."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self):
        """Multiplications, each with an addition, for one image on its way forward."""
        return sum(row.multiply_adds for row in self.rows)

    @property
    def activations(self):
        """How many numbers all layers together put out for one image."""
        return sum(row.values for row in self.rows[1:])

    @property
    def memory(self):
        """The three parts of what training needs, in bytes.

        Returns
        -------
        dict
            ``"batch"``; ``"activations"``, and both them and their gradients;
            ``"parameters"``, and them with their gradients and what an optimiser with one
            moving average remembers.
        """
        activations = BYTES * self.batch * self.activations
        return {
            "batch": BYTES * self.batch * self.rows[0].values,
            "activations": activations,
            "activations and gradients": 2 * activations,
            "parameters": BYTES * self.parameters,
            "parameters, gradients and optimiser state": 3 * BYTES * self.parameters,
        }

    def __str__(self):
        lines = [_HEADS, *self._cells()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        gap = max(1, min(2, (_WIDTH - sum(widths)) // (len(widths) - 1)))
        widths[0] -= max(0, sum(widths) + gap * (len(widths) - 1) - _WIDTH)
        table = [
            (" " * gap).join([first[: widths[0]].ljust(widths[0]),
                              *(cell.rjust(n) for cell, n in zip(rest, widths[1:], strict=True))])
            for first, *rest in lines
        ]  # fmt: skip
        return "\n".join([*(line.rstrip() for line in table), "", *self._words()])

    __repr__ = __str__

    def _repr_html_(self):
        def line(cells, tag):
            first, *others = map(escape, cells)
            rest = "".join(f"<{tag}>{cell}</{tag}>" for cell in others)
            return f'<tr><{tag} style="text-align: left">{first}</{tag}>{rest}</tr>'

        body = "".join(line(cells, "td") for cells in self._cells())
        words = "<br>".join(map(escape, self._words()))
        return f"<table>{line(_HEADS, 'th')}{body}</table><p>{words}</p>"

    def _cells(self):
        for row in self.rows:
            yield (
                row.layer,
                times(row.output),
                f"{row.parameters:,}" if row.parameters else "",
                f"{row.multiply_adds:,}" if row.multiply_adds else "",
                in_bytes(BYTES * self.batch * row.values),
                "all" if row.field is None else _pair(row.field),
                "" if row.jump is None else _pair(row.jump),
            )
        yield "together", "", f"{self.parameters:,}", f"{self.multiply_adds:,}", "", "", ""

    def _words(self):
        images = "one image" if self.batch == 1 else f"{self.batch} images"
        yield f"Training memory in float32, {images} at once:"
        for name, size in self.memory.items():
            yield f"  {in_bytes(size):>8}  {name}"


def describe(text, batch=1):
    """Say what a network costs.

    Parameters
    ----------
    text : str
        As `notation.parse` reads it.
    batch : int, default 1
        Images at once.

    Returns
    -------
    Network
        It prints as a table. ``rows``, ``parameters``, ``multiply_adds``, ``activations`` and
        ``memory`` are the numbers.

    Raises
    ------
    NotationError
        The text describes no network, or a layer does not fit the one before it.
    TypeError
        `text` is no text, or `batch` no whole number.
    ValueError
        `batch` is less than 1.

    Notes
    -----
    A multiply-add of a bias is not counted. Every layer's output counts as an activation; a
    flattened copy counts where ``FLATTEN`` is written.

    Examples
    --------
    >>> describe("INPUT 32x32x1 -> CONV 6 5x5 -> RELU -> POOL 2 -> FC 10")
    layer        output  parameters  multiply-adds   memory  field  jump
    INPUT       32x32x1                             4.10 kB      1     1
    CONV 6 5x5  28x28x6         156        117,600  18.8 kB      5     1
    RELU        28x28x6                             18.8 kB      5     1
    POOL 2      14x14x6                             4.70 kB      6     2
    FC 10            10      11,770         11,760     40 B    all
    together                 11,926        129,360
    <BLANKLINE>
    Training memory in float32, one image at once:
       4.10 kB  batch
       42.4 kB  activations
       84.8 kB  activations and gradients
       47.7 kB  parameters
        143 kB  parameters, gradients and optimiser state
    >>> describe("INPUT 227x227x3 -> CONV 96 11x11 s4").rows[1].output
    (55, 55, 96)
    """
    try:
        batch = index(batch)
    except TypeError:
        raise TypeError(f"batch must be a whole number, but it is {batch!r}") from None
    if batch < 1:
        raise ValueError(f"batch must be at least 1, but it is {batch}")
    shape, layers = parse(text)
    field, jump = ((1, 1), (1, 1)) if len(shape) == 3 else (None, None)
    rows = [Row(f"INPUT {times(shape)}" if len(shape) < 3 else "INPUT", shape, 0, 0, field, jump)]
    for each in layers:
        layer = each.layer
        try:
            output = layer.output(shape)
        except ValueError as error:
            raise NotationError(text, each.start, each.end, str(error)) from None
        field, jump = layer.see(field, jump)
        costs = layer.parameters(shape), layer.multiply_adds(shape)
        rows.append(Row(str(layer), output, *costs, field, jump))
        shape = output
    return Network(tuple(rows), batch)


def in_bytes(size):
    """Return a number of bytes for people, in powers of 1000.

    Parameters
    ----------
    size : int

    Returns
    -------
    str

    Examples
    --------
    >>> in_bytes(40), in_bytes(38_535_168), in_bytes(99_532_804_000)
    ('40 B', '38.5 MB', '99.5 GB')
    """
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= 0.9995 * factor:
            number = size / factor
            return f"{number:.{max(0, 2 - int(number >= 9.995) - int(number >= 99.95))}f} {unit}"
    return f"{size} B"


def _pair(pair):
    return str(pair[0]) if pair[0] == pair[1] else times(pair)
