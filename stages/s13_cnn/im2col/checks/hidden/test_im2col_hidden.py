"""im2col: every window of the images becomes one row of a matrix, on other inputs."""

import numpy as np

from grader.checking import call, cases, criterion, require, same
from stages.s13_cnn.im2col.im2col import im2col


def draw(*shape, seed=0):
    """Random pixels: no zeros, no ones, no two alike."""
    return np.random.default_rng([4, seed]).normal(size=shape)


def cut(x, kernel_size, stride=(1, 1), sides=((0, 0), (0, 0))):
    """Cut the windows one by one, as a naive loop would."""
    (KH, KW), (SH, SW) = kernel_size, stride
    framed = np.pad(x, ((0, 0), *sides, (0, 0)))
    N, rows, columns, _ = framed.shape
    return np.array(
        [
            framed[n, top : top + KH, left : left + KW].ravel()
            for n in range(N)
            for top in range(0, rows - KH + 1, SH)
            for left in range(0, columns - KW + 1, SW)
        ]
    )


@criterion("patches")
def test_two_images_by_hand():
    """Two images of 2x3 pixels, two channels, windows of 2x2."""
    x = np.arange(10.0, 34.0).reshape(2, 2, 3, 2)
    first = [[10, 11, 12, 13, 16, 17, 18, 19], [12, 13, 14, 15, 18, 19, 20, 21]]
    call(im2col, x, 2).gives(np.array(first + [[v + 12 for v in row] for row in first], float))


@criterion("patches")
def test_the_matrix_fits_the_filters():
    """A row times W.reshape(-1, C_out) is the sum over the window of one position."""
    x, W = draw(2, 5, 4, 3), draw(2, 2, 3, 7, seed=5)
    rows = call(im2col, x, 2).agrees().value
    window = x[1, 3:5, 1:3]
    value = (rows @ W.reshape(-1, 7))[22, 4]
    same(value, np.sum(window * W[..., 4]), "row 22 of im2col(x) times filter 4")


@criterion("patches")
def test_as_cut_by_a_naive_loop():
    """Batches of several sizes, windows from one pixel to the whole image."""
    for seed, shape in enumerate([(1, 7, 5, 4), (4, 3, 8, 1), (5, 6, 4, 2)]):
        x = draw(*shape, seed=seed)
        for size in (1, 2, 3):
            call(im2col, x, size).gives(cut(x, (size, size)))
        call(im2col, x, x.shape[1:3]).gives(x.reshape(len(x), -1))


@criterion("patches")
def test_images_that_are_part_of_others():
    """Every second image and column, rows from the end."""
    x = draw(6, 8, 7, 5).astype(np.float32)
    for images in (x[1::2, :, ::3], x[:, ::-1, 2:]):
        call(im2col, images, 3).agrees()


@criterion("patches")
def test_images_in_any_memory_order():
    """Axes exchanged, all of them or some; Fortran order."""
    x = draw(6, 8, 7, 5).astype(np.float32)
    for images in (x.transpose(1, 3, 0, 2), x.T):
        call(im2col, images, 3).agrees()
    call(im2col, np.asfortranarray(x), (2, 4)).agrees()


@criterion("windows")
def test_drawn_windows():
    """Windows, strides and four paddings drawn at random, against windows cut one by one."""
    low, high = [1, 5, 5, 1, 1, 1, 1, 0, 0, 0, 0], [6, 8, 8, 5, 5, 7, 7, 3, 3, 3, 3]
    for seed, (N, H, W, *case) in enumerate(cases(25, low, high, seed=6)):
        KH, KW, SH, SW, top, bottom, left, right = case
        x, how = draw(N, H, W, 3, seed=seed), ((KH, KW), (SH, SW), ((top, bottom), (left, right)))
        call(im2col, x, *how).gives(cut(x, *how))


@criterion("windows")
def test_arguments_by_name():
    """The four names, not in their order."""
    named = {"padding": ((0, 1), (2, 0)), "stride": (1, 3), "x": draw(2, 4, 7, 3)}
    call(im2col, kernel_size=(2, 4), **named).agrees()


@criterion("windows")
def test_steps_larger_than_the_window():
    """A 2x3 window, steps of 4 down and 5 to the right: most pixels are never read."""
    x = draw(3, 11, 14, 2)
    call(im2col, x, (2, 3), (4, 5)).gives(cut(x, (2, 3), (4, 5)))
    call(im2col, x, (2, 3), (5, 4), (0, 3)).gives(cut(x, (2, 3), (5, 4), ((0, 0), (3, 3))))


@criterion("windows")
def test_windows_larger_than_the_image():
    """A 5x4 window fits 3x2 pixels only because of the frame."""
    x = draw(4, 3, 2, 5)
    sides = ((1, 2), (2, 1))
    call(im2col, x, (5, 4), 1, sides).gives(cut(x, (5, 4), sides=sides))


@criterion("windows")
def test_padding_and_stride_of_one_axis():
    """Stride 3 and padding 2 on one axis, 1 and 0 on the other, both ways."""
    x = draw(2, 7, 8, 3)
    call(im2col, x, 3, (3, 1), (2, 0)).gives(cut(x, (3, 3), (3, 1), ((2, 2), (0, 0))))
    call(im2col, x, 3, (1, 3), (0, 2)).gives(cut(x, (3, 3), (1, 3), ((0, 0), (2, 2))))


@criterion("care")
def test_other_dtypes_are_kept():
    """float32 pixels and small whole numbers, with and without a frame."""
    for padding in (0, (2, 1)):
        call(im2col, draw(3, 5, 4, 2).astype(np.float32), (2, 3), (2, 1), padding).agrees()
        counts = np.arange(-60, 60, dtype=np.int16).reshape(3, 5, 4, 2)
        rows = call(im2col, counts, 3, 1, padding).agrees().value
        require(rows.dtype == np.int16, f"the dtype must be int16, not {rows.dtype}")


@criterion("care")
def test_an_image_of_nan():
    """In float32."""
    call(im2col, np.full((1, 3, 2, 1), np.nan, dtype=np.float32), (2, 1)).agrees()


@criterion("care")
def test_new_memory_for_every_window():
    """One-pixel windows, and windows as wide as the image."""
    call(im2col, draw(3, 4, 2, 5), (1, 1), (1, 1), (0, 0)).agrees()
    call(im2col, draw(3, 4, 2, 5), (2, 2), (2, 2)).agrees()
    call(im2col, draw(3, 4, 2, 5), (1, 2)).agrees()


@criterion("care")
def test_results_of_three_calls():
    """Three calls with images of one size: each result stays as it is."""
    for factor in (2, 3, 5):
        call(im2col, factor * draw(1, 4, 6, 2).astype(np.float32), (3, 2), 2, 1).agrees()


@criterion("care")
def test_refusals():
    """In one axis only: too large, too small, not whole; arrays with three and five axes."""
    x = draw(3, 6, 4, 2)
    call(im2col, x, (2, 5)).refused("5", "4")
    call(im2col, x, (9, 2), padding=((2, 0), (0, 0))).refused("9", "8")
    call(im2col, x, 2, (1, 0)).refused()
    call(im2col, x, 2, -1).refused()
    call(im2col, x, 2, 1, ((0, 0), (0, -1))).refused()
    call(im2col, x, (2, -2)).refused()
    call(im2col, x, 1.5).refused()
    call(im2col, x[..., 0], 2).refused()
    call(im2col, x[None], 2).refused()
    call(im2col, (x > 0).tolist(), 2).refused()
    call(im2col, x > 0, 2).refused()
