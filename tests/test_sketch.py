"""Sketches: equal for values that are equal up to rounding, and for no others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grader.sketch import alike, sketch

FLOATS = arrays.arrays(
    np.float64,
    arrays.array_shapes(max_dims=3, max_side=4),
    elements=st.floats(-1e6, 1e6).map(lambda x: round(x, 3)),
)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(FLOATS)
def test_rounding_makes_no_difference(x):
    assert alike(sketch(x), sketch(x * (1 + 1e-13)))
    assert alike(sketch([x, {"a": x}]), sketch([x.copy(order="F"), {"a": x}]))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(FLOATS, st.data())
def test_another_entry_makes_one(x, data):
    index = tuple(data.draw(st.integers(0, n - 1)) for n in x.shape)
    other = x.copy()
    other[index] += 1e-3 * max(1.0, float(np.abs(x).max()))
    assert not alike(sketch(x), sketch(other))


@pytest.mark.parametrize(
    "a, b",
    [
        (np.zeros(3), np.zeros((3, 1))),
        (np.zeros(3), np.zeros(3, dtype=np.float32)),
        (np.arange(3), np.arange(3.0)),
        (np.array([1.0, 2.0]), np.array([2.0, 1.0])),
        (np.array([np.nan, 1.0]), np.array([np.inf, 1.0])),
        (np.array([np.nan, 1.0]), np.array([1.0, np.nan])),
        (np.full(4, 1e200), np.full(4, 2e200)),
        ((1, 2), [1, 2]),
        (True, 1),
        (1, 1.0),
        ("a", None),
        ({"a": 1}, {"b": 1}),
    ],
)
def test_different_values_have_different_sketches(a, b):
    assert not alike(sketch(a), sketch(b))
    assert alike(sketch(a), sketch(a)) and alike(sketch(b), sketch(b))


def test_the_width_of_whole_numbers_matters_unless_it_is_said_not_to():
    wide, narrow = np.arange(4), np.arange(4, dtype=np.uint8)
    assert not alike(sketch(wide), sketch(narrow))
    assert alike(sketch(wide, widths=False), sketch(narrow, widths=False))
