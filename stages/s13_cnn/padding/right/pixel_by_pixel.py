"""Everything in plain loops: pixels copied one at a time, positions counted one at a time."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images


def pad2d(x, padding, value=0.0):
    require_images(x)
    (top, bottom), (left, right) = as_sides(padding)
    N, H, W, C = x.shape

    dtype = x.dtype
    if not np.array_equal(np.array([value]).astype(dtype), [value], equal_nan=True):
        dtype = np.result_type(dtype, np.array([value]))
    padded = np.empty((N, top + H + bottom, left + W + right, C), dtype=dtype)
    for n, i, j, c in np.ndindex(padded.shape):
        inside = top <= i < top + H and left <= j < left + W
        padded[n, i, j, c] = x[n, i - top, j - left, c] if inside else value
    return padded


def get_output_shape(input_shape, kernel_size, stride=1, padding=0):
    sizes = as_pair(input_shape, "input_shape")
    kernel = as_pair(kernel_size, "kernel_size")
    steps = as_pair(stride, "stride")

    found = []
    for n, (before, after), k, s in zip(sizes, as_sides(padding), kernel, steps, strict=True):
        start, count = 0, 0
        while start + k <= before + n + after:
            start, count = start + s, count + 1
        if count == 0:
            raise ValueError(f"a window of {k} does not fit {before + n + after} pixels")
        found.append(count)
    return tuple(found)


def resolve_padding(mode, kernel_size):
    KH, KW = as_pair(kernel_size, "kernel_size")
    if mode not in {"valid", "same", "full"}:
        raise ValueError(f"unknown mode: {mode}")

    sides = []
    for k in (KH, KW):
        before, after = 0, 0
        if mode == "full":
            before = after = k - 1
        if mode == "same":
            while before + after < k - 1:  # the extra pixel comes after
                before, after = (before, after + 1) if before == after else (before + 1, after)
        sides.append((before, after))
    return tuple(sides)
