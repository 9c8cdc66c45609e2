"""Speed: what the matrix product is good for."""

from time import perf_counter

import numpy as np

from grader.checking import call, criterion, require
from stages.s13_cnn.conv.conv import conv2d_forward, conv2d_naive


def fastest(function, args, times=3, enough=0.0):
    """Return the shortest of several runs, in seconds; stop when one is quick enough."""
    seconds = []
    while len(seconds) < times and (not seconds or min(seconds) > enough):
        start = perf_counter()
        function(*args)
        seconds.append(perf_counter() - start)
    return min(seconds)


def one_by_one(windows):
    """Add up that many small windows, one after the other: what any loop costs at least."""
    window = np.ones((2, 2, 1))
    for _ in range(windows):
        window.sum()


def drawn(*shapes, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


@criterion("speed")
def test_the_loops_are_loops():
    """conv2d_naive is there to be believed: it visits 2,500 windows one by one."""
    args = drawn((1, 51, 51, 1), (2, 2, 1, 1), (1,), seed=97)
    enough = fastest(one_by_one, (2500,)) / 4
    # The leanest loop with NumPy inside takes about as long as one_by_one, four times `enough`.
    slow = fastest(conv2d_naive, args) > enough
    require(slow, "conv2d_naive takes far less time than 2,500 windows one by one would take")


@criterion("speed")
def test_forward_does_not_loop_over_positions():
    """2,500 windows of one image."""
    args = drawn((1, 51, 51, 1), (2, 2, 1, 1), (1,), seed=98)
    enough = fastest(one_by_one, (2500,)) / 2
    quick = fastest(conv2d_forward, args, enough=enough) <= enough
    require(quick, "conv2d_forward takes as long as a loop over the 2,500 windows of the image")


@criterion("speed")
def test_forward_does_not_loop_over_images():
    """1,500 images of a single window each."""
    args = drawn((1500, 2, 2, 1), (2, 2, 1, 1), (1,), seed=99)
    enough = fastest(one_by_one, (1500,)) / 2
    quick = fastest(conv2d_forward, args, enough=enough) <= enough
    require(quick, "conv2d_forward takes as long as a loop over the 1,500 images")


@criterion("speed")
def test_twenty_times_as_fast_as_the_loops():
    """8 images of 46x45 with one channel, 3 filters of 2x2; your loops convolve one of them."""
    # Small windows, many of them: a right answer is far above the limit of 20 on any machine.
    x, W, b = drawn((8, 46, 45, 1), (2, 2, 1, 3), (3,), seed=95)
    call(conv2d_forward, x, W, b).agrees()
    call(conv2d_naive, x[:1, :5], W, b).agrees()
    loops = 8 * fastest(conv2d_naive, (x[:1], W, b), times=1)
    forward = fastest(conv2d_forward, (x, W, b), times=7, enough=loops / 20)
    times = f"{loops * 1000:.0f} ms for the loops, {forward * 1000:.1f} ms for forward"
    require(loops >= 20 * forward, f"only {loops / forward:.1f} times as fast: {times}")
