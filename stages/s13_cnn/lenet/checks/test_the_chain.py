"""The chain rule: each layer gets the gradient of the one behind it."""

import numpy as np

from grader.checking import call, criterion, require, same
from stages.s13_cnn.conv.conv import Conv2D
from stages.s13_cnn.lenet import lenet as student
from stages.s13_cnn.pooling.pooling import MaxPool2D

STEP = 2.0**-20  # of finite differences; what lies on the grid fits a float32 with it
GRID = 2.0**-12


def give_parameters(layers, shapes, seed):
    """Give parameters on the grid to some layers; return {place: (W, b)}."""
    rng = np.random.default_rng(seed)
    parameters = {}
    for place, (W_shape, b_shape) in shapes.items():
        W = rng.normal(size=W_shape) * np.sqrt(2 / np.prod(W_shape[:-1]))
        W, b = (np.round(a / GRID) * GRID for a in (W, 0.3 * rng.normal(size=b_shape)))
        layers[place].set_params(W, b)
        parameters[place] = W, b
    return parameters


def measure(layers, x, grad_out):
    """Return sum(forward_cnn(layers, x) * grad_out), once the output has the right shape."""
    out = call(student.forward_cnn, layers, x).result()
    got = out.shape if isinstance(out, np.ndarray) else type(out).__name__
    require(got == grad_out.shape, f"the output must have shape {grad_out.shape}; it is {got}")
    return float(np.sum(out * grad_out))


def compare(gradient, array, measure_with, what, count):
    """Compare a gradient with finite differences at some places of an array."""
    got = gradient.shape if isinstance(gradient, np.ndarray) else type(gradient).__name__
    require(got == array.shape, f"{what} must have shape {array.shape}; it is {got}")
    told = np.isfinite(gradient).all() and gradient.any()
    require(told, f"{what} must hold numbers that are finite, and not only zeros")
    places = np.random.default_rng(41).choice(array.size, min(count, array.size), replace=False)
    slopes = []
    for place in places:
        shift = np.zeros_like(array)
        shift.flat[place] = STEP
        rise = measure_with(array + shift) - measure_with(array - shift)
        slopes.append(rise / (2 * STEP))
    same(gradient.ravel()[places], np.array(slopes), f"{what}.ravel()[{places}]", rtol=1e-4)


def check_gradients(layers, parameters, x, grad_out, count=5):
    """Compare the gradients for x and for all parameters with finite differences."""
    measure(layers, x, grad_out)
    grad_x = call(student.backward_cnn, layers, grad_out).result()
    gradients = {place: (layers[place].grad_W, layers[place].grad_b) for place in parameters}
    compare(grad_x, x, lambda moved: measure(layers, moved, grad_out), "the gradient for x", count)
    for place, (W, b) in parameters.items():

        def with_W(moved, layer=layers[place], b=b):
            layer.set_params(moved, b)
            return measure(layers, x, grad_out)

        def with_b(moved, layer=layers[place], W=W):
            layer.set_params(W, moved)
            return measure(layers, x, grad_out)

        compare(gradients[place][0], W, with_W, f"layers[{place}].grad_W", count)
        compare(gradients[place][1], b, with_b, f"layers[{place}].grad_b", count)
        layers[place].set_params(W, b)


@criterion("chain")
def test_forward_by_hand():
    """Flatten, then ReLU, then Dense."""
    dense = student.Dense(3, 2)
    dense.set_params(np.array([[2.0, 3.0], [4.0, 5.0], [6.0, 7.0]]), np.array([10.0, 20.0]))
    x = np.array([2.0, -3.0, 4.0, -5.0, 6.0, 7.0]).reshape(2, 1, 3, 1)
    out = np.array([[38.0, 54.0], [76.0, 99.0]])
    call(student.forward_cnn, [student.Flatten(), student.ReLU(), dense], x).gives(out)


def two_dense_layers():
    """Return [Dense(2, 2), Dense(2, 2)] with whole numbers for parameters."""
    one, two = student.Dense(2, 2), student.Dense(2, 2)
    one.set_params(np.array([[2.0, 3.0], [4.0, 5.0]]), np.array([1.0, -1.0]))
    two.set_params(np.array([[1.0, -2.0], [3.0, 4.0]]), np.array([10.0, 20.0]))
    return [one, two]


@criterion("chain")
def test_two_layers_forward_by_hand():
    """The row 1 2 becomes 11 12, and that 57 46."""
    out = np.array([[57.0, 46.0]])
    call(student.forward_cnn, two_dense_layers(), np.array([[1.0, 2.0]])).gives(out)


@criterion("chain")
def test_two_layers_backward_by_hand():
    """The gradient 1 10 becomes -19 43, and that 91 139."""
    layers = two_dense_layers()
    call(student.forward_cnn, layers, np.array([[1.0, 2.0]])).result()
    grad_x = call(student.backward_cnn, layers, np.array([[1.0, 10.0]])).result()
    same(grad_x, np.array([[91.0, 139.0]]), "the gradient for x")
    same(layers[0].grad_W, np.array([[-19.0, 43.0], [-38.0, 86.0]]), "layers[0].grad_W")
    same(layers[1].grad_W, np.array([[11.0, 110.0], [12.0, 120.0]]), "layers[1].grad_W")


@criterion("chain")
def test_arguments_by_name():
    """layers=... with x=... or grad_out=...: lessons call them so."""
    layers = two_dense_layers()
    out = call(student.forward_cnn, layers=layers, x=np.array([[1.0, 2.0]])).result()
    same(out, np.array([[57.0, 46.0]]), "the output")
    given = {"layers": layers, "grad_out": np.array([[1.0, 10.0]])}
    grad_x = call(student.backward_cnn, **given).result()
    same(grad_x, np.array([[91.0, 139.0]]), "the gradient for x")


@criterion("chain")
def test_images_and_gradients_stay_as_they_are():
    """ReLU, Flatten, ReLU: neither x nor grad_out is changed on the way, nor the list."""
    layers = [student.ReLU(), student.Flatten(), student.ReLU()]
    x = np.array([2.0, -3.0, 4.0, -5.0]).reshape(2, 1, 2, 1)
    call(student.forward_cnn, layers, x).gives(np.array([[2.0, 0.0], [4.0, 0.0]]))
    grad_out = np.array([[10.0, 20.0], [-30.0, 40.0]])
    right = np.array([10.0, 0.0, -30.0, 0.0]).reshape(2, 1, 2, 1)
    call(student.backward_cnn, layers, grad_out).gives(right)


@criterion("chain")
def test_dense_layers_alone():
    """Dense, ReLU, Dense: every gradient."""
    shapes = {0: ((6, 7), (7,)), 2: ((7, 4), (4,))}
    layers = [student.Dense(6, 7), student.ReLU(), student.Dense(7, 4)]
    parameters = give_parameters(layers, shapes, seed=42)
    rng = np.random.default_rng(43)
    check_gradients(layers, parameters, rng.normal(size=(3, 6)), rng.normal(size=(3, 4)))


@criterion("chain")
def test_a_small_network():
    """Conv2D, ReLU, MaxPool2D, Flatten, Dense, ReLU, Dense: every gradient."""
    shapes = {0: ((2, 3, 2, 3), (3,)), 4: ((18, 5), (5,)), 6: ((5, 4), (4,))}
    layers = [Conv2D(2, 3, (2, 3)), student.ReLU(), MaxPool2D((2, 1)), student.Flatten()]
    layers += [student.Dense(18, 5), student.ReLU(), student.Dense(5, 4)]
    parameters = give_parameters(layers, shapes, seed=44)
    rng = np.random.default_rng(45)
    check_gradients(layers, parameters, rng.normal(size=(3, 5, 5, 2)), rng.normal(size=(3, 4)))


@criterion("chain")
def test_lenet_from_the_loss_to_the_pixels():
    """The gradient of the loss, for three images and for the parameters of every layer."""
    layers = call(student.build_lenet, rng=np.random.default_rng(46)).result()
    shapes = {0: ((5, 5, 1, 6), (6,)), 3: ((5, 5, 6, 16), (16,)), 7: ((400, 120), (120,))}
    shapes |= {9: ((120, 84), (84,)), 11: ((84, 10), (10,))}
    right = isinstance(layers, list | tuple) and len(layers) == 12
    right = right and all(hasattr(layers[place], "set_params") for place in shapes)
    require(right, "build_lenet must return a list of the 12 layers of LeNet")
    parameters = give_parameters(layers, shapes, seed=47)
    x = np.random.default_rng(48).normal(size=(3, 32, 32, 1))
    measure(layers, x, np.ones((3, 10)))
    logits = call(student.forward_cnn, layers, x).result()
    _, grad_logits = (
        call(student.softmax_cross_entropy, logits, np.array([3, 8, 1])).agrees().value
    )
    check_gradients(layers, parameters, x, grad_logits, count=2)
