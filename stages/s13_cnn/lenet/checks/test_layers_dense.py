"""Dense: what it is made of, what it refuses, and what a second call leaves alone."""

from contextlib import suppress

import numpy as np

from grader.checking import agrees, call, criterion, require, same
from stages.s13_cnn.lenet import lenet as student


def drawn(*shapes, seed):
    """Numbers of a float32 each, as float64: set_params may keep them in either."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32).astype(float) for shape in shapes]


def step(lenet, x, W, b, grad_out):
    """layer.set_params(W, b); layer.forward(x); layer.backward(grad_out)"""
    layer = lenet.Dense(*W.shape)
    layer.set_params(W, b)
    told = {"layer.forward(x)": layer.forward(x), "grad_x": layer.backward(grad_out)}
    return told | {"layer.grad_W": layer.grad_W, "layer.grad_b": layer.grad_b}


def two_backwards(lenet, x, W, b, grad_out):
    """layer.set_params(W, b); layer.forward(x); layer.backward(grad_out), twice"""
    layer = lenet.Dense(*W.shape)
    layer.set_params(W, b)
    layer.forward(x)
    grad_x = layer.backward(grad_out)
    with suppress(Exception):  # a layer may have let go of what it kept
        grad_x = layer.backward(grad_out)
    return {"grad_x": grad_x, "layer.grad_W": layer.grad_W, "layer.grad_b": layer.grad_b}


def by_name(lenet, x, W, b, grad_out):
    """layer = Dense(in_features=4, out_features=6, rng=rng); layer.set_params(W=W, b=b);
    layer.forward(x=x); layer.backward(grad_out=grad_out)
    """
    layer = lenet.Dense(in_features=4, out_features=6, rng=np.random.default_rng(21))
    layer.set_params(W=W, b=b)
    return {"out": layer.forward(x=x), "grad_x": layer.backward(grad_out=grad_out)}


@criterion("layers")
def test_dense_holds_float32():
    """W and b of a new layer are float32."""
    layer = student.Dense(6, 5, rng=np.random.default_rng(22))
    for name, array in (("W", layer.W), ("b", layer.b)):
        got = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        require(got == np.float32, f"layer.{name} must be an array of float32; it is {got}")


@criterion("layers")
def test_dense_in_float32():
    """float32 images, parameters and gradients: all that comes out is float32."""
    arrays = drawn((3, 4), (4, 6), (6,), (3, 6), seed=23)
    agrees(step, student, *(array.astype(np.float32) for array in arrays))


@criterion("layers")
def test_dense_without_a_generator():
    """Two layers that are made without rng start differently: each has a fresh generator."""
    one, other = student.Dense(6, 5).W, student.Dense(6, 5).W
    require(np.shape(one) == (6, 5), f"W must have shape (6, 5); it is {np.shape(one)}")
    require(not np.array_equal(one, other), "two layers made without rng must start differently")
    same(student.Dense(6, 5).b, np.zeros(5), "layer.b")


@criterion("layers")
def test_dense_refuses_other_inputs():
    """Images that nobody flattened, one row that is no batch, a column too few."""
    layer = student.Dense(4, 6, rng=np.random.default_rng(24))
    (x,) = drawn((2, 1, 4), seed=24)
    call(layer.forward, x).refused()
    call(layer.forward, x[0, 0]).refused()
    call(layer.forward, x[:, 0, :3]).refused()


@criterion("layers")
def test_dense_refuses_other_parameters():
    """Weights as (D_out, D_in), and a bias too many."""
    layer = student.Dense(4, 6, rng=np.random.default_rng(25))
    W, b, more = drawn((4, 6), (6,), (7,), seed=25)
    call(layer.set_params, W.T, b).refused()
    call(layer.set_params, W, more).refused()


@criterion("layers")
def test_dense_backward_again_gives_the_same():
    """A second backward after one forward adds nothing to the gradients of the first."""
    x, W, b, grad_out = drawn((3, 4), (4, 6), (6,), (3, 6), seed=26)
    agrees(two_backwards, student, x, W, b, grad_out)


@criterion("layers")
def test_parameters_go_in_and_come_out():
    """layer.set_params(W, b), then layer.W, layer.b and layer.get_params()."""
    W, b = drawn((4, 6), (6,), seed=28)
    layer = student.Dense(4, 6)
    layer.set_params(W, b)
    same(layer.W, W, "layer.W after set_params")
    same(layer.b, b, "layer.b after set_params")
    same(layer.get_params(), (W, b), "layer.get_params()")


@criterion("layers")
def test_dense_by_name():
    """The layer and its methods, with the names of their arguments."""
    x, W, b, grad_out = drawn((3, 4), (4, 6), (6,), (3, 6), seed=27)
    agrees(by_name, student, x, W, b, grad_out)
