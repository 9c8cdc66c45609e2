"""Speed: what the matrix product is good for."""

from time import perf_counter

import numpy as np

from grader.checking import call, criterion, require
from stages.s13_cnn.conv.conv import conv2d_forward, conv2d_naive


def fastest(function, args, times, enough=0.0):
    """Return the shortest of several runs, in seconds; stop early when one is quick enough."""
    seconds = []
    while not seconds or (min(seconds) > enough and len(seconds) < times and sum(seconds) < 0.5):
        start = perf_counter()
        function(*args)
        seconds.append(perf_counter() - start)
    return min(seconds)


def one_by_one(windows):
    """Add up so many small windows, one after the other: no loop over windows is quicker."""
    window = np.ones((2, 2, 1))
    for _ in range(windows):
        window.sum()


def drawn(*shapes, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


# Measured for each window: 1 microsecond for one_by_one, 2 to 4 for the leanest loops, and 0.1 for
# a matrix product, the way to your program and back included. The limits lie far from both.
@criterion("speed")
def test_the_loops_are_loops():
    """conv2d_naive is there to be believed: it visits 10,000 windows one after the other."""
    args = drawn((1, 101, 101, 1), (2, 2, 1, 1), (1,), seed=97)
    least = fastest(one_by_one, (10_000,), times=2) / 2
    slow = fastest(conv2d_naive, args, times=2) > least
    require(slow, "conv2d_naive takes far less time than a loop over its 10,000 windows would")


@criterion("speed")
def test_forward_does_not_loop_over_positions():
    """4,000 windows of one image."""
    args = drawn((1, 41, 101, 1), (2, 2, 1, 1), (1,), seed=98)
    enough = fastest(one_by_one, (4000,), times=2) * 0.75
    quick = fastest(conv2d_forward, args, times=3, enough=enough) <= enough
    require(quick, "conv2d_forward takes as long as a loop over the 4,000 windows of the image")


@criterion("speed")
def test_forward_does_not_loop_over_images():
    """4,000 images of a single window each."""
    args = drawn((4000, 2, 2, 1), (2, 2, 1, 1), (1,), seed=99)
    enough = fastest(one_by_one, (4000,), times=2) * 0.75
    quick = fastest(conv2d_forward, args, times=3, enough=enough) <= enough
    require(quick, "conv2d_forward takes as long as a loop over the 4,000 images")


@criterion("speed")
def test_twenty_times_as_fast_as_the_loops():
    """24 images of 46x45 with one channel, 2 filters of 2x2; your loops convolve one of them."""
    # Small windows, many of them: a right answer is far above the limit of 20 on any machine.
    x, W, b = drawn((24, 46, 45, 1), (2, 2, 1, 2), (2,), seed=95)
    call(conv2d_forward, x, W, b).agrees()
    call(conv2d_naive, x[:1, :5], W, b).agrees()
    loops = 24 * fastest(conv2d_naive, (x[:1], W, b), times=1)
    forward = fastest(conv2d_forward, (x, W, b), times=7, enough=loops / 20)
    times = f"{loops * 1000:.0f} ms for the loops, {forward * 1000:.1f} ms for forward"
    require(loops >= 20 * forward, f"only {loops / forward:.1f} times as fast: {times}")
