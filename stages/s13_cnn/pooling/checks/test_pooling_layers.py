"""The layers: forward remembers, backward uses what it remembered."""

import numpy as np

from grader.checking import agrees, criterion
from stages.s13_cnn.pooling import pooling as student


def images(*shape, seed):
    return np.random.default_rng(seed).normal(size=shape)


def default_maximum(pooling, x, grad_out):
    """layer = MaxPool2D(); layer.forward(x); layer.backward(grad_out)"""
    layer = pooling.MaxPool2D()
    return {"layer.forward(x)": layer.forward(x), "grad_x": layer.backward(grad_out)}


def default_average(pooling, x, grad_out):
    """layer = AvgPool2D(); layer.forward(x); layer.backward(grad_out)"""
    layer = pooling.AvgPool2D()
    return {"layer.forward(x)": layer.forward(x), "grad_x": layer.backward(grad_out)}


def global_average(pooling, first, second, grad_out):
    """layer = GlobalAvgPool2D(); layer.forward(first); layer.forward(second);
    layer.backward(grad_out)
    """
    layer = pooling.GlobalAvgPool2D()
    layer.forward(first)
    return {"layer.forward(second)": layer.forward(second), "grad_x": layer.backward(grad_out)}


def both_forward(pooling, x):
    """MaxPool2D((3, 2), stride=(1, 2)).forward(x); AvgPool2D((3, 2), stride=(1, 2)).forward(x)"""
    size, stride = (3, 2), (1, 2)
    return {
        "MaxPool2D(...).forward(x)": pooling.MaxPool2D(size, stride=stride).forward(x),
        "AvgPool2D(...).forward(x)": pooling.AvgPool2D(size, stride=stride).forward(x),
    }


def latest_maximum(pooling, first, second, grad_out):
    """layer = MaxPool2D((3, 2), stride=1); layer.forward(first); layer.forward(second);
    layer.backward(grad_out)
    """
    layer = pooling.MaxPool2D((3, 2), stride=1)
    layer.forward(first)
    return {"layer.forward(second)": layer.forward(second), "grad_x": layer.backward(grad_out)}


def latest_average(pooling, first, second, grad_out):
    """layer = AvgPool2D((3, 2)); layer.forward(first); layer.forward(second);
    layer.backward(grad_out)
    """
    layer = pooling.AvgPool2D((3, 2))
    layer.forward(first)
    return {"layer.forward(second)": layer.forward(second), "grad_x": layer.backward(grad_out)}


def two_maxima(pooling, x, y, grad_out):
    """one = MaxPool2D(2, stride=1); two = MaxPool2D(2, stride=1); one.forward(x);
    two.forward(y); one.backward(grad_out)
    """
    one, two = pooling.MaxPool2D(2, stride=1), pooling.MaxPool2D(2, stride=1)
    out = one.forward(x)
    two.forward(y)
    return {"one.forward(x)": out, "grad_x": one.backward(grad_out)}


def two_averages(pooling, x, y, grad_out):
    """one = AvgPool2D((3, 2), stride=(1, 2)); two = AvgPool2D((3, 2), stride=(1, 2));
    one.forward(x); two.forward(y); one.backward(grad_out)
    """
    one, two = (pooling.AvgPool2D((3, 2), stride=(1, 2)) for _ in range(2))
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


def twice_backward(pooling, x, grad_out):
    """layer = MaxPool2D((2, 3)); layer.forward(x); layer.backward(grad_out);
    layer.backward(3 * grad_out)
    """
    layer = pooling.MaxPool2D((2, 3))
    layer.forward(x)
    first = layer.backward(grad_out)
    return {"first grad_x": first, "second grad_x": layer.backward(3 * grad_out)}


def twice(layer, x, grad_out):
    """Return what forward and two equal backwards give."""
    told = {"layer.forward(x)": layer.forward(x), "grad_x": layer.backward(grad_out)}
    return told | {"grad_x of a second backward": layer.backward(grad_out)}


def average_twice(pooling, x, grad_out):
    """layer = AvgPool2D((2, 3)); layer.forward(x); layer.backward(grad_out), twice"""
    return twice(pooling.AvgPool2D((2, 3)), x, grad_out)


def global_average_twice(pooling, x, grad_out):
    """layer = GlobalAvgPool2D(); layer.forward(x); layer.backward(grad_out), twice"""
    return twice(pooling.GlobalAvgPool2D(), x, grad_out)


def by_name(pooling, x, grad_out, grad_means):
    """MaxPool2D(pool_size=2, stride=1), AvgPool2D(pool_size=2, stride=1) and GlobalAvgPool2D();
    of each forward(x=x) and backward(grad_out=...)
    """
    layers = pooling.MaxPool2D(pool_size=2, stride=1), pooling.AvgPool2D(pool_size=2, stride=1)
    told = {}
    for layer, grad in zip(
        (*layers, pooling.GlobalAvgPool2D()), (grad_out, grad_out, grad_means), strict=True
    ):
        place = len(told) // 2
        told[f"layers[{place}].forward(x=x)"] = layer.forward(x=x)
        told[f"layers[{place}].backward(grad_out=...)"] = layer.backward(grad_out=grad)
    return told


@criterion("layers")
def test_maximum_with_the_defaults():
    """MaxPool2D() has windows of 2x2 that tile; many pixels are equal, some are left over."""
    x = np.random.default_rng(51).integers(2, 4, size=(2, 7, 9, 3)).astype(float)
    agrees(default_maximum, student, x, images(2, 3, 4, 3, seed=52))


@criterion("layers")
def test_average_with_the_defaults():
    """AvgPool2D() has windows of 2x2 that tile; some pixels are left over."""
    agrees(default_average, student, images(2, 7, 9, 3, seed=53), images(2, 3, 4, 3, seed=54))


@criterion("layers")
def test_the_global_average():
    """GlobalAvgPool2D() remembers how large the latest images were."""
    first, second = images(2, 3, 7, 3, seed=63), images(2, 5, 4, 3, seed=55)
    agrees(global_average, student, first, second, images(2, 3, seed=56))


@criterion("layers")
def test_window_and_stride():
    """A layer pools as the functions do, with the window and the stride it was made with."""
    agrees(both_forward, student, images(2, 5, 6, 3, seed=64))


@criterion("layers")
def test_backward_belongs_to_the_latest_forward():
    """After two forwards, backward speaks of the second."""
    first, second = images(2, 7, 4, 3, seed=57), images(2, 7, 4, 3, seed=58)
    agrees(latest_maximum, student, first, second, images(2, 5, 3, 3, seed=59))


@criterion("layers")
def test_average_of_the_latest_forward():
    """The first images are larger, though their windows are as many."""
    first, second = images(2, 8, 5, 3, seed=65), images(2, 7, 4, 3, seed=66)
    agrees(latest_average, student, first, second, images(2, 2, 2, 3, seed=67))


@criterion("layers")
def test_two_maxima_do_not_disturb_each_other():
    """What one layer remembers is not another layer's: maxima."""
    x, y = images(2, 5, 4, 3, seed=68), images(2, 5, 4, 3, seed=69)
    agrees(two_maxima, student, x, y, images(2, 4, 3, 3, seed=70))


@criterion("layers")
def test_two_averages_do_not_disturb_each_other():
    """What one layer remembers is not another layer's: averages."""
    x, y = images(2, 6, 7, 3, seed=60), images(2, 6, 6, 3, seed=61)
    agrees(two_averages, student, x, y, images(2, 4, 3, 3, seed=62))


@criterion("layers")
def test_two_global_averages_do_not_disturb_each_other():
    """What one layer remembers is not another layer's: global averages."""
    x, y = images(2, 6, 3, 4, seed=71), images(2, 5, 7, 4, seed=72)
    agrees(two_global_averages, student, x, y, images(2, 4, seed=73))


@criterion("layers")
def test_backward_twice():
    """A second backward starts from nothing, with the same forward."""
    agrees(twice_backward, student, images(2, 4, 7, 3, seed=74), images(2, 2, 2, 3, seed=75))


@criterion("layers")
def test_average_backward_twice():
    """A second backward gives the same once more; float32 stays float32."""
    x, grad_out = images(2, 4, 7, 3, seed=76), images(2, 2, 2, 3, seed=77)
    agrees(average_twice, student, x.astype(np.float32), grad_out.astype(np.float32))


@criterion("layers")
def test_global_average_backward_twice():
    """A second backward gives the same once more; float32 stays float32."""
    x, grad_out = images(2, 4, 7, 3, seed=78), images(2, 3, seed=79)
    agrees(global_average_twice, student, x.astype(np.float32), grad_out.astype(np.float32))


@criterion("layers")
def test_maximum_in_float32():
    """float32 images and gradients: float32 is what comes out."""
    x, grad_out = images(2, 5, 7, 3, seed=80), images(2, 2, 3, 3, seed=81)
    agrees(default_maximum, student, x.astype(np.float32), grad_out.astype(np.float32))


@criterion("layers")
def test_everything_by_its_name():
    """The layers and their methods, with the names of their arguments."""
    x, grads = images(2, 4, 6, 3, seed=82), (images(2, 3, 5, 3, seed=83), images(2, 3, seed=84))
    agrees(by_name, student, x, *grads)
