"""Max pooling again, on other images and harder windows."""

import numpy as np

from grader.checking import call, central_difference, criterion, require, same
from stages.s13_cnn.pooling.pooling import max_pool2d_backward, max_pool2d_forward


def images(*shape, seed):
    return np.random.default_rng(seed).normal(size=shape)


def find_maxima(x, size, stride):
    """Return the indices of the maxima, in plain loops."""
    (KH, KW), (SH, SW) = size, stride
    N, H, W, C = x.shape
    indices = np.zeros((N, (H - KH) // SH + 1, (W - KW) // SW + 1, C, 2), dtype=int)
    for n, oh, ow, c in np.ndindex(indices.shape[:4]):
        top, left = oh * SH, ow * SW
        window = x[n, top : top + KH, left : left + KW, c]
        row, column = np.unravel_index(window.argmax(), window.shape)
        indices[n, oh, ow, c] = top + row, left + column
    return indices


def drawn_window(seed):
    """Draw images, a window that fits them, and a stride."""
    rng = np.random.default_rng(seed)
    KH, KW, SH, SW = (int(n) for n in rng.integers(1, 6, size=4))
    N, H, W, C = (int(n) for n in rng.integers([1, KH, KW, 1], [8, KH + 7, KW + 7, 5]))
    x = rng.integers(-9, -2, size=(N, H, W, C)).astype(float)  # few values: many ties
    return x, (KH, KW), (SH, SW)


@criterion("maxima")
def test_a_wide_window_by_hand():
    """Windows of 1x3 on one row."""
    x = np.array([-4.0, -2.0, -3.0, -7.0, -6.0, -5.0]).reshape(1, 1, 6, 1)
    indices = np.array([[0, 1], [0, 5]]).reshape(1, 1, 2, 1, 2)
    call(max_pool2d_forward, x, (1, 3)).gives(
        (np.array([-2.0, -5.0]).reshape(1, 1, 2, 1), indices)
    )


@criterion("maxima")
def test_maxima_below_zero_in_float32():
    """Windows of 3x4 on negative float32 pixels in Fortran order."""
    x = (-3 - np.abs(images(3, 9, 8, 2, seed=111))).astype(np.float32)
    call(max_pool2d_forward, np.asfortranarray(x), (3, 4)).agrees()
    call(max_pool2d_forward, x * np.float32(1e25), (3, 4)).agrees()


@criterion("maxima")
def test_a_wide_image_and_a_high_one():
    """300 pixels in a row, and in a column."""
    x = images(1, 2, 300, 1, seed=118)
    call(max_pool2d_forward, x, (2, 3)).agrees()
    call(max_pool2d_forward, x.transpose(0, 2, 1, 3), (3, 2)).agrees()


@criterion("maxima")
def test_ties_in_many_windows():
    """Pixels with three different values only: the first of equals counts."""
    x = np.random.default_rng(112).integers(2, 5, size=(2, 6, 12, 3)).astype(float)
    call(max_pool2d_forward, x, (2, 4)).agrees()


@criterion("maxima")
def test_maxima_of_integers():
    """Integer pixels, every second one of a larger array."""
    x = np.random.default_rng(113).integers(-90, 90, size=(3, 8, 12, 4))[:, ::2, ::2]
    call(max_pool2d_forward, x, (4, 2)).agrees()
    out, _ = call(max_pool2d_forward, (x + 90).astype(np.uint8), (2, 3)).agrees().value
    require(out.dtype == np.uint8, f"the maxima of uint8 must be uint8; they are {out.dtype}")


@criterion("maxima")
def test_arguments_by_name():
    """A wide window on two images, all by name."""
    call(
        max_pool2d_forward, stride=(2, 1), pool_size=(1, 4), x=images(2, 3, 9, 2, seed=123)
    ).agrees()


@criterion("maxima")
def test_three_batches_in_turn():
    """Three batches of the same shape, each with maxima of its own."""
    x = images(3, 5, 6, 2, seed=124)
    for batch in (x, 3 * x[:, ::-1], -x):
        call(max_pool2d_forward, batch, (3, 2), stride=1).agrees()


@criterion("windows")
def test_no_stride_means_the_size_of_the_window():
    """Windows of 3x4 without a stride on 8x11 pixels: two rows and three columns left over."""
    call(max_pool2d_forward, images(2, 8, 11, 3, seed=114), (3, 4)).agrees()


@criterion("windows")
def test_windows_of_one_pixel():
    """Windows of 1x1 that tile: all pixels, in an array of their own."""
    call(max_pool2d_forward, images(3, 4, 5, 2, seed=122), 1).agrees()


@criterion("windows")
def test_maxima_of_drawn_windows():
    """Twelve drawn shapes, windows and strides."""
    for seed in range(12):
        x, size, stride = drawn_window(seed)
        call(max_pool2d_forward, x, size, stride).agrees()


@criterion("windows")
def test_windows_that_cannot_be():
    """A window wider than the image, one of no height, strides below 1."""
    x = images(2, 7, 5, 3, seed=115)
    call(max_pool2d_forward, x, (2, 6)).refused("6", "5")
    call(max_pool2d_forward, x, (0, 2)).refused()
    call(max_pool2d_forward, x, 2, stride=(1, -1)).refused()
    call(max_pool2d_forward, x, (3, 2), stride=0).refused()
    call(max_pool2d_forward, x, (2.0, 3)).refused()
    call(max_pool2d_forward, x, 3, stride=(1, 2.5)).refused()


@criterion("windows")
def test_a_gradient_of_other_windows():
    """Gradients and indices of windows that move by two, for windows that tile."""
    x = images(2, 7, 8, 3, seed=120)
    indices = find_maxima(x, (3, 4), (2, 2))
    grad_out = images(*indices.shape[:4], seed=121)
    call(max_pool2d_backward, grad_out, indices, x.shape, (3, 4)).refused()


@criterion("windows")
def test_gradients_and_indices_are_as_many():
    """A gradient for one image of three, indices for one channel of two and too few windows."""
    x = images(3, 5, 8, 2, seed=125)
    indices = find_maxima(x, (2, 3), (3, 2))
    grad_out = images(*indices.shape[:4], seed=126)
    call(max_pool2d_backward, grad_out[1:2], indices, x.shape, (2, 3), (3, 2)).refused()
    call(max_pool2d_backward, grad_out, indices[:, :, :, :1], x.shape, (2, 3), (3, 2)).refused()
    call(max_pool2d_backward, grad_out, indices[:, :, 1:], x.shape, (2, 3), (3, 2)).refused()
    turned = grad_out.transpose(0, 2, 1, 3)
    call(max_pool2d_backward, turned, indices, x.shape, (2, 3), (3, 2)).refused()


@criterion("max-gradient")
def test_one_pixel_wins_four_times():
    """The centre of a 3x3 image is the maximum of all four windows of 2x2."""
    x = np.array([[2.0, 3.0, 4.0], [5.0, 11.0, 6.0], [7.0, 8.0, 9.0]]).reshape(1, 3, 3, 1)
    grad_out = np.array([10.0, 20.0, 30.0, 40.0]).reshape(1, 2, 2, 1)
    right = np.zeros((1, 3, 3, 1))
    right[0, 1, 1, 0] = 100.0
    indices = find_maxima(x, (2, 2), (1, 1))
    call(max_pool2d_backward, grad_out, indices, x.shape, 2, 1).gives(right)


@criterion("max-gradient")
def test_gradient_of_drawn_windows_is_conserved():
    """Twelve drawn shapes with many ties: the sum of the gradient stays what it was."""
    for seed in range(20, 32):
        x, size, stride = drawn_window(seed)
        indices = find_maxima(x, size, stride)
        grad_out = images(*indices.shape[:4], seed=seed) + 3
        grad_x = call(max_pool2d_backward, grad_out, indices, x.shape, size, stride).agrees().value
        same(grad_x.sum(), grad_out.sum(), "sum(grad_x), which must equal sum(grad_out)")


@criterion("max-gradient")
def test_float32_gradient_of_overlapping_windows():
    """Windows of 4x3 that move by one row and two columns, in float32."""
    x = images(3, 7, 8, 2, seed=116)
    indices = find_maxima(x, (4, 3), (1, 2))
    grad_out = images(*indices.shape[:4], seed=117).astype(np.float32)
    call(max_pool2d_backward, grad_out, indices, x.shape, (4, 3), (1, 2)).agrees()


@criterion("max-gradient")
def test_gradient_by_name():
    """Windows that overlap, all by name."""
    indices = find_maxima(images(3, 5, 4, 2, seed=127), (3, 2), (1, 1))
    given = {"stride": 1, "pool_size": (3, 2), "input_shape": (3, 5, 4, 2), "indices": indices}
    call(max_pool2d_backward, **given, grad_out=images(3, 3, 3, 2, seed=128)).agrees()


@criterion("max-gradient")
def test_three_gradients_in_turn():
    """Three gradients of the same shape, each for other maxima."""
    for seed in (129, 130, 131):
        indices = find_maxima(images(2, 6, 5, 3, seed=seed), (3, 2), (3, 2))
        grad_out = images(*indices.shape[:4], seed=seed + 10)
        call(max_pool2d_backward, grad_out, indices, (2, 6, 5, 3), (3, 2)).agrees()


@criterion("max-gradient")
def test_forward_and_backward_fit_together():
    """The gradient agrees with finite differences where pixels are left over."""
    x = images(3, 6, 4, 2, seed=118)
    _, indices = call(max_pool2d_forward, x, (2, 3), (3, 1)).agrees().value
    grad_out = images(*indices.shape[:4], seed=119)
    grad_x = call(max_pool2d_backward, grad_out, indices, x.shape, (2, 3), (3, 1)).agrees().value

    def forward(x):
        return max_pool2d_forward(x, (2, 3), (3, 1))[0]

    slope = central_difference(forward, x, grad_out, axis=0)
    same(grad_x, slope, "the gradient by finite differences", rtol=1e-6)


@criterion("windows")
def test_maxima_of_what_is_no_image_are_refused():
    """Complex numbers have no order, and a list of lists is no array."""
    call(max_pool2d_forward, np.full((1, 3, 6, 2), 1 - 2j), 2).refused()
    call(max_pool2d_forward, [[[[2.0]]]], 1).refused()


@criterion("maxima")
def test_more_numbers_that_are_nearly_equal():
    """Whole numbers that float32 would round, and fractions that differ in the tenth digit."""
    steps = np.random.default_rng(160).permutation(180).reshape(3, 6, 5, 2)
    call(max_pool2d_forward, 2**25 + steps, (2, 3)).agrees()
    call(max_pool2d_forward, 3 + 1e-10 * steps, (2, 3)).agrees()


@criterion("max-gradient")
def test_more_gradients_of_single_pixels():
    """Windows of one pixel: the gradient as it is, in an array of its own."""
    grad_out = images(3, 6, 5, 2, seed=161)
    indices = find_maxima(grad_out, (1, 1), (1, 1))
    call(max_pool2d_backward, grad_out, indices, grad_out.shape, 1).agrees()
