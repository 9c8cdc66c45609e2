"""Softmax cross-entropy: the value, the gradient, and logits that are very large."""

import numpy as np

from grader.checking import call, central_difference, criterion, same
from stages.s13_cnn.lenet.lenet import softmax_cross_entropy


def logits_and_labels(N, K, seed):
    rng = np.random.default_rng(seed)
    return 3 * rng.normal(size=(N, K)), rng.integers(0, K, size=N)


@criterion("loss")
def test_ten_equal_logits():
    """Who knows nothing about ten classes has a loss of ln 10 = 2.303."""
    labels = np.array([3, 7, 0, 5, 2])
    grad_logits = np.full((5, 10), 0.02)
    grad_logits[np.arange(5), labels] = -0.18
    call(softmax_cross_entropy, np.full((5, 10), 4.0), labels).gives((np.log(10), grad_logits))


@criterion("loss")
def test_probabilities_by_hand():
    """Logits ln 1, ln 2, ln 5 have probabilities 1/8, 2/8, 5/8."""
    logits = np.log([[1.0, 2.0, 5.0]])
    right = (np.log(4), np.array([[0.125, -0.75, 0.625]]))
    call(softmax_cross_entropy, logits, np.array([1])).gives(right)


@criterion("loss")
def test_a_batch():
    """Five images, three classes: the mean, and each row of its gradient sums to 0."""
    logits, labels = logits_and_labels(5, 3, seed=21)
    _, grad_logits = call(softmax_cross_entropy, logits, labels).agrees().value
    same(grad_logits.sum(axis=1), np.zeros(5), "the sum of each row of grad_logits")


@criterion("loss")
def test_the_gradient_agrees_with_finite_differences():
    """Three images, four classes; as many numbers as there are logits."""
    logits, labels = logits_and_labels(3, 4, seed=22)
    _, grad_logits = call(softmax_cross_entropy, logits, labels).agrees().value
    slope = central_difference(
        lambda z: np.array([softmax_cross_entropy(z, labels)[0]]), logits, np.array([1.0])
    )
    same(grad_logits, slope, "the gradient by finite differences", rtol=1e-6)


@criterion("loss")
def test_logits_of_a_thousand():
    """Logits of 1000 and -1000 (or 1e9): wrong labels cost 2000 (2e9), right ones 0, even ln 2."""
    logits = np.array([[1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    grad_logits = np.array([[1.0, -1.0], [0.0, 0.0], [-0.5, 0.5]]) / 3
    for large in (1e3, 1e9):
        right = ((2 * large + 0 + np.log(2)) / 3, grad_logits)
        call(softmax_cross_entropy, large * logits, np.array([1, 1, 0])).gives(right)


@criterion("loss")
def test_float32_logits():
    """float32 logits have a float32 gradient."""
    logits, labels = logits_and_labels(4, 6, seed=23)
    call(softmax_cross_entropy, logits.astype(np.float32), labels).agrees(rtol=1e-4)


@criterion("loss")
def test_labels_that_are_no_classes():
    """Four classes have the labels 0 to 3; 4 and -1 are refused."""
    logits, _ = logits_and_labels(3, 4, seed=24)
    call(softmax_cross_entropy, logits, np.array([0, 4, 1])).refused()
    call(softmax_cross_entropy, logits, np.array([0, -1, 1])).refused()


@criterion("loss")
def test_labels_that_fit_no_rows():
    """Labels in a column, as rows of zeros and ones, one too few, or with a fraction."""
    logits, labels = logits_and_labels(3, 4, seed=25)
    call(softmax_cross_entropy, logits, labels.reshape(3, 1)).refused()
    call(softmax_cross_entropy, logits, np.eye(4, dtype=int)[labels]).refused()
    call(softmax_cross_entropy, logits, labels[:2]).refused()
    call(softmax_cross_entropy, logits, labels + 0.5).refused()


@criterion("loss")
def test_labels_of_every_kind_of_integer():
    """40 images and 8 classes; the labels as uint8, int8, int32 and uint64."""
    logits, labels = logits_and_labels(40, 8, seed=26)
    for dtype in (np.uint8, np.int8, np.int32, np.uint64):
        call(softmax_cross_entropy, logits, labels.astype(dtype)).agrees()


@criterion("loss")
def test_logits_of_whole_numbers():
    """Integers have a float64 gradient; labels and logits by name."""
    logits, labels = np.array([[3, -2], [-1, 4], [5, 2], [0, 1]]), np.array([0, 1, 1, 0])
    call(softmax_cross_entropy, logits=logits, labels=labels).agrees()


@criterion("loss")
def test_the_next_batch():
    """Other logits, then other labels for the same ones: each call has a result of its own."""
    logits, labels = logits_and_labels(5, 3, seed=27)
    call(softmax_cross_entropy, logits, labels).result()
    call(softmax_cross_entropy, 2 * logits, labels).agrees()
    call(softmax_cross_entropy, 2 * logits, (labels + 1) % 3).agrees()
