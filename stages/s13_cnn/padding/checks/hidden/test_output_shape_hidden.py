"""Padding: how many positions a sliding window has, on other inputs."""

import numpy as np

from grader.checking import call, cases, criterion, require
from stages.s13_cnn.padding.padding import get_output_shape, resolve_padding


def count(n, before, after, k, s):
    """Count the positions of a window one by one."""
    return len(range(0, n + before + after - k + 1, s))


@criterion("output-size")
def test_one_position():
    """A window as large as the padded image, whatever the stride."""
    call(get_output_shape, (7, 4), (7, 4), 5).gives((1, 1))
    call(get_output_shape, (2, 6), (4, 10), (3, 2), (1, 2)).gives((1, 1))


@criterion("output-size")
def test_the_layers_of_known_networks():
    """227 pixels, 11 at stride 4: 55; 224, 7 at stride 2 with padding 3: 112."""
    call(get_output_shape, (227, 227), 11, 4).gives((55, 55))
    call(get_output_shape, (224, 224), 7, 2, 3).gives((112, 112))
    call(get_output_shape, (32, 32), 5).gives((28, 28))


@criterion("output-size")
def test_leftover_pixels():
    """Every remainder of a stride of 5 is dropped."""
    for n, positions in [(12, 2), (13, 3), (14, 3), (15, 3), (16, 3), (17, 3), (18, 4)]:
        call(get_output_shape, (n, n + 5), 3, 5).gives((positions, positions + 1))


@criterion("output-size")
def test_one_axis_at_a_time():
    """Image, window, stride and padding that differ in one axis only."""
    call(get_output_shape, (13, 21), 4).gives((10, 18))
    call(get_output_shape, (13, 13), (2, 6)).gives((12, 8))
    call(get_output_shape, (13, 13), 4, (4, 3)).gives((3, 4))
    call(get_output_shape, (13, 13), 4, 1, (3, 0)).gives((16, 10))
    call(get_output_shape, (13, 13), 4, 1, ((2, 0), (0, 5))).gives((12, 15))


@criterion("output-size")
def test_arguments_by_name():
    """The four names, not in their order."""
    named = {"padding": ((0, 1), (2, 0)), "stride": (1, 3), "input_shape": (7, 12)}
    call(get_output_shape, kernel_size=(2, 5), **named).gives((7, 4))


@criterion("output-size")
def test_counted_one_by_one():
    """Thirty drawn cases against a count of the positions."""
    low, high = [8, 8, *[1] * 4, *[0] * 4], [39, 39, *[7] * 8]
    for H, W, KH, KW, SH, SW, top, bottom, left, right in cases(30, low, high, seed=131):
        right_size = count(H, top, bottom, KH, SH), count(W, left, right, KW, SW)
        sides = ((top, bottom), (left, right))
        call(get_output_shape, (H, W), (KH, KW), (SH, SW), sides).gives(right_size)


@criterion("modes")
def test_the_modes_of_many_windows():
    """Windows from 1x2 to 8x7, each mode."""
    for size in ((1, 2), (3, 6), (6, 3), (7, 7), (8, 7), 1, 4):
        for mode in ("valid", "same", "full"):
            call(resolve_padding, mode, size).agrees()


@criterion("modes")
def test_a_mode_and_a_window_by_name():
    """Not in their order."""
    call(resolve_padding, kernel_size=(3, 6), mode="full").gives(((2, 2), (5, 5)))


@criterion("modes")
def test_modes_and_sizes_belong_together():
    """A 9x7 image and a 6x5 window: 4x3 valid, 9x7 same, 14x11 full."""
    for mode, size in [("valid", (4, 3)), ("same", (9, 7)), ("full", (14, 11))]:
        rows, columns = call(resolve_padding, mode, (6, 5)).agrees().value
        positions = count(9, *rows, 6, 1), count(7, *columns, 5, 1)
        require(positions == size, f"{mode} must give {size} positions, not {positions}")


@criterion("modes")
def test_full_padding_leaves_one_pixel_in_the_corner():
    """The first window of a fully padded image holds one pixel of it."""
    x = np.random.default_rng(21).normal(size=(2, 4, 5, 3))
    rows, columns = call(resolve_padding, "full", (3, 2)).agrees().value
    padded = np.pad(x, ((0, 0), rows, columns, (0, 0)))
    pixels = np.count_nonzero(padded[0, :3, :2, 0])
    require(pixels == 1, f"the first 3x2 window must hold 1 pixel of the image, not {pixels}")


@criterion("refusals")
def test_windows_that_are_too_large():
    """On both axes, by one pixel and by many: a ValueError."""
    call(get_output_shape, (6, 6), 7).refused("7", "6", kinds=(ValueError,))
    call(get_output_shape, (5, 5), 9, (2, 1), 1).refused("9", "7", kinds=(ValueError,))


@criterion("refusals")
def test_windows_that_are_much_too_large():
    """Four times the image, and at a stride of 3."""
    call(get_output_shape, (2, 3), 9).refused("9", "2")
    call(get_output_shape, (21, 21), 84, 3).refused("84", "21")


@criterion("refusals")
def test_windows_that_are_too_wide():
    """In the width alone, with and without a frame."""
    call(get_output_shape, (8, 3), 4).refused("4", "3")
    call(get_output_shape, (5, 2), (3, 6), 2, ((0, 0), (1, 2))).refused("6", "5")


@criterion("refusals")
def test_windows_that_are_too_high():
    """In the height alone, with and without a frame."""
    call(get_output_shape, (3, 8), (5, 2), 2).refused("5", "3")
    call(get_output_shape, (5, 6), (8, 2), padding=1).refused("8", "7")


@criterion("refusals")
def test_windows_that_fit_because_of_the_frame():
    """A window larger than the image, and as large as the image with its frame."""
    call(get_output_shape, (5, 6), (7, 8), padding=1).gives((1, 1))
    call(get_output_shape, (3, 9), (5, 4), 2, ((0, 3), (1, 0))).gives((1, 4))


@criterion("refusals")
def test_strides_windows_and_images_below_one():
    """Zero and less, in either axis."""
    call(get_output_shape, (5, 8), 2, (0, 1)).refused()
    call(get_output_shape, (5, 8), 2, -2).refused()
    call(get_output_shape, (5, 8), (2, 0)).refused()
    call(get_output_shape, (5, 8), -3).refused()
    call(get_output_shape, (5, 8), 2.5).refused()
    call(get_output_shape, (5, 8), 2, 1, (-1, 0)).refused()


@criterion("refusals")
def test_modes_that_do_not_exist():
    """An empty name, a number; and names with a typing error, which the message repeats."""
    for mode in ("", 1):
        call(resolve_padding, mode, (3, 2)).refused()
    for mode in ("sane", "Full"):
        call(resolve_padding, mode, (3, 2)).refused(mode)
