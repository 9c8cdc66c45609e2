"""Speed: what the matrix product is good for."""

from time import perf_counter

import numpy as np

from grader.checking import call, criterion, require
from stages.s13_cnn.conv.conv import conv2d_forward, conv2d_naive


def fastest(function, args, times=7):
    """Return the shortest of several runs, in seconds; slow ones are not repeated as often."""
    seconds = []
    while len(seconds) < times and sum(seconds) < 0.1:
        start = perf_counter()
        function(*args)
        seconds.append(perf_counter() - start)
    return min(seconds)


def one_by_one(windows):
    """Add up so many small windows, one after the other: no loop over windows is quicker."""
    window = np.ones((2, 2, 1))
    for _ in range(windows):
        window.sum()


def drawn(x_shape, W_shape=(2, 2, 1, 1), seed=95):
    rng = np.random.default_rng(seed)
    shapes = x_shape, W_shape, W_shape[3:]
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


# For 1,200 windows more, one_by_one takes 1.2 ms where a matrix product takes 0.1 and the
# leanest loop 2.5. What any call costs, for the way to your program and back, cancels out.
def loops_like(function, few, many):
    """Whether 1,200 windows more cost what a loop would cost."""
    longer = fastest(function, drawn(many)) - fastest(function, drawn(few))
    return longer > fastest(one_by_one, (1200,)) * 0.6


def require_loops():
    one_by_one = loops_like(conv2d_naive, (1, 6, 11, 1), (1, 26, 51, 1))
    require(one_by_one, "conv2d_naive takes far less time than a loop over its windows would")


def require_no_loop():
    one_by_one = loops_like(conv2d_forward, (1, 6, 11, 1), (1, 26, 51, 1))
    require(not one_by_one, "conv2d_forward takes as long as a loop over its windows would")


@criterion("speed")
def test_the_loops_are_loops():
    """conv2d_naive is there to be believed: it visits its windows one after the other."""
    require_loops()


@criterion("speed")
def test_forward_does_not_loop_over_positions():
    """An image with 1,250 windows beside one with 50."""
    require_no_loop()


@criterion("speed")
def test_forward_does_not_loop_over_images():
    """1,250 images of one window each beside 50."""
    one_by_one = loops_like(conv2d_forward, (50, 2, 2, 1), (1250, 2, 2, 1))
    require(not one_by_one, "conv2d_forward takes as long as a loop over the images would")


@criterion("speed")
def test_twenty_times_as_fast_as_the_loops():
    """24 images of 46x45, one filter of 2x1; your loops take half an image."""
    # Small windows, many of them: a right answer is far above the limit of 20 on any machine.
    x, W, b = drawn((24, 46, 45, 1), (2, 1, 1, 1))
    require_loops()
    require_no_loop()
    call(conv2d_forward, x, W, b).agrees()
    call(conv2d_naive, x[:1, :5], W, b).agrees()
    loops = 24 * 45 / 23 * fastest(conv2d_naive, (x[:1, :24], W, b), times=1)
    forward = fastest(conv2d_forward, (x, W, b))
    times = f"{loops * 1000:.0f} ms for the loops, {forward * 1000:.1f} ms for forward"
    require(loops >= 20 * forward, f"only {loops / forward:.1f} times as fast: {times}")
