"""Forward: the same numbers as the loops, in one matrix product."""

import numpy as np

from grader.checking import call, cases, criterion, same
from stages.s13_cnn.conv.conv import conv2d_forward


def images_and_filters(x_shape, W_shape, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=x_shape), rng.normal(size=W_shape), rng.normal(size=W_shape[3])


@criterion("forward")
def test_two_windows_by_hand():
    """A 2x3 image and a 2x2 filter: two windows, and the matrix they are kept in."""
    x = np.array([[2.0, 3.0, 4.0], [5.0, 6.0, 7.0]]).reshape(1, 2, 3, 1)
    W = np.array([[10.0, 20.0], [30.0, 40.0]]).reshape(2, 2, 1, 1)
    out = np.array([470.0, 570.0]).reshape(1, 1, 2, 1)
    col = np.array([[2.0, 3.0, 5.0, 6.0], [3.0, 4.0, 6.0, 7.0]])
    call(conv2d_forward, x, W, np.zeros(1)).gives((out, col))


@criterion("forward")
def test_channels_are_summed_filter_by_filter():
    """One pixel with 2 channels and 3 filters: 2*4 + 3*7, 2*5 + 3*8, 2*6 + 3*9."""
    x = np.array([2.0, 3.0]).reshape(1, 1, 1, 2)
    W = np.array([[4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]).reshape(1, 1, 2, 3)
    out = np.array([29.0, 34.0, 39.0]).reshape(1, 1, 1, 3)
    call(conv2d_forward, x, W, np.zeros(3)).gives((out, np.array([[2.0, 3.0]])))


@criterion("forward")
def test_a_batch_of_rectangles():
    """2 images of 5x6 with 3 channels, 4 filters of 3x2."""
    x, W, b = images_and_filters((2, 5, 6, 3), (3, 2, 3, 4), seed=21)
    call(conv2d_forward, x, W, b).agrees()


@criterion("forward")
def test_float32_stays_float32():
    """float32 in, float32 out."""
    x, W, b = (a.astype(np.float32) for a in images_and_filters((3, 4, 6, 2), (3, 2, 2, 5), 22))
    call(conv2d_forward, x, W, b).agrees()


@criterion("forward")
def test_integer_pixels_keep_their_fractions():
    """An image of whole numbers does not round the result."""
    _, W, b = images_and_filters((1, 1, 1, 2), (2, 3, 2, 4), seed=30)
    x = np.arange(2, 2 + 3 * 4 * 5 * 2).reshape(3, 4, 5, 2)
    call(conv2d_forward, x, W, b).agrees(dtype=False)


@criterion("forward")
def test_integer_images_and_filters():
    """Images of bytes under filters of whole numbers: sums far above 255."""
    rng = np.random.default_rng(30)
    x = rng.integers(100, 256, (2, 3, 4, 2), dtype=np.uint8)
    W = rng.integers(100, 256, (2, 2, 2, 3))
    call(conv2d_forward, x, W, np.array([0.5, -0.25, 2])).agrees(dtype=False)


@criterion("forward")
def test_large_whole_numbers_keep_all_their_digits():
    """The pixel 16777217 under the weight 1, with the bias -16777216: 1."""
    x = np.array([16777217]).reshape(1, 1, 1, 1)
    W, b = np.ones((1, 1, 1, 1)), np.array([-16777216.0])
    call(conv2d_forward, x, W, b).agrees(dtype=False)


@criterion("forward")
def test_a_pixel_that_is_not_a_number():
    """A window with nan in it has no sum: it gives nan."""
    x, W, b = images_and_filters((1, 3, 3, 1), (2, 2, 1, 2), seed=20)
    x[0, 1, 1, 0] = np.nan  # all four windows see the centre
    result = call(conv2d_forward, x, W, b).result()
    out = result[0] if isinstance(result, tuple) and result else result
    same(out, np.full((1, 2, 2, 2), np.nan), "out, where each window holds nan")


@criterion("forward")
def test_every_argument_by_its_name():
    """conv2d_forward(x=..., W=..., b=..., stride=..., padding=...)."""
    x, W, b = images_and_filters((2, 4, 5, 3), (2, 3, 3, 2), seed=19)
    call(conv2d_forward, padding=1, stride=(1, 2), b=b, W=W, x=x).agrees()


@criterion("forward")
def test_arrays_in_another_memory_order():
    """A transposed batch and filters in Fortran order are still images and filters."""
    x, W, b = images_and_filters((3, 6, 5, 2), (2, 3, 3, 4), seed=23)
    call(conv2d_forward, x.transpose(3, 2, 1, 0), np.asfortranarray(W), b).agrees()


@criterion("forward")
def test_channels_must_match():
    """Images with 3 channels and filters for 2 are refused, with both numbers."""
    x, W, b = images_and_filters((2, 5, 6, 3), (3, 2, 2, 4), seed=24)
    call(conv2d_forward, x, W, b).refused("3", "2")


@criterion("stride-padding")
def test_every_second_window_by_hand():
    """Stride (1, 2) over one row of five pixels with a frame of one column."""
    x = np.array([2.0, 3.0, 4.0, 5.0, 6.0]).reshape(1, 1, 5, 1)
    W = np.array([10.0, 1.0, 100.0]).reshape(1, 3, 1, 1)
    out = np.array([302.0, 534.0, 56.0]).reshape(1, 1, 3, 1)
    col = np.array([[0.0, 2.0, 3.0], [3.0, 4.0, 5.0], [5.0, 6.0, 0.0]])
    call(conv2d_forward, x, W, np.zeros(1), stride=(1, 2), padding=(0, 1)).gives((out, col))


@criterion("stride-padding")
def test_stride_and_padding_differ_by_axis():
    """Stride (2, 1) with padding (1, 2)."""
    x, W, b = images_and_filters((2, 7, 5, 3), (3, 2, 3, 4), seed=25)
    call(conv2d_forward, x, W, b, (2, 1), (1, 2)).agrees()


@criterion("stride-padding")
def test_four_different_sides():
    """Stride 2, and a frame of its own on each side."""
    x, W, b = images_and_filters((3, 6, 4, 2), (2, 3, 2, 5), seed=26)
    call(conv2d_forward, x, W, b, stride=2, padding=((1, 2), (3, 0))).agrees()


@criterion("stride-padding")
def test_a_kernel_that_does_not_fit_is_refused():
    """A 5x2 kernel on 3x4 images is refused; a frame of one row above and below lets it in."""
    x, W, b = images_and_filters((2, 3, 4, 2), (5, 2, 2, 3), seed=27)
    call(conv2d_forward, x, W, b).refused()
    call(conv2d_forward, x, W, b, padding=(1, 0)).agrees()


@criterion("bias")
def test_a_black_image_shows_the_bias():
    """Where all pixels are 0, every output is the bias of its filter."""
    x, W, b = images_and_filters((2, 4, 5, 3), (2, 3, 3, 4), seed=28)
    out = np.zeros((2, 3, 3, 4)) + b
    call(conv2d_forward, np.zeros_like(x), W, b).gives((out, np.zeros((2 * 3 * 3, 18))))


@criterion("bias")
def test_one_window_by_hand():
    """Four pixels, one window: 2 + 3 + 4 + 5 and 100 once."""
    x = np.array([2.0, 3.0, 4.0, 5.0]).reshape(1, 2, 2, 1)
    out = np.array([114.0]).reshape(1, 1, 1, 1)
    col = np.array([[2.0, 3.0, 4.0, 5.0]])
    call(conv2d_forward, x, np.ones((2, 2, 1, 1)), np.array([100.0])).gives((out, col))


@criterion("bias")
def test_one_bias_for_each_filter():
    """As many biases as filters: more or fewer are refused."""
    x, W, b = images_and_filters((2, 4, 5, 3), (2, 3, 3, 4), seed=29)
    call(conv2d_forward, x, W, b, padding=1).agrees()
    call(conv2d_forward, x, W, b[:3]).refused()
    call(conv2d_forward, x, W, b[:1]).refused()


@criterion("stride-padding")
def test_drawn_images_filters_and_strides():
    """Ten drawn cases: up to six images, kernels up to 5x5, strides up to 4."""
    low, high = [1, 5, 5, 1, 1, 1, 1, 1, 1, 0, 0], [6, 8, 8, 5, 5, 4, 4, 3, 3, 2, 2]
    for seed, (N, H, W, *case) in enumerate(cases(10, low, high, seed=41)):
        KH, KW, SH, SW, C, F, PH, PW = case
        given = images_and_filters((N, H, W, C), (KH, KW, C, F), seed)
        call(conv2d_forward, *given, (SH, SW), (PH, PW)).agrees()
