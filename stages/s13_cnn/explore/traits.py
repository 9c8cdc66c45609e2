"""What an explorer's state may be: small grids of numbers."""

import numpy as np
from traitlets import Float, TraitError, TraitType

LARGEST = 2**53  # whole numbers up to here are the same in Python and in a browser


class Finite(Float):
    """A number that a browser can be told: neither infinite nor NaN.

    Examples
    --------
    >>> from traitlets import HasTraits
    >>> class Frame(HasTraits):
    ...     value = Finite(0.0)
    >>> Frame(value=1.5).value
    1.5
    >>> Frame(value=float("nan"))
    Traceback (most recent call last):
    traitlets.traitlets.TraitError: value: must be finite, but it is nan
    """

    def validate(self, obj, value):
        """Return `value` as a float, or refuse it."""
        number = super().validate(obj, value)
        if not np.isfinite(number):
            raise TraitError(f"{self.name}: must be finite, but it is {number}")
        return number


class Grid(TraitType):
    """A small image or kernel; it is kept as lists, as a notebook's widgets send them.

    Parameters
    ----------
    default : array_like
        What it is at first.
    most : int
        The largest number of rows and of columns.
    channels : int, default 0
        The largest number of channels; 0 means a grid without channels, (H, W).

    Examples
    --------
    >>> from traitlets import HasTraits
    >>> class Picture(HasTraits):
    ...     image = Grid([[0, 1]], most=3)
    >>> Picture(image=np.eye(2)).image
    [[1, 0], [0, 1]]
    >>> Picture(image=np.eye(4))
    Traceback (most recent call last):
    traitlets.traitlets.TraitError: image: 4x4 is too large, 3x3 at most
    """

    def __init__(self, default, *, most, channels=0):
        self.most = most
        self.channels = channels
        super().__init__(default)

    def validate(self, obj, value):
        """Return `value` as lists of rows, or refuse it."""
        try:
            grid = np.asarray(value, dtype=float)
        except (TypeError, ValueError) as error:
            raise TraitError(f"{self.name}: not a grid of numbers: {error}") from error
        if self.channels and grid.ndim == 2:
            grid = grid[:, :, np.newaxis]
        axes = "(H, W, C)" if self.channels else "(H, W)"
        if grid.ndim != len(axes.split(",")) or 0 in grid.shape:
            raise TraitError(f"{self.name}: expected {axes}, but the shape is {grid.shape}")
        H, W, *C = grid.shape
        if max(H, W) > self.most:
            raise TraitError(f"{self.name}: {H}x{W} is too large, {self.most}x{self.most} at most")
        if C and C[0] > self.channels:
            raise TraitError(f"{self.name}: {C[0]} channels, {self.channels} at most")
        if not np.isfinite(grid).all():
            raise TraitError(f"{self.name}: every value must be finite")
        whole = (grid == grid.round()).all() and np.abs(grid).max() <= LARGEST
        return (grid.astype(np.int64) if whole else grid).tolist()
