"""Learning again, from other patterns and from fewer digits."""

import itertools

import numpy as np

from grader.checking import call, criterion, progress, reference_of, require
from stages.data import load_digits
from stages.s13_cnn.lenet import lenet as student
from stages.s13_cnn.padding.padding import pad2d

BAR, CROSS, DOTS = 2, 0, 1


def draw_patterns(count, seed):
    """Draw bars (lying or standing), crosses, and groups of four dots below a ground of 0."""
    rng = np.random.default_rng(seed)
    x = 0.1 * rng.normal(size=(count, 32, 32, 1)).astype(np.float32)
    labels = rng.integers(0, 3, size=count)
    for image, label in zip(x[..., 0], labels, strict=True):
        row, column = rng.integers(13, 20, size=2)
        if label == BAR:
            lying = image if rng.random() < 0.5 else image.T
            lying[row - 1 : row + 2, column - 9 : column + 12] = -1
        elif label == CROSS:
            image[row - 1 : row + 2, column - 9 : column + 12] = -1
            image[row - 11 : row + 10, column - 1 : column + 2] = -1
        else:
            for r, c in itertools.product((row - 8, row + 8), (column - 7, column + 7)):
                image[r - 2 : r + 3, c - 2 : c + 3] = -1
    return x, labels


def count_hits(layers, x, labels):
    """Return how many labels the student's `predict` gets right."""
    predicted = call(student.predict, layers, x).result()
    right = isinstance(predicted, np.ndarray) and predicted.shape == labels.shape
    got = predicted.shape if isinstance(predicted, np.ndarray) else type(predicted).__name__
    require(right, f"predict must return an array of shape {labels.shape}; it is {got}")
    return int((predicted == labels).sum())


def require_batches(dense, images, most, classes):
    """Require that the latest `forward` had at most `most` images, as its `backward` knows."""
    rest = (images - 1) % most + 1  # of the last batch; a backward may forget what it has used
    for count in (rest, *range(1, most + 1)):
        try:
            call(dense.backward, np.zeros((count, classes))).result()
            return
        except NotImplementedError:
            raise
        except Exception:  # it was for another number; how that is refused is nobody's business
            continue
    require(False, f"with batch_size={most} no more than {most} images go through at once")


def train(layers, x, labels, seed, on_batch=None, **settings):
    """Train the student's network with the student's `train`."""
    rng = np.random.default_rng(seed)
    call(student.train, layers, x, labels, rng=rng, on_batch=on_batch, **settings).result()


def require_parameters_that_know(layers, x, labels, least):
    """What was learnt is in the parameters: the reference knows as much with them."""
    right = reference_of(student)
    twin = right.build_lenet(len(layers[-1].b), rng=np.random.default_rng(0))
    for mine, theirs in zip(twin, layers, strict=True):
        if hasattr(mine, "set_params"):
            mine.set_params(theirs.W, theirs.b)
    hits = int((right.predict(twin, x) == labels).sum())
    require(hits >= least, f"with the parameters that it learnt, a LeNet is right {hits} times")


@criterion("patterns")
def test_predict_in_batches():
    """Eleven images in batches of four, of eleven and of one."""
    rng = np.random.default_rng(181)
    x, W, b = rng.normal(size=(11, 3, 2, 2)), rng.normal(size=(12, 5)), rng.normal(size=5)
    dense = student.Dense(12, 5)
    dense.set_params(W, b)
    right = (x.reshape(11, 12) @ W + b).argmax(axis=1)
    for batch_size in (4, 11, 1):
        call(student.predict, [student.Flatten(), dense], x, batch_size).gives(right)
        require_batches(dense, 11, batch_size, 5)
    given = {"batch_size": 11, "x": x, "layers": [student.Flatten(), dense]}
    call(student.predict, **given).gives(right)


@criterion("patterns")
def test_negative_bars_crosses_and_dots():
    """Four epochs over 240 drawn images, then 200 new ones: at least 95 % right."""
    x, labels = draw_patterns(240, seed=182)
    new_x, new_labels = draw_patterns(200, seed=183)
    batches = itertools.count(1)

    def on_batch(step, steps, loss):
        progress(min(next(batches), 120), 120, "batches of 8 patterns")

    for seed in (184, 185, 186):  # whoever starts badly may start again
        layers = call(student.build_lenet, 3, rng=np.random.default_rng(seed)).result()
        train(layers, x, labels, seed, on_batch, epochs=4, batch_size=8, lr=0.07)
        hits = count_hits(layers, new_x, new_labels)
        if hits >= 190:
            break
    # Measured over 200 seeds: all 200 right, every time (and over 60 at lr=0.05, 60 at lr=0.09).
    # Should one start in 200 fail, three in a row do with a probability of 1e-7.
    require(hits >= 190, f"it must name at least 190 of 200 patterns; it names {hits}")
    require_parameters_that_know(layers, new_x, new_labels, 190)


@criterion("digits")
def test_a_thousand_digits():
    """Two epochs at lr=0.1, one at lr=0.02, then 500 unseen digits: at least 80 % right."""
    train_x, train_y, test_x, test_y = load_digits()
    train_x, train_y = train_x[-1000:], train_y[-1000:]
    layers = call(student.build_lenet, rng=np.random.default_rng(186)).result()
    train_x, test_x = (call(pad2d, x, 2).agrees().value for x in (train_x, test_x[-500:]))
    batches = itertools.count(1)

    def on_batch(step, steps, loss):
        progress(min(next(batches), 189), 189, "batches of 16 digits")

    train(layers, train_x, train_y, 187, on_batch, epochs=2, batch_size=16, lr=0.1)
    train(layers, train_x, train_y, 188, on_batch, epochs=1, batch_size=16, lr=0.02)
    hits = count_hits(layers, test_x, test_y[-500:])
    # Measured over 30 seeds: 466 right on average, 457 at worst, with a standard deviation of
    # 4.7. 400 is 14 deviations away: probability 1e-45 for a normal distribution.
    require(hits >= 400, f"it must read at least 400 of 500 digits; it reads {hits}")
    require_parameters_that_know(layers, test_x, test_y[-500:], 400)
