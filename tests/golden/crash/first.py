import ctypes


def double(x):
    return x + x


def size(n, k):
    return ctypes.string_at(8)
