"""Average pooling: the mean of each window, or of a whole channel."""

import numpy as np

from grader.checking import call, cases, central_difference, criterion, same
from stages.s13_cnn.pooling.pooling import (
    avg_pool2d_backward,
    avg_pool2d_forward,
    global_avg_pool2d_backward,
    global_avg_pool2d_forward,
)


def images(*shape, seed):
    return np.random.default_rng(seed).normal(size=shape)


@criterion("averages")
def test_the_lesson_by_hand():
    """The 4x4 image of the lesson: 3.75 2.25 / 7 5.75."""
    x = np.array([[1, 3, 2, 1], [5, 6, 2, 4], [8, 9, 5, 3], [7, 4, 8, 7]], dtype=float)
    out = np.array([3.75, 2.25, 7.0, 5.75]).reshape(1, 2, 2, 1)
    call(avg_pool2d_forward, x.reshape(1, 4, 4, 1), 2).gives(out)


@criterion("averages")
def test_each_image_and_channel_by_itself():
    """Windows of 3x2 on two images of 6x8 with 3 channels."""
    call(avg_pool2d_forward, images(2, 6, 8, 3, seed=31), (3, 2)).agrees()


@criterion("averages")
def test_types_of_numbers():
    """float32 stays float32; integers give float64, uint8 too."""
    x = np.random.default_rng(32).integers(2, 90, size=(2, 6, 4, 3))
    call(avg_pool2d_forward, x.astype(np.float32), (3, 2)).agrees()
    call(avg_pool2d_forward, x, (2, 4)).agrees()
    call(avg_pool2d_forward, x.astype(np.uint8), (2, 4)).agrees()


@criterion("averages")
def test_sums_of_large_whole_numbers():
    """Sums far above 32,767, the largest number of 16 bits; windows of one pixel are copies."""
    x = np.random.default_rng(45).integers(20_000, 30_000, size=(2, 4, 5, 3), dtype=np.int16)
    call(avg_pool2d_forward, x, (2, 3)).agrees()
    call(avg_pool2d_forward, x, 1).agrees()
    call(avg_pool2d_forward, x.astype(float), 1).agrees()


@criterion("average-gradient")
def test_drawn_windows_there_and_back():
    """Ten drawn cases: up to six images, windows up to 5x5."""
    low, high = [1, 1, 1, 1, 1, 0, 0], [6, 5, 5, 5, 5, 5, 5]
    for seed, (N, KH, KW, SH, SW, rows, columns) in enumerate(cases(10, low, high, seed=46)):
        x, how = images(N, KH + rows, KW + columns, 2, seed=seed), ((KH, KW), (SH, SW))
        out = call(avg_pool2d_forward, x, *how).agrees().value
        call(avg_pool2d_backward, out + 2, x.shape, *how).agrees()


@criterion("averages")
def test_arguments_by_name():
    """x=..., pool_size=..., stride=...: lessons call it so."""
    call(avg_pool2d_forward, x=images(2, 4, 7, 3, seed=45), pool_size=(2, 3), stride=2).agrees()


@criterion("averages")
def test_the_next_images():
    """Other images of the same shape have means of their own; the last ones stay."""
    x = images(2, 4, 6, 3, seed=46)
    call(avg_pool2d_forward, x, (2, 3)).result()
    call(avg_pool2d_forward, 2 * x + 1, (2, 3)).agrees()


@criterion("windows")
def test_averages_of_overlapping_windows():
    """Windows of 3x2 that move by two rows and one column; a transposed array."""
    x = images(3, 5, 8, 2, seed=33).transpose(3, 2, 1, 0)
    call(avg_pool2d_forward, x, (3, 2), (2, 1)).agrees()


@criterion("windows")
def test_averages_where_windows_do_not_fit():
    """5x7 pixels, windows of 2x3: a row and a column are left over."""
    call(avg_pool2d_forward, images(2, 5, 7, 3, seed=34), (2, 3)).agrees()


@criterion("windows")
def test_a_window_larger_than_the_image():
    """A 2x7 window on 4x6 pixels is refused, with both numbers."""
    call(avg_pool2d_forward, images(2, 4, 6, 3, seed=35), (2, 7)).refused("7", "6")


@criterion("windows")
def test_sizes_and_strides_are_whole_numbers():
    """A window of 2.0 pixels is no size, and 1.5 is no stride; nor is 0."""
    x = images(2, 4, 6, 3, seed=35)
    call(avg_pool2d_forward, x, 2.0).refused()
    call(avg_pool2d_forward, x, 2, stride=1.5).refused()
    call(avg_pool2d_forward, x, 2, stride=0).refused()


@criterion("windows")
def test_a_gradient_of_other_windows():
    """4x6 pixels have 2x2 windows of 2x3; a gradient for 2x1 of them is refused."""
    call(avg_pool2d_backward, images(2, 2, 1, 3, seed=42), (2, 4, 6, 3), (2, 3)).refused()


@criterion("windows")
def test_a_gradient_of_other_images():
    """A gradient for one image of two, and for one channel of three."""
    grad_out = images(2, 2, 2, 3, seed=47)
    call(avg_pool2d_backward, grad_out[:1], (2, 4, 6, 3), (2, 3)).refused()
    call(avg_pool2d_backward, grad_out[..., :1], (2, 4, 6, 3), (2, 3)).refused()


@criterion("average-gradient")
def test_equal_shares_by_hand():
    """A window of 2x3 pixels: each gets a sixth."""
    grad_out = np.array([12.0, 30.0]).reshape(1, 1, 2, 1)
    right = np.array([[2.0, 2.0, 2.0, 5.0, 5.0, 5.0]] * 2).reshape(1, 2, 6, 1)
    call(avg_pool2d_backward, grad_out, (1, 2, 6, 1), (2, 3)).gives(right)


@criterion("average-gradient")
def test_shares_of_overlapping_windows():
    """Windows of 3x2 that move by one row and two columns: shares add up, none is lost."""
    grad_out = images(2, 4, 3, 3, seed=36)
    grad_x = call(avg_pool2d_backward, grad_out, (2, 6, 7, 3), (3, 2), (1, 2)).agrees().value
    same(grad_x.sum(), grad_out.sum(), "sum(grad_x), which must equal sum(grad_out)")


@criterion("average-gradient")
def test_pixels_left_over_get_nothing():
    """7x5 pixels, windows of 2x2; float32 stays float32."""
    grad_out = images(2, 3, 2, 3, seed=37).astype(np.float32)
    call(avg_pool2d_backward, grad_out, (2, 7, 5, 3), 2).agrees()


@criterion("average-gradient")
def test_gradient_by_name():
    """grad_out=..., input_shape=..., pool_size=..., stride=...: lessons call it so."""
    given = {"input_shape": (2, 4, 6, 3), "pool_size": (2, 3), "stride": (1, 2)}
    call(avg_pool2d_backward, grad_out=images(2, 3, 2, 3, seed=48), **given).agrees()


@criterion("average-gradient")
def test_the_next_gradient():
    """Another gradient of the same shape starts from nothing; the last result stays."""
    grad_out = images(2, 2, 2, 3, seed=49)
    call(avg_pool2d_backward, grad_out, (2, 4, 6, 3), (2, 3)).result()
    call(avg_pool2d_backward, 2 * grad_out + 1, (2, 4, 6, 3), (2, 3)).agrees()


@criterion("average-gradient")
def test_forward_and_backward_fit_together():
    """The gradient agrees with finite differences of the averages."""
    x, grad_out = images(2, 5, 4, 2, seed=38), images(2, 2, 3, 2, seed=39)
    grad_x = call(avg_pool2d_backward, grad_out, x.shape, (3, 2), (2, 1)).agrees().value

    def forward(x):
        return avg_pool2d_forward(x, (3, 2), (2, 1))

    slope = central_difference(forward, x, grad_out, axis=0)
    same(grad_x, slope, "the gradient by finite differences", rtol=1e-6)


@criterion("global-average")
def test_one_mean_for_each_channel():
    """Two channels of 2x2 pixels: the means are 5 and 50."""
    x = np.array([[[4, 40], [8, 80]], [[6, 60], [2, 20]]], dtype=float).reshape(1, 2, 2, 2)
    call(global_avg_pool2d_forward, x).gives(np.array([[5.0, 50.0]]))


@criterion("global-average")
def test_height_and_width_vanish():
    """Two images of 4x5 with 3 channels give 2x3 means; float32 stays float32."""
    x = images(2, 4, 5, 3, seed=40)
    call(global_avg_pool2d_forward, x).agrees()
    call(global_avg_pool2d_forward, x.astype(np.float32)).agrees()


@criterion("global-average")
def test_means_of_whole_numbers():
    """Integers have float64 means, bytes too: 20 of them add up to far more than 255."""
    x = np.random.default_rng(43).integers(2, 90, size=(2, 4, 5, 3))
    call(global_avg_pool2d_forward, x).agrees()
    call(global_avg_pool2d_forward, (2 * x).astype(np.uint8)).agrees()


@criterion("global-average")
def test_every_pixel_gets_the_same_share():
    """Each of 4x5 pixels gets a twentieth of its channel's gradient; float32 stays float32."""
    grad_out = images(2, 3, seed=41)
    grad_x = call(global_avg_pool2d_backward, grad_out, (2, 4, 5, 3)).agrees().value
    same(grad_x.sum(), grad_out.sum(), "sum(grad_x), which must equal sum(grad_out)")
    call(global_avg_pool2d_backward, grad_out.astype(np.float32), (2, 4, 5, 3)).agrees()


@criterion("global-average")
def test_global_arguments_by_name():
    """x=..., then grad_out=... and input_shape=...: lessons call them so."""
    call(global_avg_pool2d_forward, x=images(2, 4, 5, 3, seed=50)).agrees()
    grad_out = images(2, 3, seed=53)
    call(global_avg_pool2d_backward, grad_out=grad_out, input_shape=(2, 4, 5, 3)).agrees()


@criterion("global-average")
def test_the_next_means_and_shares():
    """Other numbers of the same shape have results of their own; the last ones stay."""
    x, grad_out = images(2, 4, 5, 3, seed=51), images(2, 3, seed=52)
    call(global_avg_pool2d_forward, x).result()
    call(global_avg_pool2d_forward, 2 * x + 1).agrees()
    call(global_avg_pool2d_backward, grad_out, x.shape).result()
    call(global_avg_pool2d_backward, 2 * grad_out + 1, x.shape).agrees()


@criterion("global-average")
def test_a_gradient_for_other_images():
    """A gradient for one image is refused where there were two."""
    call(global_avg_pool2d_backward, images(1, 3, seed=44), (2, 4, 5, 3)).refused()


@criterion("averages")
def test_averages_of_what_is_no_image_are_refused():
    """Neither nothing nor a list of lists is an array of images."""
    call(avg_pool2d_forward, None, 2).refused()
    call(avg_pool2d_forward, [[[[2.0]]]], 1).refused()


@criterion("global-average")
def test_global_averages_of_what_is_no_image_are_refused():
    """Complex numbers are no pixels, and gradients have one row an image."""
    call(global_avg_pool2d_forward, np.full((2, 4, 5, 3), 2 + 1j)).refused()
    call(global_avg_pool2d_backward, np.full((2, 1, 1), 3.5), (2, 5, 7, 1)).refused()
