"""The layers again, in other orders and with other windows."""

import numpy as np

from grader.checking import agrees, criterion
from stages.s13_cnn.pooling import pooling as student


def images(*shape, seed):
    return np.random.default_rng(seed).normal(size=shape)


def three_layers(pooling, x, y, grad_x_out, grad_y_out):
    """one = MaxPool2D((2, 3)); two = MaxPool2D(3, stride=(1, 2)); one.forward(x);
    two.forward(y); two.backward(grad_y_out); one.backward(grad_x_out)
    """
    one, two = pooling.MaxPool2D((2, 3)), pooling.MaxPool2D(3, stride=(1, 2))
    return {
        "one.forward(x)": one.forward(x),
        "two.forward(y)": two.forward(y),
        "gradient for y": two.backward(grad_y_out),
        "gradient for x": one.backward(grad_x_out),
    }


def latest_average(pooling, first, second, grad_out):
    """layer = AvgPool2D(3, stride=2); layer.forward(first); layer.forward(second);
    layer.backward(grad_out)
    """
    layer = pooling.AvgPool2D(3, stride=2)
    layer.forward(first)
    return {"layer.forward(second)": layer.forward(second), "grad_x": layer.backward(grad_out)}


def latest_global(pooling, first, second, grad_out):
    """layer = GlobalAvgPool2D(); layer.forward(first); layer.forward(second);
    layer.backward(grad_out)
    """
    layer = pooling.GlobalAvgPool2D()
    layer.forward(first)
    return {"layer.forward(second)": layer.forward(second), "grad_x": layer.backward(grad_out)}


def two_averages(pooling, x, y, grad_out):
    """one = AvgPool2D(2, stride=(3, 1)); two = AvgPool2D(2, stride=(3, 1)); one.forward(x);
    two.forward(y); one.backward(grad_out)
    """
    one, two = pooling.AvgPool2D(2, stride=(3, 1)), pooling.AvgPool2D(2, stride=(3, 1))
    out = one.forward(x)
    two.forward(y)
    return {"one.forward(x)": out, "grad_x": one.backward(grad_out)}


def two_global_averages(pooling, x, y, grad_out):
    """one = GlobalAvgPool2D(); two = GlobalAvgPool2D(); one.forward(x); two.forward(y);
    one.backward(grad_out)
    """
    one, two = pooling.GlobalAvgPool2D(), pooling.GlobalAvgPool2D()
    out = one.forward(x)
    two.forward(y)
    return {"one.forward(x)": out, "grad_x": one.backward(grad_out)}


def both_forward(pooling, x):
    """MaxPool2D(2, stride=(3, 1)).forward(x); AvgPool2D(2, stride=(3, 1)).forward(x)"""
    return {
        "MaxPool2D(...).forward(x)": pooling.MaxPool2D(2, stride=(3, 1)).forward(x),
        "AvgPool2D(...).forward(x)": pooling.AvgPool2D(2, stride=(3, 1)).forward(x),
    }


def twice_backward(pooling, other, x, grad_out):
    """layer = MaxPool2D(2, 1); layer.forward(other); layer.forward(x);
    layer.backward(grad_out); layer.backward(2 * grad_out)
    """
    layer = pooling.MaxPool2D(2, 1)
    layer.forward(other)
    return {
        "layer.forward(x)": layer.forward(x),
        "first grad_x": layer.backward(grad_out),
        "second grad_x": layer.backward(2 * grad_out),
    }


def averages_twice(pooling, x, grad_out, grad_means):
    """Of AvgPool2D((3, 2), 1) and GlobalAvgPool2D(): forward(x), and backward twice"""
    told = {}
    layers = {"average": pooling.AvgPool2D((3, 2), 1), "global": pooling.GlobalAvgPool2D()}
    for (name, layer), grad in zip(layers.items(), (grad_out, grad_means), strict=True):
        told[f"{name}.forward(x)"] = layer.forward(x)
        told[f"{name}: grad_x"] = layer.backward(grad)
        told[f"{name}: grad_x of a second backward"] = layer.backward(grad)
    return told


def by_name(pooling, x, grad_out, grad_means):
    """MaxPool2D(stride=..., pool_size=...), AvgPool2D(...) likewise and GlobalAvgPool2D();
    of each forward(x=x) and backward(grad_out=...)
    """
    window = {"stride": (1, 2), "pool_size": (3, 2)}
    most, mean = pooling.MaxPool2D(**window), pooling.AvgPool2D(**window)
    whole = pooling.GlobalAvgPool2D()
    outs = {"most": most.forward(x=x), "mean": mean.forward(x=x), "whole": whole.forward(x=x)}
    return outs | {
        "gradient of most": most.backward(grad_out=grad_out),
        "gradient of mean": mean.backward(grad_out=grad_out),
        "gradient of whole": whole.backward(grad_out=grad_means),
    }


def defaults(pooling, x, grad_out):
    """Of MaxPool2D() and AvgPool2D(): forward(x) and backward(grad_out)"""
    most, mean = pooling.MaxPool2D(), pooling.AvgPool2D()
    told = {"maxima": most.forward(x), "means": mean.forward(x)}
    told["gradient of maxima"] = most.backward(grad_out)
    return told | {"gradient of means": mean.backward(grad_out)}


@criterion("layers")
def test_windows_of_two_by_two():
    """MaxPool2D() and AvgPool2D(): windows of 2x2 that tile, with pixels left over."""
    agrees(defaults, student, images(3, 5, 9, 2, seed=176), images(3, 2, 4, 2, seed=177))


@criterion("layers")
def test_layers_in_a_network_order():
    """Two max-pooling layers, backward in reverse order; many pixels are equal."""
    x = np.random.default_rng(151).integers(2, 5, size=(2, 5, 7, 3)).astype(float)
    y = images(3, 4, 8, 2, seed=152)
    grads = images(2, 2, 2, 3, seed=153), images(3, 2, 3, 2, seed=154)
    agrees(three_layers, student, x, y, *grads)


@criterion("layers")
def test_window_and_stride():
    """Windows of 2x2 that move by three rows and one column."""
    agrees(both_forward, student, images(2, 7, 4, 5, seed=163))


@criterion("layers")
def test_two_averages_do_not_disturb_each_other():
    """The second images are one row higher, and have as many windows."""
    x, y = images(3, 6, 5, 2, seed=164), images(3, 7, 5, 2, seed=165)
    agrees(two_averages, student, x, y, images(3, 2, 4, 2, seed=166))


@criterion("layers")
def test_two_global_averages_do_not_disturb_each_other():
    """As many images and channels, other heights and widths."""
    x, y = images(3, 2, 9, 2, seed=167), images(3, 4, 5, 2, seed=168)
    agrees(two_global_averages, student, x, y, images(3, 2, seed=169))


@criterion("layers")
def test_average_of_the_latest_forward():
    """AvgPool2D(3, stride=2): backward speaks of the second images."""
    first, second = images(3, 7, 5, 2, seed=155), images(2, 6, 8, 3, seed=156)
    agrees(latest_average, student, first, second, images(2, 2, 3, 3, seed=157))


@criterion("layers")
def test_global_average_of_the_latest_forward():
    """GlobalAvgPool2D(): the second images are larger."""
    first, second = images(3, 4, 5, 2, seed=158), images(2, 6, 7, 3, seed=159)
    agrees(latest_global, student, first, second, images(2, 3, seed=160))


@criterion("layers")
def test_backward_twice():
    """A second backward starts from nothing, with the same forward; float32 stays float32."""
    other, x = images(3, 6, 3, 2, seed=160), images(2, 4, 5, 3, seed=161).astype(np.float32)
    agrees(twice_backward, student, other, x, images(2, 3, 4, 3, seed=162).astype(np.float32))


@criterion("layers")
def test_averages_backward_twice():
    """A second backward gives the same once more; float32 stays float32."""
    arrays = images(3, 5, 4, 2, seed=170), images(3, 3, 3, 2, seed=171), images(3, 2, seed=172)
    agrees(averages_twice, student, *(array.astype(np.float32) for array in arrays))


@criterion("layers")
def test_everything_by_its_name():
    """The layers and their methods, with the names of their arguments."""
    arrays = images(3, 5, 4, 2, seed=173), images(3, 3, 2, 2, seed=174), images(3, 2, seed=175)
    agrees(by_name, student, *arrays)
