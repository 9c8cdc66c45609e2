"""Sizes by floats and math.floor; modes by match; pad2d by two copies of a larger buffer."""

import math

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images


def pad2d(x, padding, value=0.0):
    require_images(x)
    (top, bottom), (left, right) = as_sides(padding)
    N, H, W, C = x.shape

    number = np.asarray(value)
    with np.errstate(all="ignore"):
        back = number.astype(x.dtype).astype(number.dtype)
    kept = np.array_equal(back, number, equal_nan=True)
    # More room than needed: the result is a part of the buffer, and still an array of its own.
    room = np.full(
        (N, H + top + bottom + 1, W + left + right + 1, C),
        value,
        dtype=x.dtype if kept else np.result_type(x.dtype, number.dtype),
    )
    room[:, 1 + top : 1 + top + H, 1 + left : 1 + left + W] = x
    return room[:, 1:, 1:]


def get_output_shape(input_shape, kernel_size, stride=1, padding=0):
    H, W = as_pair(input_shape, "input_shape")
    KH, KW = as_pair(kernel_size, "kernel_size")
    SH, SW = as_pair(stride, "stride")
    (top, bottom), (left, right) = as_sides(padding)

    OH = math.floor((H + top + bottom - KH) / SH) + 1
    OW = math.floor((W + left + right - KW) / SW + 1)
    if OH < 1 or OW < 1:
        size = f"{H + top + bottom}x{W + left + right}"
        raise ValueError(f"a {KH}x{KW} kernel cannot slide over a {size} input")
    return OH, OW


def resolve_padding(mode, kernel_size):
    KH, KW = as_pair(kernel_size, "kernel_size")
    match mode:
        case "valid":
            return (0, 0), (0, 0)
        case "same":
            return ((KH - 1) // 2, KH - 1 - (KH - 1) // 2), (math.ceil(KW / 2) - 1, KW // 2)
        case "full":
            return (KH - 1,) * 2, (KW - 1,) * 2
        case _:
            raise ValueError(f"{mode!r} is no mode")
