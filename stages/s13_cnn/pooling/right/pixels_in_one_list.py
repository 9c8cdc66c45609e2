"""One comparison after another in place, the winners kept as flat places in x."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, require_images
from stages.s13_cnn.padding.padding import get_output_shape


def _plan(input_shape, pool_size, stride):
    size = as_pair(pool_size, "pool_size")
    step = size if stride is None else as_pair(stride, "stride")
    return size, step, get_output_shape(input_shape[1:3], size, step)


def max_pool2d_forward(x, pool_size, stride=None):
    require_images(x)
    (KH, KW), (SH, SW), (OH, OW) = _plan(x.shape, pool_size, stride)
    N, _, W, C = x.shape
    place = np.zeros((N, OH, OW, C), dtype=np.int64)
    place[...] = (SH * np.arange(OH) * W)[:, None, None] + (SW * np.arange(OW))[:, None]
    out = x[:, 0 : OH * SH : SH, 0 : OW * SW : SW].copy()
    here = place.copy()
    for i, j in reversed(list(np.ndindex(KH, KW))):  # backwards, so that equals win again
        rival = x[:, i : i + OH * SH : SH, j : j + OW * SW : SW]
        better = rival >= out
        out[better] = rival[better]
        place[better] = (here + (i * W + j))[better]
    return out, np.moveaxis(np.array(np.divmod(place, W)), 0, -1)


def max_pool2d_backward(grad_out, indices, input_shape, pool_size, stride=None):
    (KH, KW), (SH, SW), (OH, OW) = _plan(input_shape, pool_size, stride)
    N, H, W, C = input_shape
    if grad_out.shape != (N, OH, OW, C) or indices.shape != (N, OH, OW, C, 2):
        raise ValueError("grad_out or indices have a wrong shape")
    grad_x = np.zeros((N, H, W, C), dtype=grad_out.dtype)
    rows = indices[..., 0] - SH * np.arange(OH)[:, None, None]
    columns = indices[..., 1] - SW * np.arange(OW)[:, None]
    for i, j in np.ndindex(KH, KW):
        won = (rows == i) & (columns == j)  # by each window for itself: no place repeats
        grad_x[:, i : i + OH * SH : SH, j : j + OW * SW : SW] += np.where(won, grad_out, 0)
    return grad_x


def global_avg_pool2d_forward(x):
    require_images(x)
    return x.mean(axis=1).mean(axis=1)


def global_avg_pool2d_backward(grad_out, input_shape):
    N, H, W, C = input_shape
    if grad_out.shape != (N, C):
        raise ValueError("grad_out has a wrong shape")
    grad_x = np.empty(input_shape, dtype=grad_out.dtype)
    grad_x[...] = grad_out.reshape(N, 1, 1, C)
    grad_x /= H * W
    return grad_x
