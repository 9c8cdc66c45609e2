"""grad_x as the lesson's formula: the full convolution of the spread gradient, filters turned."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides
from stages.s13_cnn.im2col.im2col import im2col


def conv2d_backward(grad_out, col, x_shape, W, stride=1, padding=0):
    N, OH, OW, C_out = grad_out.shape
    KH, KW, C_in, filters = W.shape
    if C_out != filters or len(col) != N * OH * OW:
        raise ValueError(f"grad_out {grad_out.shape} for {filters} filters, {len(col)} windows")
    SH, SW = as_pair(stride, "stride")
    (top, bottom), (left, right) = as_sides(padding)
    _, height, width, _ = x_shape

    shape = N, height + top + bottom - KH + 1, width + left + right - KW + 1, C_out
    spread = np.zeros(shape, grad_out.dtype)
    spread[:, : SH * OH : SH, : SW * OW : SW] = grad_out
    turned = np.flip(W, (0, 1)).swapaxes(2, 3)  # (KH, KW, C_out, C_in)
    rows = im2col(spread, (KH, KW), padding=(KH - 1, KW - 1))
    grad_padded = (rows @ turned.reshape(-1, C_in)).reshape(
        N, *np.add(shape[1:3], W.shape[:2]) - 1, C_in
    )
    grad_x = grad_padded[:, top : top + height, left : left + width].copy()

    # The windows may also be read transposed: the sums are the same.
    grad_W = (grad_out.reshape(-1, C_out).T @ col).T.reshape(W.shape)
    return grad_x, grad_W, grad_out.sum(axis=(0, 1, 2))
