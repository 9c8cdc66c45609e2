"""The layer: what forward keeps, what backward gives and leaves."""

from contextlib import suppress

import numpy as np

from grader.checking import agrees, call, criterion
from stages.s13_cnn.conv import conv as student


def drawn(*shapes, seed):
    """Numbers of a float32 each, as float64: a layer may keep its parameters in either."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32).astype(float) for shape in shapes]


def steps(conv, x, W, b, grad_out):
    """layer.set_params(W, b); layer.forward(x); layer.backward(grad_out)."""
    layer = conv.Conv2D(3, 4, (3, 2), (2, 1), (1, 2))
    layer.set_params(W, b)
    out = layer.forward(x)
    grad_x = layer.backward(grad_out)
    told = {"out": out, "grad_x": grad_x, "get_gradients()": layer.get_gradients()}
    return told | {"layer.grad_W": layer.grad_W, "layer.grad_b": layer.grad_b}


def in_and_out(conv, x, W, b, grad_out):
    """layer.set_params(W, b); layer.forward(x); layer.backward(grad_out)."""
    told = steps(conv, x, W, b, grad_out)
    return {name: told[name] for name in ("out", "grad_x")}


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


def two_backwards(conv, x, W, b, grad_out):
    """forward(x); backward(grad_out); backward(grad_out) once more."""
    layer = conv.Conv2D(2, 3, 2)
    layer.set_params(W, b)
    layer.forward(x)
    layer.backward(grad_out)
    with suppress(RuntimeError):  # a layer may have let go of what it kept
        layer.backward(grad_out)
    return {"layer.grad_W": layer.grad_W, "layer.grad_b": layer.grad_b}


def by_name(conv, x, W, b, grad_out):
    """Conv2D(in_channels=3, out_channels=4, kernel_size=2, stride=1, padding=1, rng=...);
    set_params(W=W, b=b); forward(x=x); backward(grad_out=grad_out)
    """
    rng, stride, padding = np.random.default_rng(93), 1, 1
    sizes = {"in_channels": 3, "out_channels": 4, "kernel_size": 2}
    layer = conv.Conv2D(rng=rng, padding=padding, stride=stride, **sizes)
    layer.set_params(b=b, W=W)
    return {"out": layer.forward(x=x), "grad_x": layer.backward(grad_out=grad_out)}


def two_layers(conv, x, W, b, grad_out):
    """one.forward(x); other.forward(2 * x); one.backward(grad_out); other.backward(grad_out)."""
    one, other = conv.Conv2D(2, 3, 2), conv.Conv2D(2, 3, 2)
    one.set_params(W, b)
    other.set_params(3 * W, b)
    out = one.forward(x)
    other.forward(2 * x)
    grad_x = one.backward(grad_out)
    other.backward(grad_out)
    return {"out": out, "grad_x": grad_x, "one.grad_W": one.grad_W, "one.grad_b": one.grad_b}


@criterion("layer")
def test_forward_backward_and_what_is_left():
    """One step of a layer with stride (2, 1) and padding (1, 2): all it returns and keeps."""
    x, W, b, grad_out = drawn((2, 7, 5, 3), (3, 2, 3, 4), (4,), (2, 4, 8, 4), seed=71)
    agrees(steps, student, x, W, b, grad_out)


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


@criterion("layer")
def test_backward_again_gives_the_same():
    """A second backward after one forward adds nothing to the gradients of the first."""
    x, W, b, grad_out = drawn((2, 4, 5, 2), (2, 2, 2, 3), (3,), (2, 3, 4, 3), seed=94)
    agrees(two_backwards, student, x, W, b, grad_out)


@criterion("layer")
def test_backward_needs_a_forward():
    """A new layer has nothing to carry back: RuntimeError."""
    layer = student.Conv2D(2, 3, 2, rng=np.random.default_rng(95))
    call(layer.backward, np.ones((2, 3, 4, 3))).refused(kinds=(RuntimeError,))


@criterion("layer")
def test_float32_stays_float32():
    """float32 images, parameters and gradients: out and grad_x are float32."""
    arrays = drawn((2, 7, 5, 3), (3, 2, 3, 4), (4,), (2, 4, 8, 4), seed=96)
    agrees(in_and_out, student, *(a.astype(np.float32) for a in arrays))


@criterion("layer")
def test_everything_by_its_name():
    """The layer and its methods, with the names of their arguments."""
    x, W, b, grad_out = drawn((2, 4, 5, 3), (2, 2, 3, 4), (4,), (2, 5, 6, 4), seed=97)
    agrees(by_name, student, x, W, b, grad_out)
