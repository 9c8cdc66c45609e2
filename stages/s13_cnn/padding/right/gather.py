"""pad2d the other way round: each place of the result asks where its pixel comes from."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images


def pad2d(x, padding, value=0.0):
    require_images(x)
    (top, bottom), (left, right) = as_sides(padding)
    _, H, W, _ = x.shape

    i = np.arange(-top, H + bottom)
    j = np.arange(-left, W + right)
    inside = ((i >= 0) & (i < H))[:, None] & ((j >= 0) & (j < W))
    pixels = x[:, i.clip(0, H - 1)][:, :, j.clip(0, W - 1)]

    value = np.asarray(value)
    with np.errstate(all="ignore"):
        same = value.astype(x.dtype)
    if np.array_equal(same, value, equal_nan=True):
        value = same
    return np.where(inside[:, :, None], pixels, value.reshape(1))  # an axis: NumPy sees its dtype


def get_output_shape(input_shape, kernel_size, stride=1, padding=0):
    # Starts as a range: its length is the count.
    n, k = as_pair(input_shape, "input_shape"), as_pair(kernel_size, "kernel_size")
    s, p = as_pair(stride, "stride"), as_sides(padding)

    starts = [range(0, n[a] + sum(p[a]) - k[a] + 1, s[a]) for a in (0, 1)]
    if min(map(len, starts)) == 0:
        sizes = [n[a] + sum(p[a]) for a in (0, 1)]
        raise ValueError(f"kernel size {k} is larger than the padded input size {sizes}")
    return len(starts[0]), len(starts[1])
