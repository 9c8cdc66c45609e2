import numpy as np


def double(x):
    return x + x


def size(n, k):
    for i in range(200_000):
        print("line", i, "of many")
    return n - k
