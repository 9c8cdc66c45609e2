"""Both functions as sums over one-hot matrices: rows times image times columns, by einsum."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def _selection(n, k, s, count, dtype):
    """Return (count, k, n): 1 where place `i` of window `o` is pixel `p`."""
    o, i, p = np.ogrid[:count, :k, :n]
    return (o * s + i == p).astype(dtype)


def im2col(x, kernel_size, stride=1, padding=0):
    require_images(x)
    (KH, KW), (SH, SW) = as_pair(kernel_size, "kernel_size"), as_pair(stride, "stride")
    OH, OW = get_output_shape(x.shape[1:3], kernel_size, stride, padding)

    padded = pad2d(x, padding)
    N, H, W, C = padded.shape
    down = _selection(H, KH, SH, OH, x.dtype)
    right = _selection(W, KW, SW, OW, x.dtype)
    windows = np.einsum("aih,nhwc,bjw->nabijc", down, padded, right)
    return windows.reshape(N * OH * OW, KH * KW * C)


def col2im(col, input_shape, kernel_size, stride=1, padding=0):
    if not isinstance(col, np.ndarray):
        raise TypeError("col must be an array")
    (KH, KW), (SH, SW) = as_pair(kernel_size, "kernel_size"), as_pair(stride, "stride")
    (top, bottom), (left, right) = as_sides(padding)
    N, H, W, C = input_shape

    OH, OW = get_output_shape((H, W), kernel_size, stride, padding)
    if col.shape != (N * OH * OW, KH * KW * C):
        raise ValueError("col must have one row for each window")
    if not np.issubdtype(col.dtype, np.floating):
        col = col.astype(np.float64)
    # The frame is never made: the selections leave its rows and columns out.
    down = _selection(top + H + bottom, KH, SH, OH, col.dtype)[..., top : top + H]
    right = _selection(left + W + right, KW, SW, OW, col.dtype)[..., left : left + W]
    windows = col.reshape(N, OH, OW, KH, KW, C)
    return np.einsum("aih,nabijc,bjw->nhwc", down, windows, right)
