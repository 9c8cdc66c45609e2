import numpy as np


def double(x):
    return x + x


def size(n, k):
    print("n is", n)
    print("k is", k)
    return n - k
