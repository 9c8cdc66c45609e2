"""The parameters of a layer: where they start, and how they are replaced."""

import numpy as np

from grader.checking import call, criterion, require, same
from stages.s13_cnn.conv import conv as student


def drawn(*shapes, seed):
    """Numbers of a float32 each, as float64: a layer may keep its parameters in either."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32).astype(float) for shape in shapes]


def weights(seed, shape):
    """Return W of a new layer, once it is known to be an array of that shape."""
    KH, KW, C_in, C_out = shape
    layer = student.Conv2D(C_in, C_out, (KH, KW), rng=np.random.default_rng(seed))
    require_float32(layer.W, shape, "layer.W")
    return layer.W


def require_float32(array, shape, name):
    """Require an array of that type and shape; one of float128, say, only says what it is."""
    try:
        got = f"{array.dtype.name}, shape {array.shape}"
    except AttributeError:
        got = type(array).__name__
    right = f"float32, shape {shape}"
    require(got == right, f"{name} must be an array of {right}; it is {got}")
    require(np.isfinite(array).all(), f"{name} holds numbers that are infinite or not a number")


@criterion("layer")
def test_weights_start_as_he_proposed():
    """Mean 0, standard deviation sqrt(2 / (KH*KW*C_in))."""
    W = weights(seed=72, shape=(3, 5, 7, 200))
    std = np.sqrt(2 / (3 * 5 * 7))
    # 21,000 draws: the deviation of a normal sample is off by 4 % with a probability of 3e-16
    # (8.2 sigma), its mean by std/20 with 4e-13 (7.2 sigma).
    require(abs(W.std() / std - 1) < 0.04, f"the deviation of W is {W.std():.4g}, not {std:.4g}")
    require(abs(W.mean()) < std / 20, f"the mean of W is {W.mean():.4g}, not about 0")


@criterion("layer")
def test_filters_start_different_from_each_other():
    """Two equal filters would make the same map twice."""
    W = weights(seed=73, shape=(3, 2, 4, 5))
    differ = len({*W.ravel().tolist()})  # quicker than np.unique, which imports numpy.ma
    require(differ > 100, f"of 120 weights only {differ} differ")


@criterion("layer")
def test_the_generator_decides():
    """The same seed gives the same weights, another seed other ones."""
    one, again, other = (weights(seed, (2, 3, 3, 4)) for seed in (74, 74, 75))
    require((again == one).all(), "two layers with the same seed must start equal")
    require((other != one).any(), "two layers with different seeds must start differently")


@criterion("layer")
def test_layers_without_a_generator_differ():
    """Conv2D(3, 4, 2) twice: each has a fresh generator, and so weights of its own."""
    one, other = (student.Conv2D(3, 4, 2).W for _ in range(2))
    require((one != other).any(), "two layers that are made without rng must start differently")


@criterion("layer")
def test_biases_start_at_zero():
    """One bias for each filter, with a generator and without."""
    layer = student.Conv2D(3, 4, 2, rng=np.random.default_rng(74))
    require_float32(layer.b, (4,), "layer.b")
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
def test_a_larger_kernel_is_refused():
    """Filters of 5x5 in a layer for 2x2, with the right channels."""
    W, b = drawn((5, 5, 3, 4), (4,), seed=76)
    layer = student.Conv2D(3, 4, 2, rng=np.random.default_rng(76))
    call(layer.set_params, W, b).refused()


@criterion("layer")
def test_biases_in_a_column_are_refused():
    """As many biases as filters, but of shape (C_out, 1)."""
    W, b = drawn((3, 2, 4, 5), (5, 1), seed=76)
    layer = student.Conv2D(4, 5, (3, 2), rng=np.random.default_rng(76))
    call(layer.set_params, W, b).refused()


@criterion("layer")
def test_a_bias_too_many_is_refused():
    """Six biases for five filters."""
    W, b = drawn((3, 2, 4, 5), (6,), seed=76)
    layer = student.Conv2D(4, 5, (3, 2), rng=np.random.default_rng(76))
    call(layer.set_params, W, b).refused()
