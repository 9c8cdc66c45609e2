import numpy as np


def double(x):
    return x + x


class Answer:
    value = 3


def size(n, k):
    return Answer()
