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


def global_average(pooling, x, grad_out):
    """layer = GlobalAvgPool2D(); layer.forward(x); layer.backward(grad_out)"""
    layer = pooling.GlobalAvgPool2D()
    return {"layer.forward(x)": layer.forward(x), "grad_x": layer.backward(grad_out)}


def latest_forward(pooling, first, second, grad_out):
    """layer = MaxPool2D((3, 2), stride=1); layer.forward(first); layer.forward(second);
    layer.backward(grad_out)
    """
    layer = pooling.MaxPool2D((3, 2), stride=1)
    layer.forward(first)
    return {"layer.forward(second)": layer.forward(second), "grad_x": layer.backward(grad_out)}


def two_layers(pooling, x, y, grad_out):
    """one = AvgPool2D((3, 2), stride=(1, 2)); two = AvgPool2D((2, 3)); one.forward(x);
    two.forward(y); one.backward(grad_out)
    """
    one, two = pooling.AvgPool2D((3, 2), stride=(1, 2)), pooling.AvgPool2D((2, 3))
    return {
        "one.forward(x)": one.forward(x),
        "two.forward(y)": two.forward(y),
        "grad_x": one.backward(grad_out),
    }


@criterion("layers")
def test_maximum_with_the_defaults():
    """MaxPool2D() has windows of 2x2 that tile; many pixels are equal."""
    x = np.random.default_rng(51).integers(2, 4, size=(2, 6, 8, 3)).astype(float)
    agrees(default_maximum, student, x, images(2, 3, 4, 3, seed=52))


@criterion("layers")
def test_average_with_the_defaults():
    """AvgPool2D() has windows of 2x2 that tile."""
    agrees(default_average, student, images(2, 6, 8, 3, seed=53), images(2, 3, 4, 3, seed=54))


@criterion("layers")
def test_the_global_average():
    """GlobalAvgPool2D() remembers how large the images were."""
    agrees(global_average, student, images(2, 5, 4, 3, seed=55), images(2, 3, seed=56))


@criterion("layers")
def test_backward_belongs_to_the_latest_forward():
    """After two forwards, backward speaks of the second."""
    first, second = images(4, 5, 6, 3, seed=57), images(2, 7, 4, 3, seed=58)
    agrees(latest_forward, student, first, second, images(2, 5, 3, 3, seed=59))


@criterion("layers")
def test_two_layers_do_not_disturb_each_other():
    """What one layer remembers is not another layer's."""
    x, y = images(2, 6, 7, 3, seed=60), images(4, 4, 6, 2, seed=61)
    agrees(two_layers, student, x, y, images(2, 4, 3, 3, seed=62))
