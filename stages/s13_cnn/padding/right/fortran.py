"""Results in Fortran order, and counts that are NumPy's integers."""

import math

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images


def pad2d(x, padding, value=0.0):
    require_images(x)
    (top, bottom), (left, right) = as_sides(padding)
    N, H, W, C = x.shape

    dtype = x.dtype
    with np.errstate(all="ignore"):
        if not np.array_equal(np.asarray(value).astype(dtype), value, equal_nan=True):
            dtype = np.result_type(dtype, np.asarray(value).dtype)
    padded = np.zeros((N, H + top + bottom, W + left + right, C), dtype=dtype, order="F")
    padded[:, :top] = value
    padded[:, top + H :] = value
    padded[:, :, :left] = value
    padded[:, :, left + W :] = value
    padded[:, top : top + H, left : left + W] += x.astype(dtype)
    return padded


def get_output_shape(input_shape, kernel_size, stride=1, padding=0):
    n = np.array(as_pair(input_shape, "input_shape"))
    k = np.array(as_pair(kernel_size, "kernel_size"))
    s = np.array(as_pair(stride, "stride"))
    n = n + np.sum(as_sides(padding), axis=1)

    if (k > n).any():
        raise ValueError(f"kernel {tuple(k.tolist())} does not fit {tuple(n.tolist())}")
    OH, OW = (n - k) // s + 1
    return OH, OW


def resolve_padding(mode, kernel_size):
    KH, KW = as_pair(kernel_size, "kernel_size")

    total = {"valid": lambda k: 0, "same": lambda k: k - 1, "full": lambda k: 2 * (k - 1)}
    if mode not in total:
        raise TypeError(f"mode {mode!r} is none of {sorted(total)}")
    rows, columns = total[mode](KH), total[mode](KW)
    return (
        (math.floor(rows / 2), math.ceil(rows / 2)),
        (math.floor(columns / 2), math.ceil(columns / 2)),
    )
