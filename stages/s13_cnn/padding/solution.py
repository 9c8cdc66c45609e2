"""Padding: the frame around an image, and the size of what a sliding window leaves."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images


def pad2d(x, padding, value=0.0):
    """Lay a frame of one value around every image of a batch.

    Parameters
    ----------
    x : ndarray, shape (N, H, W, C)
        A batch of images. It is not modified.
    padding : int, (int, int) or ((int, int), (int, int))
        Width of the frame in pixels: the same on every side, or (height, width), or
        ((top, bottom), (left, right)).
    value : int or float, default 0.0
        What the frame is filled with.

    Returns
    -------
    padded : ndarray, shape (N, H+top+bottom, W+left+right, C)
        A new array at each call, even if the padding is 0. It has the dtype of `x` if that can
        hold `value` exactly, as every float dtype holds nan and the infinities. Otherwise it has
        the dtype that NumPy finds for two dtypes, that of `x` and that of ``np.asarray(value)``,
        such as float64 for integer pixels in a frame of 0.5 or nan, and int64 for uint8 and -1.

    Raises
    ------
    TypeError, ValueError
        If `x` is not a 4-D array of numbers, or the padding is negative or not an integer.

    Notes
    -----
    Copies every pixel once: the memory of the result, and time in proportion to it.

    References
    ----------
    V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Examples
    --------
    >>> x = np.array([[5, 6], [7, 8]]).reshape(1, 2, 2, 1)
    >>> pad2d(x, 1)[0, :, :, 0]
    array([[0, 0, 0, 0],
           [0, 5, 6, 0],
           [0, 7, 8, 0],
           [0, 0, 0, 0]])
    >>> pad2d(x, ((0, 1), (2, 0)), value=-1)[0, :, :, 0]
    array([[-1, -1,  5,  6],
           [-1, -1,  7,  8],
           [-1, -1, -1, -1]])
    """
    require_images(x)
    (top, bottom), (left, right) = as_sides(padding)
    N, H, W, C = x.shape

    ### BEGIN SOLUTION
    shape = (N, H + top + bottom, W + left + right, C)
    padded = np.full(shape, value, dtype=_dtype_holding(value, x.dtype))
    padded[:, top : top + H, left : left + W] = x
    return padded
    ### END SOLUTION


### BEGIN SOLUTION
def _dtype_holding(value, dtype):
    """Return `dtype` if `value` survives the way there and back, and a wider one otherwise."""
    value = np.asarray(value)
    with np.errstate(over="ignore", invalid="ignore"):
        stored = value.astype(dtype)
    if np.array_equal(stored, value, equal_nan=True):
        return dtype
    return np.result_type(dtype, value.dtype)


### END SOLUTION


def get_output_shape(input_shape, kernel_size, stride=1, padding=0):
    """Count the positions at which a window fits into a padded image.

    Parameters
    ----------
    input_shape : (int, int)
        Height and width of the image, H and W, before padding.
    kernel_size : int or (int, int)
        Height and width of the window, KH and KW.
    stride : int or (int, int), default 1
        Steps between neighbouring positions, down and to the right.
    padding : int, (int, int) or ((int, int), (int, int)), default 0
        The frame, as in `pad2d`.

    Returns
    -------
    output_shape : (int, int)
        OH and OW. Along one axis of n pixels, with a window of k and steps of s, there are
        ``floor((n + before + after - k) / s) + 1`` positions.

    Raises
    ------
    TypeError, ValueError
        If a size is not an integer or is too small.
    ValueError
        If the window is larger than the padded image; the message names both sizes.

    Notes
    -----
    Arithmetic on a few integers; no array is made. Rows and columns at the bottom and right
    that are too few for another step are not visited.

    References
    ----------
    V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Examples
    --------
    >>> get_output_shape((10, 10), kernel_size=3, stride=2)
    (4, 4)
    >>> get_output_shape((9, 8), kernel_size=(3, 2), stride=(2, 1), padding=(1, 0))
    (5, 7)
    """
    H, W = as_pair(input_shape, "input_shape")
    KH, KW = as_pair(kernel_size, "kernel_size")
    SH, SW = as_pair(stride, "stride")
    (top, bottom), (left, right) = as_sides(padding)

    ### BEGIN SOLUTION
    rows = H + top + bottom
    columns = W + left + right
    if rows < KH or columns < KW:
        raise ValueError(f"kernel {KH}x{KW} does not fit the padded input {rows}x{columns}")
    return (rows - KH) // SH + 1, (columns - KW) // SW + 1
    ### END SOLUTION


def resolve_padding(mode, kernel_size):
    """Turn the name of a padding into the number of pixels on each side, at stride 1.

    Parameters
    ----------
    mode : {"valid", "same", "full"}
        ``"valid"``: no frame, the window stays on the image. ``"same"``: the output is as large
        as the image. ``"full"``: every position at which the window covers at least one pixel.
    kernel_size : int or (int, int)
        Height and width of the window, KH and KW.

    Returns
    -------
    padding : ((int, int), (int, int))
        ((top, bottom), (left, right)), as `pad2d` takes it. Where ``"same"`` needs an odd
        number, which an even window does, the larger part is at the bottom or right.

    Raises
    ------
    TypeError, ValueError
        If `mode` is none of the three names, or `kernel_size` is not a size.

    Notes
    -----
    Arithmetic on a few integers; no array is made.

    References
    ----------
    V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Examples
    --------
    >>> resolve_padding("same", 3)
    ((1, 1), (1, 1))
    >>> resolve_padding("same", (2, 5))
    ((0, 1), (2, 2))
    >>> resolve_padding("full", (2, 5))
    ((1, 1), (4, 4))
    """
    KH, KW = as_pair(kernel_size, "kernel_size")

    ### BEGIN SOLUTION
    if mode == "valid":
        return (0, 0), (0, 0)
    if mode == "same":
        return ((KH - 1) // 2, KH // 2), ((KW - 1) // 2, KW // 2)
    if mode == "full":
        return (KH - 1, KH - 1), (KW - 1, KW - 1)
    raise ValueError(f"mode must be 'valid', 'same' or 'full', not {mode!r}")
    ### END SOLUTION
