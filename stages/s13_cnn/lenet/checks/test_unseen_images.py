"""Learning: patterns and digits that the network has not seen before."""

import itertools

import numpy as np

from grader.checking import call, criterion, progress, require
from stages.data import load_digits
from stages.s13_cnn.lenet import lenet as student
from stages.s13_cnn.padding.padding import pad2d

BAR, CROSS, DOTS = 0, 1, 2


def draw_patterns(count, seed):
    """Draw bars (lying or standing), crosses, and groups of four dots, with some noise."""
    rng = np.random.default_rng(seed)
    x = 0.1 * rng.normal(size=(count, 32, 32, 1)).astype(np.float32)
    labels = rng.integers(0, 3, size=count)
    for image, label in zip(x[..., 0], labels, strict=True):
        row, column = rng.integers(13, 20, size=2)
        if label == BAR:
            lying = image if rng.random() < 0.5 else image.T
            lying[row - 1 : row + 2, column - 10 : column + 11] = 1
        elif label == CROSS:
            image[row - 1 : row + 2, column - 10 : column + 11] = 1
            image[row - 10 : row + 11, column - 1 : column + 2] = 1
        else:
            for r, c in itertools.product((row - 8, row + 8), (column - 8, column + 8)):
                image[r - 2 : r + 3, c - 2 : c + 3] = 1
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


@criterion("patterns")
def test_predict_names_the_largest_logit():
    """Eight images in batches of three and of four: for each the class with the largest logit."""
    rng = np.random.default_rng(71)
    x, W, b = rng.normal(size=(8, 2, 3, 1)), rng.normal(size=(6, 4)), rng.normal(size=4)
    dense = student.Dense(6, 4)
    dense.set_params(W, b)
    right = (x.reshape(8, 6) @ W + b).argmax(axis=1)
    call(student.predict, [student.Flatten(), dense], x, batch_size=3).gives(right)
    require_batches(dense, 8, 3, 4)
    call(student.predict, [student.Flatten(), dense], x, batch_size=4).gives(right)
    call(student.predict, [student.Flatten(), dense], x[:7], batch_size=3).gives(right[:7])
    call(student.predict, layers=[student.Flatten(), dense], x=x).gives(right)


@criterion("patterns")
def test_bars_crosses_and_dots():
    """Four epochs over 240 drawn images, then 200 new ones: at least 95 % right."""
    x, labels = draw_patterns(240, seed=72)
    new_x, new_labels = draw_patterns(200, seed=73)
    batches = itertools.count(1)

    def on_batch(step, steps, loss):
        progress(min(next(batches), 120), 120, "batches of 8 patterns")

    for seed in (74, 75, 76):  # whoever starts badly may start again
        layers = call(student.build_lenet, 3, rng=np.random.default_rng(seed)).result()
        train(layers, x, labels, seed, on_batch, epochs=4, batch_size=8, lr=0.07)
        hits = count_hits(layers, new_x, new_labels)
        if hits >= 190:
            break
    # Measured over 200 seeds: 197 right at worst, all 200 nearly always (and over 60 seeds 199 or
    # more at lr=0.05 and at lr=0.09). Should one start in 200 fail, three in a row do with a
    # probability of 1e-7.
    require(hits >= 190, f"it must name at least 190 of 200 patterns; it names {hits}")


@criterion("digits")
def test_four_thousand_digits():
    """One epoch at lr=0.1, one at lr=0.02, then 1,000 unseen digits: at least 90 % right."""
    train_x, train_y, test_x, test_y = load_digits()
    layers = call(student.build_lenet, rng=np.random.default_rng(76)).result()
    train_x, test_x = (
        call(pad2d, x, 2).agrees().value for x in (train_x, test_x)
    )  # 28 to 32 pixels
    batches = itertools.count(1)

    def on_batch(step, steps, loss):
        progress(min(next(batches), 250), 250, "batches of 32 digits")

    train(layers, train_x, train_y, 77, on_batch, epochs=1, batch_size=32, lr=0.1)
    train(layers, train_x, train_y, 78, on_batch, epochs=1, batch_size=32, lr=0.02)
    hits = count_hits(layers, test_x, test_y)
    # Measured over 40 seeds: 945 right on average, 933 at worst, with a standard deviation of
    # 5.6. 900 is 8 deviations away: probability 6e-16 for a normal distribution.
    require(hits >= 900, f"it must read at least 900 of 1,000 digits; it reads {hits}")
