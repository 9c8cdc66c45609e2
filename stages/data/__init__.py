"""Five thousand real handwritten digits, as the lessons use them."""

from pathlib import Path

import numpy as np

DIGITS = Path(__file__).with_name("digits.npz")
TRAIN_SIZE = 4000


def load_digits():
    """Load the 5,000 digits, already split into 4,000 and 1,000.

    Returns
    -------
    train_x : ndarray of float32, shape (4000, 28, 28, 1)
        Images with values from 0 (paper) to 1 (ink).
    train_y : ndarray of int64, shape (4000,)
        The digit that each image shows: 400 of each.
    test_x : ndarray of float32, shape (1000, 28, 28, 1)
    test_y : ndarray of int64, shape (1000,)
        100 of each digit.

    Notes
    -----
    The split is the order of the file: the first 4,000 are for training.
    All arrays together take 15.7 MB.

    Examples
    --------
    >>> train_x, train_y, test_x, test_y = load_digits()
    >>> train_x.shape, test_x.shape
    ((4000, 28, 28, 1), (1000, 28, 28, 1))
    >>> [int(count) for count in np.bincount(test_y)]
    [100, 100, 100, 100, 100, 100, 100, 100, 100, 100]
    """
    with np.load(DIGITS, allow_pickle=False) as file:
        images, labels = file["images"], file["labels"]

    x = (images[..., np.newaxis] / np.float32(255)).astype(np.float32)  # (5000, 28, 28, 1)
    y = labels.astype(np.int64)
    return x[:TRAIN_SIZE], y[:TRAIN_SIZE], x[TRAIN_SIZE:], y[TRAIN_SIZE:]
