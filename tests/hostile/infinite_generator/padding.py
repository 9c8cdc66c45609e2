import itertools


def resolve_padding(mode, kernel_size):
    return (pair for pair in itertools.repeat((0, 0)))
