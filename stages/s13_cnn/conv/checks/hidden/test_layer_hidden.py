"""The layer, on other shapes and in another order of calls."""

from contextlib import suppress

import numpy as np

from grader.checking import agrees, call, criterion
from stages.s13_cnn.conv import conv as student

GRADIENTS = ("gradients of", "layer.grad")


def drawn(*shapes, seed):
    """Numbers of a float32 each, as float64: a layer may keep its parameters in either."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32).astype(float) for shape in shapes]


def training(conv, batches, grads, W, b):
    """Three batches, the last one smaller: forward and backward for each."""
    layer = conv.Conv2D(2, 5, (2, 3), (1, 2), ((0, 1), (2, 0)))
    layer.set_params(W, b)
    told = {}
    for i, (x, grad_out) in enumerate(zip(batches, grads, strict=True)):
        told[f"out of batch {i}"] = layer.forward(x)
        told[f"grad_x of batch {i}"] = layer.backward(grad_out)
        told[f"gradients of batch {i}"] = layer.get_gradients()
    return told | {"layer.grad_W": layer.grad_W, "layer.grad_b": layer.grad_b}


def training_without_gradients(conv, batches, grads, W, b):
    """Three batches, the last one smaller: forward and backward for each."""
    told = training(conv, batches, grads, W, b)
    return {name: value for name, value in told.items() if not name.startswith(GRADIENTS)}


def backward_thrice(conv, x, W, b, grad_out):
    """forward(x); backward(grad_out), three times."""
    layer = conv.Conv2D(3, 2, 2)
    layer.set_params(W, b)
    layer.forward(x)
    layer.backward(grad_out)
    for _ in range(2):
        with suppress(RuntimeError):  # a layer may have let go of what it kept
            layer.backward(grad_out)
    return {"get_gradients()": layer.get_gradients()}


def named(conv, x, W, b, grad_out):
    """Conv2D(in_channels=1, out_channels=5, kernel_size=(2, 3), stride=2,
    padding=((1, 0), (0, 2)), rng=None); set_params(W=W, b=b); forward(x=x);
    backward(grad_out=grad_out)
    """
    sizes = {"out_channels": 5, "in_channels": 1, "kernel_size": (2, 3)}
    layer = conv.Conv2D(padding=((1, 0), (0, 2)), rng=None, stride=2, **sizes)
    layer.set_params(W=W, b=b)
    return {"out": layer.forward(x=x), "grad_x": layer.backward(grad_out=grad_out)}


def shared_filters(conv, x, W, b, grad_out):
    """one.forward(x); other.forward(x[:1]); other.backward(...); one.backward(grad_out);
    other.forward(x[1:]); other.backward(...)
    """
    one, other = conv.Conv2D(3, 2, 2), conv.Conv2D(3, 2, 2)
    one.set_params(W, b)
    other.set_params(W, b)
    one.forward(x)
    out = other.forward(x[:1] * 2)
    grad_x = other.backward(grad_out[:1])
    told = {"other": out, "other.grad_x": grad_x, "one.grad_x": one.backward(grad_out)}
    other.forward(x[1:])
    other.backward(grad_out[1:])
    return told | {"one's gradients": one.get_gradients()}


@criterion("layer")
def test_three_batches():
    """Gradients belong to the latest batch, also when that is smaller."""
    x = drawn((3, 4, 5, 2), (3, 4, 5, 2), (2, 4, 5, 2), seed=81)
    grads = drawn((3, 4, 3, 5), (3, 4, 3, 5), (2, 4, 3, 5), seed=82)
    agrees(training, student, x, grads, *drawn((2, 3, 2, 5), (5,), seed=83))


@criterion("layer")
def test_layers_with_the_same_filters():
    """Another layer's images, of another batch size, do not enter this one's gradients."""
    x, W, b, grad_out = drawn((3, 4, 5, 3), (2, 2, 3, 2), (2,), (3, 3, 4, 2), seed=91)
    agrees(shared_filters, student, x, W, b, grad_out)


@criterion("layer")
def test_three_backwards():
    """backward may be called again: the gradients stay those of one step."""
    x, W, b, grad_out = drawn((3, 4, 5, 3), (2, 2, 3, 2), (2,), (3, 3, 4, 2), seed=93)
    agrees(backward_thrice, student, x, W, b, grad_out)


@criterion("layer")
def test_backward_of_a_new_layer():
    """No forward, no backward: RuntimeError, also when parameters were set."""
    W, b = drawn((2, 3, 1, 5), (5,), seed=94)
    layer = student.Conv2D(1, 5, (2, 3))
    layer.set_params(W, b)
    call(layer.backward, np.ones((1, 2, 2, 5))).refused(kinds=(RuntimeError,))


@criterion("layer")
def test_three_batches_of_float32():
    """All results and gradients for images are float32."""
    x = drawn((3, 4, 5, 2), (3, 4, 5, 2), (2, 4, 5, 2), seed=95)
    grads = drawn((3, 4, 3, 5), (3, 4, 3, 5), (2, 4, 3, 5), seed=96)
    W, b = drawn((2, 3, 2, 5), (5,), seed=97)
    x, grads, (W, b) = ([a.astype(np.float32) for a in part] for part in (x, grads, (W, b)))
    agrees(training_without_gradients, student, x, grads, W, b)


@criterion("layer")
def test_arguments_by_name():
    """A layer whose every argument is given by its name."""
    x, W, b, grad_out = drawn((2, 5, 4, 1), (2, 3, 1, 5), (5,), (2, 3, 2, 5), seed=98)
    agrees(named, student, x, W, b, grad_out)
