"""Fancy indices: forward gathers the pixels of all windows, backward scatters with add.at."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def _pixels(size, kernel, stride):
    """Row and column of each pixel of each window, (OH, OW, KH, KW)."""
    (OH, OW), (KH, KW), (SH, SW) = size, kernel, stride
    rows = SH * np.arange(OH)[:, None, None, None] + np.arange(KH)[:, None]
    columns = SW * np.arange(OW)[:, None, None] + np.arange(KW)
    return rows, columns


def conv2d_forward(x, W, b, stride=1, padding=0):
    require_images(x)
    require_images(W, "W")
    if x.shape[3] != W.shape[2] or len(b) != W.shape[3]:
        raise ValueError(f"x has {x.shape[3]} channels; W {W.shape}; b {b.shape}")
    kernel, C_out = W.shape[:2], W.shape[3]

    size = get_output_shape(x.shape[1:3], kernel, stride, padding)
    rows, columns = _pixels(size, kernel, as_pair(stride, "stride"))
    windows = pad2d(x, padding)[:, rows, columns]  # (N, OH, OW, KH, KW, C_in)
    col = windows.reshape(len(x) * size[0] * size[1], -1)
    if col.dtype.kind != "f":
        col = col.astype(float)
    return np.dot(col, W.reshape(-1, C_out)).reshape(len(x), *size, C_out) + b, col


def conv2d_backward(grad_out, col, x_shape, W, stride=1, padding=0):
    KH, KW, C_in, C_out = W.shape
    N, height, width, _ = x_shape
    count, *size, filters = grad_out.shape
    if filters != C_out or count != N:
        raise ValueError(f"grad_out {grad_out.shape} for {N} images and {C_out} filters")
    (top, bottom), (left, right) = as_sides(padding)

    rows, columns = _pixels(size, (KH, KW), as_pair(stride, "stride"))
    shares = np.tensordot(grad_out, W, axes=(3, 3))  # (N, OH, OW, KH, KW, C_in)
    padded = np.zeros((N, height + top + bottom, width + left + right, C_in), shares.dtype)
    np.add.at(padded, (slice(None), rows, columns), shares)
    flat = grad_out.reshape(-1, C_out)
    grad_W = np.dot(col.T, flat).reshape(KH, KW, C_in, C_out)
    return padded[:, top : height + top, left : width + left], grad_W, flat.sum(0)
