"""The definition, on other images."""

import numpy as np

from grader.checking import call, cases, criterion, same
from stages.s13_cnn.conv.conv import conv2d_naive


def images_and_filters(x_shape, W_shape, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=x_shape), rng.normal(size=W_shape), rng.normal(size=W_shape[3])


@criterion("loops")
def test_a_row_filter_by_hand():
    """A 1x3 filter on a 2x4 image."""
    x = np.array([[2.0, 5.0, 3.0, 7.0], [4.0, 6.0, 9.0, 8.0]]).reshape(1, 2, 4, 1)
    W = np.array([10.0, 2.0, -3.0]).reshape(1, 3, 1, 1)
    right = np.array([[21.5, 35.5], [25.5, 54.5]]).reshape(1, 2, 2, 1)
    call(conv2d_naive, x, W, np.array([0.5])).gives(right)


@criterion("loops")
def test_a_lone_dot_shows_the_filter_mirrored():
    """The filter slides, so the image of a dot is the filter seen from behind."""
    x = np.zeros((1, 5, 4, 1))
    x[0, 2, 1, 0] = 1
    W = np.arange(2.0, 8.0).reshape(3, 2, 1, 1)
    right = np.array([[7, 6, 0], [5, 4, 0], [3, 2, 0]], dtype=float)
    call(conv2d_naive, x, W, np.zeros(1)).gives(right.reshape(1, 3, 3, 1))


@criterion("loops")
def test_many_channels_and_filters():
    """More channels than filters, more images than either side of the kernel."""
    x, W, b = images_and_filters((4, 4, 6, 5), (2, 3, 5, 3), seed=11)
    call(conv2d_naive, x, W, b).agrees()


@criterion("loops")
def test_a_stride_that_does_not_fit():
    """Stride (3, 2) leaves rows and columns over, with a frame on top and left only."""
    x, W, b = images_and_filters((3, 9, 7, 2), (2, 3, 2, 4), seed=12)
    call(conv2d_naive, x, W, b, stride=(3, 2), padding=((2, 0), (1, 0))).agrees()


@criterion("loops")
def test_a_view_of_a_larger_array():
    """Images and filters cut and transposed out of other arrays; small integers."""
    x, W, b = images_and_filters((6, 5, 12, 2), (3, 2, 4, 3), seed=13)
    call(conv2d_naive, x.transpose(3, 1, 2, 0)[:, :, ::2, ::3], W[:, :, ::2], b).agrees()
    pixels = np.arange(200, 200 + 48, dtype=np.uint8).reshape(2, 4, 3, 2)
    call(conv2d_naive, pixels, W[:2, :, :2], b, padding=(0, 1)).agrees()


@criterion("loops")
def test_float32_with_a_frame():
    """float32 stays float32 with padding and stride as well."""
    x, W, b = (a.astype(np.float32) for a in images_and_filters((3, 5, 4, 2), (3, 3, 2, 5), 14))
    call(conv2d_naive, x, W, b, 2, 1).agrees()


@criterion("loops")
def test_integer_filters():
    """Filters of integers from -9 to 9, images and biases that are none."""
    x, _, b = images_and_filters((2, 4, 3, 2), (2, 2, 2, 3), seed=15)
    W = np.random.default_rng(15).integers(-9, 10, (2, 2, 2, 3))
    call(conv2d_naive, x, W, b, stride=(2, 1)).agrees()


@criterion("loops")
def test_small_integers_do_not_overflow():
    """Images of 16 bits under filters of negative whole numbers."""
    rng = np.random.default_rng(16)
    x = rng.integers(9_000, 30_000, (3, 2, 4, 2), dtype=np.int16)
    W = rng.integers(-128, -60, (2, 3, 2, 2))
    call(conv2d_naive, x, W, np.array([7.5, -0.5]), padding=(1, 0)).agrees()


@criterion("loops")
def test_nan_in_one_channel():
    """One channel is nan, the others are not: the window gives nan."""
    x, W, b = images_and_filters((2, 2, 3, 3), (2, 3, 3, 4), seed=17)
    x[:, 1, 2, 1] = np.nan
    out = call(conv2d_naive, x, W, b).result()
    same(out, np.full((2, 1, 1, 4), np.nan), "out, where each window holds nan")


@criterion("loops")
def test_arguments_by_name():
    """All arguments by name, with four different sides."""
    x, W, b = images_and_filters((3, 5, 4, 2), (3, 2, 2, 4), seed=18)
    call(conv2d_naive, b=b, x=x, W=W, padding=((0, 1), (2, 0)), stride=2).agrees()


@criterion("loops")
def test_what_does_not_belong_together():
    """Filters for one channel on images with 5, two biases for 4 filters, flat filters."""
    x, W, b = images_and_filters((3, 4, 3, 5), (2, 2, 5, 4), seed=19)
    call(conv2d_naive, x, W[:, :, :1], b).refused("5", "1")
    call(conv2d_naive, x, W, b[:2]).refused()
    call(conv2d_naive, x, W[..., 0], b).refused()


@criterion("loops")
def test_more_drawn_loops():
    """Eight drawn cases: up to nine images, kernels up to 5x5."""
    low, high = [1, 5, 5, 1, 1, 1, 1, 1, 1, 0, 0], [9, 8, 8, 5, 5, 4, 4, 3, 3, 2, 2]
    for seed, (N, H, W, *case) in enumerate(cases(8, low, high, seed=44)):
        KH, KW, SH, SW, C, F, PH, PW = case
        given = images_and_filters((N, H, W, C), (KH, KW, C, F), seed)
        call(conv2d_naive, *given, (SH, SW), (PH, PW)).agrees()
