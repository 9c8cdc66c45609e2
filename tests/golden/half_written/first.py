import numpy as np


def double(x):
    return x + x


def size(n, k):
    raise NotImplementedError("t01.first: size")
