import numpy as np


def double(x):
    return x + x


def size(n, k):
    kept = []
    while True:
        kept.append(bytes(1 << 28))
