"""LeNet: twelve layers, their shapes and their parameters."""

import numpy as np

from grader.checking import agrees, call, criterion, require, same
from stages.s13_cnn.lenet import lenet as student

PARAMETERS = {
    0: ((5, 5, 1, 6), (6,)),
    3: ((5, 5, 6, 16), (16,)),
    7: ((400, 120), (120,)),
    9: ((120, 84), (84,)),
    11: ((84, 10), (10,)),
}


def new_layers(seed, *num_classes):
    """Return the student's LeNet, once it is known to be a list of layers."""
    rng = np.random.default_rng(seed)
    layers = call(student.build_lenet, *num_classes, rng=rng).result()
    several = isinstance(layers, list | tuple)
    require(several, f"LeNet must be a list of 12 layers; it is {type(layers).__name__}")
    for place, layer in enumerate(layers):
        require(hasattr(layer, "forward"), f"layers[{place}] must be a layer; it has no forward")
    return layers


def require_twelve(layers):
    """Require that there are 12 layers."""
    count = len(layers)
    require(count == 12, f"LeNet must be a list of 12 layers; it is a list of {count}")


def new_lenet(seed, *num_classes):
    """Return the student's LeNet, once it is known to be a list of 12 layers."""
    layers = new_layers(seed, *num_classes)
    require_twelve(layers)
    return layers


def shape_of(value):
    """Return the shape of an array, the type of anything else."""
    return value.shape if isinstance(value, np.ndarray) else type(value).__name__


def logits(lenet, x):
    """layers = build_lenet(); set_params(W, b) in layers 0, 3, 7, 9, 11; forward_cnn(layers, x)"""
    layers = lenet.build_lenet(rng=np.random.default_rng(31))
    rng = np.random.default_rng(32)
    for place, (W_shape, b_shape) in PARAMETERS.items():
        W = rng.normal(size=W_shape) * np.sqrt(2 / np.prod(W_shape[:-1]))
        layers[place].set_params(W, rng.normal(size=b_shape))
    return {"logits": lenet.forward_cnn(layers, x)}


def layer_by_layer(lenet, x, grad_out):
    """layers = build_lenet(); set_params(W, b) in layers 0, 3, 7, 9, 11; forward_cnn(layers, x);
    backward_cnn(layers, grad_out)
    """
    layers = lenet.build_lenet(rng=np.random.default_rng(41))
    rng = np.random.default_rng(42)
    for place, (W_shape, b_shape) in PARAMETERS.items():
        W = rng.normal(size=W_shape) * np.sqrt(2 / np.prod(W_shape[:-1]))
        layers[place].set_params(W, rng.normal(size=b_shape))
    lenet.forward_cnn(layers, x)
    return {"grad_x": lenet.backward_cnn(layers, grad_out)}


@criterion("shapes")
def test_the_shapes_layer_by_layer():
    """From 2 images of 32x32 pixels to 2x10 logits."""
    shapes = [(2, 28, 28, 6), (2, 28, 28, 6), (2, 14, 14, 6)]
    shapes += [(2, 10, 10, 16), (2, 10, 10, 16), (2, 5, 5, 16)]
    shapes += [(2, 400), (2, 120), (2, 120), (2, 84), (2, 84), (2, 10)]
    x = np.random.default_rng(33).normal(size=(2, 32, 32, 1))
    layers = new_layers(34)
    for place, (layer, shape) in enumerate(zip(layers, shapes, strict=False)):
        x = call(layer.forward, x).result()
        got = shape_of(x)
        require(got == shape, f"layers[{place}] must give shape {shape}; it gives {got}")
    require_twelve(layers)


@criterion("shapes")
def test_61706_parameters():
    """156 + 2,416 + 48,120 + 10,164 + 850."""
    layers = new_lenet(35)
    count = 0
    for place, shapes in PARAMETERS.items():
        got = (shape_of(layers[place].W), shape_of(layers[place].b))
        require(got == shapes, f"layers[{place}] must have W and b of {shapes}, not {got}")
        count += sum(int(np.prod(shape)) for shape in got)
    same(count, 61706, "the number of parameters")


@criterion("shapes")
def test_as_many_logits_as_classes():
    """Three images and seven classes: 3x7 logits."""
    x = np.random.default_rng(36).normal(size=(3, 32, 32, 1))
    got = shape_of(call(student.forward_cnn, new_lenet(37, 7), x).result())
    require(got == (3, 7), f"the logits must have shape (3, 7); it is {got}")


@criterion("shapes")
def test_the_layers_stand_in_their_order():
    """With the same parameters any LeNet gives the same logits, some of them negative."""
    new_lenet(31)
    agrees(logits, student, np.random.default_rng(38).normal(size=(2, 32, 32, 1)), rtol=1e-6)


@criterion("shapes")
def test_every_place_has_a_layer_of_its_own():
    """Two layers that are one and the same could not both remember their input."""
    new_lenet(31)
    rng = np.random.default_rng(43)
    x, grad_out = rng.normal(size=(3, 32, 32, 1)), rng.normal(size=(3, 10))
    agrees(layer_by_layer, student, x, grad_out, rtol=1e-6)


@criterion("shapes")
def test_logits_are_no_probabilities():
    """What comes out of a new network for 40 classes: numbers of both signs."""
    x = np.random.default_rng(44).normal(size=(3, 32, 32, 1))
    out = call(student.forward_cnn, new_layers(45, 40), x).result()
    got = shape_of(out)
    require(got == (3, 40), f"the logits must have shape (3, 40); it is {got}")
    require(not np.allclose(out.sum(axis=1), 1), "logits do not add up to 1; yours do")
    # Each of 40 logits of an image is negative with a probability of 1/2: none is with 1e-12.
    require((out < 0).any(), "some logits of a new network are negative; none of yours is")


def equal_weights(one, other, equal):
    """Return the places of those layers whose weights are equal, or of those that differ."""
    places = []
    for place, (W_shape, _) in PARAMETERS.items():
        pair = one[place].W, other[place].W
        fits = all(shape_of(W) == W_shape for W in pair)
        require(fits, f"layers[{place}].W must have shape {W_shape}")
        places += [place] if np.array_equal(*pair) == equal else []
    return places


@criterion("shapes")
def test_the_generator_decides():
    """The same seed gives the same weights, another seed other ones."""
    one, again, other = new_lenet(39), new_lenet(39), new_lenet(40)
    changed, kept = equal_weights(one, again, False), equal_weights(one, other, True)
    require(not changed, f"the same seed must give the same W; not so in the layers {changed}")
    require(not kept, f"another seed must give another W; not so in the layers {kept}")


@criterion("shapes")
def test_without_a_generator_it_draws_from_one_of_its_own():
    """build_lenet() alone is a network for ten classes."""
    layers = call(student.build_lenet).result()
    require(isinstance(layers, list | tuple) and len(layers) == 12, "it must return 12 layers")
    out = call(student.forward_cnn, layers, np.full((2, 32, 32, 1), 0.25)).result()
    right = isinstance(out, np.ndarray) and out.shape == (2, 10) and np.isfinite(out).all()
    require(right, "the network of build_lenet() must return (2, 10) finite logits")


@criterion("shapes")
def test_two_networks_without_a_generator():
    """build_lenet(num_classes=10) twice: no layer of one is like that of the other."""
    one, other = (call(student.build_lenet, num_classes=10).result() for _ in range(2))
    require_twelve(one)
    require_twelve(other)
    kept = equal_weights(one, other, True)
    require(not kept, f"without rng each network differs; not so in the layers {kept}")
