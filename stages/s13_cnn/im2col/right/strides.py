"""as_strided both ways: col2im adds into overlapping views, one place of the window at a time."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from stages.s13_cnn.arguments import as_pair, as_sides, require_images
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def _as_windows(padded, kernel, steps, size):
    (KH, KW), (SH, SW), (OH, OW) = kernel, steps, size
    n, h, w, c = padded.strides
    shape = (len(padded), OH, OW, KH, KW, padded.shape[3])
    return as_strided(padded, shape, (n, SH * h, SW * w, h, w, c))


def im2col(x, kernel_size, stride=1, padding=0):
    require_images(x)
    kernel, steps = as_pair(kernel_size, "kernel_size"), as_pair(stride, "stride")

    size = get_output_shape(x.shape[1:3], kernel, steps, padding)
    windows = _as_windows(pad2d(x, padding), kernel, steps, size)
    return np.ascontiguousarray(windows).reshape(-1, kernel[0] * kernel[1] * x.shape[3])


def col2im(col, input_shape, kernel_size, stride=1, padding=0):
    if not isinstance(col, np.ndarray):
        raise TypeError("col must be an array")
    kernel, steps = as_pair(kernel_size, "kernel_size"), as_pair(stride, "stride")
    (top, bottom), (left, right) = as_sides(padding)
    N, H, W, C = input_shape

    size = get_output_shape((H, W), kernel, steps, padding)
    if col.ndim != 2 or len(col) != N * size[0] * size[1] or col.shape[1] != C * np.prod(kernel):
        raise ValueError("col does not belong to these images")
    padded = np.zeros((N, H + top + bottom, W + left + right, C), np.result_type(col, np.float32))
    if col.dtype.kind != "f":
        padded = padded.astype(np.float64)
    windows = _as_windows(padded, kernel, steps, size)
    parts = col.reshape(windows.shape)
    for place in np.ndindex(kernel):
        windows[:, :, :, *place] += parts[:, :, :, *place]
    return padded[:, top : top + H, left : left + W]
