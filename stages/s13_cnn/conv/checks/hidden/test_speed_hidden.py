"""Speed, with a stride and a frame."""

import numpy as np

from grader.checking import call, criterion, require, settled
from stages.s13_cnn.conv.conv import Conv2D, conv2d_forward, conv2d_naive

SETTING = [(1, 2), (1, 0)]  # stride, padding
FILTERS = (2, 3, 2, 2)
FEW, MANY = (2, 4, 11, 2), (2, 50, 101, 2)  # 2 * 25 windows of 2x3 pixels, and 2 * 2,550


def require_pair(result, *args):
    is_pair = isinstance(result, tuple) and len(result) == 2
    require_answer("conv2d_forward", result[0] if is_pair else None, *args)


def require_answer(name, out, x, W, b, stride, padding):
    """Look at ten outputs, nobody knows which."""
    rng, called = np.random.default_rng(), f"{name}, called for its speed, gives"
    (down, across), (above, beside) = stride, padding
    framed = np.pad(x, ((0, 0), (above, above), (beside, beside), (0, 0)))
    rows, columns = framed.shape[1] - len(W), framed.shape[2] - W.shape[1]
    shape = (len(x), rows // down + 1, columns // across + 1, len(b))
    fits = isinstance(out, np.ndarray) and out.shape == shape
    require(fits, f"{called} no out of shape {shape}")
    for n, i, j, f in rng.integers(shape, size=(10, 4)):
        top, left = i * down, j * across
        window = framed[n, top : top + len(W), left : left + W.shape[1]]
        right = np.sum(window * W[..., f], dtype=np.float64) + b[f]
        near = abs(out[n, i, j, f] - right) <= 1e-4 * (1 + abs(right))
        require(near, f"{called} a wrong out{[int(n), int(i), int(j), int(f)]}")


def one_by_one(windows):
    """Add up so many small windows, one after the other: no loop over windows is quicker."""
    window = np.ones((2, 2, 1))
    for _ in range(windows):
        window.sum()


def drawn(x_shape, W_shape=(2, 3, 1, 1), seed=96):
    rng = np.random.default_rng(seed)
    shapes = x_shape, W_shape, W_shape[3:]
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes] + SETTING


def share_of_a_loop(few, many, fifth):
    """Return what more windows cost, where 1 is `one_by_one`, of which a fifth was run.

    A matrix product has 0.05, the leanest loop 1.6. The way to your program and back is in both
    times and cancels out; it is no longer than that, whatever `few` took.
    """
    loop = 5 * fifth
    return (many - min(few, 0.4 * loop)) / loop


def require_loops():
    few, many = (1, 9, 11, 1), (1, 50, 53, 1)
    share = settled(
        share_of_a_loop,
        lambda few, many, fifth: many - few > 10 * fifth,
        (conv2d_naive, drawn(few)),
        (conv2d_naive, drawn(many)),
        (one_by_one, (250,)),
    )
    what = "conv2d_naive takes far less time than a loop over its windows would"
    require(share > 0.6, what, own=True)


def require_no_loop(name, few, many):
    share = settled(
        share_of_a_loop,
        lambda _, many, fifth: many < 1.75 * fifth,
        few,
        many,
        (one_by_one, (500,)),
    )
    require(share < 0.6, f"{name} takes as long as a loop over its windows would")


def times_as_fast(few, some, many, share):
    """Return how many times as fast; `many` has `share` times the windows of `some`."""

    def times(few, some, few_at_once, at_once):
        loops = (some - few) * share
        way = min(few_at_once, loops / 80)  # to your program and back, and no longer
        return loops / max(at_once - way, 1e-5)  # what a clock can tell

    return settled(
        times,
        lambda few, some, _, at_once: (some - few) * share > 40 * at_once,
        (conv2d_naive, few),
        (conv2d_naive, some),
        (conv2d_forward, few, require_pair),
        (conv2d_forward, many, require_pair),
    )


@criterion("speed")
def test_loops_with_stride_and_frame():
    """conv2d_naive visits its windows one after the other."""
    require_loops()


@criterion("speed")
def test_positions_with_stride_and_frame():
    """Two images with 2,550 windows each beside two with 25; the same in a layer."""
    few, many = ((conv2d_forward, drawn(s, FILTERS), require_pair) for s in (FEW, MANY))
    require_no_loop("conv2d_forward", few, many)
    layer = Conv2D(2, 2, (2, 3), *SETTING)
    filters = layer.get_params()

    def require_out(out, x):
        require_answer("Conv2D.forward", out, x, *filters, *SETTING)

    few, many = ((layer.forward, drawn(s)[:1], require_out) for s in (FEW, MANY))
    require_no_loop("Conv2D.forward", few, many)


@criterion("speed")
def test_twenty_times_as_fast_with_stride_and_frame():
    """11,160 windows in one product; your loops visit 450 of them."""
    x, W, b, *setting = drawn((6, 40, 90, 1), (1, 2, 1, 1))
    few, some, all_ = ((part, W, b, *setting) for part in (x[:1, :2], x[:1, :12], x))
    call(conv2d_forward, *all_).agrees()
    call(conv2d_naive, *few).agrees()
    times = times_as_fast(few, some, all_, 11_160 / 450)
    require(times >= 20, f"conv2d_forward is only {times:.1f} times as fast as your own loops")
