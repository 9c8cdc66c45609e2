"""The parameters, of layers of other shapes."""

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
    layer = student.Conv2D(C_in, C_out, (KH, KW), rng=np.random.default_rng(seed))
    require_float32(layer.W, shape, "layer.W")
    return layer.W


def require_float32(array, shape, name):
    """Require an array of that type and shape; one of float128, say, only says what it is."""
    try:
        got = f"{array.dtype.name}, shape {array.shape}"
    except AttributeError:
        got = type(array).__name__
    right = f"float32, shape {shape}"
    require(got == right, f"{name} must be an array of {right}; it is {got}")
    require(np.isfinite(array).all(), f"{name} holds numbers that are infinite or not a number")


def new_parameters(conv, x, W, b, grad_out):
    """layer.set_params(W, b); a step; layer.set_params(2 * W, -b); a step."""
    layer = conv.Conv2D(3, 2, 2)
    layer.set_params(W, b)
    layer.forward(x)
    layer.backward(grad_out)
    layer.set_params(2 * W, -b)
    out, grad_x = layer.forward(x), layer.backward(grad_out)
    return {"out": out, "grad_x": grad_x, "layer.grad_W": layer.grad_W}


@criterion("layer")
def test_fan_in_counts_the_kernel_and_the_channels():
    """Two layers with different kernels and channels start with different deviations."""
    for seed, shape in ((84, (5, 2, 3, 500)), (85, (1, 2, 40, 160))):
        std = np.sqrt(2 / (shape[0] * shape[1] * shape[2]))
        W = weights(seed, shape)
        # At least 12,800 draws: a right deviation is off by 4 % with a probability of 2e-10
        # (6.4 sigma), a right mean by std/16 with 2e-12 (7 sigma).
        got = f"{W.std():.4g} for shape {shape}, not {std:.4g}"
        require(abs(W.std() / std - 1) < 0.04, f"the deviation of W is {got}")
        require(abs(W.mean()) < std / 16, f"the mean of W is {W.mean():.4g}, not about 0")


@criterion("layer")
def test_seeds():
    """Equal seeds, equal filters; different seeds, different filters; no two weights equal."""
    one, again, other = (weights(seed, (4, 1, 2, 9)) for seed in (86, 86, 87))
    require((again == one).all(), "two layers with the same seed must start equal")
    require((other != one).any(), "two layers with different seeds must start differently")
    differ = len({*one.ravel().tolist()})
    require(differ > 60, f"of 72 weights only {differ} differ")


@criterion("layer")
def test_three_layers_without_a_generator():
    """Conv2D(1, 5, (2, 3)), three times: no two have the same weights."""
    layers = [student.Conv2D(1, 5, (2, 3)).W.tobytes() for _ in range(3)]
    require(len(set(layers)) == 3, "layers that are made without rng must start differently")


@criterion("layer")
def test_a_new_layer():
    """Zero bias, and a first forward without any set_params."""
    layer = student.Conv2D(2, 6, (1, 3), stride=2, padding=1, rng=np.random.default_rng(88))
    require_float32(layer.b, (6,), "layer.b")
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
    """Filters of five other shapes, biases of two others: all are refused."""
    W, b = drawn((2, 2, 3, 2), (2,), seed=90)
    layer = student.Conv2D(3, 2, 2, rng=np.random.default_rng(90))
    call(layer.set_params, W[..., 0], b).refused()
    call(layer.set_params, W.transpose(0, 1, 3, 2), b).refused()
    call(layer.set_params, W[:, [0, 1, 1]], b).refused()
    call(layer.set_params, W[..., :1], b).refused()
    call(layer.set_params, W[:1], b).refused()
    call(layer.set_params, W, b[:1]).refused()
    call(layer.set_params, W, b[np.newaxis]).refused()
