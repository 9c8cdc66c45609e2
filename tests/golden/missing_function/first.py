import numpy as np


def double(x):
    return x + x


def sice(n, k):
    return n - k + 1
