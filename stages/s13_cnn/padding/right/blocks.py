"""pad2d built from blocks: frame above and below, then left and right."""

import numpy as np

from stages.s13_cnn.arguments import as_sides, require_images


def pad2d(x, padding, value=0.0):
    require_images(x)
    (top, bottom), (left, right) = as_sides(padding)
    N, _, W, C = x.shape

    dtype = _dtype_for(x, value)
    above, below = (np.full((N, n, W, C), value, dtype=dtype) for n in (top, bottom))
    tall = np.concatenate([above, x.astype(dtype), below], axis=1)
    before, after = (np.full((N, len(tall[0]), n, C), value, dtype=dtype) for n in (left, right))
    return np.concatenate([before, tall, after], axis=2)


def _dtype_for(x, value):
    """The other way round: whether a one-pixel array can take the value and give it back."""
    pixel = np.zeros(1, dtype=x.dtype)
    try:
        with np.errstate(all="ignore"):
            pixel[0] = value
    except (OverflowError, ValueError):  # -1 in uint8, or nan in an integer
        return np.promote_types(x.dtype, np.asarray(value).dtype)
    if float(pixel[0]) == value or (np.isnan(pixel[0]) and np.isnan(value)):
        return x.dtype
    return np.promote_types(x.dtype, np.asarray(value).dtype)
