import os


def double(x):
    return x + x


def size(n, k):
    os.fork()
    return n - k + 1
