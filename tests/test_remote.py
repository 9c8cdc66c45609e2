"""A student's module behind its proxy: a real worker, and workers that forge every reply."""

import contextlib
import gc
import math
import socket
import struct
import sys
import threading
import time

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import wire
from grader.checking import call
from grader.checking.timing import timed
from grader.errors import Ended, GraderError, StudentError
from grader.remote import RemoteModule
from grader.sandbox import Sandbox
from grader.session import Session

STUDENT = '''
import io
import os
import sys
import time

import numpy as np

DEFAULT = (1, 2)


class Net:
    """Two layers."""

    kind = "of a kind"

    def __init__(self, rng=None):
        self.layers = [Layer(1.5), Layer(2.5)]
        self.sizes = (3, [4, 5])
        self.table = {"a": 1, 2: (3,)}
        self.rng = rng
        self.grad = None
        self._secret = 1

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    @property
    def broken(self):
        raise KeyError("no such thing")


class Layer:
    def __init__(self, factor):
        self.factor = factor

    def forward(self, x):
        return x * self.factor


class Wrong(ValueError):
    pass


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError


def echo(*args, **kwargs):
    return args, kwargs


def is_first(net, layer):
    return net.layers[0] is layer


def draw(rng):
    return rng.integers(1000, size=3)


def train(steps, on_batch):
    return [on_batch(step, loss=1 / step) for step in range(1, steps + 1)]


def spoil(x, params):
    params["w"][0] = 0
    return x[1:]


def add(a, b, *, c=0):
    """A function with a signature."""
    return a + b + c


def outer(x):
    return inner(x)


def inner(x):
    raise Wrong(f"x must be positive, but it is {x}")


def raises(name):
    raise getattr(__import__("builtins"), name)("a message")


def raises_group():
    raise ExceptionGroup("two", [ValueError(1), TypeError(2)])


def raises_unicode_error():
    b"\\xff".decode()


def raises_unprintable():
    raise Unprintable


def raises_strangely():
    raise type("not a name\\n", (ValueError,), {})("odd")


def deep(n):
    return deep(n + 1)


def numpy_only(x):
    return np.linalg.inv(x)


def nests(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def contains_itself():
    value = []
    value.append(value)
    return value


def is_huge():
    return np.zeros(20_000_000)


def is_half():
    return "\\ud800"


BUFFER = np.zeros(2)


def fill(x):
    BUFFER[:] = x
    return BUFFER


def fill_of(net, x):
    return fill(x)


def sleep(seconds):
    time.sleep(seconds)


def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def pretend(seconds):
    time.process_time = time.perf_counter = time.monotonic = lambda: 0.0
    work_is_done = time.thread_time() + seconds
    while time.thread_time() < work_is_done:
        pass


def leave(code):
    os._exit(code)


def sys_exit():
    sys.exit(3)


def crash():
    os.abort()


def say(text, times=1):
    for _ in range(times):
        print(text)


def say_at_once(length):
    sys.stdout.write("x" * length)


def say_bytes(latin, times=1):
    for _ in range(times):
        sys.stdout.buffer.write(latin.encode("latin-1"))


def say_wrapped(text):
    print(text, file=io.TextIOWrapper(sys.stdout.buffer, "utf-8"), flush=True)


def ask_for_input():
    return input("? ")


def has_module(name):
    return name in sys.modules
'''
NAME = "stages.u.net.net"
SOURCE = wire.Source(NAME, "net/net.py", STUDENT.encode())
MEMORY = 1024


# --- fixtures -----------------------------------------------------------------------------
@pytest.fixture(scope="module", params=["none", "L1", "L2"])
def sandbox(request):
    if request.param != "none" and sys.platform != "linux":
        pytest.skip("the sandbox is made of parts of Linux")
    try:
        sandbox = Sandbox(request.param)
        sandbox.session([], MEMORY).close()
    except (OSError, GraderError) as error:
        pytest.skip(f"{request.param} does not work on this machine: {error}")
    with sandbox:
        yield sandbox


@pytest.fixture
def session(sandbox):
    with contextlib.closing(sandbox.session([SOURCE], MEMORY)) as session:
        session.allow(10)
        yield session


@pytest.fixture
def student(session):
    return RemoteModule(NAME, lambda: session)


@pytest.fixture(scope="module")
def one_sandbox():
    """The best level of this machine, for what does not depend on the level."""
    with Sandbox() as sandbox:
        yield sandbox


# --- calls and values ---------------------------------------------------------------------
def test_values_cross_in_both_directions_with_their_kinds(student):
    values = (1, -(2**70), 2.5, None, True, "äöü €", [1, (2, [3])], {"a": (1,), 2: None})
    args, kwargs = student.echo(*values, key=(1, 2))
    assert args == values
    assert list(map(type, args)) == list(map(type, values))
    assert type(args[6][1]) is tuple
    assert kwargs == {"key": (1, 2)}


def test_arrays_cross_with_dtype_and_layout(student):
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    ((plain, turned, scalar), _) = student.echo(x, x.transpose(2, 0, 1), x[0, 0, 1])
    assert plain.dtype == np.float32
    assert np.array_equal(plain, x)
    assert turned.strides == x.transpose(2, 0, 1).strides
    assert type(scalar) is np.float32
    assert math.isnan(student.echo(math.nan)[0][0])


def test_a_generator_arrives_at_its_place_in_the_stream(student):
    rng = np.random.default_rng(5)
    rng.random(3)
    here = np.random.default_rng(5)
    here.random(3)
    assert student.draw(rng).tolist() == here.integers(1000, size=3).tolist()


def test_a_call_tells_what_it_did_to_its_arguments(student, session):
    x = np.ones(3)
    observed = student.spoil.observe((x,), {"params": {"w": np.ones(2)}})
    assert observed.changed == ("params['w']",)
    assert observed.shared == ("0",)
    assert x.tolist() == [1, 1, 1]


def test_a_plain_call_that_changes_its_argument_is_an_error(student):
    with pytest.raises(StudentError, match="spoil changes its argument 1") as caught:
        student.spoil(np.ones(3), {"w": np.ones(2)})
    assert caught.value.phase == "argument"


# --- objects ------------------------------------------------------------------------------
def test_a_call_that_overwrites_what_the_last_one_returned_is_an_error(student):
    assert [student.fill(1.0).tolist(), student.fill(1.0).tolist()] == [[1, 1], [1, 1]]
    with pytest.raises(StudentError, match="overwrites the array that it returned last time"):
        student.fill(2.0)
    net = student.Net()  # an object may keep what it hands out
    assert [student.fill_of(net, x).tolist() for x in (3.0, 4.0)] == [[3, 3], [4, 4]]


def test_a_call_that_does_not_reach_the_function_refuses_nothing(student):
    with pytest.raises(StudentError, match="unexpected keyword argument 'd'"):
        call(student.add, 1, 2, d=3).refused()
    call(student.inner, -1).refused("positive")


def test_an_object_stays_there_and_its_attributes_are_read_and_set(student):
    net = student.Net(np.random.default_rng(1))
    assert net.sizes == (3, [4, 5])
    assert net.table == {"a": 1, 2: (3,)}
    assert net.forward(2.0) == 7.5
    net.layers = [net.layers[1]]
    assert net.forward(2.0) == 5.0
    net.grad = np.array([1.0, 2.0])
    assert net.grad.tolist() == [1, 2]
    assert type(net).__name__ == "Net"


def test_an_attribute_that_is_missing_or_fails_is_an_error_of_the_students(student):
    net = student.Net()
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'weights'"):
        _ = net.weights
    with pytest.raises(KeyError, match="no such thing") as caught:
        _ = net.broken
    assert caught.value.frames[-1].function == "Net.broken"
    assert not hasattr(net, "__array__")


def test_an_object_that_goes_back_is_the_same_object(student):
    net = student.Net()
    assert student.is_first(net, net.layers[0]) is True
    assert student.is_first(net, net.layers[1]) is False


def test_a_proxy_that_is_gone_does_not_take_another_of_the_same_object_with_it(student):
    net = student.Net()
    first, second = net.layers[0], net.layers[0]
    del first
    gc.collect()
    student.add(1, 2)  # by now the worker has heard which proxies are gone
    assert second.factor == 1.5


# --- callbacks ----------------------------------------------------------------------------
def test_a_callback_is_called_here_with_the_students_arguments(student):
    heard = []

    def on_batch(step, *, loss):
        heard.append((step, loss))
        return step * 10

    assert student.train(2, on_batch) == [10, 20]
    assert heard == [(1, 1.0), (2, 0.5)]


def test_a_callback_that_is_called_wrongly_is_the_students_type_error(student):
    with pytest.raises(TypeError, match="does not take these arguments") as caught:
        student.train(1, lambda: None)
    assert caught.value.frames[0].function == "train"


def test_an_error_of_our_own_callback_passes_through_and_ends_the_conversation(student, session):
    def fails(step, loss):
        raise LookupError("ours")

    with pytest.raises(LookupError, match="ours"):
        student.train(1, fails)
    assert session.ended


# --- exceptions ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    "kind", [ValueError, TypeError, KeyError, IndexError, ZeroDivisionError, NotImplementedError]
)
def test_an_exception_arrives_as_its_builtin_type(student, kind):
    with pytest.raises(kind, match="a message") as caught:
        student.raises(kind.__name__)
    assert isinstance(caught.value, StudentError)
    assert caught.value.kind == kind.__name__


def test_an_exception_of_the_students_own_arrives_as_its_base_with_the_students_lines(student):
    with pytest.raises(ValueError, match="x must be positive, but it is -1") as caught:
        student.outer(-1)
    error = caught.value
    assert error.kind == "Wrong"
    assert error.phase == "call"
    assert [(f.path, f.function, f.text) for f in error.frames] == [
        ("net/net.py", "outer", "return inner(x)"),
        ("net/net.py", "inner", 'raise Wrong(f"x must be positive, but it is {x}")'),
    ]
    lines = STUDENT.splitlines()
    assert [lines[f.line - 1].strip() for f in error.frames] == [f.text for f in error.frames]


def test_lines_of_libraries_are_left_out(student):
    with pytest.raises(StudentError) as caught:
        student.numpy_only(np.zeros((2, 2)))
    assert caught.value.kind == "LinAlgError"
    assert [frame.path for frame in caught.value.frames] == ["net/net.py"]


def test_of_an_endless_recursion_a_few_lines_are_shown(student):
    with pytest.raises(RecursionError) as caught:
        student.deep(0)
    assert 2 <= len(caught.value.frames) <= 8


@pytest.mark.parametrize(
    ("name", "kind", "base"),
    [
        ("raises_group", "ExceptionGroup", Exception),
        ("raises_unicode_error", "UnicodeDecodeError", UnicodeDecodeError),
        ("raises_unprintable", "Unprintable", Exception),
        ("raises_strangely", "not a name\n", ValueError),
        ("sys_exit", "SystemExit", RuntimeError),
    ],
)
def test_unusual_exceptions_arrive_as_well(student, session, name, kind, base):
    with pytest.raises(base) as caught:
        getattr(student, name)()
    assert isinstance(caught.value, StudentError)
    assert caught.value.kind == kind
    assert isinstance(str(caught.value), str)
    assert student.add(1, 2) == 3


def test_a_wrong_call_shows_the_signature(student):
    with pytest.raises(TypeError, match="missing 1 required positional argument") as caught:
        student.add(1)
    assert caught.value.signature == "(a, b, *, c=0)"
    assert caught.value.frames == ()


def test_a_type_error_inside_the_function_shows_lines_and_no_signature(student):
    with pytest.raises(TypeError) as caught:
        student.add(1, "2")
    assert caught.value.signature == ""
    assert caught.value.frames[0].text == "return a + b + c"


def test_a_missing_name_and_a_name_that_is_no_function_are_findings_of_their_own(student):
    for name, words in [("conv", "there is no conv in net/net.py"), ("DEFAULT", "not a function")]:
        with pytest.raises(StudentError, match=words) as caught:
            getattr(student, name)(1)
        assert caught.value.phase == "missing"


@pytest.mark.parametrize(
    ("code", "kind", "line", "text"),
    [
        (b"x = 1\nif x\n", "SyntaxError", 2, "if x"),
        (b"x = 1\nraise OSError('no')\n", "OSError", 2, "raise OSError('no')"),
        (b"import stages.u.missing\n", "ModuleNotFoundError", 1, "import stages.u.missing"),
        (b"x = '\xff'\n", "SyntaxError", 1, None),
    ],
)
def test_a_module_that_does_not_load_says_where(sandbox, code, kind, line, text):
    with contextlib.closing(sandbox.session([wire.Source(NAME, "n.py", code)], MEMORY)) as session:
        with pytest.raises(StudentError) as caught:
            session.load(NAME)
        assert (caught.value.kind, caught.value.phase) == (kind, "load")
        assert caught.value.frames[-1].line == line
        assert text in (None, caught.value.frames[-1].text)
        checked_by = f"Python {sys.version_info.major}.{sys.version_info.minor}"
        assert (checked_by in str(caught.value)) == (kind == "SyntaxError")


# --- what cannot come back ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda student: student.nests(200), "nested deeper than 100 levels"),
        (lambda student: student.contains_itself(), "nested deeper"),
        (lambda student: student.is_huge(), r"shape \(20000000,\) \(153 MB\) is too large"),
        (lambda student: student.is_half(), "half a character"),
    ],
)
def test_what_does_not_fit_the_wire_is_refused_in_words_and_costs_no_worker(student, call, words):
    with pytest.raises(StudentError, match=words) as caught:
        call(student)
    assert caught.value.kind == "Unsendable"
    assert student.add(1, 2) == 3


def test_an_object_of_ours_does_not_cross(student, session):
    with pytest.raises(wire.Unsendable, match="a set does not cross"):
        student.echo({1})
    assert student.add(1, 2) == 3


# --- printing -----------------------------------------------------------------------------
def test_what_is_printed_is_kept_until_it_is_taken(student, session):
    student.say("hello")
    student.say("wörld")
    assert session.take_printed() == "hello\nwörld\n"
    assert session.take_printed() == ""


def test_bytes_are_printed_as_text(student, session):
    student.say_bytes("w\xc3")  # the first half of a letter
    student.say_bytes("\xb6rld \xff\n")
    assert session.take_printed() == "wörld \N{REPLACEMENT CHARACTER}\n"
    student.say_wrapped("once")
    student.say_wrapped("again")
    assert session.take_printed() == "once\nagain\n"


@pytest.mark.parametrize(
    "flood",
    [
        lambda student: student.say_bytes("x" * 80, 2000),
        lambda student: student.say_bytes("x" * 1_000_000),
        lambda student: student.say("x" * 80, 2000),
        lambda student: student.say_at_once(70_000),
        lambda student: student.say_at_once(1_000_000),
    ],
)
def test_a_flood_is_cut_and_the_cut_is_announced(student, session, flood):
    flood(student)
    printed = session.take_printed()
    assert printed.startswith("xxxx")
    assert printed.endswith("the rest of the output was dropped: over 64 KB]\n")
    assert len(printed) < 66_000


def test_nobody_can_type(student):
    with pytest.raises(EOFError):
        student.ask_for_input()


# --- ends ---------------------------------------------------------------------------------
def test_a_deadline_ends_the_worker_and_names_the_limit(student, session):
    session.allow(0.2)
    start = time.monotonic()
    with pytest.raises(Ended, match=r"took longer than the limit of 0\.2 s"):
        student.sleep(30)
    assert time.monotonic() - start < 3
    with pytest.raises(Ended, match="took longer"):
        student.add(1, 2)


def test_the_time_of_several_calls_adds_up(student, session):
    session.allow(0.3)
    student.sleep(0.2)
    assert session.left < 0.15
    with pytest.raises(Ended, match="took longer"):
        student.sleep(0.2)


def test_our_own_time_does_not_count(student, session):
    session.allow(5)
    before = session.left
    time.sleep(0.3)
    student.add(1, 2)
    assert before - session.left < 0.25


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells the time of another")
def test_a_call_is_timed_by_the_work_that_it_did(student):
    assert timed(student.sleep, 0.1)[0] < 0.05
    assert 0.1 <= timed(student.work, 0.1)[0] < 0.15
    assert 0.1 <= timed(student.pretend, 0.1)[0] < 0.15


def test_where_the_system_does_not_tell_a_call_is_timed_by_the_clock(student, monkeypatch):
    monkeypatch.setattr("grader.launch.ForkedProcess.worked", lambda self: None)
    assert timed(student.sleep, 0.1)[0] >= 0.1


def test_what_is_timed_is_what_was_returned(student):
    assert timed(student.add, 1, 2, c=3)[1] == 6


@pytest.mark.parametrize(
    ("name", "args", "words"),
    [
        ("leave", (7,), r"ended itself \(exit status 7\)"),
        ("leave", (0,), r"ended itself \(exit status 0\)"),
        ("crash", (), "crashed with SIGABRT"),
    ],
)
def test_a_worker_that_ends_says_how(student, name, args, words):
    with pytest.raises(Ended, match=words):
        getattr(student, name)(*args)


def test_a_worker_that_crashed_is_replaced_and_old_objects_are_gone(one_sandbox):
    sessions = [one_sandbox.session([SOURCE], MEMORY)]
    student = RemoteModule(NAME, lambda: sessions[-1])
    net = student.Net()
    with pytest.raises(Ended):
        student.crash()
    with pytest.raises(Ended, match="crashed"):
        net.forward(1)

    sessions.append(one_sandbox.session([SOURCE], MEMORY))
    assert student.add(1, 2) == 3
    with pytest.raises(Ended, match="an earlier call ended the program that this object lived in"):
        student.echo(net)
    sessions[-1].close()
    with pytest.raises(Ended, match="the check is over"):
        student.add(1, 2)


def test_what_a_worker_knows_stays_with_it(one_sandbox):
    with (
        contextlib.closing(one_sandbox.session([SOURCE], MEMORY)) as first,
        contextlib.closing(one_sandbox.session([SOURCE], MEMORY)) as second,
    ):
        modules = [
            RemoteModule(NAME, lambda session=session: session) for session in (first, second)
        ]
        modules[0].say("once")
        assert modules[1].add(1, 2) == 3
        assert (first.take_printed(), second.take_printed()) == ("once\n", "")


def test_the_worker_has_nothing_of_the_checks(student):
    for name in ("grader.checking", "grader.reference", "grader.results", "pytest"):
        assert student.has_module(name) is False


# --- modules that live elsewhere ----------------------------------------------------------
ELSEWHERE = "stages.u.lib.lib"
LIBRARY = b"""
class Layer:
    def __init__(self, factor):
        self.factor = factor
        self._secret = 42

    def forward(self, x):
        return x * self.factor

def double(x):
    return 2 * x

def _private():
    return "secret"
"""
USER = b"""
import stages.u.lib.lib as lib
from stages.u.lib.lib import Layer, double

def doubled(x):
    return double(x)

def through_layer(x):
    layer = Layer(3)
    first = layer.forward(x)
    layer.factor = 5
    return first, layer.factor, layer.forward(x)

def own_layer():
    return Layer(7)

def factor_of(layer):
    return layer.factor

def wrong_call():
    return double()

def secret_name():
    return lib._private()

def secret_attribute():
    return Layer(3)._secret

def set_secret():
    Layer(3)._secret = 1

def dunder(name):
    from grader import wire
    return lib.worker.ask("call", wire.Named("stages.u.lib.lib", name), "", ("x",), {})

def attribute_of_module(operation, name):
    from grader import wire
    return lib.worker.ask(operation, wire.Named("stages.u.lib.lib", "double"), name, (1,), {})

def other_module():
    from grader import wire
    return lib.worker.ask("call", wire.Named("os", "getcwd"), "", (), {})
"""


@pytest.fixture
def lent(one_sandbox):
    """A student's module whose earlier stage lives in a worker of its own."""
    user = wire.Source("stages.u.user.user", "user.py", USER)
    library = wire.Source(ELSEWHERE, "lib.py", LIBRARY)
    with (
        contextlib.closing(one_sandbox.session([library], MEMORY)) as reference,
        contextlib.closing(one_sandbox.session([user], MEMORY, [ELSEWHERE])) as session,
    ):
        session.borrow([ELSEWHERE], reference)
        for each in (reference, session):
            each.allow(10)
        yield RemoteModule("stages.u.user.user", lambda: session)


def test_a_function_of_a_lent_module_is_called_where_it_lives(lent):
    assert lent.doubled(np.array([1.0, 2.0])).tolist() == [2, 4]


def test_an_object_of_a_lent_module_keeps_its_state_there(lent):
    assert lent.through_layer(2) == (6, 5, 10)


def test_an_object_of_a_lent_module_goes_through_both_workers(lent):
    layer = lent.own_layer()
    assert layer.factor == 7
    assert lent.factor_of(layer) == 7


def test_a_wrong_call_of_a_lent_function_is_the_students_error(lent):
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        lent.wrong_call()
    assert lent.doubled(1) == 2


@pytest.mark.parametrize("name", ["secret_name", "secret_attribute", "set_secret"])
def test_private_names_of_a_lent_module_are_refused(lent, name):
    with pytest.raises((TypeError, AttributeError)):
        getattr(lent, name)()
    assert lent.doubled(1) == 2


@pytest.mark.parametrize(
    "name",
    ["__class__", "__dict__", "__setattr__", "__getattribute__", "__grader_session__", "_private"],
)
def test_a_worker_cannot_reach_into_the_proxies_of_the_checker(lent, name):
    with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
        lent.dunder(name)
    assert lent.doubled(1) == 2


@pytest.mark.parametrize("operation", ["get", "set"])
@pytest.mark.parametrize("name", ["__globals__", "__grader_session__", "__name__", "observe"])
def test_a_worker_reads_and_sets_nothing_of_a_lent_function(lent, operation, name):
    with pytest.raises(AttributeError, match="no attribute"):
        lent.attribute_of_module(operation, name)


def test_a_worker_that_asks_for_a_module_that_was_not_lent_is_ended(lent):
    with pytest.raises(Ended, match="broke the connection"):
        lent.other_module()


# --- forged replies -----------------------------------------------------------------------
class Dummy:
    """A process that is none."""

    ended = False

    def end(self, *, wait):
        self.ended = True
        return "ended by itself"


def frame(message, blob=b""):
    structure = message if isinstance(message, bytes) else msgspec.msgpack.encode(message)
    return struct.pack(">II", len(structure) + len(blob), len(structure)) + structure + blob


class Forger:
    """Sends bytes of its own making as a worker."""

    def __init__(self, *frames, hold=False):
        ours, self._theirs = socket.socketpair()
        self.process = Dummy()
        self.session = Session(wire.Channel(ours, wire.Reply), self.process, 5)
        self.student = RemoteModule(NAME, lambda: self.session)
        self._thread = threading.Thread(target=self._send, args=(frames, hold), daemon=True)
        self._thread.start()

    def _send(self, frames, hold):
        with contextlib.suppress(OSError):
            for data in frames:
                self._theirs.sendall(data)
            if not hold:
                self._theirs.shutdown(socket.SHUT_WR)

    def call(self, *args):
        try:
            return self.student.f(*args)
        finally:
            self.session.close()
            self._thread.join(5)
            self._theirs.close()


def array(*shape, offset=0, dtype="<f8"):
    return wire.Array(dtype, shape, offset, tuple(range(len(shape))))


def asked(target, *args, name="", operation="call", kwargs=()):
    named = wire.Dict([k for k, _ in kwargs], [v for _, v in kwargs])
    return frame(wire.Ask(target, name, wire.List(list(args)), named, operation))


FORGED = {
    "nothing at all": b"",
    "a request": frame(wire.Load("os")),
    "ready": frame(wire.Ready(["all is well"])),
    "an unknown kind": frame(msgspec.msgpack.encode({"type": "pickle", "data": b"x"})),
    "no map": frame(b"\xc0"),
    "noise": bytes(range(256)) * 3,
    "a giant frame": struct.pack(">II", 2**32 - 1, 2**32 - 1),
    "a claim and no bytes": struct.pack(">II", wire.MAX_FRAME, wire.MAX_STRUCTURE),
    "a giant array": frame(wire.Returned(array(2**20, 2**20))),
    "an array of objects": frame(wire.Returned(array(1, dtype="|O")), bytes(8)),
    "an array elsewhere": frame(wire.Returned(array(1, offset=-8)), bytes(8)),
    "a callback to nothing": asked(wire.Kept(12345)),
    "a callback to an object": asked(wire.Handle(1)),
    "a callback to a number": asked(3),
    "a module that was not lent": asked(wire.Named("os", "system"), "true"),
    "a value that is kept nowhere": frame(wire.Returned(wire.Kept(1))),
    "a name as a value": frame(wire.Returned(wire.Named("os", "system"))),
    "nothing as an argument of a callback": asked(wire.Named("os", "x"), wire.Kept(7)),
    "a wrong operation": frame(
        msgspec.msgpack.encode(
            {
                "type": "ask",
                "target": 1,
                "name": "x",
                "args": {},
                "kwargs": {},
                "operation": "exec",
            }
        )
    ),
    "prints, and then nothing": frame(wire.Printed("x")),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_reply_ends_the_worker(name):
    forger = Forger(FORGED[name])
    with pytest.raises(Ended):
        forger.call(np.ones(3))
    assert forger.process.ended


def test_a_broken_rule_is_told_to_the_student_as_such():
    with pytest.raises(Ended, match=r"broke the connection to the checker \(a frame that claims"):
        Forger(FORGED["a giant frame"]).call()
    with pytest.raises(Ended, match="ended by itself"):
        Forger(FORGED["nothing at all"]).call()


@pytest.mark.parametrize(
    "kinds",
    [
        [], ["a\0b"], [""], ["ExceptionGroup"], ["KeyboardInterrupt"], ["SystemExit"], ["print"],
        ["__class__"], ["object"], ["UnicodeDecodeError"], ["Ended"], ["StudentError"],
        ["GeneratorExit"], ["x" * 100_000], ["é\n\t"], ["A", "B", "OSError"],
    ],
)  # fmt: skip
def test_a_forged_exception_of_any_kind_is_one_of_the_students(kinds):
    with pytest.raises(StudentError) as caught:
        Forger(frame(wire.Raised(kinds, "a message", [], "call"))).call()
    assert str(caught.value) == "a message"
    assert isinstance(caught.value, Exception)


def test_a_forged_exception_is_cut_to_what_can_be_shown():
    long = "x" * 50_000
    lines = [wire.Line(long, 2**63, long, long)] * 10
    with pytest.raises(StudentError) as caught:
        Forger(frame(wire.Raised([long], long, lines, long, long))).call()
    error = caught.value
    assert len(str(error)) <= 4000
    assert len(error.kind) <= 80 and len(error.signature) <= 300
    assert all(len(f.path + f.function + f.text) <= 600 for f in error.frames)


def test_forged_claims_about_arguments_are_cut():
    forger = Forger(frame(wire.Returned(1, ["x" * 10_000] * 99, ["y" * 10_000] * 99)))
    observed = forger.session.call(forger.student.f, (), {})
    assert len(observed.changed) == len(observed.shared) == 20
    assert all(len(name) <= 80 for name in observed.changed + observed.shared)


def test_a_handle_to_nothing_is_an_object_that_answers_nothing():
    forger = Forger(frame(wire.Returned(wire.Handle(99, "not a name\n", False))))
    thing = forger.student.f()
    with pytest.raises(Ended):
        thing.weights  # noqa: B018  # reading is what is tried
    with pytest.raises(Ended):
        thing.weights = 1


def test_a_flood_of_output_is_cut():
    text = frame(wire.Printed("x" * 100_000))
    forger = Forger(*[text] * 100, frame(wire.Returned(5)))
    assert forger.call() == 5
    printed = forger.session.take_printed()
    assert len(printed) < 66_000
    assert printed.count("was dropped") == 1


def test_output_without_end_meets_the_deadline():
    forger = Forger(*[frame(wire.Printed("x"))] * 10_000, hold=True)
    forger.session.allow(0.3)
    with pytest.raises(Ended, match="took longer"):
        forger.call()


@pytest.mark.parametrize(
    "ask",
    [
        {"name": "__call__", "operation": "get"},
        {"name": "__globals__", "operation": "get"},
        {"name": "x", "operation": "set"},
        {"operation": "call", "kwargs": [(3, 4)]},
        {"operation": "call", "kwargs": [("no_such_parameter", 4)]},
    ],
)
def test_a_callback_is_called_and_not_looked_into(ask):
    def callback(*args):
        return 7

    forger = Forger(asked(wire.Kept(id(callback)), 1, **ask), frame(wire.Returned(5)))
    assert forger.call(callback) == 5


# Whatever a worker may think of sending.
numbers = st.integers(-3, 9) | st.sampled_from([2**31, 2**63 - 1, -(2**63), 2**64 - 1])
words = st.sampled_from(["f", "__class__", "ValueError", "a\0b", "", NAME]) | st.text(max_size=3)
references = st.one_of(
    st.builds(wire.Handle, numbers, words, st.booleans()),
    st.builds(wire.Kept, numbers),
    st.builds(wire.Named, words, words),
)
leaves = st.one_of(
    st.none(),
    numbers,
    words,
    references,
    st.builds(array, numbers, numbers, offset=numbers),
    st.builds(wire.BigInt, st.text("-_0", max_size=5)),
    st.builds(wire.Generator, words, words, st.none() | numbers),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(wire.List, st.lists(inner, max_size=3)),
        st.builds(wire.Tuple, st.lists(inner, max_size=3)),
        st.builds(wire.Dict, st.lists(inner, max_size=3), st.lists(inner, max_size=3)),
    ),
    max_leaves=6,
)
some = st.lists(words, max_size=3)
lines = st.lists(st.builds(wire.Line, words, numbers, words, words), max_size=2)
positional = st.builds(wire.List, st.lists(values, max_size=2))
named = st.builds(wire.Dict, st.lists(words, max_size=2), st.lists(values, max_size=2))
operations = st.sampled_from(["call", "get", "set"])
messages = st.one_of(
    st.builds(wire.Returned, values, some, some),
    st.builds(wire.Raised, some, words, lines, words, words),
    st.builds(wire.Printed, words),
    st.builds(wire.Ask, values, words, positional, named, operations),
    st.builds(wire.Ready, some),
    st.builds(wire.Load, words),
)


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.tuples(messages, st.binary(max_size=40)), max_size=4), st.booleans())
def test_whatever_a_worker_sends_only_the_student_can_be_at_fault(sent, lent):
    forger = Forger(*(frame(message, blob) for message, blob in sent))
    if lent:
        forger.session.borrow([NAME], Forger(*(frame(*each) for each in sent)).session)
    with contextlib.suppress(Ended, StudentError):
        forger.call(np.ones(2), print)


def test_a_start_that_fails_says_why():
    start = wire.Start([], [], True, 1 << 30)
    with pytest.raises(GraderError, match="could not be started: no Landlock here"):
        Forger(frame(wire.Raised(["OSError"], "no Landlock here", [], "confine"))).session.start(
            start
        )
    with pytest.raises(GraderError, match="did not say why"):
        Forger(frame(wire.Returned(1))).session.start(start)
    assert Forger(frame(wire.Ready(["a note"]))).session.start(start) == ["a note"]
