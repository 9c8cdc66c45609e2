"""Loops over positions alone, one product for all images and filters; tensordot in forward."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from stages.s13_cnn.arguments import as_pair, require_images
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def _shapes_belong_together(x, W, b):
    require_images(x, "x")
    require_images(W, "W")
    if W.shape[2] != x.shape[3]:
        raise ValueError(f"{W.shape[2]} channels in W, {x.shape[3]} in x")
    if b.shape != (W.shape[3],):
        raise ValueError(f"{W.shape[3]} filters, {b.shape} biases")


def conv2d_naive(x, W, b, stride=1, padding=0):
    _shapes_belong_together(x, W, b)
    N, H, width, _ = x.shape
    KH, KW, _, C_out = W.shape
    SH, SW = as_pair(stride, "stride")

    OH, OW = get_output_shape((H, width), (KH, KW), stride, padding)
    padded = pad2d(x, padding)
    columns = (W * 1.0).reshape(-1, C_out)  # whole numbers become float64
    positions = [
        padded[:, SH * i : SH * i + KH, SW * j : SW * j + KW].reshape(N, -1) @ columns + b
        for i in range(OH)
        for j in range(OW)
    ]
    return np.stack(positions, axis=1).reshape(N, OH, OW, C_out)


def conv2d_forward(x, W, b, stride=1, padding=0):
    _shapes_belong_together(x, W, b)
    KH, KW, C_in, _ = W.shape
    SH, SW = as_pair(stride, "stride")
    get_output_shape(x.shape[1:3], (KH, KW), stride, padding)

    views = sliding_window_view(pad2d(x, padding), (KH, KW), axis=(1, 2))[:, ::SH, ::SW]
    out = np.tensordot(views, W * 1.0, axes=([3, 4, 5], [2, 0, 1])) + b
    return out, views.transpose(0, 1, 2, 4, 5, 3).reshape(-1, KH * KW * C_in)
