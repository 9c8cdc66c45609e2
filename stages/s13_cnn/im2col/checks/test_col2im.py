"""col2im: the rows go back to where they were cut, and overlaps add up."""

import numpy as np

from grader.checking import call, cases, criterion, reference_for, same
from stages.s13_cnn.im2col.im2col import col2im, im2col


def draw(*shape, seed=0):
    """Random values: no zeros, no ones, no two alike."""
    return np.random.default_rng([3, seed]).normal(size=shape)


def windows_of(x, *how):
    """Return the windows of `x` as rows, as the reference cuts them."""
    return reference_for(im2col)(x, *how)


def draw_rows(shape, kernel_size, stride=(1, 1), sides=((0, 0), (0, 0))):
    """Random values, one row for each window."""
    return draw(*windows_of(np.zeros(shape), kernel_size, stride, sides).shape)


@criterion("adjoint")
def test_the_centre_lies_in_four_windows():
    """Four 2x2 windows of a 3x3 image: the centre collects four values, a corner one."""
    col = np.array([[2, 3, 4, 5], [6, 7, 8, 9], [10, 20, 30, 40], [50, 60, 70, 80]], dtype=float)
    image = np.array([[2, 9, 7], [14, 83, 69], [30, 110, 80]], dtype=float)
    call(col2im, col, (1, 3, 3, 1), 2).gives(image.reshape(1, 3, 3, 1))


@criterion("adjoint")
def test_how_often_a_pixel_is_read():
    """Windows of 3x3 over a 4x4 image with padding 1, all ones: 4, 6 or 9 times."""
    counts = np.array([[4, 6, 6, 4], [6, 9, 9, 6], [6, 9, 9, 6], [4, 6, 6, 4]], dtype=float)
    call(col2im, np.ones((16, 9)), (1, 4, 4, 1), 3, 1, 1).gives(counts.reshape(1, 4, 4, 1))


@criterion("adjoint")
def test_windows_and_steps_of_all_kinds():
    """Rectangular windows, strides, paddings; pixels that no window visits get 0."""
    shape = (2, 5, 7, 3)
    for size, stride, padding in [
        ((3, 2), (1, 1), (0, 0)),
        ((3, 2), (2, 3), (0, 0)),
        ((3, 2), (2, 3), (2, 1)),
        ((2, 2), (3, 4), (0, 0)),
    ]:
        col = draw_rows(shape, size, stride, [(p, p) for p in padding])
        call(col2im, col, shape, size, stride, padding).agrees()


@criterion("adjoint")
def test_arguments_by_name():
    """col, input_shape, kernel_size, stride, padding: the names that the docstring gives them."""
    col = draw_rows((2, 5, 4, 3), (3, 2), (2, 1), ((1, 1), (0, 0)))
    named = {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0)}
    call(col2im, col=col, input_shape=(2, 5, 4, 3), **named).agrees()


@criterion("adjoint")
def test_a_frame_on_one_axis_or_side_only():
    """What falls on the frame is dropped, be it on one axis or on two sides of four."""
    shape = (2, 4, 5, 3)
    for padding, sides in [
        ((1, 0), ((1, 1), (0, 0))),
        ((0, 2), ((0, 0), (2, 2))),
        (((0, 1), (2, 0)), ((0, 1), (2, 0))),
        (((2, 0), (0, 3)), ((2, 0), (0, 3))),
    ]:
        col = draw_rows(shape, (3, 2), sides=sides)
        call(col2im, col, shape, (3, 2), 1, padding).agrees()


@criterion("adjoint")
def test_both_ways_give_the_same_product():
    """For the windows X of any x, and any matrix c: sum(X * c) == sum(x * col2im(c))."""
    low, high = [1, 5, 5, 1, 1, 1, 1, 0, 0], [6, 7, 7, 5, 5, 4, 4, 2, 2]
    for seed, (N, H, W, KH, KW, SH, SW, PH, PW) in enumerate(cases(20, low, high, seed=5)):
        x, how = draw(N, H, W, 3, seed=seed), ((KH, KW), (SH, SW), (PH, PW))
        windows = windows_of(x, *how)
        c = draw(*windows.shape, seed=seed + 1)
        image = call(col2im, c, x.shape, *how).agrees().value
        what = "sum(x * col2im(c)), which must be the sum of c times the windows of x"
        same(np.sum(x * image), np.sum(windows * c), what, rtol=1e-6)


@criterion("round-trip")
def test_windows_that_tile_the_image():
    """Windows side by side: every pixel is in one window, and comes back."""
    x = draw(2, 6, 8, 3)
    for size in (2, (3, 4), (6, 1), 1):
        col = call(im2col, x, size, size).agrees().value
        call(col2im, col, x.shape, size, size).gives(x)


@criterion("round-trip")
def test_windows_that_tile_the_padded_image():
    """4x5 images in a frame of (1, 2): windows of 3x3 tile 6x9 pixels."""
    x = draw(3, 4, 5, 2)
    col = call(im2col, x, 3, 3, (1, 2)).agrees().value
    call(col2im, col, x.shape, 3, 3, (1, 2)).gives(x)


@criterion("round-trip")
def test_overlaps_do_not_survive():
    """Where windows overlap, the round trip multiplies each pixel by its windows."""
    x = draw(1, 3, 3, 2)
    counts = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]).reshape(1, 3, 3, 1)
    call(col2im, call(im2col, x, 2).agrees().value, x.shape, 2).gives(x * counts)


@criterion("care")
def test_gradients_are_not_rounded():
    """float64 and float32 keep their dtype."""
    call(col2im, draw(24, 12), (2, 4, 5, 3), 2).agrees()
    call(col2im, draw(24, 12).astype(np.float32), (2, 4, 5, 3), 2).agrees()


@criterion("care")
def test_whole_numbers_do_not_overflow():
    """Four windows of 200 in uint8: their sums, up to 800, come as float64; so in int32."""
    counts = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], dtype=float).reshape(1, 3, 3, 1)
    for value, dtype in ((200, np.uint8), (2**30, np.int32)):
        col = np.full((4, 4), value, dtype=dtype)
        call(col2im, col, (1, 3, 3, 1), 2).gives(counts * value)


@criterion("care")
def test_another_call_makes_another_array():
    """Two calls for images of one size: the second leaves the first result alone."""
    col = draw(24, 12)
    call(col2im, col, (2, 4, 5, 3), 2).agrees()
    call(col2im, 2 * col, (2, 4, 5, 3), 2).agrees()


@criterion("care")
def test_rows_in_any_memory_order():
    """A matrix in Fortran order, and one that is part of another."""
    col = draw(24, 24)
    call(col2im, np.asfortranarray(col[:, :12]), (2, 4, 5, 3), 2).agrees()
    call(col2im, col[:, ::2], (2, 4, 5, 3), 2).agrees()
    call(col2im, col[:12].T, (2, 4, 5, 3), 2).agrees()


@criterion("care")
def test_refusals():
    """A window that does not fit, steps of 0, negative padding."""
    col = draw(24, 12)
    call(col2im, col, (2, 4, 5, 3), 6).refused("6", "4")
    call(col2im, col, (2, 4, 5, 3), 2, 0).refused()
    call(col2im, col, (2, 4, 5, 3), 2, 1, -1).refused()
    call(col2im, col.tolist(), (2, 4, 5, 3), 2).refused()


@criterion("care")
def test_a_matrix_that_does_not_belong_to_the_images():
    """2 images of 4x5x3 have 24 windows of 12 values: neither 12 of 24, nor 23 or 25."""
    for shape in ((12, 24), (23, 12), (25, 12)):
        call(col2im, draw(*shape), (2, 4, 5, 3), 2).refused()


@criterion("care")
def test_rows_of_another_length():
    """2 images of 4x5x3 have 24 windows of 12 values, not of 4, one channel, and not of 24."""
    for columns in (4, 24):
        call(col2im, draw(24, columns), (2, 4, 5, 3), 2).refused()
