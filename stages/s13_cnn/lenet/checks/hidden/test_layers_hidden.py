"""ReLU, Flatten and Dense again, on other inputs."""

from contextlib import suppress

import numpy as np

from grader.checking import agrees, call, central_difference, criterion, require, same
from stages.s13_cnn.lenet import lenet as student


def drawn(*shapes, seed):
    """Numbers of a float32 each, as float64: a layer may keep its parameters in either."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32).astype(float) for shape in shapes]


def two_relus(lenet, x, y, grad_x_out, grad_y_out):
    """one = ReLU(); two = ReLU(); one.forward(x); two.forward(y); two.backward(grad_y_out);
    one.backward(grad_x_out)
    """
    one, two = lenet.ReLU(), lenet.ReLU()
    return {
        "one.forward(x)": one.forward(x),
        "two.forward(y)": two.forward(y),
        "gradient for y": two.backward(grad_y_out),
        "gradient for x": one.backward(grad_x_out),
    }


def two_flattens(lenet, x, y, grad_x_out, grad_y_out):
    """one = Flatten(); two = Flatten(); one.forward(x); two.forward(y);
    two.backward(grad_y_out); one.backward(grad_x_out)
    """
    one, two = lenet.Flatten(), lenet.Flatten()
    return {
        "one.forward(x)": one.forward(x),
        "two.forward(y)": two.forward(y),
        "gradient for y": two.backward(grad_y_out),
        "gradient for x": one.backward(grad_x_out),
    }


def dense(lenet, first, second, W, b, grad_first, grad_second):
    """layer.set_params(W, b); layer.forward(first); layer.backward(grad_first);
    layer.forward(second); layer.backward(grad_second)
    """
    layer = lenet.Dense(*W.shape)
    layer.set_params(W, b)
    told = {"first out": layer.forward(first), "first grad_x": layer.backward(grad_first)}
    told |= {"out": layer.forward(second), "grad_x": layer.backward(grad_second)}
    return told | {"layer.grad_W": layer.grad_W, "layer.grad_b": layer.grad_b}


def again_by_name(lenet, x, grad_x, grad_rows):
    """Of Flatten() and ReLU(): forward(x=x), and backward(grad_out=...) three times"""
    told = {}
    for name, grad_out in (("Flatten", grad_rows), ("ReLU", grad_x)):
        layer = getattr(lenet, name)()
        told[f"{name}: out"] = layer.forward(x=x)
        told[f"{name}: grad_x"] = layer.backward(grad_out=grad_out)
        for _ in range(2):
            with suppress(Exception):  # a layer may have let go of what it kept
                told[f"{name}: grad_x"] = layer.backward(grad_out=grad_out)
    return told


@criterion("layers")
def test_relu_leaves_its_input_alone():
    """A 4-D batch with zeros among its values, in float32: neither x nor grad_out changes."""
    rng = np.random.default_rng(111)
    x = rng.integers(-2, 3, size=(3, 4, 2, 5)).astype(np.float32)
    grad_out = rng.normal(size=x.shape).astype(np.float32)
    layer = student.ReLU()
    call(layer.forward, x).gives(np.where(x > 0, x, np.float32(0)))
    call(layer.backward, grad_out).gives(np.where(x > 0, grad_out, np.float32(0)))


@criterion("layers")
def test_two_relus():
    """Each remembers its own input; gradients of both signs."""
    x, y = drawn((2, 3, 5, 4), (4, 7), seed=112)
    agrees(two_relus, student, x, y, *drawn((2, 3, 5, 4), (4, 7), seed=113))


@criterion("layers")
def test_two_flattens():
    """Each remembers its own shape; one input is in Fortran order."""
    x, y = drawn((2, 3, 4, 5), (3, 2, 1, 7), seed=114)
    grads = drawn((2, 60), (3, 14), seed=115)
    agrees(two_flattens, student, np.asfortranarray(x), y, *grads)


@criterion("layers")
def test_dense_of_many_sizes():
    """More outputs than inputs and fewer, a batch of eight and one of a single row."""
    first, second, W, b = drawn((8, 3), (5, 3), (3, 7), (7,), seed=116)
    agrees(dense, student, first, second, W, b, *drawn((8, 7), (5, 7), seed=117))
    first, second, W, b = drawn((2, 9), (1, 9), (9, 4), (4,), seed=118)
    agrees(dense, student, first, second, W, b, *drawn((2, 4), (1, 4), seed=119))


@criterion("layers")
def test_dense_agrees_with_finite_differences():
    """The gradient for W, numerically, for a batch of eight."""
    x, W, b, grad_out = drawn((8, 4), (4, 3), (3,), (8, 3), seed=120)
    layer = student.Dense(4, 3)
    layer.set_params(W, b)
    call(layer.forward, x).result()
    call(layer.backward, grad_out).result()
    slope = central_difference(lambda moved: x @ moved + b, W, grad_out)
    same(layer.grad_W, slope, "layer.grad_W", rtol=1e-6)


@criterion("layers")
def test_dense_starts_as_he_proposed():
    """The deviation follows D_in, not D_out; the same seed draws the same weights."""
    one, again = (student.Dense(50, 600, rng=np.random.default_rng(121)) for _ in range(2))
    same(one.b, np.zeros(600), "layer.b")
    W, std = one.W, np.sqrt(2 / 50)
    got = W.shape if isinstance(W, np.ndarray) else type(W).__name__
    require(got == (50, 600), f"W must have shape (50, 600); it is {got}")
    # 30,000 draws: a deviation off by 4 % has a probability of 1e-22 (9.8 sigma).
    require(abs(W.std() / std - 1) < 0.04, f"the deviation of W is {W.std():.2g}, not {std:.2g}")
    require(abs(W.mean()) < std / 20, f"the mean of W is {W.mean():.2g}, not about 0")  # 8.7 sigma
    require(np.array_equal(again.W, W), "W must be the same for the same seed")


@criterion("layers")
def test_dense_refuses_other_shapes():
    """Weights as (D_out, D_in), and inputs with a column too many."""
    x, W, b = drawn((2, 5), (4, 3), (3,), seed=122)
    layer = student.Dense(4, 3)
    call(layer.set_params, W.T, b).refused()
    call(layer.forward, x).refused()


@criterion("layers")
def test_flatten_hands_out_arrays_of_its_own():
    """The rows are a copy of the images, and the images a copy of the rows."""
    (x,) = drawn((3, 2, 4, 2), seed=351)
    layer = student.Flatten()
    call(layer.forward, x).gives(np.array([image.ravel() for image in x]))
    call(layer.backward, x.reshape(3, 16)).gives(x.copy())


@criterion("layers")
def test_flatten_and_relu_by_name():
    """The methods with the names of their arguments, in float64 and in float32."""
    arrays = drawn((3, 2, 5, 1), (3, 2, 5, 1), (3, 10), seed=352)
    agrees(again_by_name, student, *arrays)
    agrees(again_by_name, student, *(array.astype(np.float32) for array in arrays))


@criterion("layers")
def test_relu_of_whole_numbers():
    """Images of int8 and of int64."""
    x = np.random.default_rng(353).integers(-9, 10, size=(2, 3, 4, 1))
    call(student.ReLU().forward, x).gives(np.where(x > 0, x, 0))
    call(student.ReLU().forward, x.astype(np.int8)).gives(np.where(x > 0, x, 0).astype(np.int8))
