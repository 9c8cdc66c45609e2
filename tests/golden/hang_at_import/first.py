import time

time.sleep(600)


def double(x):
    return x + x


def size(n, k):
    if not 1 <= k <= n:
        raise ValueError(f"k must be between 1 and {n}, but it is {k}")
    return n - k + 1
