"""Windows from sliding_window_view, the winner from argmax, gradients with np.add.at."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, require_images
from stages.s13_cnn.padding.padding import get_output_shape


def _plan(input_shape, pool_size, stride):
    size = as_pair(pool_size, "pool_size")
    step = size if stride is None else as_pair(stride, "stride")
    return size, step, get_output_shape(input_shape[1:3], size, step)


def _view_windows(x, pool_size, stride):
    require_images(x)
    size, step, _ = _plan(x.shape, pool_size, stride)
    views = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))
    return views[:, :: step[0], :: step[1]], size, step  # (N, OH, OW, C, KH, KW)


def max_pool2d_forward(x, pool_size, stride=None):
    windows, (KH, KW), (SH, SW) = _view_windows(x, pool_size, stride)
    N, OH, OW, C = windows.shape[:4]
    flat = windows.reshape(N, OH, OW, C, KH * KW)
    winner = flat.argmax(axis=-1)
    out = np.take_along_axis(flat, winner[..., None], axis=-1)[..., 0]
    i, j = np.unravel_index(winner, (KH, KW))
    rows, columns = np.ogrid[0 : OH * SH : SH, 0 : OW * SW : SW]
    return out, np.stack((i + rows[..., None], j + columns[..., None]), axis=4)


def max_pool2d_backward(grad_out, indices, input_shape, pool_size, stride=None):
    N, _, _, C = input_shape
    _, _, (OH, OW) = _plan(input_shape, pool_size, stride)
    if grad_out.shape != (N, OH, OW, C) or indices.shape != (N, OH, OW, C, 2):
        raise ValueError("grad_out or indices have a wrong shape")
    n, _, _, c = np.ogrid[:N, :OH, :OW, :C]
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    np.add.at(grad_x, (n, indices[..., 0], indices[..., 1], c), grad_out)
    return grad_x


def avg_pool2d_forward(x, pool_size, stride=None):
    return _view_windows(x, pool_size, stride)[0].mean(axis=(4, 5))


def avg_pool2d_backward(grad_out, input_shape, pool_size, stride=None):
    (KH, KW), _, (OH, OW) = _plan(input_shape, pool_size, stride)
    if grad_out.shape != (input_shape[0], OH, OW, input_shape[3]):
        raise ValueError("grad_out has a wrong shape")
    places = np.arange(np.prod(input_shape)).reshape(input_shape)
    windows, _, _ = _view_windows(places, pool_size, stride)
    grad_x = np.zeros(np.prod(input_shape), dtype=grad_out.dtype)
    np.add.at(grad_x, windows, grad_out[..., None, None] / (KH * KW))
    return grad_x.reshape(input_shape)


def global_avg_pool2d_forward(x):
    require_images(x)
    N, H, W, C = x.shape
    return x.reshape(N, H * W, C).mean(axis=1)
