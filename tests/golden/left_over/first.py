from stages.t01_tiny.given import require_numbers


def double(x):
    """Return twice `x`."""
    require_numbers(x)
    twice = x + x
    raise NotImplementedError("t01.first: double")


def size(n, k):
    if k > n:
        raise ValueError(f"k={k} does not fit n={n}")
    return n - k + 1
