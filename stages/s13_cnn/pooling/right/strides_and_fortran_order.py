"""Windows by as_strided on a contiguous copy, and every result in Fortran order."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, require_images
from stages.s13_cnn.padding.padding import get_output_shape


def _plan(input_shape, pool_size, stride):
    size = as_pair(pool_size, "pool_size")
    step = size if stride is None else as_pair(stride, "stride")
    return size, step, get_output_shape(input_shape[1:3], size, step)


def _float_dtype(x):
    return x.dtype if x.dtype.kind == "f" else np.float64


def _strided(x, pool_size, stride):
    require_images(x)
    (KH, KW), (SH, SW), (OH, OW) = _plan(x.shape, pool_size, stride)
    x = np.ascontiguousarray(x)
    n, h, w, c = x.strides
    shape, strides = (len(x), OH, OW, x.shape[3], KH, KW), (n, h * SH, w * SW, c, h, w)
    return np.lib.stride_tricks.as_strided(x, shape, strides, writeable=False)


def max_pool2d_forward(x, pool_size, stride=None):
    windows = _strided(x, pool_size, stride)
    (KH, KW), step, (OH, OW) = _plan(x.shape, pool_size, stride)
    out = windows.max(axis=(4, 5))
    winner = (windows == out[..., None, None]).reshape(*out.shape, KH * KW).argmax(axis=-1)
    indices = np.empty((*out.shape, 2), dtype=np.int64, order="F")
    indices[..., 0] = winner // KW + (np.arange(OH) * step[0])[:, None, None]
    indices[..., 1] = winner % KW + (np.arange(OW) * step[1])[:, None]
    return np.asfortranarray(out), indices


def avg_pool2d_forward(x, pool_size, stride=None):
    windows = _strided(x, pool_size, stride)
    KH, KW = windows.shape[4:]
    total = np.einsum("nhwcij->nhwc", windows, dtype=_float_dtype(x))
    return np.asfortranarray(total / (KH * KW))


def avg_pool2d_backward(grad_out, input_shape, pool_size, stride=None):
    (KH, KW), step, (OH, OW) = _plan(input_shape, pool_size, stride)
    if grad_out.shape != (input_shape[0], OH, OW, input_shape[3]):
        raise ValueError("grad_out has a wrong shape")
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype, order="F")
    for i, j in np.ndindex(KH, KW):
        rows, columns = slice(i, i + OH * step[0], step[0]), slice(j, j + OW * step[1], step[1])
        grad_x[:, rows, columns] += grad_out / KH / KW
    return grad_x


def global_avg_pool2d_forward(x):
    require_images(x)
    total = np.einsum("nhwc->nc", x, dtype=_float_dtype(x))
    return np.asfortranarray(total / (x.shape[1] * x.shape[2]))


def global_avg_pool2d_backward(grad_out, input_shape):
    N, H, W, C = input_shape
    if grad_out.shape != (N, C):
        raise ValueError("grad_out has a wrong shape")
    return np.asfortranarray(np.tile(grad_out[:, None, None, :] / (H * W), (1, H, W, 1)))
