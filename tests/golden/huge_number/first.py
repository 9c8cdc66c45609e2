import numpy as np


def double(x):
    return x + x


def size(n, k):
    return 7**5000
