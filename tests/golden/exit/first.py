import os


def double(x):
    return x + x


def size(n, k):
    os._exit(3)
