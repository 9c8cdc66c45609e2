"""One step of gradient descent: which parameters move, and by how much."""

import numpy as np

from grader.checking import agrees, beside, call, criterion, same
from stages.s13_cnn.conv.conv import Conv2D
from stages.s13_cnn.lenet import lenet as student


def drawn(*shapes, seed):
    """Numbers of a float32 each, as float64: a layer may keep its parameters in either."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32).astype(float) for shape in shapes]


def one_step(lenet, x, parameters, grad_out):
    """layers = [Conv2D(1, 2, 2), Flatten(), Dense(8, 4), ReLU(), Dense(4, 3)]; set_params in
    three; forward_cnn(layers, x); backward_cnn(layers, grad_out); sgd_step(layers, 0.25);
    forward through each of the three, with x = 0 and with others
    """
    layers = [beside(lenet, Conv2D)(1, 2, 2), lenet.Flatten(), lenet.Dense(8, 4)]
    layers += [lenet.ReLU(), lenet.Dense(4, 3)]
    for place in (0, 2, 4):
        layers[place].set_params(*parameters[place : place + 2])
    lenet.forward_cnn(layers, x)
    lenet.backward_cnn(layers, grad_out)
    lenet.sgd_step(layers, 0.25)
    told = {}
    for place, y in ((4, np.eye(5, 4)), (2, np.eye(9, 8)), (0, x)):
        told[f"layers[{place}].forward(0 * y) after the step"] = layers[place].forward(0 * y)
        told[f"layers[{place}].forward(y) after the step"] = layers[place].forward(y)
    return told


@criterion("overfit")
def test_one_step_by_hand():
    """sgd_step: every parameter goes lr times its gradient downhill."""
    dense = student.Dense(2, 2)
    dense.set_params(np.array([[2.0, 3.0], [4.0, 5.0]]), np.array([6.0, 7.0]))
    layers = [dense, student.ReLU()]
    call(student.forward_cnn, layers, np.array([[1.0, 2.0]])).result()
    call(student.backward_cnn, layers, np.array([[1.0, 3.0]])).result()
    call(student.sgd_step, layers, 0.5).result()
    same(dense.W, np.array([[1.5, 1.5], [3.0, 2.0]]), "W = W - 0.5 * grad_W")
    same(dense.b, np.array([5.5, 5.5]), "b = b - 0.5 * grad_b")


@criterion("overfit")
def test_a_step_of_a_convolution_and_two_dense_layers():
    """sgd_step moves every layer that has parameters."""
    x, grad_out = drawn((2, 3, 3, 1), (2, 3), seed=65)
    parameters = drawn((2, 2, 1, 2), (2,), (8, 4), (4,), (4, 3), (3,), seed=66)
    agrees(one_step, student, x, parameters, grad_out, rtol=1e-4)


@criterion("overfit")
def test_a_step_as_long_as_its_gradients():
    """Gradients in the thousands: nothing is clipped."""
    dense = student.Dense(2, 1)
    dense.set_params(np.array([[2.0], [4.0]]), np.array([6.0]))
    call(student.forward_cnn, [dense], np.array([[1.0, -2.0]])).result()
    call(student.backward_cnn, [dense], np.array([[4096.0]])).result()
    call(student.sgd_step, [dense], 0.5).result()
    same(dense.W, np.array([[-2046.0], [4100.0]]), "W = W - 0.5 * grad_W")
    same(dense.b, np.array([-2042.0]), "b = b - 0.5 * grad_b")


@criterion("overfit")
def test_a_step_leaves_the_gradients():
    """After sgd_step the gradients are what backward found."""
    dense = student.Dense(2, 1)
    dense.set_params(np.array([[2.0], [4.0]]), np.array([6.0]))
    call(student.forward_cnn, [dense], np.array([[1.0, 2.0]])).result()
    call(student.backward_cnn, [dense], np.array([[3.0]])).result()
    call(student.sgd_step, [dense], 0.5).result()
    same(dense.grad_W, np.array([[3.0], [6.0]]), "grad_W")
    same(dense.grad_b, np.array([3.0]), "grad_b")


@criterion("overfit")
def test_a_step_of_length_0():
    """With lr=0 nothing moves; layers and lr by name."""
    dense = student.Dense(2, 1)
    dense.set_params(np.array([[2.0], [4.0]]), np.array([6.0]))
    call(student.forward_cnn, [dense], np.array([[1.0, 2.0]])).result()
    call(student.backward_cnn, [dense], np.array([[3.0]])).result()
    call(student.sgd_step, layers=[dense], lr=0.0).result()
    same(dense.W, np.array([[2.0], [4.0]]), "W after a step with lr=0")
    same(dense.b, np.array([6.0]), "b after a step with lr=0")
