"""Plain loops: every window cut, and put back, on its own."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def im2col(x, kernel_size, stride=1, padding=0):
    require_images(x)
    KH, KW = as_pair(kernel_size, "kernel_size")
    SH, SW = as_pair(stride, "stride")
    N, H, W, _ = x.shape

    OH, OW = get_output_shape((H, W), kernel_size, stride, padding)
    padded = pad2d(x, padding)
    rows = []
    for n in range(N):
        for i in range(OH):
            for j in range(OW):
                rows.append(padded[n, i * SH : i * SH + KH, j * SW : j * SW + KW].ravel())
    return np.array(rows)


def col2im(col, input_shape, kernel_size, stride=1, padding=0):
    if not isinstance(col, np.ndarray):
        raise TypeError("col must be an array")
    KH, KW = as_pair(kernel_size, "kernel_size")
    SH, SW = as_pair(stride, "stride")
    (top, bottom), (left, right) = as_sides(padding)
    N, H, W, C = input_shape

    OH, OW = get_output_shape((H, W), kernel_size, stride, padding)
    if len(col) != N * OH * OW or col[0].size != KH * KW * C:
        raise ValueError("col has the wrong shape")
    floats = col if col.dtype.kind == "f" else col.astype(float)
    padded = np.zeros((N, top + H + bottom, left + W + right, C), floats.dtype)
    for row, values in enumerate(floats):
        n, i, j = row // (OH * OW), row // OW % OH * SH, row % OW * SW
        padded[n, i : i + KH, j : j + KW] += values.reshape(KH, KW, C)
    return padded[:, top : top + H, left : left + W]  # a view of an array of its own
