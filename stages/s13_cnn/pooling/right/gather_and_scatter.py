"""Windows gathered by index arrays; gradients scattered through a matrix product of ones."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, require_images
from stages.s13_cnn.padding.padding import get_output_shape


def _plan(input_shape, pool_size, stride):
    size = as_pair(pool_size, "pool_size")
    step = size if stride is None else as_pair(stride, "stride")
    return size, step, get_output_shape(input_shape[1:3], size, step)


def _places(input_shape, pool_size, stride):
    """Return the row and the column of every pixel of every window: (OH, OW, KH*KW)."""
    (KH, KW), (SH, SW), (OH, OW) = _plan(input_shape, pool_size, stride)
    rows = SH * np.arange(OH)[:, None, None] + np.arange(KH).repeat(KW)
    columns = SW * np.arange(OW)[:, None] + np.tile(np.arange(KW), KH)
    return np.broadcast_arrays(rows, columns)


def max_pool2d_forward(x, pool_size, stride=None):
    require_images(x)
    rows, columns = _places(x.shape, pool_size, stride)
    pixels = x[:, rows, columns]  # (N, OH, OW, KH*KW, C)
    winner = pixels.argmax(axis=3)  # (N, OH, OW, C)
    oh, ow = np.indices(rows.shape[:2])[:, None, :, :, None]
    indices = np.stack([rows[oh, ow, winner], columns[oh, ow, winner]], axis=-1)
    return pixels.max(axis=3), indices.astype(np.uint16)


def max_pool2d_backward(grad_out, indices, input_shape, pool_size, stride=None):
    N, H, W, C = input_shape
    _, _, (OH, OW) = _plan(input_shape, pool_size, stride)
    if grad_out.shape != (N, OH, OW, C) or indices.shape != (N, OH, OW, C, 2):
        raise ValueError("grad_out or indices have a wrong shape")
    at_row = indices[..., 0, None] == np.arange(H)  # (N, OH, OW, C, H)
    at_column = indices[..., 1, None] == np.arange(W)
    return np.einsum("nijc,nijch,nijcw->nhwc", grad_out, at_row, at_column)


def avg_pool2d_forward(x, pool_size, stride=None):
    require_images(x)
    rows, columns = _places(x.shape, pool_size, stride)
    return x[:, rows, columns].mean(axis=3)


def avg_pool2d_backward(grad_out, input_shape, pool_size, stride=None):
    N, H, W, C = input_shape
    rows, columns = _places(input_shape, pool_size, stride)
    if grad_out.shape != (N, *rows.shape[:2], C):
        raise ValueError("grad_out has a wrong shape")
    OH, OW, pixels = rows.shape
    inside = np.zeros((OH, OW, H, W), dtype=grad_out.dtype)
    oh, ow, _ = np.ogrid[:OH, :OW, :pixels]
    inside[oh, ow, rows, columns] = 1 / pixels
    return np.einsum("nijc,ijhw->nhwc", grad_out, inside)
