"""col2im: the rows go back to where they were cut, and overlaps add up, on other inputs."""

import numpy as np

from grader.checking import call, cases, criterion, same
from stages.s13_cnn.im2col.im2col import col2im, im2col


def draw(*shape, seed=0):
    """Random values: no zeros, no ones, no two alike."""
    return np.random.default_rng([5, seed]).normal(size=shape)


def draw_rows(shape, kernel_size, stride=(1, 1), sides=((0, 0), (0, 0)), seed=0):
    """Random values, one row for each window."""
    N, *size, C = shape
    positions = [
        len(range(0, n + sum(frame) - k + 1, s))
        for n, frame, k, s in zip(size, sides, kernel_size, stride, strict=True)
    ]
    return draw(N * positions[0] * positions[1], kernel_size[0] * kernel_size[1] * C, seed=seed)


def put_back(col, shape, kernel_size, stride, sides):
    """Add the rows to the image one by one, as a naive loop would."""
    (KH, KW), (SH, SW) = kernel_size, stride
    (top, bottom), (left, right) = sides
    N, H, W, C = shape
    framed = np.zeros((N, H + top + bottom, W + left + right, C))
    rows = iter(col)
    for n in range(N):
        for i in range(0, framed.shape[1] - KH + 1, SH):
            for j in range(0, framed.shape[2] - KW + 1, SW):
                framed[n, i : i + KH, j : j + KW] += next(rows).reshape(KH, KW, C)
    return framed[:, top : top + H, left : left + W].copy()


@criterion("adjoint")
def test_a_strip_of_three_pixels():
    """Two 1x2 windows of a 1x3 image with two channels share the middle pixel."""
    col = np.array([[2.5, 3.5, 4.5, 5.5], [20.0, 30.0, 40.0, 50.0]])
    image = np.array([[2.5, 3.5], [24.5, 35.5], [40, 50]])
    call(col2im, col, (1, 1, 3, 2), (1, 2)).gives(image.reshape(1, 1, 3, 2))


@criterion("adjoint")
def test_how_often_a_pixel_is_read():
    """Windows of 3x3 with steps of 2 over 5x5 pixels, all ones: 1, 2 or 4 times."""
    row = np.array([1.0, 1.0, 2.0, 1.0, 1.0])
    counts = np.outer(row, row).reshape(1, 5, 5, 1)
    call(col2im, np.ones((4, 9)), (1, 5, 5, 1), 3, 2).gives(counts)


@criterion("adjoint")
def test_rows_put_back_one_by_one():
    """Windows, strides and paddings of all kinds against a naive loop."""
    for shape, kernel_size, stride, sides in [
        ((3, 5, 6, 2), (2, 3), (1, 2), ((0, 0), (0, 0))),
        ((2, 6, 4, 3), (3, 2), (2, 1), ((0, 1), (1, 0))),
        ((3, 4, 7, 2), (4, 3), (3, 2), ((2, 1), (3, 0))),
        ((4, 3, 5, 2), (2, 2), (2, 1), ((1, 0), (2, 1))),
        ((2, 4, 3, 5), (2, 3), (1, 1), ((0, 2), (2, 3))),
        ((2, 8, 9, 3), (1, 2), (4, 3), ((1, 1), (0, 0))),
    ]:
        col = draw_rows(shape, kernel_size, stride, sides)
        right = put_back(col, shape, kernel_size, stride, sides)
        call(col2im, col, shape, kernel_size, stride, sides).gives(right)


@criterion("adjoint")
def test_arguments_by_name():
    """The five names, not in their order."""
    shape, sides = (3, 4, 6, 2), ((0, 1), (2, 0))
    named = {"padding": sides, "input_shape": shape, "stride": (1, 3), "kernel_size": (2, 3)}
    call(col2im, col=draw_rows(shape, (2, 3), (1, 3), sides), **named).agrees()


@criterion("adjoint")
def test_a_frame_on_one_axis_or_side_only():
    """Padding (2, 0), (0, 1), and three pixels on the right alone."""
    shape = (2, 4, 5, 5)
    for padding, sides in [
        ((2, 0), ((2, 2), (0, 0))),
        ((0, 1), ((0, 0), (1, 1))),
        (((0, 0), (0, 3)), ((0, 0), (0, 3))),
    ]:
        col = draw_rows(shape, (2, 3), sides=sides)
        call(col2im, col, shape, (2, 3), 1, padding).agrees()


@criterion("adjoint")
def test_nothing_is_lost_without_a_frame():
    """Every value lands on some pixel: sum(col2im(c)) == sum(c), in twelve drawn cases."""
    low, high = [1, 5, 5, 1, 1, 1, 1], [7, 8, 8, 5, 5, 4, 4]
    for seed, (N, H, W, KH, KW, SH, SW) in enumerate(cases(12, low, high, seed=77)):
        c = draw_rows((N, H, W, 3), (KH, KW), (SH, SW), seed=seed)
        image = call(col2im, c, (N, H, W, 3), (KH, KW), (SH, SW)).agrees().value
        same(np.sum(image), np.sum(c), "sum(col2im(c)), which must equal sum(c)", rtol=1e-6)


@criterion("round-trip")
def test_tiles_of_all_sizes():
    """9x8 images, four channels: tiles of 3x2, 9x8, 1x4."""
    x = draw(3, 9, 8, 4).astype(np.float32)
    for size in ((3, 2), (9, 8), (1, 4)):
        col = call(im2col, x, size, size).agrees().value
        call(col2im, col, x.shape, size, size).gives(x)


@criterion("round-trip")
def test_tiles_over_a_frame_that_differs_from_side_to_side():
    """7x5 images with ((1, 0), (0, 3)): tiles of 4x2."""
    x = draw(2, 7, 5, 3)
    col = call(im2col, x, (4, 2), (4, 2), ((1, 0), (0, 3))).agrees().value
    call(col2im, col, x.shape, (4, 2), (4, 2), ((1, 0), (0, 3))).gives(x)


@criterion("round-trip")
def test_pixels_between_the_tiles_are_lost():
    """Steps larger than the window leave gaps: they come back as 0."""
    x = draw(2, 5, 8, 3)
    kept = np.zeros_like(x)
    for i in (0, 1, 3, 4):
        kept[:, i, 0:2], kept[:, i, 4:6] = x[:, i, 0:2], x[:, i, 4:6]
    col = call(im2col, x, 2, (3, 4)).agrees().value
    call(col2im, col, x.shape, 2, (3, 4)).gives(kept)


@criterion("care")
def test_values_are_not_rounded():
    """Fractions in float32 and float64."""
    for dtype in (np.float32, np.float64):
        col = draw(12, 30).astype(dtype)
        call(col2im, col, (3, 4, 5, 5), (3, 2), 2, (1, 0)).agrees()


@criterion("care")
def test_integers_become_float64():
    """int8 values whose sums do not fit int8, and large ones in int64."""
    col = np.full((2, 4), 100, dtype=np.int8)
    image = np.array([[100.0, 100], [200, 200], [100, 100]]).reshape(1, 3, 2, 1)
    call(col2im, col, (1, 3, 2, 1), 2).gives(image)
    large = np.arange(2**30, 2**30 + 288).reshape(24, 12)
    call(col2im, large, (2, 4, 5, 3), 2).agrees()


@criterion("care")
def test_results_of_three_calls():
    """Three calls for images of one size: each result stays as it is."""
    for factor in (2, 3, 5):
        call(col2im, factor * draw(6, 8).astype(np.float32), (1, 4, 3, 2), 2).agrees()


@criterion("care")
def test_rows_in_any_memory_order():
    """Rows from the end, every third column, a transposed matrix."""
    col = draw(30, 30, seed=9)
    call(col2im, col[::-1], (2, 4, 7, 5), (2, 3)).agrees()
    call(col2im, col.T, (2, 4, 7, 5), (2, 3)).agrees()
    call(col2im, np.asfortranarray(col)[:, ::3], (2, 2, 5, 5), (2, 1), 1, (1, 0)).agrees()


@criterion("care")
def test_refusals():
    """A window that does not fit the frame either, broken steps and paddings."""
    col = draw(24, 12)
    call(col2im, col, (2, 4, 5, 3), (2, 8), 1, 1).refused("8", "7")
    call(col2im, col, (2, 4, 5, 3), 2, (1, 0)).refused()
    call(col2im, col, (2, 4, 5, 3), 2, 1, (0, -2)).refused()
    call(col2im, col, (2, 4, 5, 3), 2, 1, 1.5).refused()
    call(col2im, tuple(map(tuple, col.tolist())), (2, 4, 5, 3), 2).refused()


@criterion("care")
def test_matrices_of_another_shape():
    """3 images of 5x4x2 with 3x2 windows at stride 2: 12 rows of 12; and at stride 1: 27."""
    for rows, columns, stride in ((11, 12, 2), (24, 6, 2), (6, 24, 2), (12, 27, 1), (27, 13, 1)):
        call(col2im, draw(rows, columns), (3, 5, 4, 2), (3, 2), stride).refused()


@criterion("care")
def test_rows_of_another_length():
    """12 rows as they should be, of one channel, and of three instead of two."""
    for columns in (6, 18):
        call(col2im, draw(12, columns), (3, 5, 4, 2), (3, 2), 2).refused()
