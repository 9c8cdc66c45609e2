"""Einstein sums: forward over strided views, backward over the rows of col."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from stages.s13_cnn.arguments import as_pair, require_images
from stages.s13_cnn.im2col.im2col import col2im, im2col
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def conv2d_forward(x, W, b, stride=1, padding=0):
    require_images(x)
    require_images(W)
    if (x.shape[3], *b.shape) != W.shape[2:]:
        raise ValueError(f"x {x.shape}, W {W.shape} and b {b.shape} do not fit each other")
    KH, KW, C_in, _ = W.shape
    SH, SW = as_pair(stride, "stride")

    OH, OW = get_output_shape(x.shape[1:3], (KH, KW), (SH, SW), padding)
    padded = np.ascontiguousarray(pad2d(x, padding))
    if padded.dtype.kind != "f":
        padded = padded.astype(np.double)
    n, h, w, c = padded.strides
    views = as_strided(padded, (len(x), OH, OW, KH, KW, C_in), (n, h * SH, w * SW, h, w, c))
    out = np.einsum("nhwijc,ijcf->nhwf", views, W)
    return out + b, im2col(x, (KH, KW), (SH, SW), padding)


def conv2d_backward(grad_out, col, x_shape, W, stride=1, padding=0):
    KH, KW, C_in, C_out = W.shape
    *_, OH, OW, filters = grad_out.shape
    if grad_out.ndim != 4 or filters != C_out or len(col) != len(grad_out) * OH * OW:
        raise ValueError(f"grad_out {grad_out.shape} does not fit col {col.shape} and W {W.shape}")
    rows = grad_out.reshape(-1, C_out) * np.ones((), col.dtype)

    grad_W = np.einsum("rk,rf->kf", col, rows).reshape(KH, KW, C_in, C_out)
    grad_col = np.einsum("rf,ijcf->rijc", rows, W).reshape(len(rows), -1)
    grad_x = col2im(grad_col, x_shape, (KH, KW), stride, padding)
    return grad_x, grad_W, np.einsum("rf->f", rows)
