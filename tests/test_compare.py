"""The one comparison behind every check, and how values are shown."""

import inspect

import numpy as np
import pytest

from grader.checking.compare import describe, difference
from grader.checking.show import arrays, call_text, shown


@pytest.fixture
def x():
    return np.arange(2.0, 26.0).reshape(2, 3, 4)


class Liar:
    """Says of itself whatever a careless comparison wants to hear."""

    dtype = np.dtype("float64")
    shape = (2, 3, 4)
    ndim = 3
    size = 24

    def __eq__(self, other):
        return True

    def __array__(self, dtype=None, copy=None):
        return np.arange(2.0, 26.0).reshape(self.shape)

    def __len__(self):
        return 2

    __hash__ = None


class LyingArray(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def __ne__(self, other):
        return np.zeros(self.shape, bool)


class LyingFloat(float):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = None


class LyingInteger(int):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = None


class LyingText(str):
    def __eq__(self, other):
        return True

    __hash__ = None


# --- what is equal ------------------------------------------------------------------------
EQUAL = {
    "numbers": (3, 3),
    "a NumPy integer": (np.int64(3), 3),
    "an integer where a float is right": (3, 3.0),
    "a NumPy float": (np.float64(0.5), 0.5),
    "an array without axes": (np.array(0.5), 0.5),
    "a number for an array without axes": (0.5, np.array(0.5)),
    "rounding": (0.1 + 0.2, 0.3),
    "truth": (True, np.True_),
    "NumPy's truth": (np.False_, False),
    "nothing": (None, None),
    "text": ("same", "same"),
    "not a number": (float("nan"), float("nan")),
    "infinity": (float("inf"), float("inf")),
    "tuples": ((1, (2.0, "a")), (1, (2.0, "a"))),
    "lists": ([1, [2]], [1, [2]]),
    "dictionaries in another order": ({"b": 1, "a": 2}, {"a": 2, "b": 1}),
    "integers of another width": (np.array([1, 2], np.int32), np.array([1, 2], np.int64)),
    "no entries": (np.zeros((0, 3)), np.zeros((0, 3))),
    "not a number in an array": (np.array([np.nan, 1]), np.array([np.nan, 1])),
    "infinities in an array": (np.array([np.inf, -np.inf]), np.array([np.inf, -np.inf])),
    "columns first": (np.asfortranarray(np.ones((2, 3))), np.ones((2, 3))),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal_values_have_no_difference(name):
    assert difference(*EQUAL[name]) is None


# --- what differs -------------------------------------------------------------------------
DIFFERENT = {
    "numbers": (2, 3, "is 2 instead of 3"),
    "a float where an integer is right": (3.0, 3, "is 3.0 instead of 3"),
    "an array without axes": (np.array(2.5), 3.5, "is 2.5 instead of 3.5"),
    "true for one": (True, 1, "is True instead of 1"),
    "one for true": (1, True, "is 1 instead of True"),
    "true for 1.0": (True, 1.0, "is True instead of 1.0"),
    "nothing for a number": (None, 3, "is None instead of 3"),
    "zero for nothing": (0, None, "is 0 instead of None"),
    "text for a number": ("3", 3, "is '3' instead of 3"),
    "a complex number": (3 + 0j, 3.0, "is (3+0j) instead of 3.0"),
    "infinity of the other sign": (float("-inf"), float("inf"), "is -inf instead of inf"),
    "a number for not a number": (0.0, float("nan"), "is 0.0 instead of nan"),
    "not a number": (float("nan"), 0.5, "is nan instead of 0.5"),
    "a list for a tuple": ([1, 2], (1, 2), "is [1, 2] instead of a tuple of 2"),
    "a tuple for a list": ((1, 2), [1, 2], "is (1, 2) instead of a list of 2"),
    "too few entries": ((1,), (1, 2), "has 1 entries instead of 2"),
    "a short tuple, whole": ((1, 2), (1, 3), "is (1, 2) instead of (1, 3)"),
    "a number for a tuple": (1, (1, 2), "is 1 instead of a tuple of 2"),
    "a list for an array": ([2.0], np.array([2.0]), "is [2.0] instead of an array"),
    "a masked array": (
        np.ma.array([1.0]), np.array([1.0]), 
        "is float64 MaskedArray, shape (1,) instead of an array",
    ),
    "a shape": (np.ones((2, 3)), np.ones((3, 2)), "has shape (2, 3) instead of (3, 2)"),
    "an axis too many": (np.ones((1, 3)), np.ones(3), "has shape (1, 3) instead of (3,)"),
    "a dtype": (np.ones(3, np.float32), np.ones(3), "has dtype float32 instead of float64"),
    "a wider dtype": (np.ones(3), np.ones(3, np.float32), "has dtype float64 instead of float32"),
    "floats for integers": (np.ones(3), np.ones(3, int), "has dtype float64 instead of int64"),
    "integers for floats": (np.ones(3, int), np.ones(3), "has dtype int64 instead of float64"),
    "objects": (np.ones(3, object), np.ones(3), "has dtype object instead of float64"),
    "another key": (
        {"a": 1}, {"b": 1}, "has the keys ['a'] instead of a dictionary with the keys ['b']",
    ),
    "no dictionary": (3, {"b": 1}, "is 3 instead of a dictionary with the keys ['b']"),
    "one entry": (np.array([2.0]), np.array([3.0]), "has wrong values: its one entry"),
}  # fmt: skip


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_difference_is_told_in_words(name):
    got, expected, what = DIFFERENT[name]
    assert difference(got, expected).what == what


def test_the_first_differing_index_is_the_first_in_reading_order(x):
    got = x.copy()
    got[1, 0, 3] += 1
    got[1, 2, 0] += 1
    found = difference(got, x)
    assert found.index == (1, 0, 3)
    assert found.what == "has wrong values: 2 of 24 entries"
    assert found.got is got and found.expected is x


def test_one_value_that_is_no_number_is_a_difference_at_its_place(x):
    got = x.copy()
    got[0, 2, 1] = np.nan
    assert difference(got, x).index == (0, 2, 1)
    assert difference(x, got).index == (0, 2, 1)


def test_a_difference_inside_containers_says_where(x):
    expected = {"grads": (x, [1, {"b": x}])}
    got = {"grads": (x, [1, {"b": x + 1}])}
    found = difference(got, expected)
    assert (found.part, found.index) == ("['grads'][1][1]['b']", (0, 0, 0))


def test_many_keys_are_cut():
    found = difference({f"key {i}": i for i in range(1000)}, {"w": 1})
    assert len(found.what) < 300


# --- tolerance ----------------------------------------------------------------------------
def test_another_order_of_summation_is_no_difference():
    rng = np.random.default_rng(4)
    for dtype in (np.float64, np.float32):
        a, b = rng.normal(size=(2, 40, 300)).astype(dtype)
        assert difference(np.einsum("ij,kj->ik", a, b), a @ b.T) is None


def test_a_float32_detour_inside_a_float64_answer_is_refused(x):
    right = np.sqrt(x)
    detour = np.sqrt(x.astype(np.float32)).astype(np.float64)
    assert difference(detour, right).index is not None
    assert difference(detour.astype(np.float32), right.astype(np.float32)) is None


def test_the_tolerance_is_relative_to_the_largest_entry():
    expected = np.array([1e6, 1.0])
    assert difference(expected + np.array([0, 1e-4]), expected) is None
    assert difference(expected + np.array([0, 1e-2]), expected).index == (1,)


def test_a_tolerance_of_ones_own_replaces_the_usual_one():
    assert difference(1.01, 1.0, rtol=0.02) is None
    assert difference(1.01, 1.0, rtol=0.001)
    assert difference(np.array([1.01]), np.array([1.0]), rtol=0.02) is None


def test_zeros_that_are_right_leave_room_for_rounding_alone():
    assert difference(np.full(3, 1e-12), np.zeros(3)) is None
    assert difference(np.full(3, 1e-3), np.zeros(3)).index == (0,)


def test_integers_are_compared_exactly():
    big = np.array([2**53])
    assert difference(big + 1, big).index == (0,)
    assert difference(10**9 + 1, 10**9)


def test_an_infinite_entry_does_not_widen_the_tolerance():
    assert difference(np.array([np.inf, 1.1]), np.array([np.inf, 1.0])).index == (1,)


def test_without_a_dtype_only_the_numbers_count(x):
    assert difference(x.astype(np.float32), x, dtype=False) is None
    assert difference(np.array([1.0, 2.0]), np.array([1, 2]), dtype=False) is None
    assert difference(np.array([1.5, 2.0]), np.array([1, 2]), dtype=False).index == (0,)
    assert difference(x.astype(object), x, dtype=False)


# --- answers that pretend -----------------------------------------------------------------
@pytest.mark.parametrize("expected", [3.0, True, None, "text", (1, 2), [1, 2], {"a": 1}])
def test_an_object_that_claims_to_equal_everything_equals_nothing(expected, x):
    assert difference(Liar(), expected)
    assert difference(Liar(), x).what == "is an object of type Liar instead of an array"


def test_subclasses_that_overrule_equality_are_not_asked(x):
    assert difference((x + 1).view(LyingArray), x)
    assert difference(LyingFloat(2.5), 3.5)
    assert difference(LyingInteger(2), 3)
    assert difference(LyingText("a"), "b")


def test_describing_an_object_asks_nothing_of_it():
    class Trap:
        def __getattr__(self, name):
            raise RuntimeError(f"asked for {name}")

    assert describe(Trap()) == "an object of type Trap"


# --- showing ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.zeros((2, 3)), "float64 array, shape (2, 3)"),
        (np.float32(0.5), "0.5"),
        (np.int64(3), "3"),
        ((np.int64(3), np.float64(0.5)), "(3, 0.5)"),
        ({"loss": np.float64(0.5)}, "{'loss': 0.5}"),
        ([1, 2, 3, 4, 5], "a list of 5"),
        ((np.zeros(3),), "a tuple of 1"),
        ("a" * 100, "'" + "a" * 56 + "..."),
        (None, "None"),
    ],
)
def test_a_value_is_described_in_one_line(value, text):
    assert describe(value) == text


def test_a_small_array_is_shown_whole(x):
    value = shown(x, (1, 0, 0))
    assert value.values == tuple(range(2, 26))
    assert value.excerpt == ((0, 2), (0, 3), (0, 4))
    assert (value.dtype, value.shape) == ("float64", (2, 3, 4))


def test_of_a_large_array_a_window_around_the_difference_is_shown():
    large = np.arange(2 * 20 * 30 * 3).reshape(2, 20, 30, 3)
    value = shown(large, (1, 10, 15, 2))
    assert value.excerpt == ((1, 2), (7, 13), (12, 18), (2, 3))
    assert value.values == tuple(large[1, 7:13, 12:18, 2].ravel().tolist())


@pytest.mark.parametrize(
    ("index", "excerpt"), [((0, 0), ((0, 6), (0, 6))), ((19, 29), ((14, 20), (24, 30)))]
)
def test_a_window_stays_inside_the_array_and_keeps_its_size(index, excerpt):
    assert shown(np.zeros((20, 30)), index).excerpt == excerpt


def test_a_window_of_a_short_axis_is_all_of_it():
    assert shown(np.zeros((3, 30)), (1, 0)).excerpt == ((0, 3), (0, 6))


def test_a_large_array_without_a_difference_is_only_described():
    value = shown(np.zeros((20, 30)))
    assert (value.text, value.values) == ("float64 array, shape (20, 30)", ())
    assert shown(np.zeros((20, 30)), (1,)).values == ()


def test_what_json_has_no_number_for_is_shown_as_text():
    assert shown(np.array([np.nan, np.inf, -np.inf, 1.5])).values == ("nan", "inf", "-inf", 1.5)


def test_arrays_of_other_things_than_numbers_are_only_described():
    assert shown(np.array(["a"])).values == ()
    assert shown(np.array([1 + 2j])).values == ()


# --- calls --------------------------------------------------------------------------------
def conv(x, W, b=None, *, stride=1, padding=0):
    """A signature to bind to."""


@pytest.mark.parametrize(
    ("args", "kwargs", "text"),
    [
        ((np.ones(2), np.ones(3)), {}, "conv(x, W)"),
        ((np.ones(2), np.ones(3), None), {"stride": (2, 1)}, "conv(x, W, b=None, stride=(2, 1))"),
        ((np.ones(2), np.ones(3)), {"padding": "same"}, "conv(x, W, padding='same')"),
        ((np.ones(2), len), {}, "conv(x, W=len)"),
        ((np.ones(2), np.random.default_rng(1)), {}, "conv(x, W=default_rng(...))"),
    ],
)
def test_a_call_is_written_as_one_would_type_it(args, kwargs, text):
    assert call_text("conv", inspect.signature(conv), args, kwargs) == text


def test_a_call_that_fits_no_signature_is_written_by_position():
    assert call_text("conv", inspect.signature(conv), (1, 2, 3, 4, 5), {}) == "conv(1, 2, 3, 4, 5)"
    assert call_text("conv", None, (1,), {"k": 2}) == "conv(1, k=2)"


def test_the_arrays_of_a_call_go_by_their_parameters_names():
    named = arrays(inspect.signature(conv), (np.ones(2), 3), {"b": np.zeros(1)})
    assert [name for name, _ in named] == ["x", "b"]
    assert named[0][1].values == (1.0, 1.0)
