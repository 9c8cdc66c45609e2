"""The layer, on other shapes and in another order of calls."""

import numpy as np

from grader.checking import agrees, call, criterion, require, same
from stages.s13_cnn.conv import conv as student


def drawn(*shapes, seed):
    """Numbers of a float32 each, as float64: a layer may keep its parameters in either."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32).astype(float) for shape in shapes]


def weights(seed, shape):
    """Return W of a new layer, once it is known to be an array of that shape."""
    KH, KW, C_in, C_out = shape
    W = student.Conv2D(C_in, C_out, (KH, KW), rng=np.random.default_rng(seed)).W
    got = f"{W.dtype} {W.shape}" if isinstance(W, np.ndarray) else type(W).__name__
    right = isinstance(W, np.ndarray) and W.shape == shape and W.dtype.kind == "f"
    require(right, f"layer.W must be an array of floats, shape {shape}; it is {got}")
    require(np.isfinite(W).all(), "layer.W holds numbers that are infinite or not a number")
    return W


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


def new_parameters(conv, x, W, b, grad_out):
    """layer.set_params(W, b); a step; layer.set_params(2 * W, -b); a step."""
    layer = conv.Conv2D(3, 2, 2)
    layer.set_params(W, b)
    layer.forward(x)
    layer.backward(grad_out)
    layer.set_params(2 * W, -b)
    out, grad_x = layer.forward(x), layer.backward(grad_out)
    return {"out": out, "grad_x": grad_x, "layer.grad_W": layer.grad_W}


def shared_filters(conv, x, W, b, grad_out):
    """one.forward(x); other.forward(x[:1]); other.backward(...); one.backward(grad_out)."""
    one, other = conv.Conv2D(3, 2, 2), conv.Conv2D(3, 2, 2)
    one.set_params(W, b)
    other.set_params(W, b)
    one.forward(x)
    out = other.forward(x[:1] * 2)
    grad_x = other.backward(grad_out[:1])
    return {"other": out, "other.grad_x": grad_x, "one.grad_x": one.backward(grad_out)}


@criterion("layer")
def test_three_batches():
    """Gradients belong to the latest batch, also when that is smaller."""
    x = drawn((3, 4, 5, 2), (3, 4, 5, 2), (2, 4, 5, 2), seed=81)
    grads = drawn((3, 4, 3, 5), (3, 4, 3, 5), (2, 4, 3, 5), seed=82)
    agrees(training, student, x, grads, *drawn((2, 3, 2, 5), (5,), seed=83))


@criterion("layer")
def test_fan_in_counts_the_kernel_and_the_channels():
    """Two layers with different kernels and channels start with different deviations."""
    for seed, shape in ((84, (5, 2, 3, 500)), (85, (1, 2, 40, 160))):
        std = np.sqrt(2 / (shape[0] * shape[1] * shape[2]))
        W = weights(seed, shape)
        # At least 12,800 draws: a right deviation is off by 4 % with a probability of 2e-10
        # (6.4 sigma), a right mean by std/16 with 2e-12 (7 sigma).
        got = f"{W.std():.2g} for shape {shape}, not {std:.2g}"
        require(abs(W.std() / std - 1) < 0.04, f"the deviation of W is {got}")
        require(abs(W.mean()) < std / 16, f"the mean of W is {W.mean():.2g}, not about 0")


@criterion("layer")
def test_seeds():
    """Equal seeds, equal filters; different seeds, different filters; no two weights equal."""
    one, again, other = (weights(seed, (4, 1, 2, 9)) for seed in (86, 86, 87))
    require((again == one).all(), "two layers with the same seed must start equal")
    require((other != one).any(), "two layers with different seeds must start differently")
    require(len(np.unique(one)) > 60, f"of 72 weights only {len(np.unique(one))} differ")


@criterion("layer")
def test_a_new_layer():
    """Zero bias, and a first forward without any set_params."""
    layer = student.Conv2D(2, 6, (1, 3), stride=2, padding=1, rng=np.random.default_rng(88))
    same(layer.b, np.zeros(6), "layer.b")
    (x,) = drawn((3, 4, 5, 2), seed=88)
    out = call(layer.forward, x).result()
    right = isinstance(out, np.ndarray) and out.shape == (3, 3, 3, 6)
    require(right, f"forward must give shape (3, 3, 3, 6), not {getattr(out, 'shape', out)}")


@criterion("layer")
def test_set_params_replaces_everything():
    """After a second set_params nothing of the first is left."""
    x, W, b, grad_out = drawn((2, 4, 5, 3), (2, 2, 3, 2), (2,), (2, 3, 4, 2), seed=89)
    agrees(new_parameters, student, x, W, b, grad_out)
    layer = student.Conv2D(3, 2, 2)
    layer.set_params(W, b)
    layer.set_params(2 * W, -b)
    same(layer.get_params(), (2 * W, -b), "get_params() after the second set_params")
    same(layer.b, -b, "layer.b after the second set_params")


@criterion("layer")
def test_parameters_of_the_wrong_shape():
    """Filters with an axis too few, channels exchanged, a bias too few: all are refused."""
    W, b = drawn((2, 2, 3, 2), (2,), seed=90)
    layer = student.Conv2D(3, 2, 2, rng=np.random.default_rng(90))
    call(layer.set_params, W[..., 0], b).refused()
    call(layer.set_params, W.transpose(0, 1, 3, 2), b).refused()
    call(layer.set_params, W, b[:1]).refused()


@criterion("layer")
def test_layers_with_the_same_filters():
    """Another layer's images, of another batch size, do not enter this one's gradients."""
    x, W, b, grad_out = drawn((3, 4, 5, 3), (2, 2, 3, 2), (2,), (3, 3, 4, 2), seed=91)
    agrees(shared_filters, student, x, W, b, grad_out)
