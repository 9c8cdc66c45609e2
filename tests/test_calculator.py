"""The calculator: known networks, and texts that describe none."""

import doctest
import random
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from grader.course import Course
from grader.reference import LiveReference
from stages.s13_cnn.labs import calculator, layers, notation
from stages.s13_cnn.labs.calculator import describe, in_bytes
from stages.s13_cnn.labs.layers import Conv
from stages.s13_cnn.labs.notation import NotationError, parse

LENET = (
    "INPUT 32x32x1 -> CONV 6 5x5 -> RELU -> POOL 2 -> CONV 16 5x5 -> RELU -> POOL 2 "
    "-> FC 120 -> RELU -> FC 84 -> RELU -> FC 10"
)
VGG16 = (
    "INPUT 224x224x3 -> [CONV 64 3x3 same -> RELU]*2 -> POOL 2 -> [CONV 128 3x3 p1 -> RELU]*2 "
    "-> POOL 2 -> [CONV 256 3x3 p1 -> RELU]*3 -> POOL 2 "
    "-> [[CONV 512 3x3 p1 -> RELU]*3 -> POOL 2]*2 -> [FC 4096 -> RELU]*2 -> FC 1000"
)


@pytest.mark.parametrize("module", [calculator, layers, notation], ids=lambda m: m.__name__)
def test_its_examples_are_true(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed


# --- known numbers ----------------------------------------------------------------------------
def fields(network):
    seen = [(row.field[0], row.jump[0]) for row in network.rows[1:] if row.field]
    return [pair for i, pair in enumerate(seen) if i == 0 or pair != seen[i - 1]]


def test_lenet():
    network = describe(LENET)
    assert network.parameters == 61_706
    assert fields(network) == [(5, 1), (6, 2), (14, 2), (16, 4)]
    assert [row.output for row in network.rows if len(row.output) == 3][-1] == (5, 5, 16)
    assert network.multiply_adds == 117_600 + 240_000 + 48_000 + 10_080 + 840
    assert describe(LENET.replace("-> FC 120", "-> FLATTEN -> FC 120")).activations == 15_002


def test_vgg16_as_published():
    network = describe(VGG16)
    assert network.parameters == 138_357_544
    assert network.rows[-6].output == (7, 7, 512)
    assert all(len(line) <= 80 for line in str(describe(VGG16, batch=999)).splitlines())


@pytest.mark.parametrize(
    ("text", "outputs"),
    [
        ("INPUT 227x227x3 -> CONV 96 11x11 s4", "55x55x96"),
        (
            "INPUT 32x32x3 -> CONV 32 3x3 -> POOL 2 -> CONV 64 3x3 -> POOL 2 -> CONV 64 3x3 "
            "-> FLATTEN",
            "30x30x32 15x15x32 13x13x64 6x6x64 4x4x64 1024",
        ),
        ("INPUT 10x10x1 -> POOL 3 s2", "4x4x1"),
        ("INPUT 28x28x1 -> CONV 1 3 s2", "13x13x1"),
        ("INPUT 28x28x1 -> CONV 1 3 s2 p1", "14x14x1"),
        ("INPUT 9x8x2 -> CONV 5 3x2 s2x1 p1x0", "5x7x5"),
        ("INPUT 9x9x1 -> CONV 1 4x3 same", "9x9x1"),
        ("INPUT 9x9x1 -> CONV 1 3 d2 same", "9x9x1"),
        ("INPUT 7x5x8 -> GLOBALPOOL", "8"),
        ("input 8x8x1->[relu->pool 2]*3->fc 2", "8x8x1 4x4x1 4x4x1 2x2x1 2x2x1 1x1x1 2"),
    ],
)
def test_sizes(text, outputs):
    assert " ".join(layers.times(row.output) for row in describe(text).rows[1:]) == outputs


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("INPUT 227x227x3 -> CONV 96 11x11 s4", 34_944),
        ("INPUT 227x227x3 -> LOCAL 96 11x11 s4", 105_705_600),
        ("INPUT 28x28x1 -> FC 100", 78_500),
        ("INPUT 784 -> FC 100", 78_500),
        ("INPUT 3840x2160x3 -> FC 1000", 24_883_200 * 1000 + 1000),
        ("INPUT 9x9x3 -> CONV 1 5x5", 76),
        ("INPUT 9x9x20 -> CONV 1 3x3", 181),
        # Three stacked 3x3 layers of C = 16 channels have 27*C*C weights, one of 7x7 49*C*C.
        ("INPUT 9x9x16 -> [CONV 16 3x3]*3", 27 * 16 * 16 + 3 * 16),
        ("INPUT 9x9x16 -> CONV 16 7x7", 49 * 16 * 16 + 16),
    ],
)
def test_parameters(text, parameters):
    assert describe(text).parameters == parameters


def test_receptive_fields():
    assert fields(describe("INPUT 9x9x1 -> [CONV 1 3x3]*3"))[-1] == (7, 1)
    assert Conv((3, 3), dilation=(4, 4)).reach == (9, 9)
    assert fields(describe("INPUT 99x99x1 -> CONV 1 3 -> CONV 1 3 d2 -> CONV 1 3 d4")) == [
        (3, 1), (7, 1), (15, 1),
    ]  # fmt: skip
    assert describe("INPUT 9x9x1 -> CONV 1 3x5 s1x2").rows[1].field == (3, 5)
    assert describe(LENET).rows[-1].field is None


def test_memory():
    network = describe("INPUT 224x224x3 -> [CONV 64 3x3 p1]*3")
    assert network.activations == 9_633_792
    memory = network.memory
    assert memory["activations"] == 38_535_168
    assert in_bytes(memory["activations and gradients"]) == "77.1 MB"
    assert memory["parameters, gradients and optimiser state"] == 3 * 4 * network.parameters
    twice = describe("INPUT 224x224x3 -> [CONV 64 3x3 p1]*3", batch=2).memory
    assert twice["batch"] == 2 * memory["batch"] == 2 * 4 * 224 * 224 * 3
    assert twice["activations"] == 2 * memory["activations"]
    assert twice["parameters"] == memory["parameters"]
    with pytest.raises(ValueError, match="batch must be at least 1, but it is 0"):
        describe(LENET, batch=0)
    for wrong in (1.5, "2", None):
        with pytest.raises(TypeError, match=f"batch must be a whole number, but it is {wrong!r}"):
            describe(LENET, batch=wrong)
    for wrong in (3, None):
        with pytest.raises(TypeError, match=f"a network is a text such as .*, not {wrong}"):
            describe(wrong)
    assert describe(LENET, batch=np.int64(2)).memory == describe(LENET, batch=2).memory


def test_bytes_are_told_in_three_digits():
    told = [in_bytes(n) for n in (0, 999, 1000, 9_994, 9_996, 99_960, 999_499, 999_600)]
    assert told == "0 B,999 B,1.00 kB,9.99 kB,10.0 kB,100 kB,999 kB,1.00 MB".split(",")


def test_sizes_agree_with_what_the_students_write():
    """Against the solution of the padding stage, for every small case of one axis."""
    unit, _ = Course.find(Path(__file__)).select(["s13"])
    padding = LiveReference(unit.solutions()).module("stages.s13_cnn.padding.padding")
    fitting = 0
    for n, k, s, p in ((n, k, s, p) for n in range(1, 8) for k in range(1, 6)
                       for s in (1, 2, 3) for p in (0, 1, 2)):  # fmt: skip
        text = f"INPUT {n}x9x1 -> CONV 1 {k}x2 s{s}x1 p{p}x0"
        try:
            expected = padding.get_output_shape((n, 9), (k, 2), (s, 1), (p, 0))
        except ValueError:
            with pytest.raises(
                NotationError, match=f"does not fit the padded input {n + 2 * p}x9"
            ):
                describe(text)
        else:
            assert describe(text).rows[1].output == (*expected, 1)
            fitting += 1
    assert fitting > 200


# --- what is shown ----------------------------------------------------------------------------
def test_a_notebook_gets_a_table_and_a_layer_is_written_as_it_can_be_read():
    html = describe(LENET, batch=32)._repr_html_()
    assert html.count("<tr>") == 2 + len(describe(LENET).rows)
    assert "<td>61,706</td>" in html and "32 images at once" in html
    text = "INPUT 30x30x2 -> CONV 4 4x3 same s2 d2 -> LOCAL 2 3 p1 -> POOL 3x2 s1 -> FC 2"
    written = " -> ".join(["INPUT 30x30x2", *(row.layer for row in describe(text).rows[1:])])
    again = describe(written)
    assert again.rows == describe(text).rows


# --- texts that describe no network -------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "marked", "told"),
    [
        ("", "", "starts with its input"),
        ("CONV 6 5x5", "CONV", "starts with its input"),
        ("INPUT", "", "needs height, width and channels"),
        ("INPUT 28x28 -> RELU", "28x28", "channels are missing"),
        ("INPUT 1x1x1x1", "1x1x1x1", "height, width and channels"),
        ("INPUT 8x0x1", "8x0x1", "at least 1"),
        ("INPUT 8x8x1 RELU", "RELU", "expected ->"),
        ("INPUT 8x8x1 -> ", "", "a layer is missing"),
        ("INPUT 8x8x1 -> -> RELU", "->", "a layer is missing"),
        ("INPUT 8x8x1 -> PUUL 2", "PUUL", "Did you mean POOL?"),
        ("INPUT 8x8x1 -> POOL?", "POOL?", "write 'POOL', or nothing"),
        ("INPUT 8x8x1 -> ZEBRA", "ZEBRA", "There are INPUT, CONV"),
        ("INPUT 8x8x1 -> INPUT 8x8x1", "INPUT", "one input"),
        ("INPUT 8x8x1 -> CONV 5x5", "5x5", "the number of filters, as in CONV 6 5x5"),
        ("INPUT 8x8x1 -> CONV 6 -> RELU", "->", "the size of the kernel, as in CONV 6 5x5"),
        ("INPUT 8x8x1 -> CONV 6 5x5x1", "5x5x1", "height and width"),
        ("INPUT 8x8x1 -> CONV 6 5x5 z3", "z3", "expected s2, p1, same or d2"),
        ("INPUT 8x8x1 -> CONV 6 5x5 s0", "s0", "at least 1"),
        ("INPUT 8x8x1 -> CONV 1 3 s2 s3", "s3", "the stride is there already"),
        ("INPUT 8x8x1 -> CONV 1 3 same p1", "p1", "the padding is there already"),
        ("INPUT 8x8x1 -> CONV 1 3 p1 d2 same", "same", "the padding is there already"),
        ("INPUT 8x8x1 -> POOL 2 d1 d1", "d1", "the dilation is there already"),
        ("INPUT 8x8x1 -> FC ten", "ten", "the number of neurons"),
        ("INPUT 8x8x1 -> FC 2x2", "2x2", "the number of neurons"),
        ("INPUT 8x8x1 -> [RELU", "[", "never closed"),
        ("INPUT 8x8x1 -> RELU]*2", "]", "never opened"),
        ("INPUT 8x8x1 -> [RELU POOL 2]", "POOL", "expected ->"),
        ("INPUT 8x8x1 -> [RELU]*x", "x", "how often"),
        ("INPUT 8x8x1 -> [RELU]*99999", "99999", "more than 1000 layers"),
        ("INPUT 8x8x1 -> [[RELU]*100]*100", "100", "more than 1000 layers"),
        ("INPUT 8x8x1 -> POOL 2 -> CONV 2 9x9", "CONV 2 9x9", "does not fit the padded input 4x4"),
        ("INPUT 8x8x1 -> CONV 2 3 d4", "CONV 2 3 d4", "3x3 at dilation 4x4 spans 9x9"),
        ("INPUT 8x8x1 -> FC 10 -> CONV 2 3", "CONV 2 3", "needs an image"),
        ("INPUT 8x8x1\n-> RELU\n-> PUUL 2", "PUUL", "Did you mean POOL?"),
    ],
)  # fmt: skip
def test_an_error_points_at_the_place(text, marked, told):
    with pytest.raises(NotationError) as caught:
        describe(text)
    line, marks, what = str(caught.value).split("\n")
    assert told in what
    place = marks.index("^")
    assert line[place : place + len(marks.strip())] == marked
    assert set(marks.strip()) == {"^"}
    assert caught.value._render_traceback_() == [line, marks, what]


def test_the_place_is_shown_in_a_long_text_within_80_columns():
    text = "INPUT 8x8x1" + " -> RELU" * 60 + " -> PUUL 2" + " -> RELU" * 60
    with pytest.raises(NotationError) as caught:
        parse(text)
    line, marks, _ = str(caught.value).split("\n")
    assert max(len(line), len(marks)) <= 80
    assert line[marks.index("^") :].startswith("PUUL")


def test_brackets_in_each_other_have_an_end():
    deep = "INPUT 8x8x1 -> {}RELU{}"
    assert len(parse(deep.format("[" * 100, "]" * 100))[1]) == 1
    assert len(parse(deep.format("[RELU] -> " * 200, ""))[1]) == 201
    for depth in (101, 3000):
        with pytest.raises(NotationError, match="more than 100 brackets in each other"):
            parse(deep.format("[" * depth, "]" * depth))


def test_no_text_makes_it_crash():
    rng = random.Random(13)
    words = "INPUT 8x8x1 8 -> CONV POOL FC RELU [ ] * 2 3x3 s2 p1 same d2 FLATTEN x -1 ²".split()
    described = 0
    for _ in range(3000):
        text = "INPUT 8x8x1 -> " + " ".join(rng.choices(words, k=rng.randint(0, 7)))
        with suppress(NotationError):
            described += "together" in str(describe(text))
    assert described > 20
