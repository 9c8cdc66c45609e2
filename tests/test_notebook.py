"""The commands of a notebook: cell and file as two views, and the check below a cell."""

import datetime
import itertools
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from grader.course import Course
from grader.errors import GraderError
from grader.notebook import backups
from grader.notebook.desk import Desk
from grader.notebook.line import Line, read_line
from grader.notebook.views import Newer
from grader.pieces import excerpt
from grader.splice import put

NOW = datetime.datetime(2026, 12, 1, 18, 0)
CODE = "def double(x):\n    return x * {}"


# --- two views ----------------------------------------------------------------------------
@pytest.fixture
def desk(tiny_course):
    return Desk(Course(tiny_course.root))


def settle(desk, cell, keep="", name="double"):
    return desk.settle(desk.stage("first"), name, cell, keep, NOW)


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_cell_is_written_and_the_rest_of_the_file_stays(desk, tiny_course):
    path = tiny_course.file("first")
    stub = path.read_text()
    done = settle(desk, CODE.format(2))
    assert (done.newer, done.kept, done.untouched) == (Newer.CELL, None, False)
    assert path.read_text() == put(stub, CODE.format(2))
    assert "NotImplementedError" in excerpt(path.read_text(), ["size"])
    # A second version: the first is kept.
    assert settle(desk, CODE.format(3)).kept.read_text() == put(stub, CODE.format(2))
    assert settle(desk, CODE.format(3)).newer is Newer.NEITHER


def test_the_stub_in_a_cell_takes_nothing_back(desk, tiny_course):
    text = tiny_course.file("first").read_text()
    stub, other = (excerpt(text, [name]) for name in ("double", "size"))
    assert settle(desk, stub).untouched
    tiny_course.solve()
    for cell, name in ((stub, "double"), (other, "size")):  # seen before, and for the first time
        done = settle(desk, cell, name=name)
        assert (done.newer, done.kept) == (Newer.FILE, None)
        assert "return" in done.there and not done.untouched


def test_the_view_that_was_changed_wins_and_two_changes_are_a_conflict(desk, tiny_course):
    path = tiny_course.file("first")
    settle(desk, CODE.format(2))
    edit(path, "x * 2", "x * 3")
    done = settle(desk, CODE.format(2))
    assert (done.newer, done.there) == (Newer.FILE, CODE.format(3))
    assert done.kept.read_text() == CODE.format(2)
    edit(path, "x * 3", "x * 4")
    before = path.read_text()
    assert settle(desk, CODE.format(5)).newer is Newer.BOTH
    assert path.read_text() == before
    assert settle(desk, CODE.format(5), keep="cell").kept.read_text() == before
    assert "x * 5" in path.read_text()


def test_line_ends_blanks_a_mark_and_comments_are_no_change(desk, tiny_course):
    path = tiny_course.file("first")
    settle(desk, CODE.format(2))
    text = path.read_text().replace("def double", "# Mine.\ndef double")
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "   \r\n").encode())
    assert settle(desk, CODE.format(2) + "  \n\n").newer is Newer.NEITHER
    settle(desk, CODE.format(7))
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and data.count(b"\n") == data.count(b"\r\n")
    assert b"# Mine." in data and b"x * 7" in data


def test_helpers_belong_to_their_cell(desk, tiny_course):
    helped = (
        "BY = 2\n\n\ndef helper(x):\n    return x * BY\n\n\ndef double(x):\n    return helper(x)"
    )
    settle(desk, helped)
    edit(tiny_course.file("first"), "x * BY", "BY * x")
    done = settle(desk, helped)
    assert (done.newer, done.there) == (Newer.FILE, helped.replace("x * BY", "BY * x"))
    # Another cell that would replace the helper, unknown to it, is a conflict.
    other = "def helper(n):\n    return n\n\n\ndef size(n, k):\n    return helper(n) - k + 1"
    settle(desk, "def size(n, k):\n    return n - k + 1", name="size")
    assert settle(desk, other, name="size").newer is Newer.BOTH


def test_what_is_taken_out_of_a_cell_leaves_the_file(desk, tiny_course):
    path = tiny_course.file("first")
    helped = "def sum(x):\n    return 0\n\n\ndef double(x):\n    return sum(x) * 2"
    alone = helped.partition("\n\n\n")[2]
    settle(desk, helped)
    done = settle(desk, alone)
    assert done.newer is Newer.CELL and "def sum" in done.kept.read_text()
    assert "def sum" not in path.read_text()
    # What belongs to the stub, to another cell, or is used elsewhere in the file stays.
    size = "def size(n, k):\n    return sum(n)"
    settle(desk, f"{helped}\n\n\n{size}")
    settle(desk, size, name="size")
    settle(desk, alone)
    assert "return sum(n)" in path.read_text() and "def sum" in path.read_text()


def test_a_stub_in_the_file_is_no_change_of_it(desk, tiny_course):
    settle(desk, CODE.format(2))
    both = CODE.format(2) + "\n\n\ndef size(n, k):\n    return n"
    assert settle(desk, both).newer is Newer.CELL
    assert "return n" in excerpt(tiny_course.file("first").read_text(), ["size"])


def test_a_notebook_of_yesterday_takes_nothing_back(desk, tiny_course):
    yesterday = Desk(desk.course)
    settle(yesterday, CODE.format(2))
    settle(desk, CODE.format(2))
    settle(desk, CODE.format(3))
    # Its own last version, in the kernel that ran it and in a new one.
    assert settle(yesterday, CODE.format(2)).newer is Newer.FILE
    assert settle(Desk(desk.course), CODE.format(2)).newer is Newer.FILE
    assert settle(Desk(desk.course), CODE.format(4)).newer is Newer.CELL


def test_a_page_that_is_loaded_anew_takes_nothing_back(desk, tiny_course):
    """It shows what was saved, not what the file had given to the cell since."""
    path = tiny_course.file("first")
    settle(desk, CODE.format(2))
    edit(path, "x * 2", "x * 3")
    assert not settle(desk, CODE.format(2)).stale
    for _ in range(2):
        done = settle(desk, CODE.format(2))
        assert (done.newer, done.stale, done.there) == (Newer.FILE, True, CODE.format(3))
        assert done.kept.read_text() == CODE.format(2)
    # A new text is taken, and what it replaces is told; afterwards a step back is one.
    done = settle(desk, CODE.format(4))
    assert done.newer is Newer.CELL and done.surprising and "x * 3" in done.kept.read_text()
    done = settle(desk, CODE.format(2))
    assert done.newer is Newer.CELL and not done.surprising


def test_a_look_at_the_file_makes_no_other_cell_newer(desk, tiny_course):
    settle(desk, CODE.format(2))
    edit(tiny_course.file("first"), "x * 2", "x * 3")
    desk.load(desk.stage("first"), "double")
    assert settle(desk, CODE.format(2)).newer is Newer.FILE
    assert settle(desk, CODE.format(3)).newer is Newer.NEITHER


@pytest.mark.parametrize("damage", ["{", '{"version": 99}', '{"version": 1, "stages": 3}', "\xff"])
def test_a_damaged_memory_is_mended_and_loses_nothing(desk, tiny_course, damage):
    settle(desk, CODE.format(2))
    memory = tiny_course.root / ".grader" / "notebook.json"
    memory.write_text(damage, encoding="latin-1")
    fresh = Desk(desk.course)
    assert settle(fresh, CODE.format(3)).newer is Newer.BOTH
    assert settle(fresh, CODE.format(2)).newer is Newer.NEITHER
    assert '"double"' in memory.read_text()
    assert settle(Desk(desk.course), CODE.format(3)).newer is Newer.CELL


def test_a_missing_file_is_made_anew(desk, tiny_course):
    path = tiny_course.file("first")
    stub = path.read_text()
    path.unlink()
    assert settle(desk, CODE.format(2)).created
    assert path.read_text() == put(stub, CODE.format(2))
    path.unlink()
    assert settle(desk, excerpt(stub, ["double"])).created
    assert path.read_text() == stub


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"def double(x:\n    return 1\n", "line 1: "),
        (b"# coding: latin-1\nx = '\xe9'\n", "is written in iso-8859-1"),
        (b"x = '\xe9'\n", "is no text in UTF-8"),
        (b"x = '\x00'\n", "is no valid Python"),
    ],
)
def test_a_file_that_cannot_be_read_as_python_is_left_alone(desk, tiny_course, data, told):
    tiny_course.file("first").write_bytes(data)
    with pytest.raises(GraderError, match=told):
        settle(desk, CODE.format(2))
    assert tiny_course.file("first").read_bytes() == data


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_in_the_place_of_a_file_is_said(desk, tiny_course):
    tiny_course.file("first").unlink()
    os.mkfifo(tiny_course.file("first"))
    with pytest.raises(GraderError, match="is no ordinary file"):
        settle(desk, CODE.format(2))


@pytest.mark.skipif(sys.platform == "win32", reason="permissions")
def test_a_private_file_stays_private(desk, tiny_course):
    tiny_course.file("first").chmod(0o600)
    settle(desk, CODE.format(2))
    assert tiny_course.file("first").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("keep", ["", "cell"])
def test_a_file_that_cannot_be_written_is_said(desk, tiny_course, monkeypatch, keep):
    monkeypatch.setattr(os, "access", lambda *_: False)
    before = tiny_course.file("first").read_bytes()
    with pytest.raises(GraderError, match=r"^stages/t01_tiny/first/first\.py cannot be written"):
        settle(desk, CODE.format(2), keep)
    assert tiny_course.file("first").read_bytes() == before
    tiny_course.file("first").unlink()
    tiny_course.file("first").mkdir()
    with pytest.raises(GraderError, match="is no ordinary file"):
        settle(desk, CODE.format(2))


def test_what_is_saved_meanwhile_in_an_editor_is_seen(desk, tiny_course, monkeypatch):
    path, write = tiny_course.file("first"), backups.write_atomically
    settle(desk, CODE.format(2))

    def editor(to, data):
        if "backups" in to.parts and "x * 2" in path.read_text():
            edit(path, "x * 2", "x * 9")
        write(to, data)

    monkeypatch.setattr(backups, "write_atomically", editor)
    assert settle(desk, CODE.format(3)).newer is Newer.BOTH
    assert "x * 9" in path.read_text()


def test_copies_are_kept_but_not_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(backups, "MOST", 3)
    for n in range(5):
        moment = NOW + datetime.timedelta(seconds=n)
        backups.back_up(tmp_path, "t01.first", "first", b"%d" % n, moment)
    assert backups.back_up(tmp_path, "t01.first", "first", b"4", NOW).read_bytes() == b"4"
    kept = sorted((tmp_path / ".grader" / "backups" / "t01.first").iterdir())
    assert [path.read_bytes() for path in kept] == [b"2", b"3", b"4"]
    assert (tmp_path / ".grader" / ".gitignore").read_text().endswith("*\n")


def test_a_copy_that_was_just_named_is_not_the_next_to_go(tmp_path, monkeypatch):
    monkeypatch.setattr(backups, "MOST", 2)

    def keep(n):
        moment = NOW + datetime.timedelta(seconds=n)
        path = backups.back_up(tmp_path, "t01.first", "first", b"%d" % n, moment)
        time.sleep(0.01)  # file systems count in steps
        return path

    named = [keep(n) for n in (0, 1, 0, 2)]
    assert named[0] == named[2] and named[2].exists() and not named[1].exists()


class Views(RuleBasedStateMachine):
    """An editor and two notebooks at work on one function; nobody's text gets lost."""

    def __init__(self, tiny):
        super().__init__()
        self.tiny = tiny
        self.course = Course(self.tiny.root)
        self.stub = excerpt(self.file.read_text(), ["double"])
        self.rest = excerpt(self.file.read_text(), ["size"])
        self.cells = [self.stub, self.stub]
        self.saved = self.cells[:]
        self.desks = [Desk(self.course), Desk(self.course)]
        self.synced = [None, None]
        self.given = [False, False]
        self.ran = [set(), set()]
        self.remembered = set()
        self.moment = NOW

    @property
    def file(self):
        return self.tiny.file("first")

    def there(self):
        return excerpt(self.file.read_text(), ["double"])

    @rule(n=st.integers(0, 4))
    def the_editor_saves(self, n):
        self.file.write_text(put(self.file.read_text(), CODE.format(n)))

    @rule()
    def the_editor_goes_back_to_the_stub(self):
        self.file.write_text(put(self.file.read_text(), self.stub))

    @rule(who=st.integers(0, 1), n=st.integers(0, 4))
    def a_cell_is_changed(self, who, n):
        self.cells[who] = CODE.format(n)

    @rule(who=st.integers(0, 1))
    def a_kernel_is_restarted(self, who):
        self.desks[who], self.synced[who] = Desk(self.course), None
        self.given[who], self.ran[who] = False, set()

    @rule(who=st.integers(0, 1))
    def a_page_is_loaded_anew(self, who):
        self.cells[who] = self.saved[who]

    @rule(who=st.integers(0, 1))
    def a_notebook_is_saved(self, who):
        self.saved[who] = self.cells[who]

    @precondition(lambda self: (self.tiny.root / ".grader" / "notebook.json").exists())
    @rule()
    def the_memory_is_lost(self):
        (self.tiny.root / ".grader" / "notebook.json").unlink()
        self.remembered = set()

    @rule(who=st.integers(0, 1), keep=st.sampled_from(["", "", "", "cell", "file"]))
    def a_cell_is_run(self, who, keep):
        cell, file = self.cells[who], self.there()
        self.moment += datetime.timedelta(seconds=1)
        done = settle(self.desks[who], cell, keep)
        if not keep and self.synced[who]:
            assert done.newer is self.expected(who, cell, file)
        if done.newer is Newer.FILE:
            self.cells[who] = done.there
        if done.newer is Newer.BOTH:
            assert not keep and self.there() == file and cell != file
        else:
            assert self.cells[who] == self.there()
            self.synced[who] = self.cells[who], self.there()
            self.given[who] = done.newer is Newer.FILE
            self.ran[who].add(cell_of_both := self.cells[who])
            self.remembered.add(cell_of_both)
        copies = [p.read_text() for p in self.tiny.root.glob(".grader/backups/*/*.py")]
        known = [self.there(), self.cells[who], *(excerpt(copy, ["double"]) for copy in copies)]
        assert {cell, file} - {self.stub} <= set(known)
        assert excerpt(self.file.read_text(), ["size"]) == self.rest

    def expected(self, who, cell, file):
        last_cell, last_file = self.synced[who]
        if cell == file:
            return Newer.NEITHER
        if file == self.stub:
            return Newer.CELL
        if cell == self.stub:
            return Newer.FILE
        if self.given[who] and cell in (self.ran[who] | self.remembered) - {last_cell}:
            return Newer.FILE
        if file == last_file:
            return Newer.CELL
        return Newer.FILE if cell == last_cell else Newer.BOTH


def test_whatever_is_done_nothing_gets_lost(tiny_course_in, tmp_path):
    number = itertools.count()
    run_state_machine_as_test(
        lambda: Views(tiny_course_in(tmp_path / str(next(number)))),
        settings=settings(
            max_examples=30,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_two_notebooks_at_once(tiny_course):
    """Twenty cells from two threads: each is in the file, or is told of the conflict."""
    course, outcomes = Course(tiny_course.root), []

    def work(name):
        desk = Desk(course)
        for n in range(10):
            code = f"def {name}(*a):\n    return {n}"
            outcomes.append(settle(desk, code, name=name).newer)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("double", "size")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [Newer.CELL] * 20
    text = tiny_course.file("first").read_text()
    assert excerpt(text, ["double"]).endswith("return 9")
    assert excerpt(text, ["size"]).endswith("return 9")


# --- the first line -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("s13.padding pad2d", Line("s13.padding", "pad2d")),
        ("  padding\tpad2d  --keep cell ", Line("padding", "pad2d", "cell")),
        ("--keep=file padding pad2d", Line("padding", "pad2d", "file")),
    ],
)
def test_a_first_line_is_read(text, line):
    assert read_line(text) == line


@pytest.mark.parametrize(
    "text", ["", "padding", "a b c", "a b --keep", "a b --keep both", "a --b"]
)
def test_another_first_line_is_refused(text):
    with pytest.raises(GraderError, match=r"%%stage s13\.padding pad2d"):
        read_line(text)


# --- in IPython ---------------------------------------------------------------------------
class Ran:
    """What a cell did."""

    def __init__(self, shell, code):
        from IPython.utils.capture import capture_output

        shell.set_next_input = lambda text, replace=False: vars(self).update(
            next=text, replaces=replace
        )
        self.next = None
        with capture_output() as seen:
            self.result = shell.run_cell(code)
        self.text = seen.stdout + seen.stderr
        self.outputs = [output.data for output in seen.outputs]

    @property
    def fine(self):
        return self.result.success


@pytest.fixture
def run(tiny_course, tmp_path, monkeypatch):
    """Runs cells in an IPython that was started in a folder of the course."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setattr(sys, "path", sys.path[:])
    course_modules = {n: m for n, m in sys.modules.items() if n.partition(".")[0] == "stages"}
    folder = tiny_course.root / "notebooks" / "labs"
    folder.mkdir()
    monkeypatch.chdir(folder)
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_cell("%load_ext grader.notebook")
    yield lambda code: Ran(shell, code)
    shell.run_cell("%unload_ext grader.notebook")
    InteractiveShell.clear_instance()
    for name in [n for n in sys.modules if n.partition(".")[0] == "stages"]:
        del sys.modules[name]
    sys.modules.update(course_modules)


def stage(code, name="double", more=""):
    return f"%%stage t01.first {name}{more}\n{code}"


def test_a_function_is_at_hand_once_its_cell_ran(run):
    assert (
        "double is written to stages/t01_tiny/first/first.py." in run(stage(CODE.format(2))).text
    )
    assert "8" in run("double(4)").text
    tried = run(stage(CODE.format(3) + "\n\nprint(double(5))"))
    assert tried.text.splitlines()[-1] == "15" and tried.next is None


HELPED = """import math
SIZE = {}
for STEP in range(SIZE): pass
def _half(x):
    return "in the stage cell"
def double(x):
    return math.floor(x) * SIZE, STEP, _half(x)
print(_half(1), double(1), SIZE, STEP, math.pi)
"""


def test_what_is_tried_sees_all_that_its_cell_defines(run, tiny_course):
    # In a new notebook, and where other cells have the same names.
    expected = "in the stage cell (3, 2, 'in the stage cell') 3 2 3.14"
    assert expected in run(stage(HELPED.format(3))).text
    run("SIZE = STEP = math = 'old'\ndef _half(x):\n    return 'in an ordinary cell'")
    assert expected in run(stage(HELPED.format(3))).text
    assert "(4, 3, 'in the stage cell') 4 3" in run(stage(HELPED.format(4))).text
    # They follow the file, until the notebook gives them another value itself.
    edit(tiny_course.file("first"), "SIZE = 4", "SIZE = 5")
    assert "5 4" in run("print(SIZE, STEP)").text
    run("SIZE = 'mine'")
    edit(tiny_course.file("first"), "SIZE = 5", "SIZE = 6")
    assert "mine 5" in run("print(SIZE, STEP)").text


def test_what_an_import_of_everything_brings_is_at_hand(run):
    cell = "from math import *\ndef double(x):\n    return floor(x) * 2\nprint(floor(1.5), pi)\n"
    assert "1 3.14" in run(stage(cell)).text


def test_a_call_for_its_effect_is_run_and_named(run, tiny_course):
    fill = "T = {}\ndef _fill():\n    T[1] = 2\ndef double(x):\n    return T[x]\n"
    ran = run(stage(f"{fill}_fill()\nprint(double(1))\n"))
    assert ran.fine and ran.text.endswith("2\n")
    assert "Only run here, and not written: _fill().\nIf this changes T, stages/" in ran.text
    assert "\n_fill()\n" not in tiny_course.file("first").read_text()
    assert "Only run here" not in run(stage(f"{fill}T.update(a=1)\nprint(double(1))")).text


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def double(x):\n    return helper(x) + K", "lacks K, helper, known from another cell"),
        ("def double(x, k=K):\n    return k", "lacks K, known from another cell"),
        ("def double(x):\n    return frob(x)", "lacks frob, which no cell has defined so far"),
    ],
)
def test_what_the_file_lacks_is_said(run, code, told):
    run("K = 2\ndef helper(x):\n    return x")
    ran = run(stage(code))
    assert f"first.py {told}" in ran.text
    assert "helpers too, belongs in its %%stage cell" in ran.text
    assert max(map(len, ran.text.splitlines())) <= 100


def test_nothing_is_lacked_that_the_file_has_in_any_way(run):
    uses = """import numpy.linalg
from functools import partial as bound
def _count():
    global COUNT
    COUNT = 1
@bound
def double(x, *rest, k=len(__name__), **more):
    inner = [y for y in rest if (z := y)]
    def deeper():
        return inner, z, x, k, more, size
    _count()
    return deeper(), COUNT, numpy, [name for name in rest], lambda a: a, Exception
"""
    assert "lacks" not in run(stage(uses)).text


@pytest.mark.parametrize("above", ["# Mine.\n", "\nimport math\n"])
def test_a_first_line_below_others_is_said(run, tiny_course, above):
    before = tiny_course.file("first").read_bytes()
    ran = run(above + stage(CODE.format(2)))
    assert not ran.fine and "Traceback" not in ran.text
    assert "%%stage t01.first double must be the first line of its cell." in ran.text
    assert tiny_course.file("first").read_bytes() == before


def test_a_stub_says_that_it_is_still_to_be_written(run, tiny_course):
    ran = run(stage(excerpt(tiny_course.file("first").read_text(), ["double"])))
    assert ran.fine and ran.text == "double is still to be written.\n"
    called = run("import numpy as np\ndouble(np.ones(1))")
    assert not called.fine and called.text == "double of t01.first is still to be written.\n"
    other = run("raise NotImplementedError('s99.other: double')").text
    assert "Traceback" in other and "s99.other: double" in other


def test_the_file_comes_into_the_cell_and_into_the_notebook(run, tiny_course):
    run(stage(CODE.format(2)))
    edit(tiny_course.file("first"), "x * 2", "x * 3")
    assert "12" in run("double(4)").text  # without running any cell of it
    ran = run(stage(CODE.format(2) + "\n\ndouble(4)"))
    assert ran.next == stage(CODE.format(3) + "\n\n\ndouble(4)")
    assert "The cell shows double as it is in stages/" in ran.text
    assert ".grader/backups/t01.first/" in ran.text


def test_stages_that_build_on_it_see_the_change(run, tiny_course, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    tiny_course.solve()
    assert run("from stages.t01_tiny.second import second\nsecond.quadruple(3)").fine is False
    run("import numpy as np\nfrom stages.t01_tiny.second.second import quadruple as four")
    assert "12" in run("four(np.array([3]))").text
    edit(tiny_course.file("first"), "return x * 2", "return x * 5")
    assert "75" in run("four(np.array([3]))").text
    assert "75" in run("second.quadruple(np.array([3]))").text
    # As long as before in the same second: compiled code must not be taken for it.
    path, second = tiny_course.file("first"), 1_800_000_000_000_000_000
    for n, old, new in ((0, 5, 6), (1, 6, 4)):
        edit(path, f"return x * {old}", f"return x * {new}")
        os.utime(path, ns=(second + n, second + n))
        run("1")
    assert "48" in run("four(np.array([3]))").text


def test_a_file_that_does_not_load_is_said_and_the_old_function_stays(run, tiny_course):
    run(stage(CODE.format(2)))
    edit(tiny_course.file("first"), "import numpy", "import nompy")
    ran = run("double(4)")
    assert "stages/t01_tiny/first/first.py, line 3" in ran.text and "8" in ran.text
    ran = run(stage(CODE.format(3)))
    assert not ran.fine and "No module named 'nompy'" in ran.text
    assert "Traceback" not in ran.text


def test_a_mended_file_is_taken_up(run, tiny_course):
    tiny_course.solve()
    run("import numpy as np\nfrom stages.t01_tiny.first.first import double as twice")
    edit(tiny_course.file("first"), "return x * 2", "return x *")
    assert "It does not load" in run("1").text
    edit(tiny_course.file("first"), "return x *", "return x * 50")
    assert "200" in run("twice(np.array([4]))").text
    # A module that was interrupted: said in a line, and taken up when it is mended.
    edit(tiny_course.file("first"), "import numpy", "raise KeyboardInterrupt\nimport numpy")
    ran = run("twice(np.array([4]))")
    assert "200" in ran.text and "Traceback" not in ran.text
    assert "Stopped while stages/t01_tiny/first/first.py was loading" in ran.text
    ran = run("%stage first double")
    assert "Stopped while" in ran.text and "Traceback" not in ran.text
    edit(tiny_course.file("first"), "raise KeyboardInterrupt\n", "")
    edit(tiny_course.file("first"), "x * 50", "x * 60")
    assert "240" in run("twice(np.array([4]))").text


def test_a_cell_shows_a_file_that_does_not_load(run, tiny_course):
    """With an error the front end would drop the new text, and the old one look newer."""
    run(stage(CODE.format(2)))
    edit(tiny_course.file("first"), "x * 2", "x * 3")
    edit(tiny_course.file("first"), "import numpy", "import nompy")
    ran = run(stage(CODE.format(2) + "\n\nprint('tried')"))
    assert ran.fine and ran.next.startswith(stage(CODE.format(3)))
    assert ran.text.count("No module named 'nompy'") == 1
    assert "tried" not in ran.text
    ran = run("%stage first double")
    assert ran.fine and ran.next == stage(CODE.format(3)) and "nompy" in ran.text
    ran = run(stage(CODE.format(2)))
    assert "An earlier version stood here" in ran.text
    assert "x * 3" in tiny_course.file("first").read_text()


def test_a_conflict_is_shown_with_the_two_ways_out(run, tiny_course):
    run(stage(CODE.format(2)))
    edit(tiny_course.file("first"), "x * 2", "x * 3")
    ran = run(stage(CODE.format(4)))
    (output,) = ran.outputs
    assert not ran.fine and "x * 3" in tiny_course.file("first").read_text()
    for text in (output["text/plain"], output["text/html"]):
        assert "return x * 3" in text and "return x * 4" in text
        assert "%%stage t01.first double --keep cell" in text
        assert "%%stage t01.first double --keep file" in text
    assert max(map(len, output["text/plain"].splitlines())) <= 80
    ran = run(stage(CODE.format(4), more=" --keep file"))
    assert ran.fine and ran.next == stage(CODE.format(3))
    edit(tiny_course.file("first"), "x * 3", "x * 5")
    ran = run(stage(CODE.format(4), more=" --keep cell"))
    assert ran.next == stage(CODE.format(4)) and "is kept in .grader/backups/" in ran.text


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("%%stage furst double\n" + CODE.format(2), "Did you mean 'first'?"),
        ("%%stage t01 double\n" + CODE.format(2), "t01 is several stages"),
        ("%%stage first dubble\n" + CODE.format(2), "Did you mean 'double'?"),
        ("%%stage first double\n" + CODE.format(2).replace("double", "twice"), "defines twice"),
        ("%%stage first double\ndef double(x)\n    return x", "line 2: expected ':'"),
        ("%%stage first double\nreturn 3", "line 2: 'return' outside function"),
        ("%%stage first double\n!ls\n" + CODE.format(2), "a cell of its own"),
        ("%%stage first\n" + CODE.format(2), "Write %%stage s13.padding pad2d"),
        ("%stage first dubble", "Did you mean 'double'?"),
    ],
)
def test_a_cell_that_cannot_be_written_says_why(run, tiny_course, cell, told):
    before = tiny_course.file("first").read_bytes()
    ran = run(cell)
    assert not ran.fine and told in ran.text
    assert "Traceback" not in ran.text and "File " not in ran.text
    assert max(map(len, ran.text.splitlines())) <= 100
    assert tiny_course.file("first").read_bytes() == before


def test_a_function_is_loaded_into_a_cell(run, tiny_course):
    tiny_course.solve()
    assert run("a = 1\n%stage first double").replaces is False
    ran = run("%stage first double")
    assert ran.replaces and ran.next == stage(
        excerpt(tiny_course.file("first").read_text(), ["double"])
    )
    # What was loaded can be changed and written.
    ran = run(ran.next.replace("x * 2", "2 * x"))
    assert "double is written" in ran.text


def test_outside_of_a_course_it_says_so(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = run("%reload_ext grader.notebook")
    assert not ran.fine and "no course here" in ran.text and "Traceback" not in ran.text


def test_a_check_shows_its_verdict(run, tiny_course):
    run(stage("def double(x):\n    return x * 3.0"))
    ran = run("%check first --quick")
    *progress, verdict = ran.outputs
    assert ran.fine and "<progress" in progress[0]["text/html"]
    assert "0 of 5 points" in verdict["text/plain"] and "[failed]" in verdict["text/plain"]
    html = verdict["text/html"]
    assert "<style>" in html and "<script" not in html and "<html" not in html
    assert "the result has wrong values" in html and 'class="panel"' in html
    assert "--keep" not in html
    # It is the same run as in a terminal: what that remembers is remembered.
    assert (tiny_course.root / ".grader" / "last.json").exists()
    hint = run("%hint first").text
    assert "no known mistake" in hint and "Check again with: %check first" in hint


def test_a_page_is_written_where_the_notebook_is(run, tiny_course):
    run(stage(CODE.format(2)))
    assert "The page is notebooks/labs/page.html." in run("%check first --html page.html").text
    assert (tiny_course.root / "notebooks" / "labs" / "page.html").exists()
    elsewhere = tiny_course.root / "other.html"
    assert "The page is other.html." in run(f"%check --html={elsewhere} first").text
    assert elsewhere.exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [("firsd", "Did you mean 'first'?"), ("first --fast", "No such option '--fast'")],
)
def test_a_check_of_nothing_says_why(run, line, told):
    ran = run(f"%check {line}")
    assert not ran.fine and told in ran.text
    assert ran.outputs[-1]["text/html"] == ""
    assert "Usage" not in ran.text and "Traceback" not in ran.text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("%check 'first", "a quotation mark has no partner: 'first"),
        ("%hint 'first", "a quotation mark has no partner: 'first"),
        ("%check --help", "How %check is written: %check?"),
        ("%check -h", "How %check is written: %check?"),
        ("%check first --html", "--html needs the name of a file"),
        ("%check --html --quick", "--html needs the name of a file"),
        ("%check first --json=out.json", "--json is of no use in a notebook"),
    ],
)
def test_a_line_that_means_nothing_here_is_refused(run, line, told):
    ran = run(line)
    assert not ran.fine and told in ran.text and "Traceback" not in ran.text


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupt_ends_the_check_and_its_workers(run, tiny_course):
    tiny_course.file("first").write_text("def double(x):\n    while True: pass\n")
    edit(tiny_course.stage("first") / "stage.toml", "seconds = 2", "seconds = 60")

    def children():
        found = Path(f"/proc/self/task/{threading.get_native_id()}/children")
        return found.read_text().split() if found.exists() else []

    def interrupt():
        time.sleep(3)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    before = children()
    thread = threading.Thread(target=interrupt)
    thread.start()
    ran = run("%check first")
    thread.join()
    assert not ran.fine and "Stopped" in ran.text
    assert children() == before
