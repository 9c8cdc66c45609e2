import numpy as np
from stages.t01_tiny.nowhere import x


def double(x):
    return x + x


def size(n, k):
    if not 1 <= k <= n:
        raise ValueError(f"k must be between 1 and {n}, but it is {k}")
    return n - k + 1
