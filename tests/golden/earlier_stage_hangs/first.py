import time


def double(x):
    time.sleep(600)


def size(n, k):
    if not 1 <= k <= n:
        raise ValueError(f"k must be between 1 and {n}, but it is {k}")
    return n - k + 1
