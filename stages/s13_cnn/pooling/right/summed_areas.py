"""Averages from a summed-area table; their gradient from the differences at four corners."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, require_images
from stages.s13_cnn.padding.padding import get_output_shape


def _plan(input_shape, pool_size, stride):
    size = as_pair(pool_size, "pool_size")
    step = size if stride is None else as_pair(stride, "stride")
    return size, step, get_output_shape(input_shape[1:3], size, step)


def _float_dtype(x):
    return x.dtype if x.dtype.kind == "f" else np.float64


def _enclose(size, step, out_size):
    """Return first and last-but-one row and column of every window."""
    (KH, KW), (SH, SW), (OH, OW) = size, step, out_size
    top, left = SH * np.arange(OH)[:, None], SW * np.arange(OW)
    return top, top + KH, left, left + KW


def avg_pool2d_forward(x, pool_size, stride=None):
    require_images(x)
    size, step, out_size = _plan(x.shape, pool_size, stride)
    N, H, W, C = x.shape
    table = np.zeros((N, H + 1, W + 1, C))
    table[:, 1:, 1:] = x.cumsum(axis=1, dtype=float).cumsum(axis=2)
    top, bottom, left, right = _enclose(size, step, out_size)
    total = table[:, bottom, right] - table[:, top, right]
    total += table[:, top, left] - table[:, bottom, left]
    return (total / np.prod(size)).astype(_float_dtype(x))


def avg_pool2d_backward(grad_out, input_shape, pool_size, stride=None):
    size, step, out_size = _plan(input_shape, pool_size, stride)
    N, H, W, C = input_shape
    if grad_out.shape != (N, *out_size, C):
        raise ValueError("grad_out has a wrong shape")
    steps = np.zeros((N, H + 1, W + 1, C))
    top, bottom, left, right = _enclose(size, step, out_size)
    for sign, row, column in (
        (1, top, left),
        (-1, top, right),
        (-1, bottom, left),
        (1, bottom, right),
    ):
        np.add.at(steps, (slice(None), row, column), sign * grad_out.astype(float))
    grad_x = steps.cumsum(axis=1).cumsum(axis=2)[:, :H, :W] / np.prod(size)
    return grad_x.astype(grad_out.dtype)


def global_avg_pool2d_forward(x):
    require_images(x)
    return avg_pool2d_forward(x, x.shape[1:3])[:, 0, 0]


def global_avg_pool2d_backward(grad_out, input_shape):
    N, H, W, C = input_shape
    if grad_out.shape != (N, C):
        raise ValueError("grad_out has a wrong shape")
    return avg_pool2d_backward(grad_out[:, None, None], input_shape, (H, W))
