import numpy as np


def double(x):
    return x + x


def size(n, k):
    while n > 0: raise ValueError("a message that goes on and on, " + "and on, " * 30 + "to its end")
