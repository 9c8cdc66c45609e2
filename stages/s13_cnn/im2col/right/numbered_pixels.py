"""Numbers every pixel, and lets the numbers do the work: np.take there, np.bincount back."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def _numbers(shape, kernel_size, stride):
    """Return im2col of an image batch in which each value is its own flat index."""
    N, H, W, C = shape
    (KH, KW), (SH, SW) = as_pair(kernel_size, "kernel_size"), as_pair(stride, "stride")
    OH, OW = get_output_shape((H, W), (KH, KW), (SH, SW))
    n, oh, ow, kh, kw, c = np.ogrid[:N, :OH, :OW, :KH, :KW, :C]
    numbers = ((n * H + oh * SH + kh) * W + ow * SW + kw) * C + c
    return numbers.reshape(N * OH * OW, KH * KW * C)


def im2col(x, kernel_size, stride=1, padding=0):
    require_images(x)
    padded = pad2d(x, padding)
    return np.take(padded, _numbers(padded.shape, kernel_size, stride))


def col2im(col, input_shape, kernel_size, stride=1, padding=0):
    if not isinstance(col, np.ndarray):
        raise TypeError("col must be an array")
    (top, bottom), (left, right) = as_sides(padding)
    N, H, W, C = input_shape

    shape = (N, H + top + bottom, W + left + right, C)
    numbers = _numbers(shape, kernel_size, stride)
    if numbers.shape != col.shape:
        raise ValueError(f"col must have shape {numbers.shape}, not {col.shape}")
    sums = np.bincount(numbers.ravel(), col.ravel(), minlength=int(np.prod(shape)))
    dtype = col.dtype if col.dtype in (np.float32, np.float64) else np.float64
    return sums.reshape(shape)[:, top : top + H, left : left + W].astype(dtype)
