"""The four explorers: their state is Python's, their pictures are drawn by the browser.

All arithmetic of a picture happens in the scripts beside this file, so that it answers at
once, even while the kernel is busy or gone.
"""

from pathlib import Path

import anywidget
from traitlets import Enum, Int, TraitType

from stages.s13_cnn.explore.traits import Finite, Grid

_HERE = Path(__file__).parent
_EDGES = [[1, 1, 1, 0, 0]] * 3 + [[0, 0, 1, 1, 1]] * 2
_COUNTING = [[4 * row + column + 1 for column in range(4)] for row in range(4)]
_LESSON = [[1, 3, 2, 1], [5, 6, 2, 4], [8, 9, 5, 3], [7, 4, 8, 7]]


def _script(name):
    """Return the one text that a widget takes: what all share, and its own part."""
    parts = ("arithmetic.js", "picture.js", f"{name}.js")
    return "\n".join((_HERE / part).read_text(encoding="utf-8") for part in parts)


class Explorer(anywidget.AnyWidget):
    """A picture that answers to its sliders.

    Where widgets cannot be shown, the picture of the lesson stands in its place.
    """

    _css = (_HERE / "style.css").read_text(encoding="utf-8")
    picture = ""

    def __init__(self, **state):
        unknown = sorted(set(state) - set(self.trait_names()))
        if unknown:
            raise TypeError(
                f"{type(self).__name__} has no {unknown[0]!r}; it has {', '.join(self.state)}"
            )
        super().__init__(**state)

    @property
    def state(self):
        """The values that a student can change, by name.

        Returns
        -------
        dict
        """
        # Making a widget derives a class from its own: look for the one that is written below.
        written = next(kind for kind in type(self).__mro__ if Explorer in kind.__bases__)
        own = (name for name, trait in vars(written).items() if isinstance(trait, TraitType))
        return {name: getattr(self, name) for name in own}

    def __repr__(self):
        shown = ", ".join(f"{name}={value}" for name, value in self.state.items())
        return f"{type(self).__name__}({shown})"

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = (
            f"{self!r}\nAn interactive picture: it needs a notebook that shows widgets, such as "
            "JupyterLab or VS Code."
        )
        picture = _HERE.parent / self.picture
        if picture.is_file():
            data["image/svg+xml"] = picture.read_text(encoding="utf-8")
        return data, metadata


class Padding(Explorer):
    """A frame around an image, side by side, and the positions that a window then has.

    Parameters
    ----------
    image : array_like, shape (H, W)
        At most 12x12.
    top, bottom, left, right : int
        Pixels of frame, 0 to 4.
    value : float
        What the frame is filled with; a finite number.
    kernel_height, kernel_width : int
        The window, 1 to 5.
    stride : int
        1 to 4.
    position : int
        Which position is shown, counted row by row.

    Examples
    --------
    >>> Padding(top=1, left=2).left
    2
    >>> Padding(top=5)
    Traceback (most recent call last):
    traitlets.traitlets.TraitError: The value of the 'top' trait of a Padding instance \
should not be greater than 4, but a value of 5 was specified
    """

    _esm = _script("padding")
    picture = "padding/pictures/frame.svg"

    image = Grid(_COUNTING, most=12).tag(sync=True)
    top = Int(1, min=0, max=4).tag(sync=True)
    bottom = Int(1, min=0, max=4).tag(sync=True)
    left = Int(1, min=0, max=4).tag(sync=True)
    right = Int(1, min=0, max=4).tag(sync=True)
    value = Finite(0.0).tag(sync=True)
    kernel_height = Int(3, min=1, max=5).tag(sync=True)
    kernel_width = Int(3, min=1, max=5).tag(sync=True)
    stride = Int(1, min=1, max=4).tag(sync=True)
    position = Int(0, min=0).tag(sync=True)


class Im2col(Explorer):
    """Each window of an image becomes one row of a matrix.

    Parameters
    ----------
    image : array_like, shape (H, W) or (H, W, C)
        At most 6x6, with at most 3 channels.
    kernel_height, kernel_width : int
        The window, 1 to 3.
    stride : int
        1 to 3.
    padding : int
        0 to 2, the same on all sides.
    position : int
        Which window is shown, counted row by row; the rows before it are there already.

    Examples
    --------
    >>> Im2col(image=[[1, 2], [3, 4]]).image
    [[[1], [2]], [[3], [4]]]
    """

    _esm = _script("im2col")
    picture = "im2col/pictures/rows.svg"

    image = Grid([[[value] for value in row] for row in _COUNTING], most=6, channels=3).tag(
        sync=True
    )
    kernel_height = Int(2, min=1, max=3).tag(sync=True)
    kernel_width = Int(2, min=1, max=3).tag(sync=True)
    stride = Int(1, min=1, max=3).tag(sync=True)
    padding = Int(0, min=0, max=2).tag(sync=True)
    position = Int(4, min=0).tag(sync=True)


class Convolution(Explorer):
    """A kernel steps over an image: window, products, sum, output.

    Parameters
    ----------
    image : array_like, shape (H, W)
        At most 12x12.
    kernel : array_like, shape (KH, KW)
        At most 5x5.
    stride : int
        1 to 4.
    padding : int
        Zeros around the image, 0 to 4, the same on all sides.
    dilation : int
        1 to 3; 1 is the ordinary case.
    position : int
        Which output is shown, counted row by row; those before it are there already.

    Examples
    --------
    >>> Convolution(kernel=[[1, 0], [-1, 1]], stride=2).kernel
    [[1, 0], [-1, 1]]
    >>> Convolution(dilation=2).state["dilation"]
    2
    """

    _esm = _script("convolution")
    picture = "conv/pictures/steps.svg"

    image = Grid(_EDGES, most=12).tag(sync=True)
    kernel = Grid([[1, 0, -1]] * 3, most=5).tag(sync=True)
    stride = Int(1, min=1, max=4).tag(sync=True)
    padding = Int(0, min=0, max=4).tag(sync=True)
    dilation = Int(1, min=1, max=3).tag(sync=True)
    position = Int(4, min=0).tag(sync=True)


class Pooling(Explorer):
    """The maximum or the average of each window, and the way of the gradient back.

    Parameters
    ----------
    image : array_like, shape (H, W)
        At most 10x10.
    kind : {"maximum", "average"}
    view : {"forward", "gradient"}
        The gradient for the outputs is 1, 2, 3, ..., one number for each window.
    pool_size : int
        1 to 4, height and width.
    stride : int, optional
        1 to 4; None means `pool_size`.
    position : int
        Which window is shown, counted row by row.

    Examples
    --------
    >>> Pooling(kind="average", view="gradient").pool_size
    2
    """

    _esm = _script("pooling")
    picture = "pooling/pictures/maxima.svg"

    image = Grid(_LESSON, most=10).tag(sync=True)
    kind = Enum(["maximum", "average"], "maximum").tag(sync=True)
    view = Enum(["forward", "gradient"], "forward").tag(sync=True)
    pool_size = Int(2, min=1, max=4).tag(sync=True)
    stride = Int(None, min=1, max=4, allow_none=True).tag(sync=True)
    position = Int(0, min=0).tag(sync=True)
