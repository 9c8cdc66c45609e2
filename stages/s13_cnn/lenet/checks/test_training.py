"""Training: one step, one epoch, and ten images learnt by heart."""

import numbers

import numpy as np

from grader.checking import agrees, call, criterion, require, same
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
    """layers = [Flatten(), Dense(6, 3)]; set_params(W, b); train(layers, x, labels, epochs=3,
    batch_size=batch_size, lr=0.5, rng=rng); forward_cnn(layers, x)
    """
    layers = linear(lenet, W, b)
    rng = np.random.default_rng(51)
    history = lenet.train(layers, x, labels, epochs=3, batch_size=batch_size, lr=0.5, rng=rng)
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
def test_three_epochs_of_one_batch():
    """All images in one batch: then the order does not matter, and every number is known."""
    x, W, b = drawn((5, 2, 3, 1), (6, 3), (3,), seed=52)
    agrees(full_batches, student, x, np.array([0, 2, 1, 1, 2]), W, b, 5, rtol=1e-4)


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


@criterion("overfit")
def test_every_epoch_in_a_new_order():
    """rng shuffles the images: anew for each epoch, and the same seed in the same way."""
    x, W, b = drawn((13, 2, 2, 1), (4, 3), (3,), seed=57)
    labels = np.random.default_rng(58).integers(0, 3, size=13)
    _, _, losses = watch(x, labels, W, b, 59, epochs=2, batch_size=1)
    _, _, again = watch(x, labels, W, b, 59, epochs=2, batch_size=1)
    same(again, losses, "the losses of a second run with the same seed", rtol=1e-6)
    first, second = losses[:13], losses[13:]
    # A right shuffle of 13 images keeps their order with a probability of 1/13! = 1.6e-10.
    require(not np.allclose(first, second), "the second epoch must have an order of its own")
    unshuffled = image_losses(x, labels, W, b)
    require(not np.allclose(first, unshuffled), "the first epoch must be shuffled too")


@criterion("overfit")
def test_means_over_images():
    """Seven images in batches of 3, 3 and 1: the history has the means over the images."""
    x, W, b = drawn((7, 2, 3, 1), (6, 3), (3,), seed=60)
    labels = np.array([0, 2, 1, 1, 2, 0, 1])
    history, steps, _ = watch(x, labels, W, b, 61, epochs=1, batch_size=3)
    same(steps, [(1, 3), (2, 3), (3, 3)], "step and steps, as told to on_batch")
    hits = (x.reshape(7, 6) @ W + b).argmax(axis=1) == labels
    loss = float(image_losses(x, labels, W, b).mean())
    right = [{"epoch": 1, "loss": loss, "accuracy": float(hits.mean())}]
    same(history, right, "the history", rtol=1e-4)


@criterion("overfit")
def test_ten_digits_by_heart():
    """A new LeNet and one image of each digit: after 30 epochs it knows all ten."""
    train_x, train_y, _, _ = load_digits()
    first = [int(np.flatnonzero(train_y == digit)[0]) for digit in range(10)]
    x = np.pad(train_x[first], ((0, 0), (2, 2), (2, 2), (0, 0)))
    layers = call(student.build_lenet, rng=np.random.default_rng(62)).result()
    rng = np.random.default_rng(63)
    call(
        student.train, layers, x, np.arange(10), epochs=30, batch_size=4, lr=0.05, rng=rng
    ).result()
    logits = call(student.forward_cnn, layers, x).result()
    got = logits.shape if isinstance(logits, np.ndarray) else type(logits).__name__
    require(got == (10, 10), f"the logits of ten images must have shape (10, 10), not {got}")
    shifted = logits - logits.max(axis=1, keepdims=True)
    loss = (np.log(np.exp(shifted).sum(axis=1)) - np.diag(shifted)).mean()
    # Measured over 200 seeds: the logarithm of the loss is -5.5 on average, with a standard
    # deviation of 0.17. That of 0.1 is -2.3, 18 deviations away: probability < 1e-70.
    require(loss < 0.1, f"the loss on ten known images must be below 0.1; it is {loss:.3f}")
    known = int((logits.argmax(axis=1) == np.arange(10)).sum())
    require(known == 10, f"it must know all ten images; it knows {known}")
