"""One product for each place of the kernel, added up in place; the gradients likewise."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images
from stages.s13_cnn.im2col.im2col import im2col
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def _steps(start, stride, count):
    return slice(start, start + stride * (count - 1) + 1, stride)


def conv2d_forward(x, W, b, stride=1, padding=0):
    require_images(x)
    require_images(W, "W")
    if x.shape[3] != W.shape[2]:
        raise ValueError(f"x has {x.shape[3]} channels, W has {W.shape[2]}")
    if b.shape != W.shape[3:]:
        raise ValueError(f"b has shape {b.shape} for {W.shape[3]} filters")
    KH, KW, _, C_out = W.shape
    SH, SW = as_pair(stride, "stride")

    OH, OW = get_output_shape(x.shape[1:3], (KH, KW), stride, padding)
    padded, filters = pad2d(x, padding), W * 1.0  # whole numbers become float64
    out = np.empty((len(x), OH, OW, C_out), np.result_type(x, filters, b))
    out[...] = b
    for i, j in np.ndindex(KH, KW):
        out += padded[:, _steps(i, SH, OH), _steps(j, SW, OW)] @ filters[i, j]
    return out, im2col(x.astype(out.dtype), (KH, KW), stride, padding)


def conv2d_backward(grad_out, col, x_shape, W, stride=1, padding=0):
    KH, KW, C_in, C_out = W.shape
    SH, SW = as_pair(stride, "stride")
    (top, bottom), (left, right) = as_sides(padding)
    N, height, width, _ = x_shape
    _, OH, OW, maps = grad_out.shape
    if maps != C_out:
        raise ValueError(f"grad_out has {maps} maps, W has {C_out} filters")

    dtype = np.result_type(grad_out, W, col)
    padded = np.zeros((N, top + height + bottom, left + width + right, C_in), dtype)
    grad_W = np.zeros_like(W, dtype=dtype)
    places = col.reshape(-1, KH, KW, C_in)
    rows = grad_out.reshape(-1, C_out)
    for i, j in np.ndindex(KH, KW):
        padded[:, _steps(i, SH, OH), _steps(j, SW, OW)] += grad_out @ W[i, j].T
        grad_W[i, j] = places[:, i, j].T @ rows
    return (
        padded[:, top : top + height, left : left + width],
        grad_W,
        np.ones(len(rows), dtype) @ rows,
    )
