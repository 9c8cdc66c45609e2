"""Speed: what the matrix product is good for."""

import numpy as np

from grader.checking import call, criterion, require, settled
from stages.s13_cnn.conv.conv import Conv2D, conv2d_forward, conv2d_naive

FEW, MANY = (1, 6, 11, 2), (1, 51, 52, 2)  # 50 windows of 2x2 pixels, and 2,550
FILTERS = (2, 2, 2, 3)


def require_pair(result, *args):
    is_pair = isinstance(result, tuple) and len(result) == 2
    require_answer("conv2d_forward", result[0] if is_pair else None, *args)


def require_answer(name, out, x, W, b):
    """Look at ten outputs, nobody knows which."""
    rng, called = np.random.default_rng(), f"{name}, called for its speed, gives"
    shape = (len(x), x.shape[1] - len(W) + 1, x.shape[2] - W.shape[1] + 1, len(b))
    fits = isinstance(out, np.ndarray) and out.shape == shape
    require(fits, f"{called} no out of shape {shape}")
    for n, i, j, f in rng.integers(shape, size=(10, 4)):
        window = x[n, i : i + len(W), j : j + W.shape[1]]
        right = np.sum(window * W[..., f], dtype=np.float64) + b[f]
        near = abs(out[n, i, j, f] - right) <= 1e-4 * (1 + abs(right))
        require(near, f"{called} a wrong out{[int(n), int(i), int(j), int(f)]}")


def one_by_one(windows):
    """Add up so many small windows, one after the other: no loop over windows is quicker."""
    window = np.ones((2, 2, 1))
    for _ in range(windows):
        window.sum()


def drawn(x_shape, W_shape=(2, 2, 1, 1), seed=95):
    rng = np.random.default_rng(seed)
    shapes = x_shape, W_shape, W_shape[3:]
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


def share_of_a_loop(few, many, fifth):
    """Return what more windows cost, where 1 is `one_by_one`, of which a fifth was run.

    A matrix product has 0.05, the leanest loop 1.6. The way to your program and back is in both
    times and cancels out; it is no longer than that, whatever `few` took.
    """
    loop = 5 * fifth
    return (many - min(few, 0.4 * loop)) / loop


def require_loops():
    few, many = (1, 6, 11, 1), (1, 26, 27, 1)
    share = settled(
        share_of_a_loop,
        lambda few, many, fifth: many - few > 10 * fifth,
        (conv2d_naive, drawn(few)),
        (conv2d_naive, drawn(many)),
        (one_by_one, (120,)),
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
def test_the_loops_are_loops():
    """conv2d_naive is there to be believed: it visits its windows one after the other."""
    require_loops()


@criterion("speed")
def test_forward_does_not_loop_over_positions():
    """An image with 2,550 windows beside one with 50: conv2d_forward, then Conv2D.forward."""
    few, many = ((conv2d_forward, drawn(s, FILTERS), require_pair) for s in (FEW, MANY))
    require_no_loop("conv2d_forward", few, many)
    layer = Conv2D(2, 3, 2, rng=np.random.default_rng(95))
    filters = layer.get_params()

    def require_out(out, x):
        require_answer("Conv2D.forward", out, x, *filters)

    few, many = ((layer.forward, drawn(s)[:1], require_out) for s in (FEW, MANY))
    require_no_loop("Conv2D.forward", few, many)


@criterion("speed")
def test_twenty_times_as_fast_as_the_loops():
    """10,080 windows in one product; your loops visit 270 of them."""
    # Small windows, many of them: a right answer is far above the limit of 20 on any machine.
    x, W, b = drawn((5, 46, 45, 1), (2, 1, 1, 1))
    few, some, all_ = ((part, W, b) for part in (x[:1, :2], x[:1, :8], x))
    call(conv2d_forward, *all_).agrees()
    call(conv2d_naive, *few).agrees()
    times = times_as_fast(few, some, all_, 10_080 / 270)
    require(times >= 20, f"conv2d_forward is only {times:.1f} times as fast as your own loops")
