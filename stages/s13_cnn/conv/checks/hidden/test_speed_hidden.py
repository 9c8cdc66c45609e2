"""Speed, with a stride and a frame."""

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
    window = np.ones((2, 3, 1))
    for _ in range(windows):
        window.sum()


def drawn(*shapes, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


@criterion("speed")
def test_loops_with_stride_and_frame():
    """conv2d_naive with stride (1, 2) and a frame: 10,000 windows."""
    args = drawn((1, 99, 202, 1), (2, 3, 1, 1), (1,), seed=93)
    least = fastest(one_by_one, (10_000,), times=2) / 2
    slow = fastest(conv2d_naive, (*args, (1, 2), (1, 0)), times=2) > least
    require(slow, "conv2d_naive takes far less time than a loop over its 10,000 windows would")


@criterion("speed")
def test_positions_with_stride_and_frame():
    """4,000 windows of two images, stride (2, 1)."""
    args = drawn((2, 81, 52, 1), (3, 2, 1, 1), (1,), seed=94)
    enough = fastest(one_by_one, (4000,), times=2) * 0.75
    quick = fastest(conv2d_forward, (*args, (2, 1), (0, 0)), times=3, enough=enough) <= enough
    require(quick, "conv2d_forward takes as long as a loop over the 4,000 windows of two images")


@criterion("speed")
def test_images_with_stride_and_frame():
    """4,000 images with a single window each, stride 2 and a frame."""
    args = drawn((4000, 2, 1, 1), (3, 2, 1, 1), (1,), seed=97)
    enough = fastest(one_by_one, (4000,), times=2) * 0.75
    frame = ((0, 1), (1, 0))
    quick = fastest(conv2d_forward, (*args, 2, frame), times=3, enough=enough) <= enough
    require(quick, "conv2d_forward takes as long as a loop over the 4,000 images")


@criterion("speed")
def test_twenty_times_as_fast_with_stride_and_frame():
    """25 images of 40x90 with one channel, 2 filters of 2x3, stride (1, 2), padding (1, 0)."""
    # Small windows, many of them: a right answer is far above the limit of 20 on any machine.
    x, W, b = drawn((25, 40, 90, 1), (2, 3, 1, 2), (2,), seed=96)
    setting = (1, 2), (1, 0)
    call(conv2d_forward, x, W, b, *setting).agrees()
    call(conv2d_naive, x[:1, :5], W, b, *setting).agrees()
    loops = 25 * fastest(conv2d_naive, (x[:1], W, b, *setting), times=1)
    forward = fastest(conv2d_forward, (x, W, b, *setting), times=7, enough=loops / 20)
    times = f"{loops * 1000:.0f} ms for the loops, {forward * 1000:.1f} ms for forward"
    require(loops >= 20 * forward, f"only {loops / forward:.1f} times as fast: {times}")
