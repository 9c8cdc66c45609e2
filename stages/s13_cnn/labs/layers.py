"""Layers as the calculator knows them: sizes, and what they cost."""

from dataclasses import dataclass

ONE = (1, 1)
NOTHING = ((0, 0), (0, 0))


def times(numbers):
    """Return ``3x3`` for (3, 3).

    Parameters
    ----------
    numbers : sequence of int

    Returns
    -------
    str
    """
    return "x".join(map(str, numbers))


def product(numbers):
    """Return the product of whole numbers of any size.

    Parameters
    ----------
    numbers : iterable of int

    Returns
    -------
    int
    """
    result = 1
    for number in numbers:
        result *= number
    return result


@dataclass(frozen=True)
class Layer:
    """A layer without window and without parameters; its output is as large as its input."""

    word = ""

    def __str__(self):
        return self.word

    def output(self, shape):
        """Return the shape of the output for one image.

        Parameters
        ----------
        shape : (int, int, int) or (int,)
            That of the input, (H, W, C), or (D,) once an image has become a row of numbers.

        Returns
        -------
        tuple of int

        Raises
        ------
        ValueError
            The layer does not fit such an input.
        """
        return shape

    def parameters(self, shape):
        """Return the number of weights and biases, for an input of `shape`."""
        return 0

    def multiply_adds(self, shape):
        """Return how often one image makes it multiply and add, for an input of `shape`."""
        return 0

    def see(self, field, jump):
        """Return the receptive field and the jump after this layer.

        Parameters
        ----------
        field, jump : (int, int) or None
            Those before it, down and along; None where an output sees the whole image.

        Returns
        -------
        field, jump : (int, int) or None
        """
        return field, jump


@dataclass(frozen=True)
class Relu(Layer):
    """ReLU: each number becomes at least 0."""

    word = "RELU"


@dataclass(frozen=True)
class Flatten(Layer):
    """Each image becomes one row of numbers."""

    word = "FLATTEN"

    def output(self, shape):
        """Return (H*W*C,)."""
        return (product(shape),)


@dataclass(frozen=True)
class Dense(Layer):
    """A fully connected layer; an image is read as a row of numbers."""

    units: int
    word = "FC"

    def __str__(self):
        return f"{self.word} {self.units}"

    def output(self, shape):
        """Return (D_out,)."""
        return (self.units,)

    def parameters(self, shape):
        """Return D_in*D_out weights and D_out biases."""
        return (product(shape) + 1) * self.units

    def multiply_adds(self, shape):
        """Return D_in*D_out."""
        return product(shape) * self.units

    def see(self, field, jump):
        """Return None twice: each output sees everything."""
        return None, None


@dataclass(frozen=True)
class GlobalPool(Layer):
    """Global pooling: one number for each channel."""

    word = "GLOBALPOOL"

    def output(self, shape):
        """Return (C,)."""
        _, _, C = _image(shape, self.word)
        return (C,)

    def see(self, field, jump):
        """Return None twice: each output sees everything."""
        return None, None


@dataclass(frozen=True)
class Window(Layer):
    """What slides over an image.

    Parameters
    ----------
    kernel : (int, int)
        Height and width.
    stride : (int, int)
    padding : ((int, int), (int, int))
    dilation : (int, int)
        1 is the ordinary case.
    """

    kernel: tuple
    stride: tuple = ONE
    padding: tuple = NOTHING
    dilation: tuple = ONE

    @property
    def reach(self):
        """How many pixels the window spans, down and along: d*(k-1) + 1."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))

    def places(self, shape):
        """Return how many positions the window has, down and along.

        Raises
        ------
        ValueError
            It has none; or the input is no image.
        """
        H, W, _ = _image(shape, self.word)
        padded = [n + sum(sides) for n, sides in zip((H, W), self.padding, strict=True)]
        # The first row or column of each window, one after the other: count them.
        starts = [
            range(0, n - reach + 1, step)
            for n, reach, step in zip(padded, self.reach, self.stride, strict=True)
        ]
        if not all(starts):
            spread = f" at dilation {times(self.dilation)} spans {times(self.reach)} and"
            raise ValueError(
                f"the window {times(self.kernel)}{spread if self.dilation != ONE else ''} "
                f"does not fit the padded input {times(padded)}"
            )
        return tuple(map(len, starts))

    def see(self, field, jump):
        """Return a field that grew by (reach - 1) * jump, and a jump `stride` times as large."""
        if field is None:
            return None, None
        grown = zip(field, self.reach, jump, strict=True)
        return (
            tuple(r + (reach - 1) * j for r, reach, j in grown),
            tuple(j * s for j, s in zip(jump, self.stride, strict=True)),
        )

    def _options(self, usual_stride=ONE):
        said = [f"s{_short(self.stride)}"] if self.stride != usual_stride else []
        if self.padding != NOTHING:
            (top, bottom), (left, right) = self.padding
            even = top == bottom and left == right
            said += [f"p{_short((top, left))}" if even else "same"]
        return [*said, f"d{_short(self.dilation)}"] if self.dilation != ONE else said


@dataclass(frozen=True)
class Pool(Window):
    """Max or average pooling."""

    word = "POOL"

    def __str__(self):
        return " ".join([self.word, _short(self.kernel), *self._options(self.kernel)])

    def output(self, shape):
        """Return (OH, OW, C)."""
        return (*self.places(shape), shape[2])


@dataclass(frozen=True)
class Conv(Window):
    """A convolution: filters that are shared by all positions.

    Examples
    --------
    >>> layer = Conv((5, 5), filters=6)
    >>> layer.output((32, 32, 1)), layer.parameters((32, 32, 1))
    ((28, 28, 6), 156)
    """

    filters: int = 1
    word = "CONV"

    def __str__(self):
        return " ".join([self.word, str(self.filters), times(self.kernel), *self._options()])

    def output(self, shape):
        """Return (OH, OW, C_out)."""
        return (*self.places(shape), self.filters)

    def parameters(self, shape):
        """Return KH*KW*C_in weights and one bias for each filter."""
        return (product(self.kernel) * shape[2] + 1) * self.filters

    def multiply_adds(self, shape):
        """Return KH*KW*C_in for each number of the output."""
        return product(self.kernel) * shape[2] * product(self.output(shape))


@dataclass(frozen=True)
class Local(Conv):
    """A locally connected layer: a convolution without sharing, filters for every position.

    Examples
    --------
    >>> Local((11, 11), stride=(4, 4), filters=96).parameters((227, 227, 3))
    105705600
    """

    word = "LOCAL"

    def parameters(self, shape):
        """Return the parameters of a convolution, once for each position."""
        return product(self.places(shape)) * super().parameters(shape)


def _short(pair):
    return str(pair[0]) if pair[0] == pair[1] else times(pair)


def _image(shape, word):
    if len(shape) != 3:
        raise ValueError(f"{word} needs an image, but what comes here is a row of {shape[0]}")
    return shape
