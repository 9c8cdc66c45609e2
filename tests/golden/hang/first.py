import numpy as np


def double(x):
    return x + x


def size(n, k):
    while True:
        pass
