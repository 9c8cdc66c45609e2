"""Index arrays: im2col gathers with them, col2im scatters with np.add.at."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def _places(size, kernel, steps):
    (OH, OW), (KH, KW), (SH, SW) = size, kernel, steps
    i = np.repeat(np.arange(KH), KW) + SH * np.repeat(np.arange(OH), OW)[:, None]
    j = np.tile(np.arange(KW), KH) + SW * np.tile(np.arange(OW), OH)[:, None]
    return i, j  # (OH*OW, KH*KW) each


def im2col(x, kernel_size, stride=1, padding=0):
    require_images(x)
    kernel, steps = as_pair(kernel_size, "kernel_size"), as_pair(stride, "stride")

    size = get_output_shape(x.shape[1:3], kernel, steps, padding)
    i, j = _places(size, kernel, steps)
    return pad2d(x, padding)[:, i, j].reshape(len(x) * len(i), -1)


def col2im(col, input_shape, kernel_size, stride=1, padding=0):
    if not isinstance(col, np.ndarray):
        raise TypeError("col must be an array")
    kernel, steps = as_pair(kernel_size, "kernel_size"), as_pair(stride, "stride")
    (top, bottom), (left, right) = as_sides(padding)
    N, H, W, C = input_shape

    i, j = _places(get_output_shape((H, W), kernel, steps, padding), kernel, steps)
    if col.shape != (N * i.shape[0], C * i.shape[1]):
        raise ValueError(f"expected {N * i.shape[0]} rows of {C * i.shape[1]} values")
    padded = np.zeros((N, H + top + bottom, W + left + right, C), (col[:0] * 1.0).dtype)
    np.add.at(padded, (slice(None), i, j), col.reshape(N, *i.shape, C))
    return np.asfortranarray(padded[:, top : top + H, left : left + W])
