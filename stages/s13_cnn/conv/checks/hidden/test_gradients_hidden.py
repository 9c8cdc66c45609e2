"""Backward, on other images, strides and frames."""

import numpy as np

from grader.checking import call, cases, central_difference, criterion, same
from stages.s13_cnn.conv.conv import conv2d_backward, conv2d_forward

# Leftover rows, a stride for each axis, three images: (N, OH, OW) = (3, 2, 3)
SETTING = {"stride": (3, 2), "padding": ((0, 1), (2, 0))}
X_SHAPE, W_SHAPE, OUT_SHAPE = (3, 5, 5, 2), (2, 3, 2, 4), (3, 2, 3, 4)


def drawn(*shapes, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


def out_of(result):
    """Return the first entry of a pair, or whatever came instead of a pair."""
    return result[0] if isinstance(result, tuple) and len(result) == 2 else result


def same_moves(forward, start, grad_out, gradient, which, axis):
    """Require that the outputs move as a gradient says that is known to be right."""
    moves = central_difference(forward, start, grad_out, axis=axis)
    same(moves, gradient, f"how far {which} moves the outputs", rtol=1e-6)


def gradients_of(x, W, b, grad_out):
    """(grad_x, grad_W, grad_b) for the student's own forward pass."""
    _, col = call(conv2d_forward, x, W, b, **SETTING).agrees().value
    return call(conv2d_backward, grad_out, col, x.shape, W, **SETTING).agrees().value


@criterion("gradients")
def test_a_stride_of_two_by_hand():
    """Windows of two pixels at stride 2, a column left over, two images."""
    col = np.array([[2.0, 3.0], [4.0, 5.0], [6.0, 7.0], [8.0, 9.0]])
    W = np.array([10.0, 20.0]).reshape(1, 2, 1, 1)
    grad_out = np.array([2.0, 3.0, 4.0, 5.0]).reshape(2, 1, 2, 1)
    grad_x = np.array([[20.0, 40, 30, 60, 0], [40, 80, 50, 100, 0]]).reshape(2, 1, 5, 1)
    grad_W = np.array([80.0, 94.0]).reshape(1, 2, 1, 1)
    right = (grad_x, grad_W, np.array([14.0]))
    call(conv2d_backward, grad_out, col, (2, 1, 5, 1), W, stride=2).gives(right)


@criterion("gradients")
def test_a_filter_cut_by_the_frame():
    """The window of output (0, 0) lies half on the frame: grad_x keeps the other half."""
    (W,) = drawn((3, 2, 3, 2), seed=61)
    grad_out = np.zeros((1, 4, 5, 2))
    grad_out[0, 0, 0, 1] = 2
    col = np.full((4 * 5, 18), 3.0)
    result = call(conv2d_backward, grad_out, col, (1, 4, 4, 3), W, padding=1).agrees().value
    same(result[0][0, :2, :1], 2 * W[1:, 1:, :, 1], "grad_x at the window of output (0, 0)")


@criterion("gradients")
def test_many_channels_in_other_memory_orders():
    """Seven channels, five filters; a transposed grad_out, col and W in Fortran order."""
    grad_out, col, W = drawn((5, 4, 3, 2), (2 * 3 * 4, 2 * 3 * 7), (2, 3, 7, 5), seed=62)
    grad_out, col, W = grad_out.transpose(3, 2, 1, 0), np.asfortranarray(col), np.asfortranarray(W)
    call(conv2d_backward, grad_out, col, (2, 4, 6, 7), W).agrees()


@criterion("gradients")
def test_leftovers_get_no_gradient():
    """Stride (2, 3) and four different sides of the frame."""
    grad_out, col, W = drawn((3, 4, 2, 5), (3 * 4 * 2, 3 * 2 * 2), (3, 2, 2, 5), seed=63)
    sides = ((2, 1), (0, 1))
    call(conv2d_backward, grad_out, col, (3, 7, 6, 2), W, stride=(2, 3), padding=sides).agrees()


@criterion("gradients")
def test_one_filter_one_pixel():
    """A 1x1 kernel, a single filter, eight images."""
    grad_out, col, W = drawn((8, 3, 2, 1), (8 * 3 * 2, 4), (1, 1, 4, 1), seed=64)
    call(conv2d_backward, grad_out, col, (8, 3, 2, 4), W).agrees()


@criterion("gradients")
def test_integer_filters():
    """Filters of whole numbers, fractions in the gradient."""
    grad_out, col = drawn((3, 2, 4, 2), (3 * 2 * 4, 3 * 2 * 1), seed=68)
    W = np.arange(-60, -48).reshape(3, 2, 1, 2)
    call(conv2d_backward, grad_out, col, (3, 4, 5, 1), W).agrees(dtype=False)


@criterion("gradients")
def test_integer_gradients():
    """Gradients of negative whole numbers, fractions in the filters."""
    col, W = drawn((3 * 2 * 4, 3 * 2 * 1), (3, 2, 1, 2), seed=60)
    grad_out = np.arange(-128, -80).reshape(3, 2, 4, 2)
    call(conv2d_backward, grad_out, col, (3, 4, 5, 1), W).agrees(dtype=False)


@criterion("gradients")
def test_arguments_by_name():
    """All arguments by name, at stride (3, 2)."""
    grad_out, col, W = drawn(OUT_SHAPE, (3 * 2 * 3, 2 * 3 * 2), W_SHAPE, seed=69)
    named = {"col": col, "W": W, "grad_out": grad_out, "x_shape": X_SHAPE}
    call(conv2d_backward, **SETTING, **named).agrees()


@criterion("gradients")
def test_gradients_of_other_outputs():
    """Half as many positions with twice as many filters; a missing image; a matrix."""
    grad_out, col, W = drawn((2, 2, 4, 3), (2 * 2 * 4, 3 * 2 * 2), (3, 2, 2, 3), seed=70)
    call(conv2d_backward, grad_out, col, (2, 4, 5, 2), W).agrees()
    call(conv2d_backward, grad_out.reshape(2, 2, 2, 6), col, (2, 4, 5, 2), W).refused()
    call(conv2d_backward, grad_out[1:], col, (2, 4, 5, 2), W).refused()
    call(conv2d_backward, grad_out.reshape(16, 3), col, (2, 4, 5, 2), W).refused()


@criterion("gradients")
def test_float32_with_stride_and_frame():
    """All three gradients are float32."""
    arrays = drawn((2, 3, 3, 4), (2 * 3 * 3, 2 * 3 * 2), (2, 3, 2, 4), seed=65)
    grad_out, col, W = (a.astype(np.float32) for a in arrays)
    call(conv2d_backward, grad_out, col, (2, 4, 5, 2), W, 2, 1).agrees()


@criterion("gradients")
def test_pixels_against_finite_differences():
    """grad_x, every pixel, at stride (3, 2)."""
    x, W, b, grad_out = drawn(X_SHAPE, W_SHAPE, W_SHAPE[3:], OUT_SHAPE, seed=66)
    grad_x = gradients_of(x, W, b, grad_out)[0]

    def forward(x):
        return out_of(call(conv2d_forward, x, W, b, **SETTING).result())

    same_moves(forward, x, grad_out, grad_x, "each pixel", axis=0)


@criterion("gradients")
def test_weights_and_biases_against_finite_differences():
    """grad_W and grad_b, every entry, at stride (3, 2)."""
    x, W, b, grad_out = drawn(X_SHAPE, W_SHAPE, W_SHAPE[3:], OUT_SHAPE, seed=67)
    _, grad_W, grad_b = gradients_of(x, W, b, grad_out)

    def with_weights(W):
        biases = np.tile(b, W.shape[3] // len(b))
        return out_of(call(conv2d_forward, x, W, biases, **SETTING).result())

    def with_biases(b):
        filters = np.tile(W, len(b) // W.shape[3])
        return out_of(call(conv2d_forward, x, filters, b, **SETTING).result())

    same_moves(with_weights, W, grad_out, grad_W, "each weight", axis=-1)
    same_moves(with_biases, b, grad_out, grad_b, "each bias", axis=-1)


@criterion("gradients")
def test_more_drawn_images_filters_and_strides():
    """Sixteen drawn cases: up to nine images, kernels up to 5x5."""
    low, high = [1, 5, 5, 1, 1, 1, 1, 1, 1, 0, 0], [9, 9, 9, 5, 5, 5, 5, 4, 4, 2, 2]
    for seed, (N, H, W, *case) in enumerate(cases(16, low, high, seed=46)):
        KH, KW, SH, SW, C, F, PH, PW = case
        OH, OW = (H + 2 * PH - KH) // SH + 1, (W + 2 * PW - KW) // SW + 1
        shapes = (N, OH, OW, F), (N * OH * OW, KH * KW * C), (KH, KW, C, F)
        grad_out, col, filters = drawn(*shapes, seed=seed)
        how = (N, H, W, C), filters, (SH, SW), (PH, PW)
        call(conv2d_backward, grad_out, col, *how).agrees()


@criterion("gradients")
def test_three_gradients_in_turn():
    """Three calls on arrays of the same shapes, each with results of its own."""
    for seed in (49, 71, 72):
        grad_out, col, W = drawn((3, 2, 3, 2), (3 * 2 * 3, 2 * 2 * 3), (2, 2, 3, 2), seed=seed)
        call(conv2d_backward, grad_out, col, (3, 3, 4, 3), W).agrees()
