import numpy as np


def double(x):
    return x + x


def size(n, k)
    return n - k + 1
