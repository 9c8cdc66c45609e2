"""The pictures of the lessons: who can read them, what they show, and how they are made."""

import re
import sys
from collections import defaultdict
from functools import cache
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib
import numpy as np
import pytest
from matplotlib.ft2font import FT2Font

from grader.cli import main
from grader.course import Course
from grader.errors import CourseError, UsageError
from grader.pictures import pictures
from grader.reference import LiveReference

ROOT = Path(__file__).resolve().parent.parent
SVG = "{http://www.w3.org/2000/svg}"
NAMES = [
    *("padding/frame", "padding/positions", "im2col/rows", "im2col/overlaps"),
    *("conv/steps", "conv/gradient", "pooling/maxima", "pooling/average"),
    *("lenet/shapes", "lenet/receptive_field"),
]
SCHEMES = pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])


@pytest.fixture(scope="module")
def drawn():
    """The text of each picture."""
    return texts(Course(ROOT))


@pytest.fixture(scope="module")
def solution():
    """A function that returns the reference's module of a stage."""
    live = LiveReference(Course(ROOT).units[0].solutions())
    return lambda stage: live.module(f"stages.s13_cnn.{stage}.{stage}")


@pytest.fixture(params=NAMES)
def picture(request, drawn):
    return ET.fromstring(drawn[request.param])


def texts(course):
    return {f"{path.parts[-3]}/{path.stem}": text for path, text in pictures(course)}


def lines_of(picture):
    """Yield each line of words with the group that says how it is written."""
    for group in picture.iter(f"{SVG}g"):
        yield from ((group, text) for text in group.iter(f"{SVG}text"))


def words(text):
    """Return what is written in a picture, by the name of what it belongs to."""
    found = defaultdict(list)
    for group, line in lines_of(ET.fromstring(text)):
        found[group.get("class")].append(line.text)
    return found


def numbers(text):
    """Return the numbers of each array in a picture, row by row."""
    return {
        name: [float(word.replace("−", "-").removeprefix("= ")) for word in found]
        for name, found in words(text).items()
        if name and re.fullmatch(r"(= )?−?[\d.]+", found[0])
    }


def image(values, rows, columns):
    return np.array(values).reshape(1, rows, columns, 1)


# --- one text for one picture ---------------------------------------------------------------
def test_what_is_committed_is_what_is_drawn_and_nothing_else(drawn):
    files = ROOT.glob("stages/*/*/pictures/*.svg")
    committed = {f"{path.parts[-3]}/{path.stem}": path.read_text("utf-8") for path in files}
    assert sorted(committed) == sorted(drawn) == sorted(NAMES)
    assert [name for name in NAMES if committed[name] != drawn[name]] == []


def test_drawing_again_with_other_settings_gives_the_same_text(drawn):
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.fonttype": "path"}):
        assert texts(Course(ROOT)) == drawn


def test_numbers_are_rounded_and_nothing_tells_when_it_was_drawn(picture):
    text = ET.tostring(picture, encoding="unicode")
    assert not re.search(r"\d\.\d{3}", text)
    assert "date" not in text and len(text) < 40_000


# --- who can read them ----------------------------------------------------------------------
def test_it_says_what_it_shows_to_those_who_do_not_see_it(picture):
    title, description = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert len(title.text) > 10
    assert 80 < len(description.text) < 420


def test_it_fits_on_a_page_and_its_words_are_large_enough(picture):
    width, height = float(picture.get("width")), float(picture.get("height"))
    assert picture.get("viewBox") == f"0 0 {width:g} {height:g}"  # so that a unit is a pixel
    assert width <= 720
    assert min(size_of(group) for group, _ in lines_of(picture)) >= 11


def test_words_in_the_terminal_stand_out_from_its_background():
    terminal = ET.parse(ROOT / "docs" / "pictures" / "terminal.svg").getroot()
    words = re.findall(r"{ fill: (#\w+)", terminal.find(f"{SVG}style").text)
    assert len(words) > 3
    background = terminal.find(f"{SVG}rect").get("fill")
    assert [colour for colour in words if contrast(colour, background) < 4.5] == []


@SCHEMES
def test_words_and_lines_stand_out_from_what_is_behind_them(picture, scheme):
    light, colours = colours_of(picture, 0), colours_of(picture, scheme)
    names = {value: name for name, value in light.items()}
    for name in {names[group.get("fill")] for group, _ in lines_of(picture)}:
        assert contrast(colours[name], colours["card"]) >= 4.5, name
    for name in colours:
        if name.endswith("-fill"):
            ink = colours["note" if name == "frame-fill" else "ink"]
            assert contrast(ink, colours[name]) >= 4.5, name
        elif name not in ("card", "border"):
            assert contrast(colours[name], colours["card"]) >= 3, name


def test_every_colour_follows_the_scheme(picture):
    light, dark = colours_of(picture, 0), colours_of(picture, 1)
    assert light.keys() == dark.keys()
    assert [name for name in light if light[name] == dark[name]] == []
    style = picture.find(f"{SVG}style").text
    for element in picture.iter():
        for paint in ("fill", "stroke"):
            value = element.get(paint, "none")
            assert value == "none" or f'[{paint}="{value}"]{{{paint}:var(--' in style


def test_words_stay_on_the_card_and_apart_in_a_wide_font(picture):
    boxes = [(text.text, box_of(group, text)) for group, text in lines_of(picture)]
    width, height = float(picture.get("width")), float(picture.get("height"))
    for line, (left, top, right, bottom) in boxes:
        inside = min(left, top) >= 12 and right <= width - 12 and bottom <= height - 12
        assert inside, f"{line!r} leaves the card"
    for (line, a), (other, b) in combinations(boxes, 2):
        apart = a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]
        assert apart, f"{line!r} lies on {other!r}"


def size_of(group):
    return float(group.get("font-size").removesuffix("px"))


def box_of(group, text):
    """Return left, top, right and bottom of a line in DejaVu Sans, which is wide."""
    size, x, baseline = size_of(group), float(text.get("x")), float(text.get("y"))
    width = size * width_of(text.text, "-Bold" if group.get("font-weight") else "")
    left = x - width * {"start": 0, "middle": 0.5, "end": 1}[group.get("text-anchor", "start")]
    return left, baseline - 0.76 * size, left + width, baseline + 0.24 * size


@cache
def width_of(line, style):
    """Return how wide a line is, as a multiple of the font's size."""
    font = font_of(style)
    font.set_text(line)
    return font.get_width_height()[0] / 64 / 100


@cache
def font_of(style):
    font = FT2Font(f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans{style}.ttf")
    font.set_size(100, 72)
    return font


def colours_of(picture, scheme):
    blocks = re.findall(r"\.lesson-picture\{(--.*?)\}", picture.find(f"{SVG}style").text)
    return dict(pair.removeprefix("--").split(":") for pair in blocks[scheme].split(";"))


def contrast(a, b):
    """Return the contrast of two colours, as WCAG 2 defines it."""
    low, high = sorted(map(luminance, (a, b)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# --- what they show -------------------------------------------------------------------------
def test_frame_agrees_with_pad2d(drawn, solution):
    text, shown = drawn["padding/frame"], numbers(drawn["padding/frame"])
    padded = solution("padding").pad2d(image(shown["image"], 2, 3), ((1, 2), (3, 4)))
    assert padded.shape == (1, 5, 10, 1)
    assert shown["padded"] == padded.ravel().tolist()
    assert "H + top + bottom = 2 + 1 + 2 = 5<" in text
    assert "W + left + right = 3 + 3 + 4 = 10<" in text


def test_positions_agree_with_get_output_shape(drawn, solution):
    text = drawn["padding/positions"]
    count, _ = solution("padding").get_output_shape((10, 10), 3, 2)
    assert f"floor((10 − 3) / 2) + 1 = floor(3.5) + 1 = {count}<" in text
    assert len(re.findall(r">position \d<", text)) == count
    windows = np.arange(3) + 2 * np.arange(count).reshape(-1, 1)
    assert numbers(text)["window"] == windows.ravel().tolist()


def test_rows_agree_with_im2col_and_with_the_convolution(drawn, solution):
    shown = numbers(drawn["im2col/rows"])
    x, W = image(shown["image"], 4, 4), np.reshape(shown["kernel"], (2, 2, 1, 1))
    assert shown["col"] == solution("im2col").im2col(x, 2).ravel().tolist()
    assert shown["flat"] == shown["kernel"]
    out = solution("conv").conv2d_naive(x, W, np.zeros(1))
    assert shown["output"] == shown["product"] == out.ravel().tolist()


@pytest.mark.parametrize("windows", [1, 2, 4, 16])
def test_overlaps_agree_with_col2im(drawn, solution, windows):
    ones = np.repeat(np.arange(16) < windows, 9).reshape(16, 9).astype(float)
    framed = solution("im2col").col2im(ones, (1, 6, 6, 1), 3).ravel()
    shown = numbers(drawn["im2col/overlaps"])[f"after-{windows}"]
    assert shown == framed[framed > 0].tolist()
    if windows == 16:
        inside = solution("im2col").col2im(ones, (1, 4, 4, 1), 3, 1, 1)
        assert np.reshape(shown, (6, 6))[1:-1, 1:-1].tolist() == inside[0, :, :, 0].tolist()


def test_steps_agree_with_the_loops(drawn, solution):
    shown = numbers(drawn["conv/steps"])
    x, W = image(shown["source"][:16], 4, 4), np.reshape(shown["kernel"][:4], (2, 2, 1, 1))
    out = solution("conv").conv2d_naive(x, W, np.zeros(1)).ravel().tolist()
    assert out == [2, 3, 4, -3, 2, 3, 4, -3, 2]
    assert shown["result"] == out[:1] + out[:2] + out[:4] + out
    assert shown["sum"] == [out[0], out[1], out[3], out[8]]


def test_gradient_agrees_with_the_backward_pass(drawn, solution):
    shown = numbers(drawn["conv/gradient"])
    W = np.reshape(shown["W"], (2, 2, 1, 1))
    assert shown["turned"] == shown["kernel"][:4] == shown["W"][::-1]
    grad_out = image(shown["source"][:16], 4, 4)[:, 1:3, 1:3]
    col = np.zeros((4, 4))  # only grad_W depends on it
    grad_x, _, _ = solution("conv").conv2d_backward(grad_out, col, (1, 3, 3, 1), W)
    flat = grad_x.ravel().tolist()
    assert shown["result"] == flat[:1] + flat[:5] + flat
    assert shown["sum"] == [flat[0], flat[4], flat[8]]


@pytest.mark.parametrize("name", ["maxima", "average"])
def test_pooling_agrees_with_the_solution(drawn, solution, name):
    text, pooling = drawn[f"pooling/{name}"], solution("pooling")
    shown = numbers(text)
    x, grad_out = image(shown["x"], 4, 4), image(shown["grad_out"], 2, 2)
    if name == "maxima":
        out, indices = pooling.max_pool2d_forward(x, 2)
        grad_x = pooling.max_pool2d_backward(grad_out, indices, x.shape, 2)
        assert words(text)["indices"] == [str((i, j)) for i, j in indices.reshape(-1, 2).tolist()]
    else:
        out = pooling.avg_pool2d_forward(x, 2)
        grad_x = pooling.avg_pool2d_backward(grad_out, x.shape, 2)
    assert shown["out"] == out.ravel().tolist()
    assert shown["grad_x"] == grad_x.ravel().tolist()
    assert re.findall(r">sum = (\d+)<", text) == [f"{grad_out.sum():g}"] * 2


def test_shapes_and_parameters_agree_with_lenet(drawn, solution):
    x, shapes, parameters = np.zeros((1, 32, 32, 1), dtype=np.float32), ["32×32×1"], []
    for layer in solution("lenet").build_lenet(rng=np.random.default_rng(0)):
        x = layer.forward(x)
        if type(layer).__name__ != "ReLU":
            shapes.append("×".join(map(str, x.shape[1:])))
        if hasattr(layer, "get_params"):
            parameters.append(sum(each.size for each in layer.get_params()))
    text = drawn["lenet/shapes"]
    assert sum(parameters) == 61_706
    assert words(text)["shape"] == shapes
    assert words(text)["parameters"] == [f"{count:,}" for count in parameters]
    assert f"together {sum(parameters):,} parameters, {max(parameters):,} of them" in text


def test_the_receptive_field_is_what_the_gradient_of_one_number_reaches(drawn, solution):
    layers = solution("lenet").build_lenet(rng=np.random.default_rng(0))[:6]
    for i, layer in enumerate(layers):
        if hasattr(layer, "set_params"):
            layer.set_params(*(np.full_like(each, 0.1) for each in layer.get_params()))
        if type(layer).__name__ == "MaxPool2D":  # a maximum depends on one pixel alone
            layers[i] = solution("pooling").AvgPool2D(2)
    fields, jumps = [1], [1]
    for depth in (1, 3, 4, 6):
        first, second = (columns_reached(layers[:depth], column) for column in (0, 1))
        fields.append(len(first))
        jumps.append(second[0] - first[0])
    text = drawn["lenet/receptive_field"]
    assert [int(line.split()[0]) for line in words(text)["field"]] == fields == [1, 5, 6, 14, 16]
    assert [int(line.split()[0]) for line in words(text)["jump"]] == jumps == [1, 1, 2, 2, 4]


def columns_reached(layers, column):
    """Return the columns of the input that an output of the first row depends on."""
    out = np.ones((1, 32, 32, 1))
    for layer in layers:
        out = layer.forward(out)
    grad = np.zeros_like(out)
    grad[0, 0, column, 0] = 1
    for layer in reversed(layers):
        grad = layer.backward(grad)
    return np.flatnonzero(grad[0, :, :, 0].any(axis=0)).tolist()


# --- how they are made ----------------------------------------------------------------------
DRAW = """
from matplotlib.figure import Figure

class Card:
    title, description = "A title", "A description"
    colours = {"ink": ("#101010", "#f0f0f0")}
    def __init__(self, colour="#101010", **options):
        self.figure = Figure(figsize=(1, 1))
        self.figure.patch.set_visible(False)
        self.figure.text(0.5, 0.5, "a < b", color=colour, **options)

PICTURES = {"card": Card}
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one stage with one picture."""
    stage = tmp_path / "stages" / "s13_cnn" / "padding"
    (stage / "pictures").mkdir(parents=True)
    (stage.parent / "unit.toml").write_text('id = "s13"\ntitle = "A unit"\nstages = ["padding"]\n')
    criterion = '[[criteria]]\nid = "first"\nsentence = "first"\npoints = 1\n'
    (stage / "stage.toml").write_text(f'title = "A stage"\n{criterion}')
    (stage / "solution.py").write_text("### BEGIN SOLUTION\n### END SOLUTION\n")
    (stage / "pictures" / "draw.py").write_text(DRAW)
    monkeypatch.chdir(tmp_path)
    return Course(tmp_path)


@pytest.fixture
def source(course):
    return course.units[0].stages[0].folder / "pictures" / "draw.py"


def test_build_writes_a_picture_and_check_compares_it(source, capsys):
    assert main(["build", "--check"]) == 1
    assert "differs: stages/s13_cnn/padding/pictures/card.svg" in capsys.readouterr().out
    assert main(["build"]) == 0
    assert main(["build", "--check"]) == 0
    card = source.with_name("card.svg")
    assert "<text x=" in card.read_text() and ">a &lt; b</text>" in card.read_text()
    card.write_text(card.read_text().replace("a &lt; b", "a &gt; b"))
    assert main(["build", "--check"]) == 1


def test_without_matplotlib_the_command_says_what_to_install(source, capsys, monkeypatch):
    assert main(["build"]) == 0
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for command in (["build"], ["build", "--check"]):
        assert main(command) == 2
        said = capsys.readouterr().err
        assert f"the pictures in {source.parent.relative_to(Path.cwd())}" in said
        assert f'pip install "matplotlib=={matplotlib.__version__}"' in said


def test_another_matplotlib_is_told_from_another_picture(source, capsys):
    assert main(["build"]) == 0
    card = source.with_name("card.svg")
    card.write_text(card.read_text().replace(matplotlib.__version__, "3.0.1", 1))
    assert main(["build", "--check"]) == 2
    said = capsys.readouterr().err
    assert f"drawn with matplotlib 3.0.1; here is {matplotlib.__version__}" in said
    assert 'Run: uv sync, or pip install "matplotlib==3.0.1"' in said
    card.unlink()
    assert main(["build"]) == 0


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("PICTURES", "pictures", "does not load: KeyError('PICTURES')"),
        ("class Card", "class", "does not load: SyntaxError("),
        ('"card": Card', '"card": lambda: 1 / 0', "card: ZeroDivisionError("),
        ('"card": Card', '"card": lambda: Card("#123456")', "card: colours without a name: #12"),
        ('"card": Card', '"card": lambda: Card("black")', "card: colours without a name: #00"),
        ('"card": Card', '"card": lambda: Card(rotation=9)', "card: words in a picture are level"),
        ("self.figure.text", "self.figure.figimage([[1]]);self.figure.text", "not of <image>"),
    ],
)
def test_drawing_code_that_fails_is_named(course, source, old, new, reason):
    source.write_text(DRAW.replace(old, new))
    with pytest.raises(CourseError) as refused:
        texts(course)
    assert str(refused.value).startswith(f"{source}")
    assert reason in str(refused.value)


def test_a_course_without_pictures_needs_no_matplotlib(course, source, monkeypatch):
    source.unlink()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert texts(course) == {}
    source.write_text(DRAW)
    with pytest.raises(UsageError, match='Run: uv sync, or pip install "matplotlib"'):
        texts(course)
