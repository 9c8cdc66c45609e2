"""Max pooling: the largest value of each window, and the pixel it came from."""

import numpy as np

from grader.checking import (
    call,
    cases,
    central_difference,
    criterion,
    reference_for,
    require,
    same,
)
from stages.s13_cnn.pooling.pooling import max_pool2d_backward, max_pool2d_forward

LESSON = np.array([[1, 3, 2, 1], [5, 6, 2, 4], [8, 9, 5, 3], [7, 4, 8, 7]], dtype=float)


def images(*shape, seed):
    return np.random.default_rng(seed).normal(size=shape)


def find_maxima(x, size, stride):
    """Return the indices of the maxima, as the reference finds them."""
    return reference_for(max_pool2d_forward)(x, size, stride)[1]


@criterion("maxima")
def test_the_lesson_by_hand():
    """The 4x4 image of the lesson: 6 4 / 9 8, and where they stand."""
    out = np.array([6.0, 4.0, 9.0, 8.0]).reshape(1, 2, 2, 1)
    indices = np.array([[1, 1], [1, 3], [2, 1], [3, 2]]).reshape(1, 2, 2, 1, 2)
    call(max_pool2d_forward, LESSON.reshape(1, 4, 4, 1), 2).gives((out, indices))


@criterion("maxima")
def test_an_image_below_zero():
    """All pixels are negative, and so are the maxima, be they -1 or -1e30."""
    x = -1 - np.abs(images(2, 4, 6, 3, seed=11))
    call(max_pool2d_forward, x, 2).agrees()
    call(max_pool2d_forward, 1e30 * x, 2).agrees()


@criterion("maxima")
def test_the_first_of_equals():
    """Where several pixels are the largest, the first in reading order counts."""
    x = np.array([[2.0, 7.0, 7.0, 3.0], [7.0, 7.0, 3.0, 7.0]]).reshape(1, 2, 4, 1)
    out = np.array([7.0, 7.0]).reshape(1, 1, 2, 1)
    indices = np.array([[0, 1], [0, 2]]).reshape(1, 1, 2, 1, 2)
    call(max_pool2d_forward, x, 2).gives((out, indices))


@criterion("maxima")
def test_a_window_that_is_not_square():
    """Windows of 3x2 on two images of 6x8 with 3 channels; they tile, as no stride is given."""
    call(max_pool2d_forward, images(2, 6, 8, 3, seed=12), (3, 2)).agrees()


@criterion("maxima")
def test_float32_stays_float32():
    """float32 in, float32 out; the images are a transposed array."""
    x = images(3, 6, 4, 2, seed=13).astype(np.float32).transpose(3, 2, 1, 0)
    call(max_pool2d_forward, x, (2, 3)).agrees()


@criterion("maxima")
def test_whole_numbers():
    """Maxima of integers are integers, some of them negative; those of uint8 are uint8."""
    x = np.random.default_rng(25).integers(-90, 90, size=(2, 4, 6, 3))
    call(max_pool2d_forward, x, (2, 3)).agrees()
    pixels = np.random.default_rng(28).integers(0, 256, size=(2, 4, 6, 3), dtype=np.uint8)
    out, _ = call(max_pool2d_forward, pixels, (2, 3)).agrees().value
    require(out.dtype == np.uint8, f"the maxima of uint8 must be uint8; they are {out.dtype}")


@criterion("maxima")
def test_a_wide_image():
    """300 pixels in a row: the last maxima stand in columns that one byte cannot count."""
    call(max_pool2d_forward, images(1, 2, 300, 1, seed=29), (2, 3)).agrees()


@criterion("maxima")
def test_arguments_by_name():
    """x=..., pool_size=..., stride=...: lessons call it so."""
    call(max_pool2d_forward, x=images(2, 4, 7, 3, seed=30), pool_size=(2, 3), stride=2).agrees()


@criterion("maxima")
def test_the_next_images():
    """Other images of the same shape have maxima of their own; the last ones stay."""
    x = images(2, 4, 6, 3, seed=31)
    call(max_pool2d_forward, x, 2).result()
    call(max_pool2d_forward, -2 * x, 2).agrees()


@criterion("windows")
def test_maxima_of_overlapping_windows():
    """Windows of 3x2 that move by one row and two columns."""
    call(max_pool2d_forward, images(2, 5, 7, 3, seed=14), (3, 2), (1, 2)).agrees()


@criterion("windows")
def test_maxima_where_windows_do_not_fit():
    """5x5 pixels, windows of 2x2: the last row and the last column are left over."""
    x = np.arange(2.0, 27.0).reshape(1, 5, 5, 1)
    out = np.array([8.0, 10.0, 18.0, 20.0]).reshape(1, 2, 2, 1)
    indices = np.array([[1, 1], [1, 3], [3, 1], [3, 3]]).reshape(1, 2, 2, 1, 2)
    call(max_pool2d_forward, x, 2).gives((out, indices))


@criterion("windows")
def test_maxima_with_gaps():
    """Windows of 2x2 that move by three rows and four columns, with pixels left over."""
    call(max_pool2d_forward, images(2, 9, 8, 3, seed=15), 2, stride=(3, 4)).agrees()


@criterion("windows")
def test_windows_of_one_pixel():
    """Windows of 1x1 that move by two rows and one column: an array of its own."""
    call(max_pool2d_forward, images(2, 5, 4, 3, seed=27), 1, stride=(2, 1)).agrees()


@criterion("windows")
def test_a_window_larger_than_the_image():
    """A 5x2 window on 4x6 pixels is refused, with both numbers."""
    call(max_pool2d_forward, images(2, 4, 6, 3, seed=16), (5, 2)).refused("5", "4")


@criterion("windows")
def test_a_stride_of_zero():
    """A window that never moves is refused."""
    call(max_pool2d_forward, images(2, 4, 6, 3, seed=16), 2, stride=0).refused()


@criterion("windows")
def test_sizes_and_strides_are_whole_numbers():
    """A window of 2.0 pixels is no size, and 1.5 is no stride."""
    x = images(2, 4, 6, 3, seed=16)
    call(max_pool2d_forward, x, 2.0).refused()
    call(max_pool2d_forward, x, 2, stride=1.5).refused()


@criterion("windows")
def test_a_gradient_of_other_windows():
    """2x2 windows of 2x3 pixels have 2x2 gradients; at stride 1 they are refused."""
    x = images(2, 4, 6, 3, seed=16)
    grad_out, indices = images(2, 2, 2, 3, seed=26), find_maxima(x, (2, 3), (2, 3))
    call(max_pool2d_backward, grad_out, indices, x.shape, (2, 3), 1).refused()


@criterion("windows")
def test_gradients_and_indices_are_as_many():
    """One image too few, one channel for three, four windows in a row for two rows of two."""
    x = images(2, 4, 6, 3, seed=16)
    grad_out, indices = images(2, 2, 2, 3, seed=26), find_maxima(x, (2, 3), (2, 3))
    call(max_pool2d_backward, grad_out[:1], indices, x.shape, (2, 3)).refused()
    call(max_pool2d_backward, grad_out[..., :1], indices, x.shape, (2, 3)).refused()
    call(max_pool2d_backward, grad_out, indices[..., :1, :], x.shape, (2, 3)).refused()
    call(max_pool2d_backward, grad_out.reshape(2, 1, 4, 3), indices, x.shape, (2, 3)).refused()


@criterion("max-gradient")
def test_the_gradient_of_the_lesson():
    """Four gradients go to the four maxima, and nowhere else."""
    x = LESSON.reshape(1, 4, 4, 1)
    grad_out = np.array([10.0, 20.0, 30.0, 40.0]).reshape(1, 2, 2, 1)
    right = np.array([[0, 0, 0, 0], [0, 10, 0, 20], [0, 30, 0, 0], [0, 0, 40, 0]], dtype=float)
    indices = find_maxima(x, (2, 2), (2, 2))
    call(max_pool2d_backward, grad_out, indices, x.shape, 2).gives(right.reshape(1, 4, 4, 1))


@criterion("max-gradient")
def test_one_pixel_wins_twice():
    """A maximum of two overlapping windows gets both gradients."""
    x = np.array([2.0, 9.0, 3.0]).reshape(1, 1, 3, 1)
    grad_out = np.array([10.0, 20.0]).reshape(1, 1, 2, 1)
    indices = np.array([[0, 1], [0, 1]]).reshape(1, 1, 2, 1, 2)
    right = np.array([0.0, 30.0, 0.0]).reshape(1, 1, 3, 1)
    call(max_pool2d_backward, grad_out, indices, x.shape, (1, 2), 1).gives(right)


@criterion("max-gradient")
def test_a_window_with_two_maxima():
    """4 5 6 with windows of two: the 5 stands in the second window too, but does not win it."""
    indices = np.array([[0, 1], [0, 2]]).reshape(1, 1, 2, 1, 2)
    grad_out = np.array([10.0, 20.0]).reshape(1, 1, 2, 1)
    right = np.array([0.0, 10.0, 20.0]).reshape(1, 1, 3, 1)
    call(max_pool2d_backward, grad_out, indices, (1, 1, 3, 1), (1, 2), 1).gives(right)


@criterion("max-gradient")
def test_gradient_of_equal_pixels_is_conserved():
    """Many pixels are equal; still no gradient is lost or made."""
    x = np.random.default_rng(17).integers(2, 4, size=(2, 6, 8, 3)).astype(float)
    indices = find_maxima(x, (3, 2), (3, 2))
    grad_out = images(*indices.shape[:4], seed=18)
    grad_x = call(max_pool2d_backward, grad_out, indices, x.shape, (3, 2)).agrees().value
    same(grad_x.sum(), grad_out.sum(), "sum(grad_x), which must equal sum(grad_out)")


@criterion("max-gradient")
def test_no_window_loses_or_makes_gradient():
    """Whatever the window, the stride and the image: sum(grad_x) equals sum(grad_out)."""
    low, high = [1, 1, 1, 1, 1, 0, 0], [6, 5, 5, 5, 5, 5, 5]
    for seed, (N, KH, KW, SH, SW, rows, columns) in enumerate(cases(24, low, high, seed=7)):
        rng = np.random.default_rng(seed)
        x = rng.integers(2, 6, size=(N, KH + rows, KW + columns, 3)).astype(float)
        call(max_pool2d_forward, x, (KH, KW), (SH, SW)).agrees()
        indices = find_maxima(x, (KH, KW), (SH, SW))
        grad_out = rng.normal(size=indices.shape[:4]) + 3
        how = x.shape, (KH, KW), (SH, SW)
        grad_x = call(max_pool2d_backward, grad_out, indices, *how).agrees().value
        same(grad_x.sum(), grad_out.sum(), "sum(grad_x), which must equal sum(grad_out)")


@criterion("max-gradient")
def test_gradient_of_overlapping_windows():
    """Windows of 3x2 that move by two rows and one column, on two images with 3 channels."""
    x = images(2, 8, 5, 3, seed=19)
    indices = find_maxima(x, (3, 2), (2, 1))
    grad_out = images(*indices.shape[:4], seed=20)
    grad_x = call(max_pool2d_backward, grad_out, indices, x.shape, (3, 2), (2, 1)).agrees().value
    same(grad_x.sum(), grad_out.sum(), "sum(grad_x), which must equal sum(grad_out)")


@criterion("max-gradient")
def test_float32_gradient():
    """A float32 gradient gives a float32 gradient, whatever its memory order."""
    x = images(2, 6, 9, 3, seed=21)
    indices = find_maxima(x, (2, 3), (2, 3))
    grad_out = np.asfortranarray(images(*indices.shape[:4], seed=22).astype(np.float32))
    call(max_pool2d_backward, grad_out, indices, x.shape, (2, 3)).agrees()


@criterion("max-gradient")
def test_gradient_by_name():
    """grad_out=..., indices=..., input_shape=..., and the window: lessons call it so."""
    indices = find_maxima(images(2, 4, 6, 3, seed=32), (2, 3), (1, 2))
    given = {"grad_out": images(*indices.shape[:4], seed=33), "indices": indices}
    given |= {"input_shape": (2, 4, 6, 3), "pool_size": (2, 3), "stride": (1, 2)}
    call(max_pool2d_backward, **given).agrees()


@criterion("max-gradient")
def test_the_next_gradient():
    """Another gradient of the same shape starts from nothing; the last result stays."""
    x, grad_out = images(2, 4, 6, 3, seed=34), images(2, 2, 3, 3, seed=35)
    for sign in (1, -1):
        indices = find_maxima(sign * x, (2, 2), (2, 2))
        call(max_pool2d_backward, sign * grad_out + 2, indices, x.shape, 2).agrees()


@criterion("max-gradient")
def test_forward_and_backward_fit_together():
    """The gradient agrees with finite differences of the maxima."""
    x = images(2, 4, 5, 2, seed=23)
    _, indices = call(max_pool2d_forward, x, (2, 3), stride=1).agrees().value
    grad_out = images(*indices.shape[:4], seed=24)
    grad_x = call(max_pool2d_backward, grad_out, indices, x.shape, (2, 3), stride=1).agrees().value

    def forward(x):
        return max_pool2d_forward(x, (2, 3), 1)[0]

    slope = central_difference(forward, x, grad_out, axis=0)
    same(grad_x, slope, "the gradient by finite differences", rtol=1e-6)


@criterion("windows")
def test_maxima_of_what_is_no_image_are_refused():
    """Complex numbers have no order, and a list of lists is no array."""
    call(max_pool2d_forward, np.full((2, 4, 5, 3), 2 + 1j), 2).refused()
    call(max_pool2d_forward, [[[[2.0]]]], 1).refused()


@criterion("maxima")
def test_numbers_that_are_nearly_equal():
    """Whole numbers that float32 would round, and fractions that differ in the tenth digit."""
    steps = np.random.default_rng(60).permutation(144).reshape(2, 4, 6, 3)
    call(max_pool2d_forward, 2**25 + steps, (2, 3)).agrees()
    call(max_pool2d_forward, 3 + 1e-10 * steps, (2, 3)).agrees()


@criterion("max-gradient")
def test_gradients_of_single_pixels():
    """Windows of one pixel: the gradient as it is, in an array of its own."""
    grad_out = images(2, 4, 6, 3, seed=61)
    call(max_pool2d_backward, grad_out, find_maxima(grad_out, 1, 1), grad_out.shape, 1).agrees()
