"""The layout of many tutorials, (N, C, KH, KW, OH, OW), and a transpose at the end."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def im2col(x, kernel_size, stride=1, padding=0):
    require_images(x)
    KH, KW = as_pair(kernel_size, "kernel_size")
    SH, SW = as_pair(stride, "stride")
    N, H, W, C = x.shape
    OH, OW = get_output_shape((H, W), kernel_size, stride, padding)

    img = pad2d(x, padding).transpose(0, 3, 1, 2)
    col = np.zeros((N, C, KH, KW, OH, OW), dtype=x.dtype)
    for i in range(KH):
        i_max = i + SH * OH
        for j in range(KW):
            j_max = j + SW * OW
            col[:, :, i, j, :, :] = img[:, :, i:i_max:SH, j:j_max:SW]
    return np.asfortranarray(col.transpose(0, 4, 5, 2, 3, 1).reshape(N * OH * OW, -1))


def col2im(col, input_shape, kernel_size, stride=1, padding=0):
    if not isinstance(col, np.ndarray):
        raise TypeError("col must be an array")
    KH, KW = as_pair(kernel_size, "kernel_size")
    SH, SW = as_pair(stride, "stride")
    (top, bottom), (left, right) = as_sides(padding)
    N, H, W, C = input_shape
    OH, OW = get_output_shape((H, W), kernel_size, stride, padding)
    if col.shape != (N * OH * OW, KH * KW * C):
        raise ValueError(f"col has the shape {col.shape}")

    if col.dtype.kind != "f":
        col = col.astype(float)
    col = col.reshape(N, OH, OW, KH, KW, C).transpose(0, 5, 3, 4, 1, 2)
    # Room for the last step as well, so that every slice has OH and OW entries.
    img = np.zeros((N, C, H + top + bottom + SH - 1, W + left + right + SW - 1), dtype=col.dtype)
    for i in range(KH):
        for j in range(KW):
            img[:, :, i : i + SH * OH : SH, j : j + SW * OW : SW] += col[:, :, i, j]
    return img[:, :, top : H + top, left : W + left].transpose(0, 2, 3, 1)
