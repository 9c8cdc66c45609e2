import numpy as np


def double(x):
    return x + x


def size(n, k):
    kept = []
    while True:
        kept.append(bytearray(1 << 24))
