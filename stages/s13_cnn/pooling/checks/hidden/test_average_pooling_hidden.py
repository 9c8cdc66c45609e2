"""Average pooling again, on other images and harder windows."""

import numpy as np

from grader.checking import call, criterion, same
from stages.s13_cnn.pooling.pooling import (
    avg_pool2d_backward,
    avg_pool2d_forward,
    global_avg_pool2d_backward,
    global_avg_pool2d_forward,
)


def images(*shape, seed):
    return np.random.default_rng(seed).normal(size=shape)


def drawn_window(seed):
    """Draw the shape of images, a window that fits them, a stride, and the output's shape."""
    rng = np.random.default_rng(seed)
    KH, KW, SH, SW = (int(n) for n in rng.integers(1, 6, size=4))
    N, H, W, C = (int(n) for n in rng.integers([1, KH, KW, 1], [8, KH + 7, KW + 7, 5]))
    out_shape = (N, (H - KH) // SH + 1, (W - KW) // SW + 1, C)
    return (N, H, W, C), (KH, KW), (SH, SW), out_shape


@criterion("averages")
def test_a_tall_window_by_hand():
    """Windows of 3x1: the means of two columns."""
    x = np.array([[2.0, 10.0], [3.0, 20.0], [7.0, 60.0]]).reshape(1, 3, 2, 1)
    call(avg_pool2d_forward, x, (3, 1)).gives(np.array([4.0, 30.0]).reshape(1, 1, 2, 1))


@criterion("averages")
def test_windows_of_many_shapes():
    """Windows of 2x5 and 3x2 on three images of 6x10 with 4 channels."""
    x = images(3, 6, 10, 4, seed=131)
    call(avg_pool2d_forward, x, (2, 5)).agrees()
    call(avg_pool2d_forward, x, (3, 2)).agrees()


@criterion("averages")
def test_types_of_numbers():
    """float32 in Fortran order, and int8 whose sums do not fit into int8."""
    x = images(2, 4, 9, 3, seed=132).astype(np.float32)
    call(avg_pool2d_forward, np.asfortranarray(x), (2, 3)).agrees()
    small = np.random.default_rng(133).integers(90, 120, size=(2, 6, 4, 3)).astype(np.int8)
    call(avg_pool2d_forward, small, (3, 2)).agrees()


@criterion("averages")
def test_arguments_by_name():
    """A wide window, all by name."""
    call(
        avg_pool2d_forward, stride=(2, 1), pool_size=(1, 4), x=images(2, 3, 9, 2, seed=144)
    ).agrees()


@criterion("averages")
def test_three_batches_in_turn():
    """Three batches of the same shape, each with means of its own."""
    for seed in (145, 146, 147):
        call(avg_pool2d_forward, images(3, 5, 6, 2, seed=seed), (3, 2), stride=1).agrees()


@criterion("windows")
def test_averages_of_drawn_windows():
    """Twelve drawn shapes, windows and strides."""
    for seed in range(40, 52):
        shape, size, stride, _ = drawn_window(seed)
        call(avg_pool2d_forward, images(*shape, seed=seed), size, stride).agrees()


@criterion("windows")
def test_windows_that_cannot_be():
    """A window taller than the image, and a stride of zero."""
    x = images(2, 3, 8, 4, seed=134)
    call(avg_pool2d_forward, x, (4, 2)).refused("4", "3")
    call(avg_pool2d_forward, x, 2, stride=(2, 0)).refused()
    call(avg_pool2d_forward, x, (2.0, 3)).refused()
    call(avg_pool2d_forward, x, 3, stride=(1, 2.5)).refused()


@criterion("windows")
def test_no_stride_means_the_size_of_the_window():
    """Windows of 3x4 without a stride on 8x11 pixels: two rows and three columns left over."""
    call(avg_pool2d_forward, images(2, 8, 11, 3, seed=141), (3, 4)).agrees()


@criterion("windows")
def test_a_gradient_of_other_windows():
    """6x8 pixels have 2x4 windows of 3x2; a gradient for one row of them is refused."""
    call(avg_pool2d_backward, images(3, 1, 4, 2, seed=142), (3, 6, 8, 2), (3, 2)).refused()


@criterion("windows")
def test_a_gradient_of_other_images():
    """A gradient for one image of three, and for one channel of two."""
    grad_out = images(3, 2, 4, 2, seed=148)
    call(avg_pool2d_backward, grad_out[1:2], (3, 6, 8, 2), (3, 2)).refused()
    call(avg_pool2d_backward, grad_out[..., 1:], (3, 6, 8, 2), (3, 2)).refused()


@criterion("average-gradient")
def test_gradient_by_name():
    """Windows that overlap, all by name."""
    given = {"stride": 1, "pool_size": (3, 2), "input_shape": (3, 5, 4, 2)}
    call(avg_pool2d_backward, **given, grad_out=images(3, 3, 3, 2, seed=150)).agrees()


@criterion("average-gradient")
def test_three_gradients_in_turn():
    """Three gradients of the same shape, each with shares of its own."""
    for seed in (151, 152, 153):
        grad_out = images(2, 2, 2, 3, seed=seed)
        call(avg_pool2d_backward, grad_out, (2, 7, 5, 3), (3, 2), (3, 2)).agrees()


@criterion("average-gradient")
def test_the_middle_pixel_by_hand():
    """Windows of 1x2 that move by one: the middle of three pixels gets both halves."""
    grad_out = np.array([8.0, 20.0]).reshape(1, 1, 2, 1)
    right = np.array([4.0, 14.0, 10.0]).reshape(1, 1, 3, 1)
    call(avg_pool2d_backward, grad_out, (1, 1, 3, 1), (1, 2), 1).gives(right)


@criterion("average-gradient")
def test_shares_of_drawn_windows_are_conserved():
    """Twelve drawn shapes: the sum of the gradient stays what it was."""
    for seed in range(60, 72):
        shape, size, stride, out_shape = drawn_window(seed)
        grad_out = images(*out_shape, seed=seed) + 3
        grad_x = call(avg_pool2d_backward, grad_out, shape, size, stride).agrees().value
        same(grad_x.sum(), grad_out.sum(), "sum(grad_x), which must equal sum(grad_out)")


@criterion("average-gradient")
def test_shares_of_windows_that_tile():
    """Windows of 3x4 without a stride, two rows and one column left over; in float32."""
    grad_out = images(3, 2, 2, 4, seed=140).astype(np.float32)
    call(avg_pool2d_backward, grad_out, (3, 8, 9, 4), (3, 4)).agrees()


@criterion("average-gradient")
def test_backward_is_the_adjoint_of_forward():
    """<avg(x), g> equals <x, backward(g)>, for windows of 4x2 with stride (2, 3)."""
    x, grad_out = images(2, 9, 7, 3, seed=135), images(2, 3, 2, 3, seed=136)
    out = call(avg_pool2d_forward, x, (4, 2), (2, 3)).agrees().value
    grad_x = call(avg_pool2d_backward, grad_out, x.shape, (4, 2), (2, 3)).agrees().value
    same(np.sum(x * grad_x), np.sum(out * grad_out), "sum(x * grad_x)", rtol=1e-8)


@criterion("global-average")
def test_two_rows_of_pixels_by_hand():
    """Two rows of three pixels, two channels."""
    above = [[2.0, -30.0], [3.0, -40.0], [7.0, -80.0]]
    below = [[4.0, -50.0], [6.0, -60.0], [8.0, -10.0]]
    x = np.array([above, below]).reshape(1, 2, 3, 2)
    call(global_avg_pool2d_forward, x).gives(np.array([[5.0, -45.0]]))


@criterion("global-average")
def test_means_of_larger_images():
    """Three transposed images of 9x7 with 5 channels; integers give float64."""
    x = images(5, 7, 9, 3, seed=137).transpose(3, 2, 1, 0)
    call(global_avg_pool2d_forward, x).agrees()
    call(global_avg_pool2d_forward, x.astype(np.float32)).agrees()
    x = np.random.default_rng(138).integers(2, 90, size=(6, 5, 3, 4))
    call(global_avg_pool2d_forward, x).agrees()
    call(global_avg_pool2d_forward, x.astype(np.int8)).agrees()


@criterion("averages")
def test_large_whole_numbers_and_single_pixels():
    """Sums of 16 bits would overflow; windows of one pixel give a copy, there and back."""
    x = np.random.default_rng(155).integers(-30_000, -20_000, size=(5, 3, 4, 2), dtype=np.int16)
    call(avg_pool2d_forward, x, (3, 1)).agrees()
    call(avg_pool2d_forward, x.astype(float), 1).agrees()
    call(avg_pool2d_backward, x.astype(float), x.shape, 1).agrees()


@criterion("global-average")
def test_shares_of_larger_images():
    """Each of 9x7 pixels gets a 63rd; float32 stays float32."""
    grad_out = images(3, 5, seed=139)
    call(global_avg_pool2d_backward, grad_out, (3, 9, 7, 5)).agrees()
    call(global_avg_pool2d_backward, grad_out.astype(np.float32), (3, 9, 7, 5)).agrees()


@criterion("global-average")
def test_global_arguments_by_name():
    """Three images, then three gradients, all by name."""
    call(global_avg_pool2d_forward, x=images(3, 2, 7, 4, seed=154)).agrees()
    grad_out = images(3, 4, seed=155)
    call(global_avg_pool2d_backward, input_shape=(3, 2, 7, 4), grad_out=grad_out).agrees()


@criterion("global-average")
def test_three_batches_and_gradients_in_turn():
    """Three of the same shape, each with results of its own."""
    for seed in (156, 157, 158):
        call(global_avg_pool2d_forward, images(3, 5, 4, 2, seed=seed)).agrees()
        call(global_avg_pool2d_backward, images(3, 2, seed=seed), (3, 5, 4, 2)).agrees()


@criterion("global-average")
def test_a_gradient_for_other_images():
    """A gradient for one channel is refused where there were four."""
    call(global_avg_pool2d_backward, images(2, 1, seed=143), (2, 3, 5, 4)).refused()


@criterion("averages")
def test_averages_of_what_is_no_image_are_refused():
    """Neither nothing nor a list of lists is an array of images."""
    call(avg_pool2d_forward, None, 2).refused()
    call(avg_pool2d_forward, [[[[2.0]]]], 1).refused()


@criterion("global-average")
def test_global_averages_of_what_is_no_image_are_refused():
    """Complex numbers are no pixels, and gradients have one row an image."""
    call(global_avg_pool2d_forward, np.full((1, 3, 6, 2), 1 - 2j)).refused()
    call(global_avg_pool2d_backward, np.full((2, 1, 1), 3.5), (2, 5, 7, 1)).refused()
