"""Dense again, with other sizes and in other orders of calls."""

from contextlib import suppress

import numpy as np

from grader.checking import agrees, call, criterion, require, same
from stages.s13_cnn.lenet import lenet as student


def drawn(*shapes, seed):
    """Numbers of a float32 each, as float64: set_params may keep them in either."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32).astype(float) for shape in shapes]


def new_layer(lenet, x, grad_out):
    """layer = Dense(5, 3, rng=rng), with its first weights; layer.forward(x);
    layer.backward(grad_out)
    """
    layer = lenet.Dense(5, 3, rng=np.random.default_rng(201))
    told = {"out": layer.forward(x), "grad_x": layer.backward(grad_out)}
    told |= {"layer.grad_W": layer.grad_W, "layer.grad_b": layer.grad_b}
    return {name: np.zeros_like(array) for name, array in told.items()}  # shape and dtype


def three_backwards(lenet, x, W, b, grad_out):
    """layer.set_params(W, b); layer.forward(x); layer.backward(...), three times"""
    layer = lenet.Dense(*W.shape)
    layer.set_params(W, b)
    layer.forward(x)
    told = {"grad_x": layer.backward(grad_out)}
    for _ in range(2):
        with suppress(Exception):  # a layer may have let go of what it kept
            told["grad_x"] = layer.backward(grad_out)
    return told | {"get_gradients()": layer.get_gradients()}


def by_name(lenet, x, W, b, grad_out):
    """layer = Dense(out_features=3, in_features=5); layer.set_params(b=b, W=W);
    layer.forward(x=x); layer.backward(grad_out=grad_out)
    """
    layer = lenet.Dense(out_features=3, in_features=5)
    layer.set_params(b=b, W=W)
    return {"out": layer.forward(x=x), "grad_x": layer.backward(grad_out=grad_out)}


@criterion("layers")
def test_dense_holds_float32():
    """With a generator and without, W and b of a new layer are float32."""
    for layer in (student.Dense(3, 7, rng=np.random.default_rng(202)), student.Dense(7, 2)):
        for name, array in (("W", layer.W), ("b", layer.b)):
            got = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
            require(got == np.float32, f"layer.{name} must be an array of float32; it is {got}")


@criterion("layers")
def test_a_new_dense_layer_in_float32():
    """float32 images and gradients through a new layer: all that comes out is float32."""
    x, grad_out = (array.astype(np.float32) for array in drawn((4, 5), (4, 3), seed=203))
    agrees(new_layer, student, x, grad_out)


@criterion("layers")
def test_dense_without_a_generator():
    """Three layers of the same size, no two of them alike."""
    weights = [student.Dense(3, 4).W for _ in range(3)]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        alike = np.array_equal(weights[one], weights[other])
        require(not alike, "two layers made without rng must start differently")


@criterion("layers")
def test_dense_refuses_other_inputs_and_parameters():
    """Four axes, one axis, a column too many; weights and biases of another layer."""
    layer = student.Dense(5, 3, rng=np.random.default_rng(204))
    x, W, b = drawn((2, 1, 1, 5), (5, 3), (3,), seed=204)
    call(layer.forward, x).refused()
    call(layer.forward, x[0, 0, 0]).refused()
    call(layer.forward, np.ones((2, 6))).refused()
    call(layer.set_params, W, b[:2]).refused()
    call(layer.set_params, W[:4], b).refused()
    call(layer.set_params, W, b.reshape(1, 3)).refused()


@criterion("layers")
def test_dense_backward_three_times():
    """Each backward after one forward finds the same gradients."""
    x, W, b, grad_out = drawn((4, 5), (5, 3), (3,), (4, 3), seed=205)
    agrees(three_backwards, student, x, W, b, grad_out)


@criterion("layers")
def test_parameters_go_in_and_come_out():
    """After a second set_params nothing of the first is left."""
    W, b, V, c = drawn((5, 3), (3,), (5, 3), (3,), seed=207)
    layer = student.Dense(5, 3)
    layer.set_params(W, b)
    layer.set_params(V, c)
    same(layer.get_params(), (V, c), "layer.get_params()")
    same(layer.b, c, "layer.b")


@criterion("layers")
def test_dense_by_name():
    """The layer and its methods, with the names of their arguments."""
    x, W, b, grad_out = drawn((4, 5), (5, 3), (3,), (4, 3), seed=206)
    agrees(by_name, student, x, W, b, grad_out)
