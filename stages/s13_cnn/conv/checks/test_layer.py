"""The layer: where its weights start, what it keeps, what it gives out."""

import numpy as np

from grader.checking import agrees, call, criterion, require, same
from stages.s13_cnn.conv import conv as student


def drawn(*shapes, seed):
    """Numbers of a float32 each, as float64: a layer may keep its parameters in either."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32).astype(float) for shape in shapes]


def weights(seed, shape):
    """Return W of a new layer, once it is known to be an array of that shape."""
    KH, KW, C_in, C_out = shape
    W = student.Conv2D(C_in, C_out, (KH, KW), rng=np.random.default_rng(seed)).W
    got = f"{W.dtype} {W.shape}" if isinstance(W, np.ndarray) else type(W).__name__
    right = isinstance(W, np.ndarray) and W.shape == shape and W.dtype.kind == "f"
    require(right, f"layer.W must be an array of floats, shape {shape}; it is {got}")
    require(np.isfinite(W).all(), "layer.W holds numbers that are infinite or not a number")
    return W


def steps(conv, x, W, b, grad_out):
    """layer.set_params(W, b); layer.forward(x); layer.backward(grad_out)."""
    layer = conv.Conv2D(3, 4, (3, 2), (2, 1), (1, 2))
    layer.set_params(W, b)
    out = layer.forward(x)
    grad_x = layer.backward(grad_out)
    told = {"out": out, "grad_x": grad_x, "get_gradients()": layer.get_gradients()}
    return told | {"layer.grad_W": layer.grad_W, "layer.grad_b": layer.grad_b}


def two_forwards(conv, first, second, W, b, grad_out):
    """layer.forward(first); layer.forward(second); layer.backward(grad_out)."""
    layer = conv.Conv2D(2, 3, 2)
    layer.set_params(W, b)
    layer.forward(first)
    layer.forward(second)
    return {"grad_x": layer.backward(grad_out), "layer.grad_W": layer.grad_W}


def two_steps(conv, x, W, b, grad_out):
    """forward(x); backward(grad_out); then forward(x); backward(5 * grad_out)."""
    layer = conv.Conv2D(2, 3, 2)
    layer.set_params(W, b)
    layer.forward(x)
    layer.backward(grad_out)
    layer.forward(x)
    layer.backward(5 * grad_out)
    return {"layer.grad_W": layer.grad_W, "layer.grad_b": layer.grad_b}


def two_layers(conv, x, W, b, grad_out):
    """one.forward(x); other.forward(2 * x); one.backward(grad_out)."""
    one, other = conv.Conv2D(2, 3, 2), conv.Conv2D(2, 3, 2)
    one.set_params(W, b)
    other.set_params(3 * W, b)
    out = one.forward(x)
    other.forward(2 * x)
    return {"out": out, "grad_x": one.backward(grad_out), "one.grad_W": one.grad_W}


@criterion("layer")
def test_forward_backward_and_what_is_left():
    """One step of a layer with stride (2, 1) and padding (1, 2): all it returns and keeps."""
    x, W, b, grad_out = drawn((2, 7, 5, 3), (3, 2, 3, 4), (4,), (2, 4, 8, 4), seed=71)
    agrees(steps, student, x, W, b, grad_out)


@criterion("layer")
def test_weights_start_as_he_proposed():
    """Mean 0, standard deviation sqrt(2 / (KH*KW*C_in))."""
    W = weights(seed=72, shape=(3, 5, 7, 200))
    std = np.sqrt(2 / (3 * 5 * 7))
    # 21,000 draws: the deviation of a normal sample is off by 4 % with a probability of 3e-16
    # (8.2 sigma), its mean by std/20 with 4e-13 (7.2 sigma).
    require(abs(W.std() / std - 1) < 0.04, f"the deviation of W is {W.std():.2g}, not {std:.2g}")
    require(abs(W.mean()) < std / 20, f"the mean of W is {W.mean():.2g}, not about 0")


@criterion("layer")
def test_filters_start_different_from_each_other():
    """Two equal filters would make the same map twice."""
    W = weights(seed=73, shape=(3, 2, 4, 5))
    require(len(np.unique(W)) > 100, f"of 120 weights only {len(np.unique(W))} differ")


@criterion("layer")
def test_the_generator_decides():
    """The same seed gives the same weights, another seed other ones."""
    one, again, other = (weights(seed, (2, 3, 3, 4)) for seed in (74, 74, 75))
    require((again == one).all(), "two layers with the same seed must start equal")
    require((other != one).any(), "two layers with different seeds must start differently")


@criterion("layer")
def test_biases_start_at_zero():
    """One bias for each filter, with a generator and without."""
    layer = student.Conv2D(3, 4, 2, rng=np.random.default_rng(74))
    same(layer.b, np.zeros(4), "layer.b")
    same(student.Conv2D(3, 4, 2).b, np.zeros(4), "layer.b")


@criterion("layer")
def test_parameters_go_in_and_come_out():
    """layer.set_params(W, b), then layer.W, layer.b and layer.get_params()."""
    W, b = drawn((3, 2, 4, 5), (5,), seed=92)
    layer = student.Conv2D(4, 5, (3, 2))
    layer.set_params(W, b)
    same(layer.W, W, "layer.W after set_params")
    same(layer.b, b, "layer.b after set_params")
    same(layer.get_params(), (W, b), "get_params()")


@criterion("layer")
def test_parameters_of_another_layer_are_refused():
    """Filters for 3 channels in a layer for 4."""
    W, b = drawn((3, 2, 3, 5), (5,), seed=76)
    layer = student.Conv2D(4, 5, (3, 2), rng=np.random.default_rng(76))
    call(layer.set_params, W, b).refused()


@criterion("layer")
def test_filters_in_another_order_of_axes_are_refused():
    """Filters as (C_out, C_in, KH, KW): as many numbers, but others."""
    W, b = drawn((3, 2, 4, 5), (5,), seed=76)
    layer = student.Conv2D(4, 5, (3, 2), rng=np.random.default_rng(76))
    call(layer.set_params, W.transpose(3, 2, 0, 1), b).refused()


@criterion("layer")
def test_a_bias_too_many_is_refused():
    """Six biases for five filters."""
    W, b = drawn((3, 2, 4, 5), (6,), seed=76)
    layer = student.Conv2D(4, 5, (3, 2), rng=np.random.default_rng(76))
    call(layer.set_params, W, b).refused()


@criterion("layer")
def test_backward_belongs_to_the_latest_forward():
    """A second forward with fewer, larger images replaces the first."""
    first, second = drawn((3, 4, 5, 2), (2, 6, 4, 2), seed=77)
    W, b, grad_out = drawn((2, 2, 2, 3), (3,), (2, 5, 3, 3), seed=78)
    agrees(two_forwards, student, first, second, W, b, grad_out)


@criterion("layer")
def test_backward_replaces_the_gradients():
    """The gradients of a second step are not added to those of the first."""
    x, W, b, grad_out = drawn((2, 4, 5, 2), (2, 2, 2, 3), (3,), (2, 3, 4, 3), seed=79)
    agrees(two_steps, student, x, W, b, grad_out)


@criterion("layer")
def test_layers_keep_apart():
    """What one layer keeps is not touched by another."""
    x, W, b, grad_out = drawn((2, 4, 5, 2), (2, 2, 2, 3), (3,), (2, 3, 4, 3), seed=80)
    agrees(two_layers, student, x, W, b, grad_out)
