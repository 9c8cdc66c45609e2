import numpy as np


def double(x):
    return x + x


def size(n, k):
    print("größer π 卷" + chr(0xD800))
    return n - k
