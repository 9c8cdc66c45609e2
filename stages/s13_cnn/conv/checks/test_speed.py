"""Speed: what the matrix product is good for."""

from time import perf_counter

import numpy as np

from grader.checking import call, criterion, require
from stages.s13_cnn.conv.conv import conv2d_forward, conv2d_naive


def fastest(function, args):
    """Return the shortest of three runs, in seconds; each has numbers that nobody can foresee."""
    seconds = []
    for _ in range(3):
        args = [unforeseen(a) if isinstance(a, np.ndarray) else a for a in args]
        start = perf_counter()
        result = function(*args)
        seconds.append(perf_counter() - start)
        if function is conv2d_forward:  # what was timed must be the answer
            require_answer(result, *args)
    return min(seconds)


def unforeseen(array):
    return np.random.default_rng().normal(size=array.shape).astype(array.dtype)


def require_answer(result, x, W, b):
    """Look at ten outputs, nobody knows which."""
    rng, called = np.random.default_rng(), "conv2d_forward, called for its speed, gives"
    is_pair = isinstance(result, tuple) and len(result) == 2
    out = result[0] if is_pair else result
    shape = (len(x), x.shape[1] - len(W) + 1, x.shape[2] - W.shape[1] + 1, len(b))
    fits = isinstance(out, np.ndarray) and out.shape == shape
    require(is_pair and fits, f"{called} no pair whose first array has the shape {shape}")
    for n, i, j, f in rng.integers(shape, size=(10, 4)):
        window = x[n, i : i + len(W), j : j + W.shape[1]]
        right = np.sum(window * W[..., f], dtype=np.float64) + b[f]
        near = abs(out[n, i, j, f] - right) <= 1e-4 * (1 + abs(right))
        require(near, f"{called} a wrong out{[int(n), int(i), int(j), int(f)]}")


def longer(function, few, many):
    """Return by how much longer it takes: the way to your program and back cancels out."""
    return fastest(function, many) - fastest(function, few)


def one_by_one(windows):
    """Add up so many small windows, one after the other: no loop over windows is quicker."""
    window = np.ones((2, 2, 1))
    for _ in range(windows):
        window.sum()


def drawn(x_shape, W_shape=(2, 2, 1, 1), seed=95):
    rng = np.random.default_rng(seed)
    shapes = x_shape, W_shape, W_shape[3:]
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


# For 2,500 windows more, one_by_one takes 2.5 ms where a matrix product takes 0.1 or 0.2 and
# the leanest loop takes 4.
def is_like_a_loop(function, few, many):
    return longer(function, drawn(few), drawn(many)) > fastest(one_by_one, (2500,)) * 0.6


# The machine may be busy with something else for a moment: five trials, one is enough to pass.
def require_loops():
    few, many = (1, 6, 11, 1), (1, 51, 52, 1)
    seen = any(is_like_a_loop(conv2d_naive, few, many) for _ in range(5))
    require(seen, "conv2d_naive takes far less time than a loop over its windows would")


def require_no_loop(few, many):
    seen = all(is_like_a_loop(conv2d_forward, few, many) for _ in range(5))
    require(not seen, "conv2d_forward takes as long as a loop over its windows would")


def times_as_fast(few, some, many, share):
    """Return how many times as fast; `many` has `share` times the windows of `some`."""
    best = 0.0
    for _ in range(5):
        if best < 20:
            loops = longer(conv2d_naive, few, some) * share
            best = max(best, loops / max(longer(conv2d_forward, few, many), 1e-6))
    return best


@criterion("speed")
def test_the_loops_are_loops():
    """conv2d_naive is there to be believed: it visits its windows one after the other."""
    require_loops()


@criterion("speed")
def test_forward_does_not_loop_over_positions():
    """An image with 2,550 windows beside one with 50."""
    require_no_loop((1, 6, 11, 1), (1, 51, 52, 1))


@criterion("speed")
def test_twenty_times_as_fast_as_the_loops():
    """10,080 windows in one product; your loops visit 450 of them."""
    # Small windows, many of them: a right answer is far above the limit of 20 on any machine.
    x, W, b = drawn((5, 46, 45, 1), (2, 1, 1, 1))
    few, some, all_ = ((part, W, b) for part in (x[:1, :2], x[:1, :12], x))
    call(conv2d_forward, *all_).agrees()
    call(conv2d_naive, *few).agrees()
    best = times_as_fast(few, some, all_, 10_080 / 450)
    require(best >= 20, f"conv2d_forward is only {best:.1f} times as fast as your own loops")
