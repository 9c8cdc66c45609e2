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


def new_lenet(seed, *num_classes):
    """Return the student's LeNet, once it is known to be a list of 12 layers."""
    rng = np.random.default_rng(seed)
    layers = call(student.build_lenet, *num_classes, rng=rng).result()
    several = isinstance(layers, list | tuple)
    got = f"a list of {len(layers)}" if several else type(layers).__name__
    require(several and len(layers) == 12, f"LeNet must be a list of 12 layers; it is {got}")
    for place, layer in enumerate(layers):
        require(hasattr(layer, "forward"), f"layers[{place}] must be a layer; it has no forward")
    return layers


def shape_of(value):
    """Return the shape of an array, the type of anything else."""
    return value.shape if isinstance(value, np.ndarray) else type(value).__name__


def logits(lenet, x):
    """layers = build_lenet(); set_params(W, b) in five layers; forward_cnn(layers, x)"""
    layers = lenet.build_lenet(rng=np.random.default_rng(31))
    rng = np.random.default_rng(32)
    for place, (W_shape, b_shape) in PARAMETERS.items():
        W = rng.normal(size=W_shape) * np.sqrt(2 / np.prod(W_shape[:-1]))
        layers[place].set_params(W, rng.normal(size=b_shape))
    return {"logits": lenet.forward_cnn(layers, x)}


@criterion("shapes")
def test_the_shapes_layer_by_layer():
    """From 2 images of 32x32 pixels to 2x10 logits."""
    shapes = [(2, 28, 28, 6), (2, 28, 28, 6), (2, 14, 14, 6)]
    shapes += [(2, 10, 10, 16), (2, 10, 10, 16), (2, 5, 5, 16)]
    shapes += [(2, 400), (2, 120), (2, 120), (2, 84), (2, 84), (2, 10)]
    x = np.random.default_rng(33).normal(size=(2, 32, 32, 1))
    for place, (layer, shape) in enumerate(zip(new_lenet(34), shapes, strict=True)):
        x = call(layer.forward, x).result()
        got = shape_of(x)
        require(got == shape, f"layers[{place}] must give shape {shape}; it gives {got}")


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
def test_the_generator_decides():
    """The same seed gives the same weights, another seed other ones."""
    one, again, other = new_lenet(39), new_lenet(39), new_lenet(40)
    for place in PARAMETERS:
        same(again[place].W, one[place].W, f"layers[{place}].W of a second network")
        differs = (np.asarray(other[place].W) != np.asarray(one[place].W)).any()
        require(differs, f"layers[{place}].W must differ for another seed")
