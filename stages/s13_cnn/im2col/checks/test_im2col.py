"""im2col: every window of the images becomes one row of a matrix."""

import numpy as np

from grader.checking import call, criterion, require
from stages.s13_cnn.im2col.im2col import im2col


def draw(*shape, seed=0):
    """Random pixels: no zeros, no ones, no two alike."""
    return np.random.default_rng([2, seed]).normal(size=shape)


@criterion("patches")
def test_four_windows_by_hand():
    """The four 2x2 windows of a 3x3 image, each read row by row."""
    x = np.array([[2.0, 3.0, 4.0], [5.0, 6.0, 7.0], [8.0, 9.0, 10.0]]).reshape(1, 3, 3, 1)
    rows = np.array([[2, 3, 5, 6], [3, 4, 6, 7], [5, 6, 8, 9], [6, 7, 9, 10]], dtype=float)
    call(im2col, x, 2).gives(rows)


@criterion("patches")
def test_the_channels_of_a_pixel_stay_together():
    """One 1x2 window of two pixels, three channels: the order is height, width, channel."""
    x = np.array([[2.0, 20.0, 200.0], [3.0, 30.0, 300.0]]).reshape(1, 1, 2, 3)
    call(im2col, x, (1, 2)).gives(np.array([[2, 20, 200, 3, 30, 300]], dtype=float))


@criterion("patches")
def test_one_row_for_each_window_of_each_image():
    """Two images of 5x4 pixels, three channels, windows of 3x3: 12 rows of 27 values."""
    rows = call(im2col, draw(2, 5, 4, 3), 3).agrees().value
    require(rows.shape == (12, 27), f"the shape must be (12, 27), not {rows.shape}")


@criterion("patches")
def test_as_cut_by_a_naive_loop():
    """Images, then rows, then columns of the output, as windows are cut one by one."""
    x = draw(3, 4, 6, 2)
    call(im2col, x, 2).agrees()
    call(im2col, x, (4, 6)).agrees()


@criterion("patches")
def test_images_that_are_part_of_others():
    """Slices: every second image, rows from the second on, columns backwards."""
    x = draw(4, 6, 5, 3)
    for images in (x[::2, 1:, ::-1], x[..., ::2]):
        call(im2col, images, 2).agrees()


@criterion("patches")
def test_images_in_any_memory_order():
    """Exchanged axes and Fortran order: the pixels lie elsewhere, the rows are the same."""
    x = draw(4, 6, 5, 3)
    call(im2col, x.transpose(0, 2, 1, 3), 2).agrees()
    call(im2col, np.asfortranarray(x), 2).agrees()


@criterion("windows")
def test_rectangular_windows():
    """Windows of 3x2 and of 1x4."""
    x = draw(2, 5, 6, 3)
    call(im2col, x, (3, 2)).agrees()
    call(im2col, x, (1, 4)).agrees()


@criterion("windows")
def test_strides():
    """Steps of 2, and steps of 2 down and 1 to the right; leftover pixels are skipped."""
    x = draw(2, 6, 7, 3)
    call(im2col, x, (2, 2), 2).agrees()
    call(im2col, x, (3, 3), (2, 1)).agrees()
    call(im2col, x, (2, 2), (1, 3)).agrees()


@criterion("windows")
def test_paddings():
    """A frame of zeros: 1 on all sides, different for the axes, different for the sides."""
    x = draw(2, 4, 5, 3)
    for padding in (1, (0, 2), ((2, 0), (1, 3))):
        call(im2col, x, 3, padding=padding).agrees()


@criterion("windows")
def test_arguments_by_name():
    """x, kernel_size, stride, padding: the names that the docstring gives them."""
    named = {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0)}
    call(im2col, x=draw(2, 5, 4, 3), **named).agrees()


@criterion("windows")
def test_everything_at_once():
    """A 3x2 window, stride (2, 3), padding (1, 2), a batch of 3."""
    x = draw(3, 7, 6, 2)
    call(im2col, x, (3, 2), (2, 3), (1, 2)).agrees()


@criterion("care")
def test_the_dtype_is_kept():
    """float32 stays float32, and integers stay integers."""
    call(im2col, draw(2, 4, 5, 3).astype(np.float32), 2, padding=1).agrees()
    pixels = np.arange(2, 122, dtype=np.uint8).reshape(2, 4, 5, 3)
    rows = call(im2col, pixels, (3, 2), 2, 1).agrees().value
    require(rows.dtype == np.uint8, f"the dtype must be uint8, not {rows.dtype}")


@criterion("care")
def test_an_image_of_nan():
    """What is no number is copied too: every row is nan."""
    call(im2col, np.full((1, 2, 3, 2), np.nan), 2).agrees()


@criterion("care")
def test_the_matrix_has_its_own_memory():
    """Even windows of one pixel are copied: to change a row must not change the image."""
    call(im2col, draw(2, 4, 5, 3), 1).agrees()
    call(im2col, draw(2, 4, 5, 3), (4, 5)).agrees()


@criterion("care")
def test_another_call_makes_another_matrix():
    """Two calls for images of one size: the second leaves the first result alone."""
    x = draw(2, 4, 5, 3)
    call(im2col, x, 2).agrees()
    call(im2col, 2 * x, 2).agrees()


@criterion("care")
def test_refusals():
    """A window that does not fit, steps of 0, negative padding, an image without a batch."""
    x = draw(2, 4, 5, 3)
    call(im2col, x, 5).refused("5", "4")
    call(im2col, x, (3, 8), padding=1).refused("8", "7")
    call(im2col, x, 2, 0).refused()
    call(im2col, x, 2, 1, -1).refused()
    call(im2col, x, 2, 1, 0.5).refused()
    call(im2col, x, 0).refused()
    call(im2col, x[0], 2).refused()
    call(im2col, x.tolist(), 2).refused()
