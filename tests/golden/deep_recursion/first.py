import sys


def double(x):
    return x + x


class Deep:
    def __len__(self):
        return len(self) + 1


def size(n, k):
    sys.setrecursionlimit(2**31 - 1)
    return len(Deep())
