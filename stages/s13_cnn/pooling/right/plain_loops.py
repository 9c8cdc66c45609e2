"""Plain loops over images, rows, columns and channels, slow and easy to believe."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, require_images


def _read(input_shape, pool_size, stride):
    (KH, KW), (N, H, W, C) = as_pair(pool_size, "pool_size"), input_shape
    SH, SW = (KH, KW) if stride is None else as_pair(stride, "stride")
    if KH > H or KW > W:
        raise ValueError(f"a window of {KH}x{KW} does not fit an image of {H}x{W}")
    return (KH, KW), (SH, SW), (N, 1 + (H - KH) // SH, 1 + (W - KW) // SW, C)


def max_pool2d_forward(x, pool_size, stride=None):
    require_images(x)
    (KH, KW), (SH, SW), shape = _read(x.shape, pool_size, stride)
    out, indices = np.zeros(shape, dtype=x.dtype), np.zeros((*shape, 2), dtype=np.int32)
    for n in range(shape[0]):
        for oh in range(shape[1]):
            for ow in range(shape[2]):
                for c in range(shape[3]):
                    places = [
                        (row, column)
                        for row in range(oh * SH, oh * SH + KH)
                        for column in range(ow * SW, ow * SW + KW)
                    ]
                    best = max(places, key=lambda place: x[n, *place, c])
                    out[n, oh, ow, c] = x[n, *best, c]
                    indices[n, oh, ow, c] = best
    return out, indices


def max_pool2d_backward(grad_out, indices, input_shape, pool_size, stride=None):
    _, _, shape = _read(input_shape, pool_size, stride)
    if grad_out.shape != shape or indices.shape != (*shape, 2):
        raise ValueError("grad_out and indices must have the shape of the output")
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    for n, oh, ow, c in np.ndindex(shape):
        row, column = indices[n, oh, ow, c]
        grad_x[n, row, column, c] += grad_out[n, oh, ow, c]
    return grad_x


def avg_pool2d_forward(x, pool_size, stride=None):
    require_images(x)
    (KH, KW), (SH, SW), shape = _read(x.shape, pool_size, stride)
    out = np.zeros(shape, dtype=x.dtype if x.dtype.kind == "f" else float)
    for n, oh, ow, c in np.ndindex(shape):
        window = x[n, oh * SH : oh * SH + KH, ow * SW : ow * SW + KW, c]
        out[n, oh, ow, c] = sum(float(pixel) for pixel in window.flat) / window.size
    return out


def avg_pool2d_backward(grad_out, input_shape, pool_size, stride=None):
    (KH, KW), (SH, SW), shape = _read(input_shape, pool_size, stride)
    if grad_out.shape != shape:
        raise ValueError(f"grad_out must be {shape}, not {grad_out.shape}")
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    for oh in range(shape[1]):
        for ow in range(shape[2]):
            window = grad_x[:, oh * SH : oh * SH + KH, ow * SW : ow * SW + KW]
            window += grad_out[:, oh : oh + 1, ow : ow + 1] / (KH * KW)
    return grad_x
