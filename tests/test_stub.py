"""Stubs: text in, text out."""

import ast
from pathlib import Path

import pytest

from grader.errors import CourseError
from grader.stub import BEGIN, END, clean, make_stub

SOLUTION = '''"""Padding."""

import numpy as np


def pad2d(x, padding):
    """Pad images.

    Examples
    --------
    >>> pad2d(1, 2)
    """
    N, H, W, C = x.shape

    ### BEGIN SOLUTION
    if padding < 0:
        raise ValueError("no")
    ### END SOLUTION


### BEGIN SOLUTION
def helper(x):
    return x + 1


### END SOLUTION
class Layer:
    """A layer."""

    def __init__(self, factor):
        self.factor = factor

    def forward(self, x):
        """Go forward."""
        ### BEGIN SOLUTION
        def scaled(x):
            return x * self.factor

        return scaled(x)
        ### END SOLUTION

    def backward(self, grad_out):
        ### BEGIN SOLUTION
        return grad_out * self.factor
        ### END SOLUTION
'''
STUB = '''"""Padding."""

import numpy as np


def pad2d(x, padding):
    """Pad images.

    Examples
    --------
    >>> pad2d(1, 2)
    """
    N, H, W, C = x.shape

    raise NotImplementedError("s13.padding: pad2d")


class Layer:
    """A layer."""

    def __init__(self, factor):
        self.factor = factor

    def forward(self, x):
        """Go forward."""
        raise NotImplementedError("s13.padding: Layer.forward")

    def backward(self, grad_out):
        raise NotImplementedError("s13.padding: Layer.backward")
'''


def stub(solution):
    return make_stub(solution, "s13.padding")


def refused(solution):
    with pytest.raises(CourseError) as caught:
        make_stub(solution, "s13.padding", "padding/solution.py")
    return str(caught.value)


def test_answers_are_replaced_and_everything_else_stays():
    assert stub(SOLUTION) == STUB


def test_a_stub_has_no_marks_and_is_its_own_stub():
    assert "SOLUTION" not in STUB
    assert stub(STUB) == STUB


def test_a_stub_is_python_and_raises_where_the_answer_was():
    ast.parse(stub(SOLUTION))
    space = {}
    exec(compile(stub(SOLUTION), "stub", "exec"), space)
    with pytest.raises(NotImplementedError, match=r"^s13\.padding: Layer\.backward$"):
        space["Layer"](3).backward(1)


def test_a_region_in_a_branch_keeps_its_indentation():
    text = stub(
        "def f(x):\n"
        "    if x:\n"
        "        ### BEGIN SOLUTION\n"
        "        return 1\n"
        "        ### END SOLUTION\n"
        "    return 2\n"
    )
    assert text == (
        'def f(x):\n    if x:\n        raise NotImplementedError("s13.padding: f")\n    return 2\n'
    )


def test_a_nested_function_names_the_innermost():
    text = stub(
        "def outer():\n"
        "    def inner():\n"
        "        ### BEGIN SOLUTION\n"
        "        return 1\n"
        "        ### END SOLUTION\n"
        "    return inner\n"
    )
    assert '        raise NotImplementedError("s13.padding: outer.inner")' in text


@pytest.mark.parametrize(
    "head", ["async def f():", "if True:\n    pass\ndef f():", "@staticmethod\ndef f():"]
)
def test_every_kind_of_function_gets_its_task(head):
    body = "    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n"
    assert 'raise NotImplementedError("s13.padding: f")' in stub(f"{head}\n{body}")


def test_a_function_inside_a_branch_gets_its_task():
    text = stub(
        "if True:\n"
        "    def f():\n"
        "        ### BEGIN SOLUTION\n"
        "        return 1\n"
        "        ### END SOLUTION\n"
    )
    assert '        raise NotImplementedError("s13.padding: f")\n' in text


def test_line_ends_are_those_of_unix_and_the_last_line_has_one():
    text = "def f():\r\n    ### BEGIN SOLUTION\r\n    return 1\r\n    ### END SOLUTION\r\nx = 1"
    assert stub(text) == 'def f():\n    raise NotImplementedError("s13.padding: f")\nx = 1\n'


def test_a_dropped_helper_leaves_two_blank_lines_at_most():
    assert "\n\n\n\n" not in stub(SOLUTION)


def test_words_about_marks_are_no_marks():
    text = 'x = "### BEGIN SOLUTION"  # as in ### END SOLUTION\n'
    assert stub(text) == text


@pytest.mark.parametrize(
    ("solution", "message"),
    [
        (
            "### BEGIN SOLUTION\nx = 1\n### BEGIN SOLUTION\n### END SOLUTION\n",
            "padding/solution.py:3: ### BEGIN SOLUTION inside that of line 1",
        ),
        (
            "x = 1\n### END SOLUTION\n",
            "padding/solution.py:2: ### END SOLUTION without a ### BEGIN SOLUTION before it",
        ),
        (
            "x = 1\n### BEGIN SOLUTION\ny = 2\n",
            "padding/solution.py:2: ### BEGIN SOLUTION without an ### END SOLUTION after it",
        ),
        (
            "### BEGIN SOLUTION\n### END SOLUTION\n### END SOLUTION\n",
            "padding/solution.py:3: ### END SOLUTION without a ### BEGIN SOLUTION before it",
        ),
        ("x = 1\ndef f(:\n", "padding/solution.py:2: invalid syntax"),
    ],
)
def test_marks_that_do_not_match_are_refused_with_their_line(solution, message):
    assert refused(solution) == message


# --- clean ------------------------------------------------------------------------------------
def test_a_clean_solution_is_the_solution_without_its_marks():
    text = '"""A stage."""\n\n\n' + f"{BEGIN}\nHELP = 1\n\n\n{END}\n\n\n"
    text += f"def one():\n    {BEGIN}\n    return HELP\n    {END}\n"
    assert clean(text) == '"""A stage."""\n\n\nHELP = 1\n\n\ndef one():\n    return HELP\n'


def test_every_solution_of_the_course_means_the_same_without_its_marks():
    for path in sorted(Path(__file__).parent.parent.glob("stages/*/*/solution.py")):
        source = path.read_text(encoding="utf-8")
        assert ast.dump(ast.parse(clean(source))) == ast.dump(ast.parse(source)), path
        assert "SOLUTION" not in clean(source)
        assert "\n\n\n\n" not in clean(source)
