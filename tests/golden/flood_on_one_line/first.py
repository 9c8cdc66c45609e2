import numpy as np


def double(x):
    return x + x


def size(n, k):
    print("x" * 2_000_000)
    return n - k
