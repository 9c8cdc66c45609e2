"""The wire: what goes in comes out, and whatever arrives does no harm."""

import contextlib
import math
import socket
import struct
import threading
import time
import tracemalloc

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader import wire
from grader.errors import ProtocolError

DTYPES = "|b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f2 <f4 <f8 <c8 <c16".split()
REFUSED = (ProtocolError, EOFError, TimeoutError)
MB = 1 << 20

tried = settings(deadline=None, derandomize=True, database=None, max_examples=60)
fuzzed = settings(tried, max_examples=150, suppress_health_check=list(HealthCheck))


# --- helpers ------------------------------------------------------------------------------
def nothing_else(value):
    raise ProtocolError(f"nothing is known of {value}")


def unkept(obj):
    raise wire.Unsendable(f"a {type(obj).__name__}")


def frame(structure, blob=b""):
    """Return the bytes of a frame, whatever they claim."""
    return struct.pack(">II", len(structure) + len(blob), len(structure)) + structure + blob


def sent(obj):
    """Return the frame by which `obj` is returned."""
    out = wire.Outgoing(unkept)
    return returned(out.value(obj), b"".join(out.blobs))


def received(data):
    """Return what the checker makes of these bytes: the message, its values built."""
    ours, theirs = socket.socketpair()
    # Whoever sends may be ended by us in the middle of it.
    sender = threading.Thread(target=lambda: [_send_quietly(theirs, data), theirs.close()])
    sender.start()
    channel = wire.Channel(ours, wire.Reply)
    try:
        message, blob = channel.receive(time.monotonic() + 5)
        return built(message, wire.Incoming(blob, nothing_else))
    finally:
        channel.close()
        sender.join()


def built(message, incoming):
    match message:
        case wire.Returned(value):
            return incoming.value(value)
        case wire.Ask(_, _, args, kwargs):
            return incoming.value(args), incoming.value(kwargs)
    return message


def _send_quietly(sock, data):
    with contextlib.suppress(OSError):
        sock.sendall(data)


def across(obj):
    """Return `obj` after its way over the wire."""
    return received(sent(obj))


def returned(value, blob=b""):
    """Return the frame that claims that a call returned this wire value."""
    return told(wire.Returned(value), blob)


def told(message, blob=b""):
    """Return the frame of a message."""
    return frame(msgspec.msgpack.encode(message), blob)


def equal(a, b):
    """Whether two values are the same in type, form and bits."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict):
        return equal(list(a), list(b)) and equal(list(a.values()), list(b.values()))
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b)
    return a == b


@pytest.fixture
def peak():
    """Returns how many bytes were allocated at the worst moment since it was asked last."""
    tracemalloc.start()

    def since():
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        return highest

    yield since
    tracemalloc.stop()


# --- round trips --------------------------------------------------------------------------
arrays = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(
        dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    )
)
scalars = st.sampled_from(DTYPES).flatmap(lambda dtype: hnp.arrays(dtype, ())).map(lambda a: a[()])
big = st.integers(-(10**900), 10**900)
keys = st.one_of(st.text(), st.integers(), big, st.booleans(), st.tuples(st.integers(), st.text()))
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), big, st.floats(), st.text(), arrays, scalars
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=12,
)


@tried
@given(values)
def test_a_nested_value_comes_back_the_same(value):
    assert equal(across(value), value)


@tried
@given(arrays, st.data())
def test_a_slice_of_any_array_comes_back_the_same(array, data):
    view = array.transpose(data.draw(st.permutations(range(array.ndim)))) if array.ndim else array
    for axis in range(view.ndim):
        step = data.draw(st.sampled_from([1, 2, -1, -2]))
        view = view[(slice(None),) * axis + (slice(None, None, step),)]
    assert equal(across(view), view)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_comes_back_from_an_array_and_a_scalar(dtype):
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    assert equal(across(array), array)
    assert equal(across(array[1, 2, 3]), array[1, 2, 3])


BASE = np.arange(2.0, 122.0).reshape(2, 3, 4, 5)
LAYOUTS = {
    "rows first": BASE,
    "columns first": np.asfortranarray(BASE),
    "axes turned": BASE.transpose(2, 0, 3, 1),
    "every second entry": BASE[:, :, :, ::2],
    "an inner part": BASE[:, 1:, 1:3, 1:4],
    "backwards": BASE[::-1, :, ::-1],
    "one entry repeated": np.broadcast_to(BASE[0, 0, 0, :1], (3, 4)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_in_memory_survives_the_wire(layout):
    array = LAYOUTS[layout]
    back = across(array)

    assert equal(back, array)
    assert back.flags.c_contiguous == array.flags.c_contiguous
    assert back.flags.f_contiguous == array.flags.f_contiguous
    if layout in ("columns first", "axes turned"):
        assert back.strides == array.strides


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (1,), (1, 1, 1)])
def test_small_and_empty_shapes_survive_the_wire(shape):
    assert equal(across(np.full(shape, 2.5)), np.full(shape, 2.5))


def test_an_array_that_arrives_is_its_own_and_may_be_written():
    first, second = across([np.ones(3), np.ones(3)])
    first[:] = 7
    assert second.tolist() == [1, 1, 1]


def test_an_array_of_the_other_byte_order_keeps_its_numbers():
    array = np.array([1.5, -2.5], dtype=">f8")
    assert across(array).tolist() == [1.5, -2.5]


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 2**64, -(2**63), -(2**63) - 1, 10**900])
def test_integers_beyond_64_bits_come_back(number):
    assert equal(across(number), number)


def test_a_generator_comes_back_at_its_place_in_the_stream():
    rng = np.random.default_rng(7)
    rng.integers(10, dtype=np.int32)  # half of a 64-bit number now waits in the generator
    back = across(rng)

    assert equal(
        back.integers(1000, size=5, dtype=np.int32), rng.integers(1000, size=5, dtype=np.int32)
    )
    assert equal(back.standard_normal(20), rng.standard_normal(20))


@pytest.mark.parametrize("seed", [7, 2**100, [3, 5]])
def test_a_generator_has_the_same_children_on_both_sides(seed):
    rng = np.random.default_rng(seed)
    rng.spawn(1)
    back = across(rng)
    for ours, theirs in zip(rng.spawn(2), back.spawn(2), strict=True):
        assert equal(theirs.random(3), ours.random(3))
    grandchild = np.random.default_rng(seed).spawn(2)[1]
    back = across(grandchild)
    assert equal(back.spawn(1)[0].random(3), grandchild.spawn(1)[0].random(3))


def test_what_has_no_value_form_is_left_to_whoever_keeps_it():
    seen = []
    out = wire.Outgoing(lambda obj: seen.append(obj) or wire.Kept(5))
    assert out.value([print, 1]) == wire.List([wire.Kept(5), 1])
    assert seen == [print]

    back = wire.Incoming(memoryview(b""), {wire.Kept(5): print}.__getitem__)
    assert back.value(wire.List([wire.Kept(5), 1])) == [print, 1]


# --- what cannot be sent ------------------------------------------------------------------
def contains_itself():
    value = [1]
    value.append(value)
    return value


UNSENDABLE = {
    "half a character": ("a\ud800b", "surrogate"),
    "half a character as a key": ({"\udfff": 1}, "surrogate"),
    "a list that contains itself": (contains_itself(), "100 levels"),
    "a number of 2000 digits": (10**2000, "too large"),
    "an array over the cap": (np.broadcast_to(np.float64(1), (4000, 4000)), "too large"),
    "an array of objects": (np.array([None]), "ndarray"),
    "an array of text": (np.array(["a"]), "ndarray"),
    "a set": ({1}, "set"),
}


@pytest.mark.parametrize("name", UNSENDABLE)
def test_what_does_not_fit_the_wire_is_refused_in_words(name):
    value, words = UNSENDABLE[name]
    with pytest.raises(wire.Unsendable, match=words):
        wire.Outgoing(unkept).value(value)


def test_a_structure_over_its_cap_is_refused_before_a_byte_is_sent():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with pytest.raises(wire.Unsendable, match="too large"):
            wire.Channel(ours, wire.Reply).send(wire.Printed("x" * (wire.MAX_STRUCTURE + 1)))
        theirs.setblocking(False)
        with pytest.raises(BlockingIOError):
            theirs.recv(1)


# --- frames that somebody made up ---------------------------------------------------------
def example_frames():
    rng = np.random.default_rng(3)
    array = np.arange(24.0).reshape(2, 3, 4)
    return [
        sent([1, 2.5, None, True, "text äöü", 2**80, (array, {"a": array[0, 0, 0]})]),
        sent({"w": array.transpose(2, 0, 1), "b": array[:, ::2], 3: rng}),
        returned(wire.Handle(7, "Net"), b""),
        told(wire.Raised(["ValueError"], "no", [wire.Line("a.py", 1, "f", "x")], "call")),
        told(wire.Ask(wire.Kept(3), "f", wire.List([1]), wire.Dict(["a"], [2]))),
        told(wire.Printed("hello")),
    ]


changes = st.lists(
    st.tuples(
        st.sampled_from(["flip", "insert", "delete"]),
        st.floats(0, 1),
        st.binary(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=6,
)


def changed(data, steps):
    data = bytearray(data)
    for how, where, new in steps:
        at = int(where * max(0, len(data) - 1))
        if how == "insert":
            data[at:at] = new
        elif how == "delete":
            del data[at : at + len(new)]
        else:
            data[at : at + len(new)] = new[: len(data) - at]
    return bytes(data)


@fuzzed
@given(st.sampled_from(example_frames()), changes)
def test_a_mutated_frame_is_refused_or_read_within_the_cap(peak, data, steps):
    peak()
    with contextlib.suppress(*REFUSED):
        received(changed(data, steps))
    assert peak() < 8 * MB


@fuzzed
@given(st.sampled_from(example_frames()), changes)
def test_a_mutated_structure_of_the_right_length_is_refused_or_read(data, steps):
    _, length = struct.unpack(">II", data[:8])
    structure, blob = data[8 : 8 + length], data[8 + length :]
    with contextlib.suppress(*REFUSED):
        received(frame(changed(structure, steps), blob))


@pytest.mark.parametrize("data", example_frames())
def test_a_truncated_frame_is_the_end_of_the_stream(data):
    for length in range(0, len(data), 7):
        with pytest.raises(EOFError):
            received(data[:length])


hostile_ints = st.one_of(
    st.integers(-3, 70), st.sampled_from([2**31, 2**62, 2**63 - 1, -(2**63), 2**64 - 1])
)
hostile_tuples = st.lists(hostile_ints, max_size=4).map(tuple)
hostile_dtypes = st.sampled_from([*DTYPES, "O", "|O8", "<U1", "<M8[s]"]) | st.text(max_size=4)
hostile_hex = st.text("0fz-_", max_size=40)
forged_leaves = st.one_of(
    st.none(),
    hostile_ints,
    st.text(max_size=5),
    st.builds(
        wire.Array,
        hostile_dtypes,
        hostile_tuples,
        hostile_ints,
        st.permutations([0, 1]).map(tuple) | hostile_tuples,
        st.booleans(),
        st.booleans(),
    ),
    st.builds(wire.BigInt, st.sampled_from(["--5", "", "-", "1_0", "٣"]) | st.text(max_size=6)),
    st.builds(wire.Generator, hostile_hex, hostile_hex, st.none() | hostile_ints),
    st.builds(wire.Handle, hostile_ints, st.text(max_size=4), st.booleans()),
    st.builds(wire.Kept, hostile_ints),
    st.builds(wire.Named, st.text(max_size=4), st.text(max_size=4)),
)
forged = st.recursive(
    forged_leaves,
    lambda inner: st.one_of(
        st.builds(wire.List, st.lists(inner, max_size=4)),
        st.builds(wire.Tuple, st.lists(inner, max_size=4)),
        st.builds(wire.Dict, st.lists(inner, max_size=4), st.lists(inner, max_size=4)),
    ),
    max_leaves=8,
)


@settings(fuzzed, max_examples=300)
@given(forged, st.binary(max_size=80))
def test_a_forged_value_is_refused_or_read(value, blob):
    with contextlib.suppress(ProtocolError):
        wire.Incoming(memoryview(blob), nothing_else).value(value)


def zeros(count, shape=None, **more):
    return wire.Array("|u1", shape or (count,), **{"offset": 0, "order": (0,)} | more)


def nested(depth):
    value = None
    for _ in range(depth):
        value = wire.List([value])
    return value


# Integers are hashed by their remainder.
EQUAL_HASHES = [wire.BigInt(str(2**70 * (2**61 - 1) * k)) for k in range(1, 999)]
LIES = {
    "a shape larger than the frame": (zeros(10**12), b"x"),
    "a shape whose product is beyond 64 bits": (zeros(0, (2**40, 2**40), order=(0, 1)), b"x"),
    "no entries, and an axis of 2**62": (zeros(0, (2**62, 2**62, 0), order=(0, 1, 2)), b""),
    "a negative axis": (zeros(-1), b"x"),
    "33 axes": (zeros(0, (1,) * 33, order=tuple(range(33))), b"x"),
    "a negative offset": (zeros(1, offset=-1), b"x"),
    "an offset behind the frame": (zeros(1, offset=1), b"x"),
    "an offset near 2**64": (zeros(1, offset=2**64 - 1), b"x"),
    "arrays that overlap": (wire.List([zeros(1000), zeros(1000)]), bytes(1500)),
    "an axis twice": (zeros(0, (1, 1), order=(0, 0)), b"x"),
    "an axis left out": (zeros(0, (1, 1), order=(0,)), b"x"),
    "Python objects": (wire.Array("|O", (1,), 0, (0,)), bytes(8)),
    "a record": (wire.Array("V8", (1,), 0, (0,)), bytes(8)),
    "a scalar with a shape": (zeros(1, scalar=True), b"x"),
    "more keys than values": (wire.Dict([1, 2], [1]), b""),
    "a list as a key": (wire.Dict([wire.List([])], [1]), b""),
    "keys of equal hash": (wire.Dict(EQUAL_HASHES, [1] * len(EQUAL_HASHES)), b""),
    "two signs": (wire.BigInt("--5"), b""),
    "a million digits": (wire.BigInt("9" * 10**6), b""),
    "a generator with a negative state": (wire.Generator("-1", "1", None), b""),
    "150 levels": (nested(150), b""),
    "an object that nobody gave": (wire.Handle(1), b""),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_a_lie_about_a_value_is_refused_before_it_costs_memory(name, peak):
    value, blob = LIES[name]
    data = returned(value, blob)
    peak()
    with pytest.raises(ProtocolError):
        received(data)
    assert peak() < 12 * MB


def test_many_arrays_over_the_same_bytes_take_no_more_than_the_frame(peak):
    data = returned(wire.List([zeros(4 * MB)] * 2000), bytes(4 * MB))
    peak()
    with pytest.raises(ProtocolError, match="overlap"):
        received(data)
    assert peak() < len(data) + 24 * MB


@pytest.mark.parametrize("level", [b"\x91", b"\x82\xa4type\xa4list\xa5items\x91", b"\x81\xa1a"])
def test_a_nesting_bomb_is_refused(level):
    head = msgspec.msgpack.encode(wire.Returned(None))[:-1]
    bomb = level * ((wire.MAX_STRUCTURE - 100) // len(level))
    with pytest.raises(ProtocolError):
        received(frame(head + bomb + b"\xc0"))
    with pytest.raises(ProtocolError):
        received(frame(bomb))


@pytest.mark.parametrize(
    ("total", "length"),
    [
        (wire.MAX_FRAME + 1, 10),
        (2**32 - 1, 2**32 - 1),
        (wire.MAX_FRAME, wire.MAX_STRUCTURE + 1),
        (10, 11),
    ],
)
def test_a_length_over_the_caps_is_refused_from_the_header_alone(total, length):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(struct.pack(">II", total, length))
        with pytest.raises(ProtocolError, match="claims"):
            wire.Channel(ours, wire.Reply).receive(time.monotonic() + 5)


def test_a_length_that_is_only_claimed_allocates_nothing(peak):
    with pytest.raises(EOFError):
        received(struct.pack(">II", wire.MAX_FRAME, 10) + b"a few bytes")
    assert peak() < 4 * MB


def test_a_large_frame_takes_three_times_its_size_at_most(peak):
    data = sent(np.zeros(4 * MB))
    peak()
    back = received(data)
    assert back.nbytes == 32 * MB
    assert peak() < len(data) + 3 * back.nbytes


def test_a_request_is_no_reply():
    with pytest.raises(ProtocolError):
        received(told(wire.Load("a")))


@given(st.binary(max_size=200))
@fuzzed
def test_noise_is_refused(noise):
    with pytest.raises(REFUSED):
        received(noise)


# --- deadlines ----------------------------------------------------------------------------
def test_a_slow_drip_does_not_outlast_the_deadline():
    ours, theirs = socket.socketpair()
    stop = threading.Event()

    def drip():
        for byte in frame(b"x" * 1000):
            if stop.wait(0.02):
                return
            theirs.sendall(bytes([byte]))

    sender = threading.Thread(target=drip)
    sender.start()
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        wire.Channel(ours, wire.Reply).receive(start + 0.15)
    took = time.monotonic() - start
    stop.set()
    sender.join()
    ours.close()
    theirs.close()
    assert 0.14 < took < 2


def test_a_frame_in_parts_arrives_as_long_as_the_deadline_lasts():
    ours, theirs = socket.socketpair()
    data = sent("in parts")

    def send():
        for part in (data[:3], data[3:10], data[10:]):
            theirs.sendall(part)
            time.sleep(0.12)

    sender = threading.Thread(target=send)
    sender.start()
    message, _ = wire.Channel(ours, wire.Reply).receive(time.monotonic() + 5)
    sender.join()
    ours.close()
    theirs.close()
    assert message == wire.Returned("in parts")


def test_frames_that_arrive_together_are_read_one_by_one():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(sent([1, np.ones(3)]) + told(wire.Printed("x")) + sent(2))
        channel = wire.Channel(ours, wire.Reply)
        message, blob = channel.receive(time.monotonic() + 5)
        assert built(message, wire.Incoming(blob, nothing_else))[1].tolist() == [1, 1, 1]
        assert channel.receive(time.monotonic() + 5)[0] == wire.Printed("x")
        assert channel.receive(time.monotonic() + 5)[0] == wire.Returned(2)


def test_who_does_not_read_holds_nobody_up():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            wire.Channel(ours, wire.Reply).send(
                wire.Returned(None), [memoryview(bytes(8 * MB))], start + 0.1
            )
        assert time.monotonic() - start < 2


def test_a_deadline_that_has_passed_is_noticed_before_anything_is_read():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(sent(1))
        with pytest.raises(TimeoutError):
            wire.Channel(ours, wire.Reply).receive(time.monotonic() - 1)


def test_floats_without_a_number_come_back():
    assert all(math.isnan(x) for x in across([math.nan, np.float32("nan")]))
    assert across((math.inf, -math.inf, -0.0)) == (math.inf, -math.inf, 0.0)
