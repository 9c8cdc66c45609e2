"""What a call did to its arguments, as `observe` tells it."""

import numpy as np
import pytest

from grader.calls import observe


def seen(function, *args, **kwargs):
    """Return the arguments that a call changed and shares, as two tuples of names."""
    observed = observe(function, args, kwargs)
    return observed.changed, observed.shared


@pytest.fixture
def x():
    return np.arange(2.0, 14.0).reshape(3, 4)


def test_a_call_that_leaves_its_arguments_alone_is_clean(x):
    observed = observe(lambda x, n: x * n, [x], {"n": 3})
    assert observed.value.tolist() == (x * 3).tolist()
    assert (observed.changed, observed.shared) == ((), ())


def test_what_the_function_raises_passes_through(x):
    with pytest.raises(ZeroDivisionError):
        observe(lambda x: 1 // 0, [x], {})


def test_a_changed_entry_is_seen(x):
    assert seen(lambda y, x: x.__setitem__((1, 2), 0.5), 7, x) == (("1",), ())


def test_a_change_in_the_sign_of_zero_is_a_change():
    assert seen(lambda x: np.negative(x, out=x) and None, np.zeros(1))[0] == ("0",)


def test_nan_that_stays_is_no_change():
    assert seen(lambda x: None, np.array([np.nan])) == ((), ())


def test_an_argument_by_name_is_named(x):
    assert seen(lambda value: value.sort(), value=-x) == (("value",), ())


def test_a_changed_shape_and_a_changed_dtype_are_changes(x):
    assert seen(lambda x: setattr(x, "shape", (4, 3)), x)[0] == ("0",)
    assert seen(lambda x: setattr(x, "dtype", np.int64), x.copy())[0] == ("0",)


def test_arrays_inside_containers_are_watched(x):
    def spoil(params):
        params["layers"][1][0][...] = 0

    assert seen(spoil, {"layers": ([], (x, 1))})[0] == ("0['layers'][1][0]",)


def test_a_list_that_grew_or_shrank_or_swapped_is_changed(x):
    assert seen(lambda v: v.append(3), [1, 2])[0] == ("0",)
    assert seen(lambda v: v.pop(), [1, 2])[0] == ("0",)
    assert seen(lambda v: v.reverse(), [1, 2])[0] == ("0",)
    assert seen(lambda v: v[0].append(1), [[], x])[0] == ("0[0]",)


def test_an_array_that_was_removed_from_its_list_is_a_change(x):
    assert seen(lambda v: v.clear(), [x])[0] == ("0", "0[0]")


def test_an_entry_that_was_removed_from_a_dictionary_is_a_change(x):
    assert seen(lambda d: d.clear(), {"w": x})[0] == ("0['w']",)


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x,
        lambda x: x[1:, ::2],
        lambda x: x.T,
        lambda x: x.reshape(-1),
        lambda x: (1, [x[0]]),
        lambda x: {"out": x[::-1]},
        lambda x: np.broadcast_to(x[0], (5, 4)),
    ],
)
def test_a_result_in_the_memory_of_an_argument_is_seen(view, x):
    assert seen(view, x) == ((), ("0",))


def test_memory_is_shared_only_where_entries_overlap(x):
    class Keeps:
        even, odd = x[:, ::2], x[:, 1::2]

    assert seen(lambda even: Keeps.odd, Keeps.even) == ((), ())
    assert seen(lambda even: x, Keeps.even) == ((), ("0",))


def test_only_the_argument_that_is_shared_is_named(x):
    assert seen(lambda a, b, c: c[1:], x, x.copy(), c=x.copy()) == ((), ("c",))


def test_an_argument_that_contains_itself_is_watched(x):
    knot = [x]
    knot.append(knot)
    assert seen(lambda knot: knot[1][1][0].fill(0), knot)[0] == ("0[0]",)


def test_a_result_that_contains_itself_is_searched(x):
    def tie(x):
        knot = {"x": x}
        knot["self"] = knot
        return knot

    assert seen(tie, x) == ((), ("0",))


def test_the_same_array_twice_is_named_twice(x):
    assert seen(lambda a, b: a.fill(0), x, x)[0] == ("0", "1")
