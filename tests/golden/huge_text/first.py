import numpy as np


def double(x):
    return x + x


def size(n, k):
    return 'x' * (100 << 20)
