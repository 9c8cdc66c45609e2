"""Forward, on other images and harder shapes."""

import numpy as np

from grader.checking import call, cases, criterion, same
from stages.s13_cnn.conv.conv import conv2d_forward


def images_and_filters(x_shape, W_shape, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=x_shape), rng.normal(size=W_shape), rng.normal(size=W_shape[3])


@criterion("forward")
def test_two_images_by_hand():
    """Two images of one row, two channels, two filters of one column."""
    x = np.array([[2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0]]).reshape(2, 1, 2, 2)
    W = np.array([[10.0, 2.0], [3.0, 20.0]]).reshape(1, 1, 2, 2)
    out = np.array([[29.0, 64.0], [55.0, 108.0], [81.0, 152.0], [107.0, 196.0]])
    call(conv2d_forward, x, W, np.zeros(2)).gives((out.reshape(2, 1, 2, 2), x.reshape(4, 2)))


@criterion("forward")
def test_many_filters():
    """5 images of 6x4 with 3 channels, 11 filters of 2x3."""
    x, W, b = images_and_filters((5, 6, 4, 3), (2, 3, 3, 11), seed=31)
    call(conv2d_forward, x, W, b).agrees()


@criterion("forward")
def test_many_channels_one_filter():
    """3 images with 7 channels, a single filter."""
    x, W, b = images_and_filters((3, 4, 5, 7), (3, 2, 7, 1), seed=32)
    call(conv2d_forward, x, W, b).agrees()


@criterion("forward")
def test_the_kernel_covers_the_image():
    """One window an image, as wide and as high as the image."""
    x, W, b = images_and_filters((4, 3, 5, 2), (3, 5, 2, 6), seed=33)
    call(conv2d_forward, x, W, b).agrees()


@criterion("forward")
def test_every_second_pixel_of_another_array():
    """Images and filters that are cut out of larger arrays, in float32."""
    x, W, b = (a.astype(np.float32) for a in images_and_filters((4, 9, 8, 3), (4, 2, 3, 8), 34))
    call(conv2d_forward, x[::-1, ::2, 1:, :], W[::2, :, :, ::-2], b[1::2]).agrees()


@criterion("forward")
def test_integer_pixels():
    """Bytes from 0 to 255, as image files hold them, neither round nor overflow."""
    _, W, b = images_and_filters((1, 1, 1, 3), (2, 3, 3, 2), seed=35)
    x = np.random.default_rng(36).integers(2, 256, (2, 4, 5, 3), dtype=np.uint8)
    call(conv2d_forward, x, W, b).agrees(dtype=False)


@criterion("forward")
def test_integer_filters():
    """Images of 16 bits under filters of negative whole numbers."""
    rng = np.random.default_rng(38)
    x = rng.integers(9_000, 30_000, (3, 2, 4, 2), dtype=np.int16)
    W = rng.integers(-128, -60, (2, 3, 2, 2))
    call(conv2d_forward, x, W, np.array([7.5, -0.5]), padding=(1, 0)).agrees(dtype=False)


@criterion("forward")
def test_large_numbers():
    """Whole numbers that float32 would round, and biases that leave only the last digits."""
    x = np.arange(12).reshape(2, 2, 3, 1) - 2**27
    W, b = np.ones((1, 1, 1, 2)), np.array([2.0**27, 2.0**27 - 3])
    call(conv2d_forward, x, W, b).agrees(dtype=False)


@criterion("forward")
def test_nan_in_one_channel():
    """One channel is nan, the others are not: the window gives nan."""
    x, W, b = images_and_filters((2, 2, 3, 3), (2, 3, 3, 4), seed=39)
    x[:, 1, 2, 1] = np.nan
    result = call(conv2d_forward, x, W, b).result()
    out = result[0] if isinstance(result, tuple) and result else result
    same(out, np.full((2, 1, 1, 4), np.nan), "out, where each window holds nan")


@criterion("forward")
def test_arguments_by_name():
    """All arguments by name, with four different sides."""
    x, W, b = images_and_filters((3, 5, 4, 2), (3, 2, 2, 4), seed=40)
    call(conv2d_forward, b=b, x=x, W=W, padding=((0, 1), (2, 0)), stride=2).agrees()


@criterion("forward")
def test_wrong_company_is_refused():
    """Filters for 5 channels on images with 4, and images without a batch axis."""
    x, W, b = images_and_filters((2, 5, 6, 4), (3, 2, 5, 3), seed=37)
    call(conv2d_forward, x, W, b).refused("4", "5")
    call(conv2d_forward, x[0], W[:, :, :4], b).refused()


@criterion("stride-padding")
def test_leftover_rows_and_columns():
    """Stride (3, 2) does not fit: what is left over at the bottom and right is not visited."""
    x, W, b = images_and_filters((2, 10, 8, 3), (2, 3, 3, 4), seed=41)
    call(conv2d_forward, x, W, b, stride=(3, 2)).agrees()


@criterion("stride-padding")
def test_a_stride_longer_than_the_kernel():
    """Stride (3, 4) skips pixels between 2x1 windows."""
    x, W, b = images_and_filters((3, 9, 11, 2), (2, 1, 2, 5), seed=42)
    call(conv2d_forward, x, W, b, (3, 4), ((0, 2), (1, 0))).agrees()


@criterion("stride-padding")
def test_a_frame_wider_than_the_kernel():
    """Windows that see nothing but the frame give the bias."""
    x, W, b = images_and_filters((2, 3, 4, 3), (2, 3, 3, 4), seed=43)
    call(conv2d_forward, x, W, b, stride=(1, 2), padding=(3, 4)).agrees()


@criterion("stride-padding")
def test_moved_image_moved_result():
    """An image moved by two pixels inside its frame gives a result moved by one (stride 2)."""
    x, W, b = images_and_filters((2, 12, 13, 2), (3, 2, 2, 3), seed=44)
    x[:, :4], x[:, -4:], x[:, :, :4], x[:, :, -4:] = 0, 0, 0, 0
    here = call(conv2d_forward, x, W, b, stride=2, padding=(1, 0)).agrees().value[0]
    moved = np.roll(x, (2, 2), axis=(1, 2))
    there = call(conv2d_forward, moved, W, b, stride=2, padding=(1, 0)).agrees().value[0]
    same(there[:, 1:, 1:], here[:, :-1, :-1], "the result for the image moved by two pixels")


@criterion("bias")
def test_the_bias_moves_every_output_by_itself():
    """With and without a bias: the difference is the bias, at every position."""
    x, W, b = images_and_filters((3, 5, 4, 2), (3, 2, 2, 5), seed=45)
    with_bias = call(conv2d_forward, x, W, b, stride=2, padding=1).agrees().value[0]
    without = call(conv2d_forward, x, W, np.zeros(5), stride=2, padding=1).agrees().value[0]
    same(with_bias - without, np.zeros_like(with_bias) + b, "what the bias adds", rtol=1e-9)


@criterion("bias")
def test_biases_of_the_wrong_length():
    """Six filters take six biases: neither five nor seven."""
    x, W, b = images_and_filters((2, 4, 5, 3), (2, 2, 3, 6), seed=46)
    call(conv2d_forward, x, W, b).agrees()
    call(conv2d_forward, x, W, b[:5]).refused()
    call(conv2d_forward, x, W, np.append(b, 2.0)).refused()


@criterion("stride-padding")
def test_more_drawn_images_filters_and_strides():
    """Twelve drawn cases: up to nine images, kernels up to 5x5."""
    low, high = [1, 5, 5, 1, 1, 1, 1, 1, 1, 0, 0], [9, 9, 9, 5, 5, 5, 5, 4, 4, 2, 2]
    for seed, (N, H, W, *case) in enumerate(cases(12, low, high, seed=42)):
        KH, KW, SH, SW, C, F, PH, PW = case
        given = images_and_filters((N, H, W, C), (KH, KW, C, F), seed)
        call(conv2d_forward, *given, (SH, SW), (PH, PW)).agrees()
