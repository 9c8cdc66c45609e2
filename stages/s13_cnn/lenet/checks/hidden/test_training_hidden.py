"""Training again, on other images and batches."""

import itertools
import numbers

import numpy as np

from grader.checking import agrees, beside, call, criterion, progress, require, same
from stages.data import load_digits
from stages.s13_cnn.conv.conv import Conv2D
from stages.s13_cnn.lenet import lenet as student


def drawn(*shapes, seed):
    """Numbers of a float32 each, as float64: a layer may keep its parameters in either."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32).astype(float) for shape in shapes]


def one_step(lenet, x, V, b, W, c, grad_out):
    """layers = [Dense(4, 5), ReLU(), Dense(5, 3)]; set_params in both; forward_cnn(layers, x);
    backward_cnn(layers, grad_out); sgd_step(layers, 0.25), twice; forward_cnn(layers, x)
    """
    layers = [lenet.Dense(4, 5), lenet.ReLU(), lenet.Dense(5, 3)]
    layers[0].set_params(V, b)
    layers[2].set_params(W, c)
    lenet.forward_cnn(layers, x)
    lenet.backward_cnn(layers, grad_out)
    lenet.sgd_step(layers, 0.25)
    lenet.sgd_step(layers, 0.25)
    return {"forward_cnn(layers, x) after two steps": lenet.forward_cnn(layers, x)}


def full_batches(lenet, x, labels, V, b, W, c):
    """layers = [Flatten(), Dense(6, 5), ReLU(), Dense(5, 4)]; set_params in both;
    train(layers, x, labels, epochs=4, batch_size=len(x), lr=0.3, rng=rng);
    forward_cnn(layers, x)
    """
    layers = [lenet.Flatten(), lenet.Dense(6, 5), lenet.ReLU(), lenet.Dense(5, 4)]
    layers[1].set_params(V, b)
    layers[3].set_params(W, c)
    settings = {"epochs": 4, "batch_size": len(x), "lr": 0.3}
    settings |= {"rng": np.random.default_rng(161)}
    history = lenet.train(labels=labels, x=x, layers=layers, **settings)
    return {"history": history, "logits": lenet.forward_cnn(layers, x)}


def conv_steps(lenet, x, V, c, W, b, grad_out):
    """layers = [Conv2D(2, 3, (2, 1)), ReLU(), Conv2D(3, 2, 1), Flatten()]; set_params in both;
    forward_cnn(layers, x); backward_cnn(layers, grad_out); sgd_step(layers, 0.5);
    forward_cnn(layers, 0 * x); forward_cnn(layers, x)
    """
    conv = beside(lenet, Conv2D)
    layers = [conv(2, 3, (2, 1)), lenet.ReLU(), conv(3, 2, 1), lenet.Flatten()]
    layers[0].set_params(V, c)
    layers[2].set_params(W, b)
    lenet.forward_cnn(layers, x)
    lenet.backward_cnn(layers, grad_out)
    lenet.sgd_step(layers, 0.5)
    return {
        "forward_cnn(layers, 0 * x) after the step": lenet.forward_cnn(layers, 0 * x),
        "forward_cnn(layers, x) after the step": lenet.forward_cnn(layers, x),
    }


def equal_images(lenet, x, labels, V, b, W, c):
    """layers = [Flatten(), Dense(4, 5), ReLU(), Dense(5, 3)]; set_params in both;
    train(layers, x, labels, epochs=3, batch_size=4, lr=0.25, rng=rng); forward_cnn(layers, x)
    """
    layers = [lenet.Flatten(), lenet.Dense(4, 5), lenet.ReLU(), lenet.Dense(5, 3)]
    layers[1].set_params(V, b)
    layers[3].set_params(W, c)
    settings = {"epochs": 3, "batch_size": 4, "lr": 0.25, "rng": np.random.default_rng(173)}
    history = lenet.train(layers, x, labels, **settings)
    return {"history": history, "logits": lenet.forward_cnn(layers, x)}


def image_losses(x, labels, W, b):
    """Return the loss of each image under the network [Flatten(), Dense()]."""
    logits = x.reshape(len(x), -1) @ W + b
    return np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(x)), labels]


def watch(x, labels, W, b, seed, **settings):
    """Train at lr=0, so that nothing changes; return the history and what on_batch was told."""
    told = []

    def on_batch(step, steps, loss):
        told.append((step, steps, loss))

    dense = student.Dense(*W.shape)
    dense.set_params(W, b)
    settings |= {"lr": 0.0, "rng": np.random.default_rng(seed), "on_batch": on_batch}
    history = call(student.train, [student.Flatten(), dense], x, labels, **settings).result()
    numeric = all(isinstance(value, numbers.Real) for entry in told for value in entry)
    require(numeric, "on_batch must be told three numbers: step, steps, loss")
    return history, [entry[:2] for entry in told], np.array([entry[2] for entry in told])


@criterion("overfit")
def test_two_steps_of_two_layers():
    """sgd_step moves W and b of every layer that has them."""
    x, V, b, W, c = drawn((3, 4), (4, 5), (5,), (5, 3), (3,), seed=162)
    agrees(one_step, student, x, V, b, W, c, *drawn((3, 3), seed=163), rtol=1e-4)


@criterion("overfit")
def test_two_steps_with_large_gradients():
    """The same with gradients a thousand times as large."""
    x, V, b, W, c = drawn((3, 4), (4, 5), (5,), (5, 3), (3,), seed=178)
    (grad_out,) = drawn((3, 3), seed=179)
    agrees(one_step, student, x, V, b, W, c, 1024 * grad_out, rtol=1e-4)


@criterion("overfit")
def test_a_step_of_two_convolutions():
    """sgd_step moves convolutions as well, and a ReLU not at all."""
    x, V, c, W, b = drawn((2, 3, 2, 2), (2, 1, 2, 3), (3,), (1, 1, 3, 2), (2,), seed=174)
    agrees(conv_steps, student, x, V, c, W, b, *drawn((2, 8), seed=175), rtol=1e-4)


@criterion("overfit")
def test_three_epochs_of_nine_equal_images():
    """Batches of 4, 4 and 1 equal images: no order matters, and every number is known."""
    x, V, b, W, c = drawn((1, 2, 2, 1), (4, 5), (5,), (5, 3), (3,), seed=176)
    agrees(equal_images, student, x.repeat(9, axis=0), np.full(9, 1), V, b, W, c, rtol=1e-4)


@criterion("overfit")
def test_four_epochs_of_one_batch():
    """Two dense layers, eight images in one batch: every number is known."""
    x, V, b, W, c = drawn((8, 3, 2, 1), (6, 5), (5,), (5, 4), (4,), seed=164)
    labels = np.array([3, 0, 2, 1, 1, 3, 0, 2])
    agrees(full_batches, student, x, labels, V, b, W, c, rtol=1e-4)


@criterion("overfit")
def test_batches_of_one_image():
    """Three epochs over 12 images: each image once an epoch, in another order each time."""
    x, W, b = drawn((12, 3, 2, 1), (6, 5), (5,), seed=165)
    labels = np.random.default_rng(166).integers(0, 5, size=12)
    _, steps, losses = watch(x, labels, W, b, 167, epochs=3, batch_size=1)
    same(steps, [(step, 36) for step in range(1, 37)], "step and steps, as told to on_batch")
    right = image_losses(x, labels, W, b)
    for epoch in losses.reshape(3, 12):
        same(np.sort(epoch), np.sort(right), "the sorted losses of an epoch", rtol=1e-4)
        # A right shuffle of 12 images keeps their order with a probability of 1/12! = 2e-9.
        require(not np.allclose(epoch, right), "every epoch must be shuffled")
    require(not np.allclose(losses[:12], losses[12:24]), "every epoch needs a new order")
    _, _, other = watch(x, labels, W, b, 177, epochs=3, batch_size=1)
    same(len(other), 36, "the number of calls of on_batch")
    require(not np.allclose(losses, other), "another seed must give another order")


def neighbours(order):
    """Return the pairs of images that stand side by side in an order."""
    return {frozenset(pair) for pair in itertools.pairwise(order)}


@criterion("overfit")
def test_neighbours_and_batches_change():
    """Six epochs over 14 images in batches of one, and four in batches of five."""
    x, W, b = drawn((14, 3, 1, 1), (3, 4), (4,), seed=190)
    labels = np.random.default_rng(191).integers(0, 4, size=14)
    alone = image_losses(x, labels, W, b)
    losses = watch(x, labels, W, b, 192, epochs=6, batch_size=1)[2]
    same(len(losses), 6 * 14, "the number of calls of on_batch")
    orders = [np.abs(epoch[:, None] - alone).argmin(axis=1) for epoch in losses.reshape(6, 14)]
    orders.insert(0, np.arange(14))
    # Of 13 pairs a right shuffle keeps 2 on average: 12 in 6 epochs, with a deviation of 3.5.
    for before in (orders[:1] * 6, orders[:-1]):
        pairs = zip(before, orders[1:], strict=True)
        kept = sum(len(neighbours(a) & neighbours(b)) for a, b in pairs)
        require(kept < 40, f"of 78 pairs of neighbours {kept} stay together: shuffle all images")
    losses = watch(x, labels, W, b, 193, epochs=4, batch_size=5)[2]
    same(len(losses), 4 * 3, "the number of calls of on_batch")
    epochs = np.sort(losses.reshape(4, 3), axis=1)
    # Two right epochs have the same batches with a probability of 1/126126, four with 5e-16.
    require(not np.allclose(epochs, epochs[0]), "every epoch must have batches of its own")


@criterion("overfit")
def test_what_cannot_be_trained():
    """A label too many, labels in a column, fewer than one epoch, batches of fewer than one."""
    x, W, b = drawn((4, 2, 3, 1), (6, 3), (3,), seed=194)
    labels, dense = np.array([0, 2, 1, 1]), student.Dense(6, 3)
    dense.set_params(W, b)
    settings = {"epochs": 1, "batch_size": 2, "lr": 0.5, "rng": np.random.default_rng(195)}
    train = student.train, [student.Flatten(), dense]
    call(*train, x, np.append(labels, 1), **settings).refused()
    call(*train, x, labels.reshape(4, 1), **settings).refused()
    call(*train, x, labels, **settings | {"epochs": -1}).refused()
    call(*train, x, labels, **settings | {"batch_size": -2}).refused()


@criterion("overfit")
def test_a_step_of_length_0():
    """sgd_step with lr=0 moves nothing; layers and lr by name."""
    dense = student.Dense(3, 2)
    x, W, b, grad_out = drawn((2, 3), (3, 2), (2,), (2, 2), seed=196)
    dense.set_params(W, b)
    call(student.forward_cnn, [dense], x).result()
    call(student.backward_cnn, [dense], grad_out).result()
    call(student.sgd_step, lr=0.0, layers=[dense]).result()
    same(dense.W, W, "W after a step with lr=0")
    same(dense.b, b, "b after a step with lr=0")


@criterion("overfit")
def test_means_over_uneven_batches():
    """Ten images in batches of 4, 4 and 2, twice; the same seed gives the same batches."""
    x, W, b = drawn((10, 2, 3, 1), (6, 3), (3,), seed=168)
    labels = np.random.default_rng(169).integers(0, 3, size=10)
    history, steps, losses = watch(x, labels, W, b, 170, epochs=2, batch_size=4)
    _, _, again = watch(x, labels, W, b, 170, epochs=2, batch_size=4)
    same(steps, [(step, 6) for step in range(1, 7)], "step and steps, as told to on_batch")
    same(len(losses), 6, "the number of calls of on_batch")
    equal = again.shape == losses.shape and np.allclose(again, losses)
    require(equal, "the same seed must give the same batches")
    hits = float(((x.reshape(10, 6) @ W + b).argmax(axis=1) == labels).mean())
    loss = float(image_losses(x, labels, W, b).mean())
    right = [{"epoch": epoch, "loss": loss, "accuracy": hits} for epoch in (1, 2)]
    same(history, right, "the history", rtol=1e-4)


@criterion("overfit")
def test_ten_other_digits_by_heart():
    """A new LeNet, other images, batches of 5: after 40 epochs it knows all ten."""
    train_x, train_y, _, _ = load_digits()
    chosen = [int(np.flatnonzero(train_y == digit)[7]) for digit in range(10)]
    x = np.pad(train_x[chosen], ((0, 0), (2, 2), (2, 2), (0, 0)))
    layers = call(student.build_lenet, rng=np.random.default_rng(171)).result()
    batches = itertools.count(1)

    def on_batch(step, steps, loss):
        progress(min(next(batches), 80), 80, "batches of 5 digits")

    settings = {"epochs": 40, "batch_size": 5, "lr": 0.05, "rng": np.random.default_rng(172)}
    call(student.train, layers, x, np.arange(10), **settings, on_batch=on_batch).result()
    logits = call(student.forward_cnn, layers, x).result()
    got = logits.shape if isinstance(logits, np.ndarray) else type(logits).__name__
    require(got == (10, 10), f"the logits of ten images must have shape (10, 10), not {got}")
    shifted = logits - logits.max(axis=1, keepdims=True)
    loss = (np.log(np.exp(shifted).sum(axis=1)) - np.diag(shifted)).mean()
    # Measured over 100 seeds: the logarithm of the mean loss is -5.2 on average, with a standard
    # deviation of 0.16. That of 0.1 is -2.3, 18 deviations away: probability < 1e-70.
    require(loss < 0.1, f"the loss on ten known images must be below 0.1; it is {loss:.3f}")
    known = int((logits.argmax(axis=1) == np.arange(10)).sum())
    require(known == 10, f"it must know all ten images; it knows {known}")
