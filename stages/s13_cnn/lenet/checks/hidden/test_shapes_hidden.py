"""LeNet again, for other numbers of images and classes."""

import numpy as np

from grader.checking import agrees, call, criterion, require, same
from stages.s13_cnn.lenet import lenet as student


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


def shapes_for(num_classes):
    """Return {place: (shape of W, shape of b)} of the layers with parameters."""
    shapes = {0: ((5, 5, 1, 6), (6,)), 3: ((5, 5, 6, 16), (16,)), 7: ((400, 120), (120,))}
    return shapes | {9: ((120, 84), (84,)), 11: ((84, num_classes), (num_classes,))}


def two_gradients(lenet, x, grad_out):
    """layers = build_lenet(4); set_params(W, b) in five layers; forward_cnn(layers, x);
    backward_cnn(layers, grad_out)
    """
    layers = lenet.build_lenet(4, rng=np.random.default_rng(141))
    rng = np.random.default_rng(142)
    for place, (W_shape, b_shape) in shapes_for(4).items():
        W = rng.normal(size=W_shape) * np.sqrt(2 / np.prod(W_shape[:-1]))
        layers[place].set_params(W, rng.normal(size=b_shape))
    logits = lenet.forward_cnn(layers, x)
    return {"logits": logits, "grad_x": lenet.backward_cnn(layers, grad_out)}


@criterion("shapes")
def test_every_layer_of_a_network_for_four_classes():
    """From 3 images to 3x4 logits, layer by layer."""
    shapes = [(3, 28, 28, 6), (3, 28, 28, 6), (3, 14, 14, 6)]
    shapes += [(3, 10, 10, 16), (3, 10, 10, 16), (3, 5, 5, 16)]
    shapes += [(3, 400), (3, 120), (3, 120), (3, 84), (3, 84), (3, 4)]
    x = np.random.default_rng(143).normal(size=(3, 32, 32, 1))
    layers = new_layers(144, 4)
    for place, (layer, shape) in enumerate(zip(layers, shapes, strict=False)):
        x = call(layer.forward, x).result()
        got = shape_of(x)
        require(got == shape, f"layers[{place}] must give shape {shape}; it gives {got}")
    require_twelve(layers)


@criterion("shapes")
def test_the_number_of_parameters():
    """61,706 for ten classes, 61,111 for three."""
    for num_classes, right in ((10, 61706), (3, 61111)):
        layers = new_lenet(145, num_classes)
        count = 0
        for place, shapes in shapes_for(num_classes).items():
            got = (shape_of(layers[place].W), shape_of(layers[place].b))
            require(got == shapes, f"layers[{place}] must have W and b of {shapes}, not {got}")
            count += sum(int(np.prod(shape)) for shape in got)
        same(count, right, f"the number of parameters for {num_classes} classes")


@criterion("shapes")
def test_logits_and_gradient_of_any_lenet():
    """With the same parameters any LeNet has the same logits and the same gradient."""
    new_lenet(141, 4)
    rng = np.random.default_rng(146)
    x, grad_out = rng.normal(size=(2, 32, 32, 1)), rng.normal(size=(2, 4))
    agrees(two_gradients, student, x, grad_out, rtol=1e-6)


@criterion("shapes")
def test_every_layer_starts_as_he_proposed():
    """Biases start at 0, the weights of each layer with a deviation of sqrt(2 / inputs)."""
    layers = new_lenet(147)
    for place, (W_shape, b_shape) in shapes_for(10).items():
        W, std = layers[place].W, np.sqrt(2 / np.prod(W_shape[:-1]))
        same(layers[place].b, np.zeros(b_shape), f"layers[{place}].b")
        require(shape_of(W) == W_shape, f"layers[{place}].W must have shape {W_shape}")
        # 150 weights are the fewest: a deviation off by half has a probability of 2e-14.
        wrong = f"the deviation of layers[{place}].W is {W.std():.1g}, not about {std:.1g}"
        require(abs(W.std() / std - 1) < 0.5, wrong)


def equal_weights(one, other, equal):
    """Return the places of those layers whose weights are equal, or of those that differ."""
    places = []
    for place, (W_shape, _) in shapes_for(3).items():
        pair = one[place].W, other[place].W
        fits = all(shape_of(W) == W_shape for W in pair)
        require(fits, f"layers[{place}].W must have shape {W_shape}")
        places += [place] if np.array_equal(*pair) == equal else []
    return places


@criterion("shapes")
def test_every_layer_draws_from_the_generator():
    """The same seed gives the same network, another seed another in every layer."""
    one, again, other = new_lenet(148, 3), new_lenet(148, 3), new_lenet(149, 3)
    changed, kept = equal_weights(one, again, False), equal_weights(one, other, True)
    require(not changed, f"the same seed must give the same W; not so in the layers {changed}")
    require(not kept, f"another seed must give another W; not so in the layers {kept}")


@criterion("shapes")
def test_without_a_generator_it_draws_from_one_of_its_own():
    """build_lenet() alone is a network for ten classes."""
    layers = call(student.build_lenet).result()
    require(isinstance(layers, list | tuple) and len(layers) == 12, "it must return 12 layers")
    out = call(student.forward_cnn, layers, np.full((3, 32, 32, 1), -0.5)).result()
    right = isinstance(out, np.ndarray) and out.shape == (3, 10) and np.isfinite(out).all()
    require(right, "the network of build_lenet() must return (3, 10) finite logits")


@criterion("shapes")
def test_two_networks_without_a_generator():
    """build_lenet(num_classes=3, rng=None) twice: no layer of one is like that of the other."""
    one, other = (call(student.build_lenet, rng=None, num_classes=3).result() for _ in range(2))
    require_twelve(one)
    require_twelve(other)
    kept = equal_weights(one, other, True)
    require(not kept, f"without rng each network differs; not so in the layers {kept}")
