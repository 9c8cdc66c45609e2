"""Padding: the frame around an image."""

import numpy as np

from grader.checking import call, criterion, require
from stages.s13_cnn.padding.padding import pad2d


def draw(*shape, seed=0):
    """Random pixels: no zeros, no ones, no two alike."""
    return np.random.default_rng(seed).normal(size=shape)


def becomes(dtype, x, value):
    """Require a frame of `value`, and the dtype of the result, which tells integers apart too."""
    padded = call(pad2d, x, 1, value).agrees().value
    what = f"{x.dtype} pixels in a frame of {value} must become {dtype}, not {padded.dtype}"
    require(padded.dtype == dtype, what)


@criterion("frame")
def test_a_frame_of_one_pixel():
    """A 2x2 image gets a frame of one pixel."""
    x = np.array([[3.0, 5.0], [7.0, 9.0]]).reshape(1, 2, 2, 1)
    framed = np.array([[0, 0, 0, 0], [0, 3, 5, 0], [0, 7, 9, 0], [0, 0, 0, 0]], dtype=float)
    call(pad2d, x, 1).gives(framed.reshape(1, 4, 4, 1))


@criterion("frame")
def test_a_frame_of_another_value():
    """The frame is filled with the value that is asked for."""
    x = np.array([[3.0, 5.0, 7.0]]).reshape(1, 1, 3, 1)
    framed = np.array([[-2.5] * 5, [-2.5, 3, 5, 7, -2.5], [-2.5] * 5])
    call(pad2d, x, 1, value=-2.5).gives(framed.reshape(1, 3, 5, 1))


@criterion("frame")
def test_only_height_and_width_grow():
    """A batch of 2 colour images, 4x5 pixels: the batch and the channels do not grow."""
    padded = call(pad2d, draw(2, 4, 5, 3), 2).agrees().value
    require(padded.shape == (2, 8, 9, 3), f"the shape must be (2, 8, 9, 3), not {padded.shape}")


@criterion("frame")
def test_no_padding_gives_a_copy():
    """With a padding of 0 the result is an equal array, but a new one."""
    x = draw(2, 3, 4, 5)
    call(pad2d, x, 0).gives(x)


@criterion("frame")
def test_another_call_makes_another_array():
    """Two calls for images of one size: the second leaves the first result alone."""
    x = draw(2, 3, 4, 5)
    call(pad2d, x, 1).agrees()
    call(pad2d, 2 * x, 1).agrees()


@criterion("frame")
def test_black_pixels_stay_black():
    """A frame of 7 around an image that has a 0 in it."""
    x = np.array([[5.0, 0.0]]).reshape(1, 1, 2, 1)
    call(pad2d, x, ((0, 0), (1, 0)), 7.0).gives(np.array([[[[7.0], [5.0], [0.0]]]]))


@criterion("frame")
def test_pixels_that_are_no_numbers_stay():
    """nan and infinity among the pixels, in a frame of 2.5."""
    x = draw(2, 3, 4, 1)
    x[0, 1, 2], x[1, 0, 0] = np.nan, np.inf
    call(pad2d, x, 1, 2.5).agrees()


@criterion("frame")
def test_large_whole_numbers_stay_exact():
    """2**53 + 1 is an int64, and no float."""
    call(pad2d, np.array([[[[2**53 + 1], [3]]]]), 1).agrees()


@criterion("frame")
def test_arguments_by_name():
    """pad2d(x=..., padding=...): the parameters have the names that the docstring gives them."""
    call(pad2d, x=draw(2, 3, 4, 1), padding=(1, 2)).agrees()


@criterion("frame")
def test_small_whole_numbers_stay_small():
    """Pixels of uint8 stay uint8 in a frame that those can hold."""
    pixels = np.arange(20, 44, dtype=np.uint8).reshape(2, 3, 4, 1)
    for value in (255, 0.0):
        becomes(np.dtype(np.uint8), pixels, value)


@criterion("frame")
def test_float32_stays_float32():
    """0.5, minus infinity and nan are values that float32 holds exactly."""
    x = draw(2, 3, 4, 1).astype(np.float32)
    for value in (0.5, -np.inf, np.nan):
        call(pad2d, x, 1, value).agrees()


@criterion("frame")
def test_fractions_in_a_frame_of_a_whole_number():
    """The value 3 is an int; the pixels keep their fractions."""
    call(pad2d, draw(2, 3, 4, 1), 1, value=3).agrees()


@criterion("frame")
def test_the_value_is_never_rounded():
    """Whole pixels in a frame of 0.5."""
    call(pad2d, np.arange(2, 14).reshape(1, 3, 4, 1), 1, value=0.5).agrees()


@criterion("frame")
def test_the_value_never_wraps_around():
    """Pixels from 0 to 255 in a frame of -1."""
    pixels = np.array([[[[3], [5]]]], dtype=np.uint8)
    call(pad2d, pixels, ((0, 0), (1, 0)), -1).gives([[[[-1], [3], [5]]]])


@criterion("frame")
def test_whole_numbers_that_do_not_fit_stay_whole():
    """uint8 pixels in a frame of -1 or of 300: int64, the common type of uint8 and int64."""
    pixels = np.arange(20, 44, dtype=np.uint8).reshape(2, 3, 4, 1)
    for value in (-1, 300):
        becomes(np.result_type(np.uint8, np.asarray(value).dtype), pixels, value)


@criterion("frame")
def test_numbers_that_float32_only_comes_near():
    """float32 has neither 0.1 nor 16777217, only numbers close to them: the result is float64."""
    x = draw(2, 3, 4, 1).astype(np.float32)
    for value in (0.1, 16_777_217):
        call(pad2d, x, 1, value).agrees()


@criterion("frame")
def test_no_integer_is_nan_or_infinite():
    """Whole pixels in a frame of nan, infinity or minus infinity: the result is float64."""
    for value in (np.nan, np.inf, -np.inf):
        call(pad2d, np.arange(2, 14).reshape(1, 3, 4, 1), 1, value).agrees()


@criterion("sides")
def test_height_and_width_may_differ():
    """Padding (1, 2): one row above and below, two columns left and right."""
    padded = call(pad2d, draw(2, 4, 5, 3), (1, 2)).agrees().value
    require(padded.shape == (2, 6, 9, 3), f"the shape must be (2, 6, 9, 3), not {padded.shape}")


@criterion("sides")
def test_every_side_has_its_own_number():
    """Padding ((0, 1), (2, 3)): nothing above, 1 below, 2 left, 3 right."""
    x = np.array([[4.0], [6.0]]).reshape(1, 2, 1, 1)
    framed = np.array([[0, 0, 4, 0, 0, 0], [0, 0, 6, 0, 0, 0], [0] * 6], dtype=float)
    call(pad2d, x, ((0, 1), (2, 3))).gives(framed.reshape(1, 3, 6, 1))


@criterion("sides")
def test_one_axis_alone():
    """Padding (2, 0) adds rows and no columns, (0, 1) columns and no rows."""
    x = draw(3, 4, 5, 2)
    call(pad2d, x, (2, 0), 0.25).agrees()
    call(pad2d, x, (0, 1), 0.25).agrees()
    call(pad2d, x, ((3, 0), (0, 0)), 0.25).agrees()


@criterion("sides")
def test_drawn_shapes():
    """Six batches and paddings drawn at random, all four sides different."""
    rng = np.random.default_rng(5)
    for seed in range(6):
        N, H, W, C = (int(n) for n in rng.permutation([2, 3, 4, 5]))
        top, bottom, left, right = (int(n) for n in rng.permutation(4))
        call(pad2d, draw(N, H, W, C, seed=seed), ((top, bottom), (left, right)), 7.5).agrees()


@criterion("sides")
def test_slices_and_transposed_images():
    """An image that is part of another array is padded like any other."""
    x = draw(5, 6, 4, 3)
    call(pad2d, x[::2, 1:5, ::-1], (1, 2)).agrees()
    call(pad2d, x.transpose(2, 1, 0, 3), ((2, 0), (1, 3))).agrees()
    call(pad2d, np.asfortranarray(x), (2, 1)).agrees()


@criterion("refusals")
def test_negative_and_broken_paddings():
    """A padding below 0, of half a pixel, with three numbers, or no number at all."""
    x = draw(2, 3, 4, 5)
    for padding in (-1, (1, -2), ((0, 1), (-1, 0)), 1.5, "1", True, (1, 2, 3)):
        call(pad2d, x, padding).refused()


@criterion("refusals")
def test_what_is_not_a_batch_of_images():
    """An image without batch and channels, a list, yes and no instead of numbers."""
    call(pad2d, draw(4, 5), 1).refused()
    call(pad2d, draw(4, 5, 3), 1).refused()
    call(pad2d, draw(1, 2, 3, 4).tolist(), 1).refused()
    call(pad2d, draw(1, 2, 3, 4) > 0, 1).refused()
