import numpy as np


def double(x):
    return 2 * x.astype(np.float64)


def size(n, k):
    if not 1 <= k <= n:
        raise ValueError(f"k must be between 1 and {n}, but it is {k}")
    return n - k + 1
