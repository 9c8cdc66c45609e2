"""Digits of one's own: drawn with the mouse, or from a picture file."""

import base64
from io import BytesIO
from pathlib import Path

import anywidget
import numpy as np
from traitlets import Float, List, Unicode

_HERE = Path(__file__).parent
BOX, SIDE = 20, 28


def as_digit(ink):
    """Scale and centre a drawing as the digits of MNIST are.

    Parameters
    ----------
    ink : array_like, shape (H, W)
        0 is paper, the largest value is ink.

    Returns
    -------
    digit : ndarray of float32, shape (1, 28, 28, 1)
        From 0 to 1. The longer side of what is drawn is 20 pixels, and its centre of mass is
        in the middle, as near as whole pixels allow.

    Raises
    ------
    ValueError
        Nothing is drawn.

    References
    ----------
    Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".

    Examples
    --------
    >>> drawing = np.zeros((100, 100))
    >>> drawing[10:90, 20:30] = 1
    >>> digit = as_digit(drawing)
    >>> rows = np.flatnonzero(digit[0, :, :, 0].any(axis=1))
    >>> digit.shape, int(rows[0]), int(rows[-1])
    ((1, 28, 28, 1), 4, 23)
    """
    from PIL import Image

    ink = np.asarray(ink, dtype=np.float32)
    if not ink.max(initial=0) > 0:  # nor is nan
        raise ValueError("nothing is drawn")
    ink = ink / ink.max()
    rows, columns = (np.flatnonzero((ink > 0.1).any(axis=axis)) for axis in (1, 0))
    drawn = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    size = [max(1, round(n * BOX / max(drawn.shape))) for n in drawn.shape]
    scaled = Image.fromarray(drawn).resize(size[::-1], Image.Resampling.BOX)
    box = np.asarray(scaled) / np.max(scaled)

    # MNIST's centres lie in pixel 14, counted from 0.
    middle = [box.sum(axis=1 - i) @ np.arange(n) / box.sum() for i, n in enumerate(box.shape)]
    top, left = (
        int(np.clip(round(SIDE / 2 - centre), 0, SIDE - n))
        for centre, n in zip(middle, box.shape, strict=True)
    )
    digit = np.zeros((1, SIDE, SIDE, 1), dtype=np.float32)
    digit[0, top : top + box.shape[0], left : left + box.shape[1], 0] = box
    return digit


def load_drawing(path):
    """Read a digit from a picture file.

    Parameters
    ----------
    path : str or Path
        A PNG or another picture: dark ink on light paper, light ink on dark paper, or ink on
        nothing. A photograph is turned as its camera noted.

    Returns
    -------
    ndarray of float32, shape (1, 28, 28, 1)
        As `as_digit` makes it.

    Raises
    ------
    ValueError
        It is no picture, it is damaged, or there is nothing on it.
    OSError
        The file is not there, or must not be read.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    data = Path(path).read_bytes()
    try:
        with Image.open(BytesIO(data)) as picture:
            grey = _grey(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError as error:
        raise ValueError(f"{path} is no picture that can be read") from error
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} cannot be read as a picture: {error}") from error
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = np.abs(grey - np.median(border))
    ink[ink < 0.2] = 0  # shades of the paper
    return as_digit(ink)


def _grey(picture):
    """Return how bright a picture is, 0 to 1, shape (H, W); on white where it is transparent."""
    if picture.mode[0] in "IF":  # numbers without an agreed largest one
        grey = np.nan_to_num(np.asarray(picture, dtype=np.float32), posinf=0, neginf=0)
        return grey / (np.abs(grey).max() or 1)
    pixels = np.asarray(picture.convert("RGBA"), dtype=np.float32) / 255
    alpha = pixels[..., 3]
    return pixels[..., :3].mean(axis=2) * alpha + (1 - alpha)


class DrawDigit(anywidget.AnyWidget):
    """A canvas for the mouse, a finger or the arrow keys; a network reads what is drawn.

    Parameters
    ----------
    read : callable
        Takes an image, shape (1, 28, 28, 1), and returns ten scores, the largest for the digit
        that it is.

    Examples
    --------
    >>> pad = DrawDigit(lambda image: np.eye(10)[7])
    >>> pad.ink = base64.b64encode(bytes(8) + bytes([255]) * 8).decode()
    >>> pad.message
    'I read a 7.'
    """

    _esm = (_HERE / "draw.js").read_text(encoding="utf-8")
    _css = (_HERE / "draw.css").read_text(encoding="utf-8")
    ink = Unicode().tag(sync=True)  # a square of bytes in base64: text crosses everywhere
    seen = List(trait=Float()).tag(sync=True)
    scores = List(trait=Float()).tag(sync=True)
    message = Unicode("Draw a digit on the left.").tag(sync=True)

    def __init__(self, read):
        super().__init__()
        self._read = read
        self.observe(self._look, "ink")

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = "A canvas to draw on: it needs a notebook that shows widgets."
        return data, metadata

    def _look(self, change):
        ink = np.frombuffer(base64.b64decode(self.ink), dtype=np.uint8)
        try:
            digit = as_digit(ink.reshape(round(ink.size**0.5), -1))
        except ValueError:
            self.seen, self.scores, self.message = [], [], "Draw a digit on the left."
            return
        try:
            scores = np.ravel(self._read(digit)).astype(float)
        except Exception as error:  # a student's network: it is said where they look
            self.scores, self.message = [], f"{type(error).__name__}: {error}"
            return
        self.seen = (255 * digit).ravel().astype(float).tolist()
        self.scores = scores.tolist()
        self.message = f"I read a {int(scores.argmax())}."
