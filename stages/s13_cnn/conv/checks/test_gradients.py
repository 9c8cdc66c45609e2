"""Backward: how much each pixel, weight and bias moves the loss."""

import numpy as np

from grader.checking import call, cases, central_difference, criterion, same
from stages.s13_cnn.conv.conv import conv2d_backward, conv2d_forward

# Stride 2, a frame on three sides, a kernel that is no square, two images: (N, OH, OW) = (2, 2, 3)
SETTING = {"stride": 2, "padding": ((1, 0), (1, 2))}
X_SHAPE, W_SHAPE, OUT_SHAPE = (2, 5, 4, 2), (3, 2, 2, 3), (2, 2, 3, 3)


def drawn(*shapes, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


def out_of(result):
    """Return the first entry of a pair, or whatever came instead of a pair."""
    return result[0] if isinstance(result, tuple) and len(result) == 2 else result


def same_moves(forward, start, grad_out, gradient, which, axis):
    """Require that the outputs move as a gradient says that is known to be right.

    Images do not know of each other, nor do filters: along their axis all moves go in one call.
    """
    moves = central_difference(forward, start, grad_out, axis=axis)
    same(moves, gradient, f"how far {which} moves the outputs", rtol=1e-6)


def gradients_of(x, W, b, grad_out):
    """(grad_x, grad_W, grad_b) for the student's own forward pass."""
    _, col = call(conv2d_forward, x, W, b, **SETTING).agrees().value
    return call(conv2d_backward, grad_out, col, x.shape, W, **SETTING).agrees().value


@criterion("gradients")
def test_two_windows_by_hand():
    """Two windows with a column in common, gradients 2 and 3; a second image with 0 and 1."""
    col = np.array([[2.0, 3, 5, 6], [3, 4, 6, 7], [3, 4, 6, 7], [4, 5, 7, 8]])
    W = np.array([[10.0, 20.0], [30.0, 40.0]]).reshape(2, 2, 1, 1)
    grad_out = np.array([2.0, 3.0, 0.0, 1.0]).reshape(2, 1, 2, 1)
    grad_x = np.array([[20.0, 70, 60], [60, 170, 120], [0, 10, 20], [0, 30, 40]])
    grad_W = np.array([[17.0, 23.0], [35.0, 41.0]]).reshape(2, 2, 1, 1)
    right = (grad_x.reshape(2, 2, 3, 1), grad_W, np.array([6.0]))
    call(conv2d_backward, grad_out, col, (2, 2, 3, 1), W).gives(right)


@criterion("gradients")
def test_one_output_shows_its_filter():
    """Only output (1, 2) of filter 1 has a gradient, 1: grad_x is that filter, at its window."""
    (W,) = drawn((2, 3, 2, 3), seed=51)
    col = np.full((3 * 3, 12), 2.0)
    grad_out = np.zeros((1, 3, 3, 3))
    grad_out[0, 1, 2, 1] = 1
    result = call(conv2d_backward, grad_out, col, (1, 4, 5, 2), W).agrees().value
    same(result[0][0, 1:3, 2:5], W[..., 1], "grad_x at the window of output (1, 2)")


@criterion("gradients")
def test_order_shapes_and_sums():
    """grad_x, grad_W, grad_b, shaped like x, W and b, summed over the batch."""
    grad_out, col, W = drawn((3, 4, 3, 5), (3 * 4 * 3, 3 * 2 * 2), (3, 2, 2, 5), seed=52)
    call(conv2d_backward, grad_out, col, (3, 6, 4, 2), W).agrees()


@criterion("gradients")
def test_stride_and_padding_are_passed_on():
    """Stride (2, 1), padding (1, 2): grad_x has the shape of x, without the frame."""
    grad_out, col, W = drawn((2, 4, 8, 4), (2 * 4 * 8, 3 * 2 * 3), (3, 2, 3, 4), seed=53)
    x_shape = (2, 7, 5, 3)
    call(conv2d_backward, grad_out, col, x_shape, W, (2, 1), (1, 2)).agrees()


@criterion("gradients")
def test_filters_of_whole_numbers():
    """Integers in W do not round the gradients."""
    grad_out, col = drawn((2, 3, 2, 4), (2 * 3 * 2, 2 * 3 * 2), seed=58)
    W = np.arange(2, 50).reshape(2, 3, 2, 4)
    call(conv2d_backward, grad_out, col, (2, 4, 4, 2), W).agrees(dtype=False)


@criterion("gradients")
def test_gradients_of_whole_numbers():
    """Integers in grad_out, fractions in the filters."""
    col, W = drawn((2 * 3 * 2, 2 * 3 * 2), (2, 3, 2, 4), seed=50)
    grad_out = np.arange(80, 80 + 48).reshape(2, 3, 2, 4)
    call(conv2d_backward, grad_out, col, (2, 4, 4, 2), W).agrees(dtype=False)


@criterion("gradients")
def test_every_argument_by_its_name():
    """conv2d_backward(grad_out=..., col=..., x_shape=..., W=..., stride=..., padding=...)."""
    grad_out, col, W = drawn((2, 3, 3, 4), (2 * 3 * 3, 2 * 3 * 2), (2, 3, 2, 4), seed=59)
    named = {"W": W, "x_shape": (2, 4, 5, 2), "col": col, "grad_out": grad_out}
    call(conv2d_backward, padding=1, stride=2, **named).agrees()


@criterion("gradients")
def test_a_gradient_of_other_outputs_is_refused():
    """One number for each window and filter: as (N, C_out, OH, OW), or as a matrix, it is not."""
    grad_out, col, W = drawn((2, 3, 4, 2), (2 * 3 * 4, 2 * 2 * 3), (2, 2, 3, 2), seed=60)
    call(conv2d_backward, grad_out, col, (2, 4, 5, 3), W).agrees()
    call(conv2d_backward, grad_out.transpose(0, 3, 1, 2), col, (2, 4, 5, 3), W).refused()
    call(conv2d_backward, grad_out.reshape(-1, 2), col, (2, 4, 5, 3), W).refused()
    call(conv2d_backward, grad_out[:1], col, (2, 4, 5, 3), W).refused()


@criterion("gradients")
def test_float32_stays_float32():
    """float32 in, float32 out, for all three gradients."""
    arrays = drawn((2, 3, 2, 4), (2 * 3 * 2, 2 * 3 * 2), (2, 3, 2, 4), seed=54)
    grad_out, col, W = (a.astype(np.float32) for a in arrays)
    call(conv2d_backward, grad_out, col, (2, 4, 4, 2), W).agrees()


@criterion("gradients")
def test_the_gradient_for_every_pixel():
    """Each pixel is moved by a millionth; the outputs move as grad_x says."""
    x, W, b, grad_out = drawn(X_SHAPE, W_SHAPE, W_SHAPE[3:], OUT_SHAPE, seed=55)
    grad_x = gradients_of(x, W, b, grad_out)[0]

    def forward(x):
        return out_of(call(conv2d_forward, x, W, b, **SETTING).result())

    same_moves(forward, x, grad_out, grad_x, "each pixel", axis=0)


@criterion("gradients")
def test_the_gradient_for_every_weight():
    """Each weight is moved by a millionth; the outputs move as grad_W says."""
    x, W, b, grad_out = drawn(X_SHAPE, W_SHAPE, W_SHAPE[3:], OUT_SHAPE, seed=56)
    grad_W = gradients_of(x, W, b, grad_out)[1]

    def forward(W):
        biases = np.tile(b, W.shape[3] // len(b))
        return out_of(call(conv2d_forward, x, W, biases, **SETTING).result())

    same_moves(forward, W, grad_out, grad_W, "each weight", axis=-1)


@criterion("gradients")
def test_the_gradient_for_every_bias():
    """Each bias is moved by a millionth; the outputs move as grad_b says."""
    x, W, b, grad_out = drawn(X_SHAPE, W_SHAPE, W_SHAPE[3:], OUT_SHAPE, seed=57)
    grad_b = gradients_of(x, W, b, grad_out)[2]

    def forward(b):
        filters = np.tile(W, len(b) // W.shape[3])
        return out_of(call(conv2d_forward, x, filters, b, **SETTING).result())

    same_moves(forward, b, grad_out, grad_b, "each bias", axis=-1)


@criterion("gradients")
def test_drawn_images_filters_and_strides():
    """Twelve drawn cases: up to six images, kernels up to 5x5, strides up to 4."""
    low, high = [1, 5, 5, 1, 1, 1, 1, 1, 1, 0, 0], [6, 8, 8, 5, 5, 4, 4, 3, 3, 2, 2]
    for seed, (N, H, W, *case) in enumerate(cases(12, low, high, seed=45)):
        KH, KW, SH, SW, C, F, PH, PW = case
        OH, OW = (H + 2 * PH - KH) // SH + 1, (W + 2 * PW - KW) // SW + 1
        shapes = (N, OH, OW, F), (N * OH * OW, KH * KW * C), (KH, KW, C, F)
        grad_out, col, filters = drawn(*shapes, seed=seed)
        how = (N, H, W, C), filters, (SH, SW), (PH, PW)
        call(conv2d_backward, grad_out, col, *how).agrees()


@criterion("gradients")
def test_the_next_gradients():
    """A second call on arrays of the same shapes leaves the first results alone."""
    for seed in (47, 48):
        grad_out, col, W = drawn((2, 3, 2, 4), (2 * 3 * 2, 2 * 3 * 2), (2, 3, 2, 4), seed=seed)
        call(conv2d_backward, grad_out, col, (2, 4, 4, 2), W).agrees()
