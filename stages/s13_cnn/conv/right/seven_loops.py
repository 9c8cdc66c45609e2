"""The loops down to single numbers: seven of them; the gradients window by window."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def conv2d_naive(x, W, b, stride=1, padding=0):
    require_images(x)
    require_images(W, "W")
    if x.shape[3] != W.shape[2] or b.shape != (W.shape[3],):
        raise ValueError(f"x {x.shape}, W {W.shape} and b {b.shape} do not belong together")
    N, _, _, C_in = x.shape
    KH, KW, _, C_out = W.shape
    SH, SW = as_pair(stride, "stride")

    OH, OW = get_output_shape(x.shape[1:3], W.shape[:2], stride, padding)
    padded = pad2d(x, padding)
    if not np.issubdtype(x.dtype, np.floating):
        padded = padded.astype(float)
    out = np.zeros((N, OH, OW, C_out), dtype=np.result_type(padded, W))
    for n in range(N):
        for f in range(C_out):
            for i in range(OH):
                for j in range(OW):
                    total = b[f]
                    for u in range(KH):
                        for v in range(KW):
                            for c in range(C_in):
                                total = (
                                    total + padded[n, i * SH + u, j * SW + v, c] * W[u, v, c, f]
                                )
                    out[n, i, j, f] = total
    return out


def conv2d_backward(grad_out, col, x_shape, W, stride=1, padding=0):
    N, OH, OW, C_out = grad_out.shape
    KH, KW, C_in, filters = W.shape
    if filters != C_out or len(col) != N * OH * OW:
        raise ValueError(f"{grad_out.shape} is not {len(col)} windows of {filters} filters")
    SH, SW = as_pair(stride, "stride")
    (top, bottom), (left, right) = as_sides(padding)
    _, height, width, _ = x_shape

    dtype = np.result_type(grad_out, W, col)
    grad_W, grad_b = np.zeros(W.shape, dtype), np.zeros(C_out, dtype)
    grad_padded = np.zeros((N, height + top + bottom, width + left + right, C_in), dtype)
    windows = col.reshape(N, OH, OW, KH, KW, C_in)
    for n in range(N):
        for i in range(OH):
            for j in range(OW):
                rows, columns = slice(i * SH, i * SH + KH), slice(j * SW, j * SW + KW)
                for f in range(C_out):
                    g = grad_out[n, i, j, f]
                    grad_padded[n, rows, columns] += g * W[..., f]
                    grad_W[..., f] += g * windows[n, i, j]
                    grad_b[f] += g
    return grad_padded[:, top : top + height, left : left + width], grad_W, grad_b
