"""im2col by sliding_window_view; col2im one row of the window after the other."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from stages.s13_cnn.arguments import as_pair, as_sides, require_images
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def im2col(x, kernel_size, stride=1, padding=0):
    require_images(x)
    KH, KW = as_pair(kernel_size, "kernel_size")
    SH, SW = as_pair(stride, "stride")
    get_output_shape(x.shape[1:3], kernel_size, stride, padding)  # refuses what does not fit

    windows = sliding_window_view(pad2d(x, padding), (KH, KW), axis=(1, 2))[:, ::SH, ::SW]
    return np.moveaxis(windows, 3, 5).reshape(-1, KH * KW * x.shape[3])


def col2im(col, input_shape, kernel_size, stride=1, padding=0):
    if not isinstance(col, np.ndarray):
        raise TypeError("col must be an array")
    KH, KW = as_pair(kernel_size, "kernel_size")
    SH, SW = as_pair(stride, "stride")
    (top, bottom), (left, right) = as_sides(padding)
    N, H, W, C = input_shape

    OH, OW = get_output_shape((H, W), kernel_size, stride, padding)
    if col.shape != (N * OH * OW, KH * KW * C):
        raise ValueError(f"unexpected shape {col.shape}")
    dtype = np.float32 if col.dtype == np.float32 else np.float64
    padded = np.zeros((N, top + H + bottom, left + W + right, C), dtype=dtype)
    for n, image in enumerate(col.reshape(N, OH, OW, KH, KW * C)):
        for i in range(OH):
            strip = padded[n, i * SH : i * SH + KH]
            for j in range(OW):
                strip[:, j * SW : j * SW + KW] += image[i, j].reshape(KH, KW, C)
    return padded[:, top:, left:][:, :H, :W].copy()
