"""Training: one batch, one epoch, and ten images learnt by heart."""

import itertools
import numbers

import numpy as np

from grader.checking import agrees, call, criterion, progress, require, same
from stages.data import load_digits
from stages.s13_cnn.lenet import lenet as student


def drawn(*shapes, seed):
    """Numbers of a float32 each, as float64: a layer may keep its parameters in either."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32).astype(float) for shape in shapes]


def linear(module, W, b):
    """Return the network [Flatten(), Dense(D_in, D_out)] with these parameters."""
    dense = module.Dense(*W.shape)
    dense.set_params(W, b)
    return [module.Flatten(), dense]


def full_batches(lenet, x, labels, W, b, batch_size):
    """layers = [Flatten(), Dense(6, 3)]; set_params(W, b); train(layers=layers, x=x,
    labels=labels, epochs=3, batch_size=batch_size, lr=0.5, rng=rng); forward_cnn(layers, x)
    """
    layers = linear(lenet, W, b)
    rng = np.random.default_rng(51)
    settings = {"epochs": 3, "batch_size": batch_size, "lr": 0.5, "rng": rng}
    history = lenet.train(layers=layers, x=x, labels=labels, **settings)
    return {"history": history, "logits": lenet.forward_cnn(layers, x)}


def equal_images(lenet, x, labels, W, b):
    """layers = [Flatten(), Dense(6, 3)]; set_params(W, b); train(layers, x, labels, epochs=2,
    batch_size=3, lr=0.5, rng=rng); forward_cnn(layers, x)
    """
    layers = linear(lenet, W, b)
    settings = {"epochs": 2, "batch_size": 3, "lr": 0.5, "rng": np.random.default_rng(64)}
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

    rng = np.random.default_rng(seed)
    train = call(
        student.train,
        linear(student, W, b),
        x,
        labels,
        lr=0.0,
        rng=rng,
        on_batch=on_batch,
        **settings,
    )
    history = train.result()
    numeric = all(isinstance(value, numbers.Real) for entry in told for value in entry)
    require(numeric, "on_batch must be told three numbers: step, steps, loss")
    return history, [entry[:2] for entry in told], np.array([entry[2] for entry in told])


@criterion("overfit")
def test_three_epochs_of_one_batch():
    """All images in one batch: then the order does not matter, and every number is known."""
    x, W, b = drawn((5, 2, 3, 1), (6, 3), (3,), seed=52)
    agrees(full_batches, student, x, np.array([0, 2, 1, 1, 2]), W, b, 5, rtol=1e-4)


@criterion("overfit")
def test_two_epochs_of_seven_equal_images():
    """Batches of 3, 3 and 1 equal images: no order matters, and every number is known."""
    x, W, b = drawn((1, 2, 3, 1), (6, 3), (3,), seed=67)
    agrees(equal_images, student, x.repeat(7, axis=0), np.full(7, 2), W, b, rtol=1e-4)


@criterion("overfit")
def test_a_batch_larger_than_all_images():
    """The last batch of an epoch may be smaller; here it is the only one."""
    x, W, b = drawn((5, 3, 2, 1), (6, 3), (3,), seed=53)
    agrees(full_batches, student, x, np.array([2, 0, 1, 0, 0]), W, b, 8, rtol=1e-4)


@criterion("overfit")
def test_every_image_once_an_epoch():
    """Batches of one image: the losses of an epoch are those of all images, each once."""
    x, W, b = drawn((11, 2, 3, 1), (6, 4), (4,), seed=54)
    labels = np.random.default_rng(55).integers(0, 4, size=11)
    _, steps, losses = watch(x, labels, W, b, 56, epochs=2, batch_size=1)
    same(steps, [(step, 22) for step in range(1, 23)], "step and steps, as told to on_batch")
    right = np.sort(image_losses(x, labels, W, b))
    same(np.sort(losses[:11]), right, "the sorted losses of the first epoch", rtol=1e-4)
    same(np.sort(losses[11:]), right, "the sorted losses of the second epoch", rtol=1e-4)


def thirteen_losses(*seeds):
    """Return, for each seed, the losses of 2 epochs over 13 images; and those in their order."""
    x, W, b = drawn((13, 2, 2, 1), (4, 3), (3,), seed=57)
    labels = np.random.default_rng(58).integers(0, 3, size=13)
    runs = [watch(x, labels, W, b, seed, epochs=2, batch_size=1)[2] for seed in seeds]
    for losses in runs:
        same(len(losses), 26, "the number of calls of on_batch")
    return [losses.reshape(2, 13) for losses in runs], image_losses(x, labels, W, b)


# A right shuffle of 13 images gives a certain order with a probability of 1/13! = 1.6e-10.
@criterion("overfit")
def test_the_first_epoch_is_shuffled():
    """The images do not come in the order in which they stand."""
    ((first, _),), unshuffled = thirteen_losses(59)
    require(not np.allclose(first, unshuffled), "the first epoch must be shuffled")


@criterion("overfit")
def test_every_epoch_in_a_new_order():
    """The images are shuffled anew for each epoch."""
    ((first, second),), _ = thirteen_losses(59)
    require(not np.allclose(first, second), "the second epoch must have an order of its own")


@criterion("overfit")
def test_rng_decides_about_the_order():
    """The same seed shuffles in the same way, another seed in another."""
    (one, again, other), _ = thirteen_losses(59, 59, 68)
    require(np.allclose(one, again), "the same seed must give the same order")
    require(not np.allclose(one, other), "another seed must give another order")


def neighbours(order):
    """Return the pairs of images that stand side by side in an order."""
    return {frozenset(pair) for pair in itertools.pairwise(order)}


@criterion("overfit")
def test_every_order_is_a_thorough_one():
    """Who stands beside whom changes too: to turn the order or to move a few is no shuffle."""
    x, W, b = drawn((13, 2, 2, 1), (4, 3), (3,), seed=69)
    labels = np.random.default_rng(70).integers(0, 3, size=13)
    losses = watch(x, labels, W, b, 71, epochs=8, batch_size=1)[2]
    same(len(losses), 8 * 13, "the number of calls of on_batch")
    alone = image_losses(x, labels, W, b)
    orders = [np.abs(epoch[:, None] - alone).argmin(axis=1) for epoch in losses.reshape(8, 13)]
    orders.insert(0, np.arange(13))
    # Of 12 pairs a right shuffle keeps 2 on average: 16 in 8 epochs, with a deviation of 4.
    for before in (orders[:1] * 8, orders[:-1]):
        pairs = zip(before, orders[1:], strict=True)
        kept = sum(len(neighbours(a) & neighbours(b)) for a, b in pairs)
        require(kept < 48, f"of 96 pairs of neighbours {kept} stay together: shuffle all images")


@criterion("overfit")
def test_every_epoch_has_batches_of_its_own():
    """Batches are cut from the shuffled images: not the same ones in another order."""
    x, W, b = drawn((13, 2, 2, 1), (4, 3), (3,), seed=72)
    labels = np.random.default_rng(73).integers(0, 3, size=13)
    losses = watch(x, labels, W, b, 74, epochs=4, batch_size=4)[2]
    same(len(losses), 4 * 4, "the number of calls of on_batch")
    epochs = np.sort(losses.reshape(4, 4), axis=1)
    # Two right epochs have the same batches with a probability of 1/75075, four with 2e-15.
    require(not np.allclose(epochs, epochs[0]), "every epoch must have batches of its own")


@criterion("overfit")
def test_what_cannot_be_trained():
    """A label too few, no epoch, batches of no image."""
    x, W, b = drawn((5, 2, 3, 1), (6, 3), (3,), seed=75)
    labels, layers = np.array([0, 2, 1, 1, 2]), linear(student, W, b)
    settings = {"epochs": 1, "batch_size": 2, "lr": 0.5, "rng": np.random.default_rng(76)}
    call(student.train, layers, x, labels[:4], **settings).refused()
    call(student.train, layers, x, labels, **settings | {"epochs": 0}).refused()
    call(student.train, layers, x, labels, **settings | {"batch_size": 0}).refused()


@criterion("overfit")
def test_means_over_images():
    """Seven images in batches of 3, 3 and 1: the history has the means over the images."""
    x, W, b = drawn((7, 2, 3, 1), (6, 3), (3,), seed=60)
    labels = np.array([0, 2, 1, 1, 2, 0, 1])
    history, steps, _ = watch(x, labels, W, b, 61, epochs=1, batch_size=3)
    hits = (x.reshape(7, 6) @ W + b).argmax(axis=1) == labels
    loss = float(image_losses(x, labels, W, b).mean())
    right = [{"epoch": 1, "loss": loss, "accuracy": float(hits.mean())}]
    same(history, right, "the history", rtol=1e-4)
    same(steps, [(1, 3), (2, 3), (3, 3)], "step and steps, as told to on_batch")


@criterion("overfit")
def test_ten_digits_by_heart():
    """A new LeNet and one image of each digit: after 30 epochs it knows all ten."""
    train_x, train_y, _, _ = load_digits()
    first = [int(np.flatnonzero(train_y == digit)[0]) for digit in range(10)]
    x = np.pad(train_x[first], ((0, 0), (2, 2), (2, 2), (0, 0)))
    layers = call(student.build_lenet, rng=np.random.default_rng(62)).result()
    rng = np.random.default_rng(63)
    batches = itertools.count(1)

    def on_batch(step, steps, loss):
        progress(min(next(batches), 90), 90, "batches of 4 digits")

    settings = {"epochs": 30, "batch_size": 4, "lr": 0.05, "rng": rng, "on_batch": on_batch}
    call(student.train, layers, x, np.arange(10), **settings).result()
    logits = call(student.forward_cnn, layers, x).result()
    got = logits.shape if isinstance(logits, np.ndarray) else type(logits).__name__
    require(got == (10, 10), f"the logits of ten images must have shape (10, 10), not {got}")
    loss = np.mean(np.logaddexp.reduce(logits, axis=1) - np.diag(logits))
    # Measured over 200 seeds: the logarithm of the loss is -5.5 on average, with a standard
    # deviation of 0.17. That of 0.1 is -2.3, 18 deviations away: probability < 1e-70.
    require(loss < 0.1, f"the loss on ten known images must be below 0.1; it is {loss:.3f}")
    known = int((logits.argmax(axis=1) == np.arange(10)).sum())
    require(known == 10, f"it must know all ten images; it knows {known}")
