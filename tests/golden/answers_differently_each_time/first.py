import numpy as np


calls = []


def double(x):
    calls.append(1)
    return x + x if len(calls) < 2 else x + x + 1


def size(n, k):
    if not 1 <= k <= n:
        raise ValueError(f"k must be between 1 and {n}, but it is {k}")
    return n - k + 1
