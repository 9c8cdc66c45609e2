"""Speed, with a stride and a frame."""

from time import perf_counter

import numpy as np

from grader.checking import call, criterion, require, same
from stages.s13_cnn.conv.conv import conv2d_forward, conv2d_naive


def fastest(function, args, times):
    """Return the shortest of several runs, in seconds."""
    seconds = []
    for _ in range(times):
        start = perf_counter()
        function(*args)
        seconds.append(perf_counter() - start)
    return min(seconds)


@criterion("speed")
def test_twenty_times_as_fast_with_stride_and_frame():
    """8 images of 40x120 with one channel, 2 filters of 2x3, stride (1, 2), padding (1, 0)."""
    # Small windows, many of them: a right answer is far above the limit of 20 on any machine.
    rng = np.random.default_rng(96)
    shapes = (8, 40, 120, 1), (2, 3, 1, 2), (2,)
    args = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    args += [(1, 2), (1, 0)]
    out, _ = call(conv2d_forward, *args).agrees()
    start = perf_counter()
    same(call(conv2d_naive, *args).result(), out, "conv2d_naive beside conv2d_forward")
    loops = perf_counter() - start
    forward = fastest(conv2d_forward, args, times=7)
    times = f"{loops * 1000:.0f} ms for the loops, {forward * 1000:.1f} ms for forward"
    require(loops >= 20 * forward, f"only {loops / forward:.1f} times as fast: {times}")
