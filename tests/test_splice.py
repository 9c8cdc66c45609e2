"""Code of a notebook cell, put into a module. Text in, text out."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.pieces import excerpt
from grader.splice import names_in, put, trials

STUB = '''"""Padding."""

import numpy as np

EPS = 1


# The frame.
def pad(x):
    """Pad."""
    raise NotImplementedError("s13.padding: pad")


def size(n):
    raise NotImplementedError("s13.padding: size")


class Layer:
    """A layer."""

    def forward(self, x):
        raise NotImplementedError("s13.padding: Layer.forward")
'''


def run(text):
    """Return the names that a module defines."""
    names = {"__name__": "cell"}
    exec(compile(text, "padding.py", "exec"), names)
    return names


def test_a_function_takes_the_place_of_its_own():
    text = put(STUB, "def size(n):\n    return n + 1\n")
    assert text == STUB.replace(
        '    raise NotImplementedError("s13.padding: size")\n', "    return n + 1\n"
    )


def test_a_class_takes_the_place_of_its_own():
    text = put(STUB, "class Layer:\n    def forward(self, x):\n        return x\n")
    assert run(text)["Layer"]().forward(3) == 3
    assert "A layer." not in text and text.count("class Layer") == 1


def test_helpers_imports_and_constants_go_before_the_first_function():
    code = """import numpy as np
import math
SCALE = 2
def helper(n, by=SCALE):
    return math.floor(n) * by
def size(n):
    return helper(n)
"""
    text = put(STUB, code)
    assert run(text)["size"](2.5) == 4
    assert text.count("import numpy as np") == 1
    before, _, after = text.partition("# The frame.\ndef pad(x):")
    assert all(new in before for new in ("import math", "SCALE = 2", "def helper"))
    assert "def size(n):\n    return helper(n)\n" in after


def test_decorators_and_comments_go_with_their_function():
    code = """import functools

# Of mine.
@functools.cache  # fast
# between
def size(n):
    return n
    # at the end

# of nobody
"""
    text = put(STUB, code)
    assert "# Of mine.\n@functools.cache  # fast\n# between\ndef size(n):" in text
    assert "    return n\n    # at the end\n\n\nclass Layer" in text
    assert "of nobody" not in text


def test_a_comment_of_the_stub_stays_until_the_cell_has_its_own():
    assert "# The frame.\ndef pad(x):\n    return x\n" in put(STUB, "def pad(x):\n    return x\n")
    text = put(STUB, "# Mine.\ndef pad(x):\n    return x\n")
    assert "# Mine.\ndef pad" in text and "# The frame." not in text


def test_what_a_cell_tries_out_is_left_out():
    code = """import matplotlib.pyplot as plt
x = np.load("gone.npy")
def pad(x):
    return x
plt.plot(pad(x))
out = pad(x)
for i in range(3):
    print(i)
if __name__ == "__main__":
    raise SystemExit
"""
    text = put(STUB, code)
    assert all(trial not in text for trial in ("matplotlib", "gone", "print", "SystemExit", "out"))


def test_an_import_that_may_fail_is_kept_with_its_way_out():
    code = """try:
    from numba_is_not_here import njit
except ImportError:
    def njit(f):
        return f
@njit
def size(n):
    return n
"""
    assert run(put(STUB, code))["size"](3) == 3


def test_a_constant_of_the_stub_is_replaced_where_it_stands():
    assert "\nEPS = 5\n" in put(STUB, "EPS = 5\n") and "EPS = 1" not in put(STUB, "EPS = 5\n")


def test_what_builds_on_the_stubs_own_comes_after_it():
    code = (
        "class Child(Layer):\n    pass\ndef size(n):\n    return n\nsize = abs if size else size\n"
    )
    names = run(put(STUB, code))
    assert names["Child"].__mro__[1] is names["Layer"] and names["size"] is abs


def test_a_future_import_stands_first():
    text = put(STUB, "from __future__ import annotations\ndef size(n: Later):\n    return n\n")
    assert run(text)["size"](1) == 1


def test_the_later_of_two_wins():
    code = "def size(n):\n    return 1\ndef size(n):\n    return 2\ndef new():\n    return 1\n"
    text = put(put(STUB, code), "def size(n):\n    return 3\ndef new():\n    return 3\n")
    assert run(text)["size"](0) == 3 and run(text)["new"]() == 3
    assert text.count("def size") == text.count("def new") == 1


def test_a_cell_without_functions_is_all_wanted():
    text = put(STUB, "import math\nTWO = 2\n")
    assert "import math\nTWO = 2\n" in text


def test_line_ends_tabs_and_form_feeds_do_not_shift_anything():
    code = "\ufeffdef size(n):\r\n\tif n:\r\n\t\treturn 'a\x0cb\u2028c'\r\n"
    assert run(put(STUB.replace("\n", "\r\n"), code))["size"](1) == "a\x0cb\u2028c"


def test_two_statements_on_a_line_stay_together():
    text = put(STUB, "import math; K = 3\ndef size(n):\n    return math.gcd(K, n)\n")
    assert run(text)["size"](6) == 3


@pytest.mark.parametrize(
    "broken",
    [
        "def size(n:\n    return n\n",
        "def size(n):\nreturn n\n",
        "def size(n):\n    return '\0'\n",
        "(" * 5_000,
        "-" * 100_000 + "1",
        "def size(n):\n    return \ud800",
    ],
)
def test_broken_code_comes_last_and_shows_its_error(broken):
    text = put(STUB, broken)
    assert text.startswith(STUB.rstrip())
    assert broken.strip() in text
    with pytest.raises((SyntaxError, ValueError, MemoryError, RecursionError)):
        compile(text, "padding.py", "exec")


def test_a_mended_cell_takes_the_broken_one_away():
    good = "def size(n):\n    return n\n"
    assert put(put(STUB, "def size(n:\n"), good) == put(STUB, good)


def test_a_thousand_branches_are_no_crash():
    put(STUB, "if 1:\n    def size(n): pass\n" + "elif 1:\n    a = 1\n" * 3_000)


ONES = "def pad(x):\n    return 1\n"
TABLE = "TABLE = {}\nTABLE[1] = 5\ndef pad(x):\n    return TABLE\n"


@pytest.mark.parametrize(
    ("cells", "result"),
    [
        # What is taken out of a cell, or replaced by another kind of statement.
        ([f"def no(f):\n    return None\n{ONES}pad = no(pad)\n", ONES], 1),
        (["pad = lambda x: 2\n", ONES], 1),
        ([ONES, "pad = lambda x: 2\n"], 2),
        # A value in two statements, or filled by a loop.
        ([TABLE, TABLE.replace("{}", "{0: 0}")], {0: 0, 1: 5}),
        ([TABLE.replace("TABLE[1] = 5", "for i in range(2): TABLE[i] = i * i")], {0: 0, 1: 1}),
        (["N = 1\nN += 2\ndef pad(x):\n    return N\n"], 3),
        # The order of what is needed when the module is loaded.
        (
            [
                f"def make():\n    return 4\n{ONES}",
                "def make():\n    return 4\nW = make()\ndef pad(x, w=W):\n    return w\n",
            ],
            4,
        ),
        (["def a():\n    return EPS\nEPS = 7\nW = a()\ndef pad(x):\n    return W\n"], 7),
        (["class A:\n    w = EPS + 1\ndef pad(x):\n    return A.w\n"], 2),
        (["EPS += 1\ndef pad(x):\n    return EPS\n"], 2),
        (
            ["A = 1\nif A:\n    def pad(x): return 2\nC = 3\nA = C\ndef size(n):\n    return n\n"],
            2,
        ),
        # What a statement binds in passing.
        (["for A in range(3): pass\ndef pad(x):\n    return A\n"], 2),
        (["for n in range(3): pass\nA = n\ndef pad(x):\n    return A\n"], 2),
        (["(A := 5)\ndef pad(x):\n    return A\n"], 5),
        (["if (A := 3) > 2: pass\ndef pad(x):\n    return A\n"], 3),
        (["(A := []).append(1)\nA.append(2)\ndef pad(x):\n    return A\n"], [1, 2]),
        (["import io\nwith io.StringIO() as f: pass\ndef pad(x):\n    return f.closed\n"], True),
        (["match 3:\n    case 3: A = 5\ndef pad(x):\n    return A\n"], 5),
        (["match [1, 2]:\n    case [1, *A]: pass\ndef pad(x):\n    return A\n"], [2]),
        (["for A in range(3): pass\ndef pad(x):\n    return A\n", f"A = 7\n{ONES}"], 1),
        (
            [
                "for A in 1, 2: pass\ndef pad(x):\n    return A\n",
                "(A := 9)\ndef b():\n    return A\n",
            ],
            9,
        ),
    ],
)
def test_the_module_does_what_the_cell_does(cells, result):
    text = STUB
    for cell in cells:
        text = put(text, cell)
        assert put(text, cell) == text
    assert run(text)["pad"](0) == result
    assert {"size", "Layer", "EPS", "np"} <= run(text).keys()


TRIALS = """for i in range(3):
    print([i * j for j in range(2)], max("a", "b", key=lambda c: c * i))
print(k := 3)
with open("gone") as f:
    f.read()
y = 3
timed(lambda: pad(y))
"""


def test_what_a_trial_binds_in_passing_stays_a_trial():
    local = "def pad(x):\n    for i in x:\n        f = k = i\n    return f, k\n"
    text = put(STUB, local + TRIALS)
    assert text == put(STUB, local)
    assert trials(local + TRIALS).strip() == TRIALS.strip()


def test_loops_of_two_cells_may_count_with_the_same_name():
    cells = [
        f"{t} = {{}}\nfor i in range(2): {t}[i] = i\ndef {n}(x):\n    return {t}\n"
        for t, n in ("Tp", "Uq")
    ]
    text = put(put(STUB, cells[0]), cells[1])
    assert put(text, cells[0]) == text


def test_a_loop_goes_with_the_name_that_it_bound():
    loop = "for A in range(3): pass\ndef pad(x):\n    return A\n"
    assert put(put(STUB, loop), ONES, ["A"]) == put(STUB, ONES)


def test_an_import_that_is_swapped_is_swapped_back():
    from_math = "from math import floor\ndef pad(x):\n    return floor(x)\n"
    text = put(put(STUB, from_math), from_math.replace("math", "numpy"))
    assert type(run(text)["pad"](2.5)) is not int
    text = put(text, from_math)
    assert type(run(text)["pad"](2.5)) is int and "from numpy import floor" not in text


def test_a_rebound_function_is_no_trial():
    code = f"def no(f):\n    return f\n{ONES}pad = no(pad)\n"
    assert trials(code) == "" and "pad" in names_in(code)


def test_what_a_cell_had_once_goes_unless_others_use_it():
    code = (
        "def sum(v):\n    return 0\ndef h(x):\n    return x\n\n\ndef pad(x):\n    return sum(x)\n"
    )
    text = put(put(STUB, code), "def size(n):\n    return h(n)\n")
    text = put(text, "def pad(x):\n    return sum(x)\n", ["sum", "h"])
    assert run(text)["pad"]([1, 2]) == 3 and run(text)["size"](3) == 3
    assert "def sum" not in text


CODE = st.lists(
    st.sampled_from(
        [
            "import math",
            "from os import path as p",
            "A = 1",
            "B = A + 1",
            "# alone",
            "# mine\ndef pad(x):\n    return A",
            "def size(n):\n    # inside\n    return helper(n) + B\n    # below",
            "def helper(n):\n    return math.floor(n)",
            "class Layer:\n    z = 1",
            "class Child(Layer):\n    pass",
            "print(1)",
            "a, b = 1, 2",
            "def uses():\n    return a, p",
            "if A:\n    def pad(x): return 2",
            "from __future__ import annotations",
            "for A in range(3): pass",
            "for i in range(2): print(A, i)",
            "if (B := 4) > 2: pass",
            "match 3:\n    case C: pass\nA = C",
            '"""A text."""',
            "",
        ]
    ),
    max_size=8,
).map(lambda parts: "\n".join(parts) + "\n")


@given(CODE, CODE)
def test_a_module_stays_a_module_and_the_same_cell_changes_nothing_more(first, second):
    text = put(STUB, first)
    assert put(text, first) == text
    both = put(text, second)
    tree = ast.parse(both)
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert {"pad", "size", "Layer"} <= set(names)
    # Between two of its own in one cell, a child builds on the first.
    assert {name for name in names if names.count(name) > 1} <= {"Layer"}


@given(st.text(), st.text())
def test_no_text_makes_it_crash(source, code):
    assert isinstance(put(source, code), str)


# --- what belongs to a cell ---------------------------------------------------------------
CELL = """import math

SCALE = 2


# The size.
@cache
def size(n):
    return helper(n) * SCALE


def helper(n):
    return math.floor(n)
    # below


x = size(3)
print(x)
"""


def test_the_names_that_are_put_are_known():
    assert names_in(CELL) == ("SCALE", "size", "helper")
    assert names_in("def size(n:\n") == ()


def test_an_excerpt_has_comments_and_decorators():
    assert excerpt(CELL, ["size"]) == (
        "# The size.\n@cache\ndef size(n):\n    return helper(n) * SCALE"
    )
    both = excerpt(CELL.replace("\n", "\r\n"), ["helper", "math"])
    assert both == "import math\n\n\ndef helper(n):\n    return math.floor(n)\n    # below"
    assert excerpt(CELL, ["none"]) == excerpt("def size(n:\n", ["size"]) == ""


def test_what_is_tried_out_keeps_its_lines():
    lines = trials(CELL).split("\n")
    assert lines[16:] == ["x = size(3)", "print(x)"]
    assert lines[:16] == [""] * 16
    assert trials("def size(n):\n    return n\n") == trials("def size(n:\n") == ""
