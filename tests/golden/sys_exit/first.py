import numpy as np
import sys


def double(x):
    return x + x


def size(n, k):
    sys.exit(0)
