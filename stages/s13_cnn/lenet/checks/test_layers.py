"""ReLU, Flatten and Dense: what they give, and what they send back."""

from contextlib import suppress

import numpy as np

from grader.checking import agrees, call, central_difference, criterion, require, same
from stages.s13_cnn.lenet import lenet as student


def drawn(*shapes, seed):
    """Numbers of a float32 each, as float64: a layer may keep its parameters in either."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32).astype(float) for shape in shapes]


def relu(lenet, first, second, grad_out):
    """layer = ReLU(); layer.forward(first); layer.forward(second); layer.backward(grad_out)"""
    layer = lenet.ReLU()
    return {
        "layer.forward(first)": layer.forward(first),
        "layer.forward(second)": layer.forward(second),
        "grad_x": layer.backward(grad_out),
    }


def flatten(lenet, first, second, grad_out):
    """layer = Flatten(); layer.forward(first); layer.forward(second);
    layer.backward(grad_out)
    """
    layer = lenet.Flatten()
    return {
        "layer.forward(first)": layer.forward(first),
        "layer.forward(second)": layer.forward(second),
        "grad_x": layer.backward(grad_out),
    }


def two_flattens(lenet, x, y, grad_out):
    """one = Flatten(); two = Flatten(); one.forward(x); two.forward(y); one.backward(grad_out)"""
    one, two = lenet.Flatten(), lenet.Flatten()
    out = one.forward(x)
    two.forward(y)
    return {"one.forward(x)": out, "grad_x": one.backward(grad_out)}


def dense(lenet, first, second, W, b, grad_out):
    """layer.set_params(W, b); layer.forward(first); layer.backward(layer.forward(first));
    layer.forward(second); layer.backward(grad_out)
    """
    layer = lenet.Dense(*W.shape)
    layer.set_params(W, b)
    out = layer.forward(first)
    layer.backward(out)
    told = {"layer.forward(first)": out, "layer.forward(second)": layer.forward(second)}
    told |= {"grad_x": layer.backward(grad_out), "get_gradients()": layer.get_gradients()}
    return told | {"layer.grad_W": layer.grad_W, "layer.grad_b": layer.grad_b}


def two_layers(lenet, x, y, V, W, b, grad_out):
    """one = Dense(3, 4); two = Dense(3, 4); r = ReLU(); s = ReLU(); r.forward(one.forward(x));
    s.forward(two.forward(y)); one.backward(r.backward(grad_out))
    """
    one, two, r, s = lenet.Dense(3, 4), lenet.Dense(3, 4), lenet.ReLU(), lenet.ReLU()
    one.set_params(V, b)
    two.set_params(W, 2 * b)
    out = r.forward(one.forward(x))
    s.forward(two.forward(y))
    return {"out": out, "grad_x": one.backward(r.backward(grad_out)), "one.grad_W": one.grad_W}


def twice_by_name(lenet, x, grad_x, grad_rows):
    """Of ReLU() and Flatten(): forward(x=x), and backward(grad_out=...) twice"""
    told = {}
    for name, grad_out in (("ReLU", grad_x), ("Flatten", grad_rows)):
        layer = getattr(lenet, name)()
        told[f"{name}: layer.forward(x=x)"] = layer.forward(x=x)
        told[f"{name}: grad_x"] = told[f"{name}: grad_x again"] = layer.backward(grad_out=grad_out)
        with suppress(Exception):  # a layer may have let go of what it kept
            told[f"{name}: grad_x again"] = layer.backward(grad_out=grad_out)
    return told


@criterion("layers")
def test_relu_by_hand():
    """Negative values and their gradients become 0; at exactly 0 the gradient is 0 too."""
    layer = student.ReLU()
    x = np.array([[-2.0, 0.0, 3.0, 0.5], [4.0, -0.5, -7.0, 2.0]])
    grad_out = np.array([[10.0, 20.0, -30.0, 40.0], [-50.0, -60.0, 70.0, 80.0]])
    right = np.array([[0.0, 0.0, -30.0, 40.0], [-50.0, 0.0, 0.0, 80.0]])
    call(layer.forward, x).gives(np.array([[0.0, 0.0, 3.0, 0.5], [4.0, 0.0, 0.0, 2.0]]))
    call(layer.backward, grad_out).gives(right)


@criterion("layers")
def test_relu_of_images():
    """Two batches of images; backward belongs to the second."""
    first, second, grad_out = drawn((3, 5, 4, 2), (2, 4, 5, 3), (2, 4, 5, 3), seed=11)
    agrees(relu, student, first, second, grad_out)


@criterion("layers")
def test_flatten_by_hand():
    """Two images of 2x2 pixels with 2 channels: pixel by pixel, row by row."""
    x = np.arange(2.0, 18.0).reshape(2, 2, 2, 2)
    rows = np.array([np.arange(2.0, 10.0), np.arange(10.0, 18.0)])
    agrees(flatten, student, x, x + 1, 3 * rows)


@criterion("layers")
def test_flatten_whatever_the_memory_order():
    """A transposed batch and a Fortran-ordered gradient; backward belongs to the second."""
    first, second, grad_out = drawn((5, 4, 3, 2), (2, 3, 4, 5), (2, 60), seed=12)
    first = first.transpose(3, 2, 1, 0)
    agrees(flatten, student, first, second, np.asfortranarray(grad_out))


@criterion("layers")
def test_two_flattens_keep_apart():
    """Two layers, images of 3x4 and of 4x3 pixels: each remembers its own shape."""
    x, y, grad_out = drawn((2, 3, 4, 5), (2, 4, 3, 5), (2, 60), seed=19)
    agrees(two_flattens, student, x, y, grad_out)


@criterion("layers")
def test_dense_by_hand():
    """Three rows of two values, three neurons."""
    layer = student.Dense(2, 3)
    layer.set_params(np.array([[2.0, 3.0, 4.0], [5.0, 6.0, 7.0]]), np.array([10.0, 20.0, 30.0]))
    x = np.array([[1.0, 2.0], [3.0, -1.0], [2.0, 1.0]])
    out = np.array([[22.0, 35.0, 48.0], [11.0, 23.0, 35.0], [19.0, 32.0, 45.0]])
    call(layer.forward, x).gives(out)
    grad_out = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0], [0.0, 0.0, 1.0]])
    call(layer.backward, grad_out).gives(np.array([[10.0, 19.0], [9.0, 18.0], [4.0, 7.0]]))
    same(layer.grad_W, np.array([[1.0, 9.0, 4.0], [2.0, -3.0, 5.0]]), "layer.grad_W")
    same(layer.grad_b, np.array([1.0, 3.0, 3.0]), "layer.grad_b")


@criterion("layers")
def test_dense_of_two_batches():
    """The gradients are sums over the batch, and belong to the latest forward."""
    first, second, W, b = drawn((5, 4), (3, 4), (4, 6), (6,), seed=13)
    agrees(dense, student, first, second, W, b, *drawn((3, 6), seed=14))


@criterion("layers")
def test_dense_agrees_with_finite_differences():
    """The gradient for x, numerically."""
    x, W, b, grad_out = drawn((3, 5), (5, 4), (4,), (3, 4), seed=15)
    layer = student.Dense(5, 4)
    layer.set_params(W, b)
    slope = central_difference(layer.forward, x, grad_out, axis=0)
    call(layer.forward, x).result()
    same(call(layer.backward, grad_out).result(), slope, "grad_x", rtol=1e-6)


@criterion("layers")
def test_dense_starts_as_he_proposed():
    """Weights with mean 0 and standard deviation sqrt(2 / D_in); biases 0."""
    layer = student.Dense(300, 80, rng=np.random.default_rng(16))
    same(layer.b, np.zeros(80), "layer.b")
    W, std = layer.W, np.sqrt(2 / 300)
    got = W.shape if isinstance(W, np.ndarray) else type(W).__name__
    require(got == (300, 80), f"W must have shape (300, 80); it is {got}")
    # 24,000 draws: the deviation of a normal sample is off by 4 % with a probability of 2e-18
    # (8.8 sigma), its mean by std/20 with 1e-14 (7.7 sigma).
    require(abs(W.std() / std - 1) < 0.04, f"the deviation of W is {W.std():.2g}, not {std:.2g}")
    require(abs(W.mean()) < std / 20, f"the mean of W is {W.mean():.2g}, not about 0")


@criterion("layers")
def test_dense_draws_from_the_generator():
    """The same seed gives the same weights, another seed other ones."""
    one, again, other = (student.Dense(6, 5, rng=np.random.default_rng(s)) for s in (19, 19, 20))
    for layer in (one, again, other):
        got = layer.W.shape if isinstance(layer.W, np.ndarray) else type(layer.W).__name__
        require(got == (6, 5), f"W must have shape (6, 5); it is {got}")
    require((again.W == one.W).all(), "W must be the same for the same seed")
    require((other.W != one.W).any(), "W must differ for another seed")


@criterion("layers")
def test_layers_keep_apart():
    """What one layer remembers is not touched by another."""
    x, y, V, W, b = drawn((6, 3), (5, 3), (3, 4), (3, 4), (4,), seed=17)
    agrees(two_layers, student, x, y, V, W, b, *drawn((6, 4), seed=18))


@criterion("layers")
def test_flatten_hands_out_arrays_of_its_own():
    """The rows are a copy of the images, and the images a copy of the rows."""
    (x,) = drawn((2, 3, 1, 4), seed=301)
    layer = student.Flatten()
    call(layer.forward, x).gives(np.array([image.ravel() for image in x]))
    call(layer.backward, x.reshape(2, 12)).gives(x.copy())


@criterion("layers")
def test_relu_and_flatten_by_name():
    """The methods with the names of their arguments; a second backward adds nothing."""
    agrees(twice_by_name, student, *drawn((2, 3, 1, 4), (2, 3, 1, 4), (2, 12), seed=302))


@criterion("layers")
def test_relu_and_flatten_in_float32():
    """float32 images and gradients: float32 is what comes out."""
    arrays = drawn((2, 3, 2, 4), (2, 3, 2, 4), (2, 24), seed=303)
    agrees(twice_by_name, student, *(array.astype(np.float32) for array in arrays))


@criterion("layers")
def test_relu_of_whole_numbers():
    """Integers stay integers."""
    call(student.ReLU().forward, np.array([[-3, 0, 2], [5, -1, 4]])).gives(
        np.array([[0, 0, 2], [5, 0, 4]])
    )
