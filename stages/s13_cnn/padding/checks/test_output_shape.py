"""Padding: how many positions a sliding window has."""

import numpy as np

from grader.checking import call, cases, criterion, require
from stages.s13_cnn.padding.padding import get_output_shape, resolve_padding


def count(n, before, after, k, s):
    """Count the positions of a window one by one."""
    return len(range(0, n + before + after - k + 1, s))


@criterion("output-size")
def test_a_window_that_just_fits():
    """A window as large as the image has one position; one pixel more makes two."""
    call(get_output_shape, (3, 3), 3).gives((1, 1))
    call(get_output_shape, (4, 3), 3).gives((2, 1))
    call(get_output_shape, (5, 5), 2).gives((4, 4))


@criterion("output-size")
def test_padding_counts_on_both_sides():
    """A 28x28 image and a 3x3 window at stride 2: 13 positions, and 14 with padding 1."""
    call(get_output_shape, (28, 28), 3, 2).gives((13, 13))
    call(get_output_shape, (28, 28), 3, 2, 1).gives((14, 14))
    call(get_output_shape, (32, 32), 5, padding=2).gives((32, 32))


@criterion("output-size")
def test_a_stride_that_does_not_fit():
    """10 pixels, a window of 3, steps of 2: 4 positions, and one pixel is left over."""
    call(get_output_shape, (10, 10), 3, 2).gives((4, 4))
    call(get_output_shape, (11, 12), 3, 4).gives((3, 3))


@criterion("output-size")
def test_rectangles():
    """Height and width go their own ways: image, window, stride and padding."""
    call(get_output_shape, (9, 8), (3, 2)).gives((7, 7))
    call(get_output_shape, (9, 8), 3).gives((7, 6))
    call(get_output_shape, (9, 8), 3, (2, 1)).gives((4, 6))
    call(get_output_shape, (9, 8), 3, 1, (1, 2)).gives((9, 10))
    call(get_output_shape, (9, 8), (3, 2), (2, 3), ((0, 1), (2, 3))).gives((4, 4))


@criterion("output-size")
def test_arguments_by_name():
    """input_shape, kernel_size, stride, padding: the names that the docstring gives them."""
    named = {"kernel_size": (3, 2), "stride": (2, 3), "padding": (1, 0)}
    call(get_output_shape, input_shape=(9, 8), **named).gives((5, 3))


@criterion("output-size")
def test_counted_one_by_one():
    """Twenty drawn cases against a count of the positions."""
    low, high = [6, 6, *[1] * 4, *[0] * 4], [13, 13, *[4] * 8]
    for H, W, KH, KW, SH, SW, top, bottom, left, right in cases(20, low, high, seed=3):
        right_size = count(H, top, bottom, KH, SH), count(W, left, right, KW, SW)
        sides = ((top, bottom), (left, right))
        call(get_output_shape, (H, W), (KH, KW), (SH, SW), sides).gives(right_size)


@criterion("modes")
def test_valid_needs_no_frame():
    """The mode "valid" leaves the image alone."""
    call(resolve_padding, "valid", 3).gives(((0, 0), (0, 0)))
    call(resolve_padding, "valid", (4, 2)).gives(((0, 0), (0, 0)))


@criterion("modes")
def test_same_keeps_the_size_of_the_image():
    """The mode "same" gives as many positions as there are pixels, for odd and even windows."""
    for KH, KW in ((3, 3), (5, 5), (1, 7), (2, 5), (4, 3)):
        rows, columns = call(resolve_padding, "same", (KH, KW)).agrees().value
        positions = count(9, *rows, KH, 1), count(11, *columns, KW, 1)
        require(positions == (9, 11), f"9x11 pixels must give as many positions, not {positions}")
    call(resolve_padding, "same", 5).gives(((2, 2), (2, 2)))


@criterion("modes")
def test_an_even_window_has_its_extra_pixel_at_the_bottom_and_right():
    """A 4x2 window needs ((1, 2), (0, 1))."""
    call(resolve_padding, "same", (4, 2)).gives(((1, 2), (0, 1)))
    call(resolve_padding, "same", 2).gives(((0, 1), (0, 1)))


@criterion("modes")
def test_full_reaches_every_overlap():
    """The mode "full" is one pixel less than the window, on every side."""
    call(resolve_padding, "full", 3).gives(((2, 2), (2, 2)))
    call(resolve_padding, "full", (4, 2)).gives(((3, 3), (1, 1)))


@criterion("modes")
def test_a_mode_and_a_window_by_name():
    """mode and kernel_size: the names that the docstring gives them."""
    call(resolve_padding, mode="same", kernel_size=(4, 3)).gives(((1, 2), (1, 1)))


@criterion("modes")
def test_a_mode_is_a_padding():
    """What resolve_padding returns is a padding: rows above and below, columns left and right."""
    x = np.random.default_rng(8).normal(size=(2, 4, 5, 3))
    rows, columns = call(resolve_padding, "same", (4, 3)).agrees().value
    padded = np.pad(x, ((0, 0), rows, columns, (0, 0)))
    require(padded.shape == (2, 7, 7, 3), f"the shape must be (2, 7, 7, 3), not {padded.shape}")


@criterion("refusals")
def test_a_window_larger_than_the_padded_image():
    """A ValueError whose message names both: a 5x5 window does not fit a 4x4 image."""
    call(get_output_shape, (4, 4), 5).refused("5", "4", kinds=(ValueError,))
    call(get_output_shape, (6, 6), 9, padding=1).refused("9", "8", kinds=(ValueError,))


@criterion("refusals")
def test_a_window_that_is_much_too_large():
    """A 31x31 window does not fit a 20x20 image, by far."""
    call(get_output_shape, (20, 20), 31).refused("31", "20")


@criterion("refusals")
def test_a_window_that_is_too_wide():
    """A 3x7 window is not too high for 8x6 pixels, but too wide."""
    call(get_output_shape, (6, 4), (3, 7), padding=1).refused("7", "6")


@criterion("refusals")
def test_a_window_that_is_too_high():
    """A 9x4 window is not too wide for 8x12 pixels, but too high."""
    call(get_output_shape, (4, 12), (9, 4), padding=(2, 0), stride=3).refused("9", "8")


@criterion("refusals")
def test_a_window_that_fits_because_of_the_frame():
    """A 6x6 window has one position on a 4x4 image with padding 1."""
    call(get_output_shape, (4, 4), 6, padding=1).gives((1, 1))


@criterion("refusals")
def test_sizes_that_are_no_sizes():
    """A stride or a window of 0, a negative or fractional padding."""
    call(get_output_shape, (6, 7), 3, 0).refused()
    call(get_output_shape, (6, 7), 3, (1, -1)).refused()
    call(get_output_shape, (6, 7), 0).refused()
    call(get_output_shape, (6, 7), 3, 1, -1).refused()
    call(get_output_shape, (6, 7), 3, 1, 0.5).refused()


@criterion("refusals")
def test_a_mode_that_does_not_exist():
    """Only the three names are known, and the message says which one is not."""
    for mode in ("reflect", "SAME", "fill"):
        call(resolve_padding, mode, 3).refused(mode)
    call(resolve_padding, None, 3).refused()
    call(resolve_padding, "same", 0).refused()
