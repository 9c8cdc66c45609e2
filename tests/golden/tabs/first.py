import numpy as np


def double(x):
	return x + x


def size(n, k):
	print('a\tb\t' * 12)
	if n:												return n - k
