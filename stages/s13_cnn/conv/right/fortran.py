"""Results in Fortran order, and results whose channels lie first in memory."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, require_images
from stages.s13_cnn.im2col.im2col import col2im, im2col
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def _floats(a):
    return a.astype(np.float64) if a.dtype.kind in "iu" else a


def conv2d_naive(x, W, b, stride=1, padding=0):
    require_images(x)
    require_images(W, "W")
    if x.shape[3] != W.shape[2] or b.shape != W.shape[3:]:
        raise ValueError(f"{x.shape[3]} channels of x; W {W.shape}; b {b.shape}")
    KH, KW, C_in, C_out = W.shape
    SH, SW = as_pair(stride, "stride")

    OH, OW = get_output_shape(x.shape[1:3], (KH, KW), stride, padding)
    planes = np.asfortranarray(_floats(pad2d(x, padding)))
    out = np.zeros((len(x), OH, OW, C_out), np.result_type(planes, W), order="F")
    for f, c in np.ndindex(C_out, C_in):
        for n, i, j in np.ndindex(len(x), OH, OW):
            window = planes[n, SH * i : SH * i + KH, SW * j : SW * j + KW, c]
            out[n, i, j, f] += np.vdot(window, W[:, :, c, f])
    out += b.astype(out.dtype)
    return out


def conv2d_forward(x, W, b, stride=1, padding=0):
    require_images(x)
    require_images(W, "W")
    if x.shape[3] != W.shape[2] or b.shape != W.shape[3:]:
        raise ValueError(f"{x.shape[3]} channels of x; W {W.shape}; b {b.shape}")
    C_out = W.shape[3]

    size = get_output_shape(x.shape[1:3], W.shape[:2], stride, padding)
    col = im2col(_floats(x), W.shape[:2], stride, padding)
    maps = W.reshape(-1, C_out).T @ col.T + b[:, None]  # (C_out, N*OH*OW)
    return maps.reshape(C_out, len(x), *size).transpose(1, 2, 3, 0), np.asfortranarray(col)


def conv2d_backward(grad_out, col, x_shape, W, stride=1, padding=0):
    C_out = W.shape[3]
    if grad_out.ndim != 4 or grad_out.shape[3] != C_out:
        raise ValueError(f"grad_out has the shape {grad_out.shape} for {C_out} filters")
    maps = np.moveaxis(_floats(grad_out), 3, 0).reshape(C_out, -1)  # (C_out, N*OH*OW)

    grad_W = np.asfortranarray((maps @ col).reshape(C_out, *W.shape[:3]).transpose(1, 2, 3, 0))
    grad_col = (W.reshape(-1, C_out) @ maps).T
    grad_x = np.asfortranarray(col2im(grad_col, x_shape, W.shape[:2], stride, padding))
    return grad_x, grad_W, maps.sum(axis=1)
