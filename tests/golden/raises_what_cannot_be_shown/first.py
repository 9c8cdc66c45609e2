import numpy as np


def double(x):
    return x + x


class Riddle(Exception):
    def __str__(self):
        raise self


def size(n, k):
    raise Riddle
