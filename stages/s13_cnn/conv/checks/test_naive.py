"""The definition: a filter slides over the image, multiplies and adds."""

import numpy as np

from grader.checking import call, cases, criterion, same
from stages.s13_cnn.conv.conv import conv2d_naive


def images_and_filters(x_shape, W_shape, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=x_shape), rng.normal(size=W_shape), rng.normal(size=W_shape[3])


@criterion("loops")
def test_a_vertical_edge():
    """A 3x3 edge filter on a 5x5 image, done by hand in the lesson."""
    x = np.array([[1, 1, 1, 0, 0]] * 3 + [[0, 0, 1, 1, 1]] * 2, dtype=float)
    W = np.array([[1, 0, -1]] * 3, dtype=float)
    edges = np.array([[0, 3, 3], [-1, 1, 2], [-2, -1, 1]], dtype=float)
    call(conv2d_naive, x.reshape(1, 5, 5, 1), W.reshape(3, 3, 1, 1), np.zeros(1)).gives(
        edges.reshape(1, 3, 3, 1)
    )


@criterion("loops")
def test_the_filter_is_not_rotated():
    """A 2x2 filter that looks different turned, mirrored and transposed."""
    x = np.array([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]], dtype=float)
    W = np.array([[1, 0], [-1, 2]], dtype=float)
    right = np.array([[3, 5, 7], [-3, 3, 5], [7, -3, 3]], dtype=float)
    call(conv2d_naive, x.reshape(1, 4, 4, 1), W.reshape(2, 2, 1, 1), np.zeros(1)).gives(
        right.reshape(1, 3, 3, 1)
    )


@criterion("loops")
def test_every_filter_sees_all_channels():
    """One pixel with 2 channels, 3 filters, and a bias for each filter."""
    x = np.array([2.0, 3.0]).reshape(1, 1, 1, 2)
    W = np.array([[4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]).reshape(1, 1, 2, 3)
    b = np.array([0.5, 0.25, 0.125])
    # Filter 0: 2*4 + 3*7 + 0.5
    call(conv2d_naive, x, W, b).gives(np.array([29.5, 34.25, 39.125]).reshape(1, 1, 1, 3))


@criterion("loops")
def test_a_batch_of_rectangles():
    """Images, channels, filters and both sides of everything differ."""
    x, W, b = images_and_filters((2, 5, 6, 3), (3, 2, 3, 4), seed=1)
    call(conv2d_naive, x, W, b).agrees()


@criterion("loops")
def test_steps_and_frames():
    """Stride (2, 1), and a different frame on each of the four sides."""
    x, W, b = images_and_filters((2, 7, 5, 2), (3, 2, 2, 3), seed=2)
    call(conv2d_naive, x, W, b, (2, 1), ((1, 2), (0, 3))).agrees()


@criterion("loops")
def test_float32_stays_float32():
    """float32 in, float32 out."""
    x, W, b = (a.astype(np.float32) for a in images_and_filters((2, 4, 5, 3), (2, 3, 3, 2), 3))
    call(conv2d_naive, x, W, b).agrees()


@criterion("loops")
def test_integer_pixels_keep_their_fractions():
    """An image of whole numbers does not round the result."""
    _, W, b = images_and_filters((1, 1, 1, 2), (2, 2, 2, 3), seed=4)
    x = np.arange(2, 2 + 2 * 4 * 3 * 2).reshape(2, 4, 3, 2)
    call(conv2d_naive, x, W, b).agrees()


@criterion("loops")
def test_filters_of_whole_numbers():
    """The pixel 1.5 under the weight 3, an integer: 4.5."""
    x, W = np.array([1.5]).reshape(1, 1, 1, 1), np.array([3]).reshape(1, 1, 1, 1)
    call(conv2d_naive, x, W, np.zeros(1)).gives(np.array([4.5]).reshape(1, 1, 1, 1))


@criterion("loops")
def test_bytes_do_not_overflow():
    """Images of bytes under filters of whole numbers: sums far above 255."""
    rng = np.random.default_rng(5)
    x = rng.integers(100, 256, (2, 3, 4, 2), dtype=np.uint8)
    W = rng.integers(100, 256, (2, 2, 2, 3))
    call(conv2d_naive, x, W, np.array([0.5, -0.25, 2])).agrees()


@criterion("loops")
def test_a_pixel_that_is_not_a_number():
    """A window with nan in it has no sum: it gives nan."""
    x, W, b = images_and_filters((1, 3, 3, 1), (2, 2, 1, 2), seed=6)
    x[0, 1, 1, 0] = np.nan  # all four windows see the centre
    out = call(conv2d_naive, x, W, b).result()
    same(out, np.full((1, 2, 2, 2), np.nan), "out, where each window holds nan")


@criterion("loops")
def test_every_argument_by_its_name():
    """conv2d_naive(x=..., W=..., b=..., stride=..., padding=...)."""
    x, W, b = images_and_filters((2, 4, 5, 3), (2, 3, 3, 2), seed=7)
    call(conv2d_naive, padding=1, stride=(1, 2), b=b, W=W, x=x).agrees()


@criterion("loops")
def test_channels_and_biases_must_match():
    """Grey images under filters for 3 channels, and one bias for 4 filters, are refused."""
    x, W, b = images_and_filters((2, 4, 5, 3), (2, 2, 3, 4), seed=8)
    call(conv2d_naive, x[..., :1], W, b).refused("1", "3")
    call(conv2d_naive, x, W, b[:1]).refused()
    call(conv2d_naive, x[0], W, b).refused()


@criterion("loops")
def test_drawn_loops():
    """Six drawn cases: up to six images, kernels up to 5x5, strides up to 4."""
    low, high = [1, 5, 5, 1, 1, 1, 1, 1, 1, 0, 0], [6, 8, 8, 5, 5, 4, 4, 3, 3, 2, 2]
    for seed, (N, H, W, *case) in enumerate(cases(6, low, high, seed=43)):
        KH, KW, SH, SW, C, F, PH, PW = case
        given = images_and_filters((N, H, W, C), (KH, KW, C, F), seed)
        call(conv2d_naive, *given, (SH, SW), (PH, PW)).agrees()
