"""Softmax cross-entropy again, on other logits."""

import numpy as np

from grader.checking import call, criterion, same
from stages.s13_cnn.lenet.lenet import softmax_cross_entropy


def logits_and_labels(N, K, seed):
    rng = np.random.default_rng(seed)
    return 3 * rng.normal(size=(N, K)), rng.integers(0, K, size=N)


@criterion("loss")
def test_three_equal_logits():
    """Three equal logits of -7: the loss is ln 3."""
    grad_logits = np.full((1, 3), 1 / 3)
    grad_logits[0, 2] = -2 / 3
    call(softmax_cross_entropy, np.full((1, 3), -7.0), np.array([2])).gives(
        (np.log(3), grad_logits)
    )


@criterion("loss")
def test_batches_of_many_sizes():
    """Eight rows of two, two rows of eight, one row of five; the labels as uint8."""
    for N, K, seed in ((8, 2, 131), (2, 8, 132), (1, 5, 133)):
        logits, labels = logits_and_labels(N, K, seed)
        _, grad_logits = (
            call(softmax_cross_entropy, logits, labels.astype(np.uint8)).agrees().value
        )
        same(grad_logits.sum(axis=1), np.zeros(N), "the sum of each row of grad_logits")


@criterion("loss")
def test_labels_that_repeat():
    """All labels equal, logits in Fortran order."""
    logits, _ = logits_and_labels(6, 4, seed=134)
    call(softmax_cross_entropy, np.asfortranarray(logits), np.full(6, 2)).agrees()


@criterion("loss")
def test_a_row_of_very_large_logits():
    """Logits of 1000, -1000 and 999 beside small ones."""
    logits = np.array([[1000.0, -1000.0, 999.0], [0.5, 0.25, -2.0], [-1000.0, -1000.0, -999.0]])
    call(softmax_cross_entropy, logits, np.array([1, 2, 0])).agrees()


@criterion("loss")
def test_very_large_float32_logits():
    """The same in float32, where exp(89) is too large already; and a million times that."""
    logits = np.array([[-500.0, 300.0], [800.0, 700.0], [2.0, 3.0]], dtype=np.float32)
    call(softmax_cross_entropy, logits, np.array([0, 0, 1])).agrees(rtol=1e-4)
    call(softmax_cross_entropy, logits * np.float32(1e6), np.array([0, 0, 1])).agrees(rtol=1e-4)


@criterion("loss")
def test_labels_of_the_wrong_kind():
    """A label too many, labels that are no integers, and a class that does not exist."""
    logits, labels = logits_and_labels(3, 5, seed=135)
    call(softmax_cross_entropy, logits, np.append(labels, 1)).refused()
    call(softmax_cross_entropy, logits, labels + 0.5).refused()
    call(softmax_cross_entropy, logits, np.array([1, 5, 2])).refused()
    call(softmax_cross_entropy, logits, np.array([1, -2, 2])).refused()
    call(softmax_cross_entropy, logits, labels[:, np.newaxis]).refused()
    call(softmax_cross_entropy, logits, np.eye(5, dtype=int)[labels]).refused()


@criterion("loss")
def test_labels_of_small_integers():
    """60 images and 5 classes; the labels as int8, uint16 and int32."""
    logits, labels = logits_and_labels(60, 5, seed=136)
    for dtype in (np.int8, np.uint16, np.int32):
        call(softmax_cross_entropy, logits, labels.astype(dtype)).agrees()


@criterion("loss")
def test_logits_of_whole_numbers():
    """Logits from -100 to 100, by name."""
    logits = np.random.default_rng(137).integers(-100, 101, size=(4, 3))
    labels = np.array([2, 0, 1, 1])
    call(softmax_cross_entropy, labels=labels, logits=logits).agrees()


@criterion("loss")
def test_three_batches_in_turn():
    """Three batches of the same shape, and the last one with other labels."""
    for seed in (138, 139, 140):
        logits, labels = logits_and_labels(3, 6, seed=seed)
        call(softmax_cross_entropy, logits, labels).agrees()
    call(softmax_cross_entropy, logits, (labels + 2) % 6).agrees()
