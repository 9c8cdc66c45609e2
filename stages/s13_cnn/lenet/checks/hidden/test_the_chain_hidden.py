"""The chain rule again, through other networks."""

import numpy as np

from grader.checking import agrees, call, criterion, require, same
from stages.s13_cnn.conv.conv import Conv2D
from stages.s13_cnn.lenet import lenet as student
from stages.s13_cnn.pooling.pooling import AvgPool2D, MaxPool2D

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


def slopes_at(array, places, measure_with):
    """Return the numerical gradient at some places of an array."""
    slopes = []
    for place in places:
        shift = np.zeros_like(array)
        shift.flat[place] = STEP
        slopes.append((measure_with(array + shift) - measure_with(array - shift)) / (2 * STEP))
    return np.array(slopes)


def check_gradients(layers, parameters, x, grad_out, count=6):
    """Compare the gradients for x and for all W with finite differences."""
    measure(layers, x, grad_out)
    grad_x = call(student.backward_cnn, layers, grad_out).result()
    claims = [(grad_x, x, None)]
    claims += [(layers[place].grad_W, W, place) for place, (W, _) in parameters.items()]
    for gradient, array, place in claims:
        name = "the gradient for x" if place is None else f"layers[{place}].grad_W"
        got = gradient.shape if isinstance(gradient, np.ndarray) else type(gradient).__name__
        require(got == array.shape, f"{name} must have shape {array.shape}; it is {got}")
        told = np.isfinite(gradient).all() and gradient.any()
        require(told, f"{name} must hold numbers that are finite, and not only zeros")
        places = np.random.default_rng(151).choice(array.size, count, replace=False)

        def with_array(moved, place=place):
            if place is None:
                return measure(layers, moved, grad_out)
            layers[place].set_params(moved, parameters[place][1])
            return measure(layers, x, grad_out)

        slopes = slopes_at(array, places, with_array)
        same(gradient.ravel()[places], slopes, f"{name}.ravel()[{places}]", rtol=1e-4)
        if place is not None:
            layers[place].set_params(*parameters[place])


def three_dense_layers(lenet, x, grad_out):
    """layers = [Flatten(), Dense(12, 5), ReLU(), Dense(5, 4), ReLU(), Dense(4, 3)];
    set_params(W, b) in each; forward_cnn(layers, x); backward_cnn(layers, grad_out)
    """
    layers = [lenet.Flatten(), lenet.Dense(12, 5), lenet.ReLU(), lenet.Dense(5, 4)]
    layers += [lenet.ReLU(), lenet.Dense(4, 3)]
    shapes = {1: ((12, 5), (5,)), 3: ((5, 4), (4,)), 5: ((4, 3), (3,))}
    give_parameters(layers, shapes, seed=152)
    out = lenet.forward_cnn(layers, x)
    told = {"out": out, "grad_x": lenet.backward_cnn(layers, grad_out)}
    return told | {f"gradients of layers[{i}]": layers[i].get_gradients() for i in shapes}


@criterion("chain")
def test_three_dense_layers():
    """Flatten, then Dense and ReLU in turn: all gradients of all layers."""
    rng = np.random.default_rng(153)
    x, grad_out = rng.normal(size=(5, 2, 3, 2)), rng.normal(size=(5, 3))
    agrees(three_dense_layers, student, x, grad_out)


@criterion("chain")
def test_arguments_by_name():
    """Flatten and ReLU, forward and backward, all by name."""
    layers = [student.Flatten(), student.ReLU()]
    x = np.random.default_rng(160).normal(size=(2, 3, 1, 2))
    out = call(student.forward_cnn, x=x, layers=layers).result()
    same(out, np.maximum(x, 0).reshape(2, 6), "the output")
    grad_x = call(student.backward_cnn, grad_out=np.ones((2, 6)), layers=layers).result()
    same(grad_x, 1.0 * (x > 0), "the gradient for x")


@criterion("chain")
def test_images_and_gradients_stay_as_they_are():
    """ReLU and Flatten, twice through: x, grad_out and the list are what they were."""
    layers = [student.ReLU(), student.Flatten(), student.ReLU()]
    x = np.random.default_rng(159).normal(size=(3, 2, 2, 4))
    flat = x.reshape(3, 16)
    for grad_out in (np.abs(flat) + 1, flat - 2):
        call(student.forward_cnn, layers, x).gives(np.where(flat > 0, flat, 0))
        right = np.where(flat > 0, grad_out, 0).reshape(x.shape)
        call(student.backward_cnn, layers, grad_out).gives(right)


@criterion("chain")
def test_strides_padding_and_both_poolings():
    """Conv2D with stride and padding, AvgPool2D, Conv2D, overlapping MaxPool2D, Dense."""
    layers = [Conv2D(2, 3, (3, 2), stride=(2, 1), padding=(1, 2)), student.ReLU()]
    layers += [AvgPool2D((1, 2)), Conv2D(3, 4, 2), student.ReLU(), MaxPool2D(2, stride=1)]
    layers += [student.Flatten(), student.Dense(16, 3)]
    shapes = {0: ((3, 2, 2, 3), (3,)), 3: ((2, 2, 3, 4), (4,)), 7: ((16, 3), (3,))}
    parameters = give_parameters(layers, shapes, seed=154)
    rng = np.random.default_rng(155)
    x, grad_out = rng.normal(size=(2, 8, 5, 2)), rng.normal(size=(2, 3))
    check_gradients(layers, parameters, x, grad_out)


@criterion("chain")
def test_lenet_for_six_classes():
    """Three images through LeNet, back from a drawn gradient."""
    layers = call(student.build_lenet, 6, rng=np.random.default_rng(156)).result()
    shapes = {0: ((5, 5, 1, 6), (6,)), 3: ((5, 5, 6, 16), (16,)), 7: ((400, 120), (120,))}
    shapes |= {9: ((120, 84), (84,)), 11: ((84, 6), (6,))}
    right = isinstance(layers, list | tuple) and len(layers) == 12
    right = right and all(hasattr(layers[place], "set_params") for place in shapes)
    require(right, "build_lenet must return a list of the 12 layers of LeNet")
    parameters = give_parameters(layers, shapes, seed=157)
    rng = np.random.default_rng(158)
    x, grad_out = rng.normal(size=(3, 32, 32, 1)), rng.normal(size=(3, 6))
    check_gradients(layers, parameters, x, grad_out, count=2)
