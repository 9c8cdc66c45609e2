"""The labs run, on the student's own modules where they are there, and lose nothing."""

import base64
import doctest
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.course import Course
from grader.errors import GraderError
from grader.notebook.modules import Modules
from grader.reference import LiveReference
from stages.data import load_digits
from stages.s13_cnn.labs import draw, own, photo, training
from stages.s13_cnn.labs.draw import DrawDigit, as_digit, load_drawing

ROOT = Path(__file__).resolve().parent.parent
UNIT = Course(ROOT).units[0]
LABS = sorted((UNIT.folder / "labs").glob("*.md"))


@pytest.mark.parametrize("module", [draw, photo, training], ids=lambda m: m.__name__)
def test_its_examples_are_true(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed


# --- the labs themselves ------------------------------------------------------------------------
# The one that trains is run as a notebook, in test_notebooks.py: once is enough.
@pytest.mark.parametrize("lab", [p for p in LABS if "train" not in p.stem], ids=lambda p: p.stem)
def test_a_lab_runs_from_its_first_cell_to_its_last(lab, tmp_path):
    few = {"LAB_DIGITS": "400", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "run_lab.py"), str(lab), str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | few | {"IPYTHONDIR": str(tmp_path / "ipython")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    plots = int(re.search(r"(\d+) plots", done.stdout)[1])
    assert plots == len(list(tmp_path.glob("*.png"))) >= {"calculator": 0}.get(lab.stem, 6)
    if plots:
        assert "This lab runs on SOLUTIONS in place of yours" in done.stdout


@pytest.mark.parametrize("lab", LABS, ids=lambda path: path.stem)
def test_a_lab_has_short_cells_and_headings_that_cut_it(lab):
    text = lab.read_text(encoding="utf-8")
    cells = re.findall(r"^<!-- notebook\n(.*?)^-->", text, re.DOTALL | re.MULTILINE)
    assert cells and max(cell.count("\n") for cell in cells) <= 11
    assert text.startswith("# Lab: ") and text.count("\n## ") >= 5


# --- whose modules ----------------------------------------------------------------------------
@pytest.fixture
def course(tmp_path, monkeypatch):
    """A copy of the course, which `own` takes for its own; imports are put back afterwards."""
    ignore = shutil.ignore_patterns("__pycache__", "checks", "right", "data")
    shutil.copytree(ROOT / "stages", tmp_path / "stages", ignore=ignore)
    monkeypatch.setattr(own, "__file__", str(tmp_path / "stages/s13_cnn/labs/own.py"))
    monkeypatch.setattr(sys, "meta_path", sys.meta_path.copy())
    for stage in UNIT.stages:
        package = importlib.import_module(stage.module.rpartition(".")[0])
        monkeypatch.setattr(package, stage.name, None, raising=False)
        monkeypatch.setitem(sys.modules, stage.module, None)
    known = {name: module for name, module in sys.modules.items() if name.startswith("stages")}
    yield tmp_path / "stages" / "s13_cnn"
    sys.modules.update(known)


def answer(course, *names):
    for name in names:
        mine = (course / name / "solution.py").read_text() + "\nMINE = True\n"
        (course / name / f"{name}.py").write_text(mine)


def is_own(module):
    return getattr(module, "MINE", False)


def test_everything_of_the_students_own(course, capsys):
    answer(course, "padding", "im2col", "conv")
    conv, padding = own.own("conv", "padding")
    assert is_own(conv) and is_own(padding)
    assert capsys.readouterr().out == "This lab runs on your own padding, im2col, conv.\n"


def test_a_stage_to_do_is_the_solution_and_the_others_find_it(course, capsys):
    answer(course, "padding", "conv")
    conv = own.own("conv")
    assert is_own(conv) and not is_own(sys.modules["stages.s13_cnn.im2col.im2col"])
    assert is_own(sys.modules["stages.s13_cnn.padding.padding"])
    assert conv.im2col is sys.modules["stages.s13_cnn.im2col.im2col"].im2col
    out, _ = conv.conv2d_forward(np.ones((1, 3, 3, 1)), np.ones((2, 2, 1, 1)), np.zeros(1))
    assert out.ravel().tolist() == [4, 4, 4, 4]
    told = capsys.readouterr().out
    assert "SOLUTIONS in place of yours, for\n  im2col  im2col and 1 more are still to do" in told
    assert told.endswith("and on your own padding, conv.\n")
    assert all(len(line) <= 80 for line in told.splitlines())


def test_every_form_of_import_finds_what_was_loaded(course):
    answer(course, "im2col")
    (course / "conv" / "conv.py").write_text(
        (course / "conv" / "solution.py").read_text()
        + "\nimport stages.s13_cnn.padding.padding as first"
        + "\nfrom stages.s13_cnn.padding import padding as second"
        + "\ndef late():\n    from stages.s13_cnn.padding.padding import pad2d\n    return pad2d\n"
    )
    conv, padding = own.own("conv", "padding")
    assert conv.first is conv.second is padding
    assert conv.late() is padding.pad2d


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda text: "def broken(:\n" + text,
            "does not load: invalid syntax, line 1",
        ),
        (lambda text: text + "\n1 / 0\n", "does not load: ZeroDivisionError: division by zero"),
        (lambda text: text + "\nexit(3)\n", "does not load: SystemExit: 3"),
        (lambda text: text.replace("def col2im(", "def col2img("), "col2im is not there"),
        (lambda text: text + "\0", "does not load: source code"),
        (None, "cannot be read: No such file or directory"),
    ],
    ids=["syntax", "raises", "exits", "renamed", "null byte", "gone"],
)
def test_a_file_that_cannot_be_used_is_replaced_with_the_reason(course, capsys, change, told):
    answer(course, "padding", "im2col", "conv")
    file = course / "im2col" / "im2col.py"
    if change:
        file.write_text(change(file.read_text()))
    else:
        file.unlink()
    assert is_own(own.own("conv"))
    assert f"  im2col  {told}" in " ".join(capsys.readouterr().out.split("\n")[:2])


@pytest.mark.parametrize(
    ("last", "own_still"),
    [
        ('    return padded\n    raise NotImplementedError("s13.padding: pad2d")\n', True),
        (
            '    if not x.size:\n        raise NotImplementedError("no")\n    return padded\n',
            True,
        ),
        ('    raise NotImplementedError("s13.padding: pad2d")\n', False),
        (
            '    if x is not None:\n        raise NotImplementedError("s13.padding: pad2d")\n',
            False,
        ),
        ("    raise NotImplementedError\n    return padded\n", False),
    ],
    ids=["left behind the return", "of its own", "not begun", "in a branch", "bare"],
)
def test_a_function_is_to_do_if_it_still_raises_what_the_stub_does(course, last, own_still):
    answer(course, "padding")
    file = course / "padding" / "padding.py"
    text = file.read_text()
    assert text.count("    return padded\n") == 1
    file.write_text(text.replace("    return padded\n", last))
    assert is_own(own.own("padding")) is own_still


def test_a_changed_file_is_loaded_again(course):
    answer(course, "padding")
    assert is_own(own.own("padding"))
    file = course / "padding" / "padding.py"
    file.write_text(file.read_text() + "\nMINE = 'and changed'\n")
    assert own.own("padding").MINE == "and changed"


def test_a_notebook_that_loads_anew_keeps_the_solutions_that_were_announced(course):
    answer(course, "padding")
    names = {}
    names["lenet"], names["padding"] = own.own("lenet", "padding")
    names["Conv2D"] = names["lenet"].Conv2D
    files = [course / stage.name / f"{stage.name}.py" for stage in UNIT.stages]
    modules = Modules(ROOT, files, names)
    modules.refresh()
    files[0].write_text(files[0].read_text() + "\nMINE = 'and changed'\n")
    assert modules.refresh() == ""
    assert names["padding"].MINE == "and changed"
    lenet = names["lenet"]
    assert lenet.__file__ == str(course / "lenet" / "solution.py")
    assert lenet is importlib.import_module(lenet.__name__) and lenet.Conv2D is names["Conv2D"]
    layers = lenet.build_lenet(rng=np.random.default_rng(0))
    assert lenet.forward_cnn(layers, np.ones((1, 32, 32, 1))).shape == (1, 10)
    # A function of the solution is not taken for the student's.
    modules.fetch(names["padding"].__name__, "pad2d")
    assert names["pad2d"] is names["padding"].pad2d
    with pytest.raises(GraderError, match=r"solution\.py in place of it"):
        modules.fetch(lenet.__name__, "build_lenet")
    assert "build_lenet" not in names


BASE = """
class Layer:
    def forward(self, x):
        raise NotImplementedError("each layer has its own")

    def get_params(self):
        return self.W, self.b


"""
TAKEN_OUT = re.compile(r"    def get_params\(self\):.*?(?=    def )", re.DOTALL)


def test_what_a_base_class_has_or_leaves_to_its_heirs_is_there(course, capsys):
    answer(course, "padding", "im2col", "conv")
    file = course / "conv" / "conv.py"
    text, taken = TAKEN_OUT.subn("", file.read_text())
    text = text.replace("class Conv2D:", BASE + "class Conv2D(Layer):")
    assert taken == 1 and "Conv2D(Layer)" in text
    file.write_text(text)
    assert is_own(own.own("conv"))
    assert "SOLUTIONS" not in capsys.readouterr().out
    # A lambda does as well.
    lambdas = "    get_params = lambda self: (self.W, self.b)\n\n    def forward("
    file.write_text(text.replace("(Layer)", "").replace("    def forward(", lambdas))
    assert is_own(own.own("conv"))
    # What is found nowhere, or only where it is to do, is said.
    file.write_text(text.replace("(Layer)", ""))
    assert not is_own(own.own("conv"))
    assert "  conv  Conv2D.get_params is not there" in capsys.readouterr().out
    file.write_text(
        text.replace("    def forward(self, x", "    def forwards(self, x", 2).replace(
            "    def forwards(self, x", "    def forward(self, x", 1
        )
    )
    assert not is_own(own.own("conv"))
    assert "  conv  Conv2D.forward is still to do" in capsys.readouterr().out


def test_a_sealed_solution_is_said_without_a_traceback(course):
    answer(course, "padding")
    for name in ("im2col", "conv"):
        stub = (course / name / f"{name}.py").read_bytes()
        (course / name / "solution.py").unlink()
        handed_out = course.parent.parent / "edition" / f"s13.{name}" / "stub.py"
        handed_out.parent.mkdir(parents=True)
        handed_out.write_bytes(stub)
    with pytest.raises(own.StageNeededError) as caught:
        own.own("conv")
    lines = caught.value._render_traceback_()
    assert lines[0] == "This lab needs stages whose solutions are not released yet:"
    assert lines[1:3] == [
        "  im2col  im2col and 1 more are still to do",
        "  conv    conv2d_naive and 8 more are still to do",
    ]
    assert "Do im2col first, in stages/s13_cnn/im2col/im2col.py" in lines[3]
    # What the student has done already is enough for a lab that needs no more.
    assert is_own(own.own("padding"))
    # A solution that was unlocked lies elsewhere, and serves as well.
    unlocked = course.parent.parent / "solutions" / "s13_cnn" / "im2col" / "solution.py"
    unlocked.parent.mkdir(parents=True)
    unlocked.write_text((UNIT.folder / "im2col" / "solution.py").read_text())
    assert own.own("im2col").__file__ == str(unlocked)


# --- images -----------------------------------------------------------------------------------
def test_without_the_photograph_a_scene_is_drawn_and_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    image, source = photo.load_photo()
    assert image.shape == (214, 320) and 0 <= image.min() < image.max() <= 1
    assert "drawn scene" in source and "--extra photo" in source
    assert np.array_equal(image, photo.scene())


# --- progress and weights -----------------------------------------------------------------------
@pytest.fixture(scope="module")
def lenet():
    return LiveReference(UNIT.solutions()).module("stages.s13_cnn.lenet.lenet")


def test_what_a_layer_makes_is_what_the_network_makes_up_to_it(lenet):
    layers = lenet.build_lenet(rng=np.random.default_rng(0))
    x = np.random.default_rng(1).uniform(size=(2, 32, 32, 1)).astype(np.float32)
    outputs = training.outputs_of(layers, x, lenet.forward_cnn)
    assert list(outputs)[:2] == ["0 Conv2D", "1 ReLU"] and len(outputs) == 12
    np.testing.assert_array_equal(outputs["1 ReLU"], np.maximum(outputs["0 Conv2D"], 0))
    np.testing.assert_array_equal(outputs["11 Dense"], lenet.forward_cnn(layers, x))
    table = training.statistics(outputs)
    assert re.search(r"^1 ReLU +28x28x6 +\d\.\d\d +\d\.\d\d +\d+ %$", table, re.MULTILINE)


def test_weights_come_back_and_older_ones_are_kept(lenet, tmp_path):
    first, second, third = (lenet.build_lenet(rng=np.random.default_rng(i)) for i in range(3))
    path = tmp_path / "new" / "lenet.npz"
    assert training.save_weights(path, first) is None
    kept = training.save_weights(path, second)
    assert kept.parent == path.parent and kept != path
    x = np.ones((1, 32, 32, 1), dtype=np.float32)
    for file, layers in ((kept, first), (path, second)):
        training.load_weights(file, third)
        np.testing.assert_array_equal(lenet.forward_cnn(third, x), lenet.forward_cnn(layers, x))


def test_weights_of_another_network_change_nothing(lenet, tmp_path):
    path = tmp_path / "lenet.npz"
    training.save_weights(path, lenet.build_lenet(num_classes=7))
    layers = lenet.build_lenet(rng=np.random.default_rng(0))
    before = [array.copy() for array in layers[0].get_params()]
    with pytest.raises(
        ValueError, match=r"layer11_W is \(84, 7\), but the network's is \(84, 10\)"
    ):
        training.load_weights(path, layers)
    with pytest.raises(ValueError, match=r"layer0_W is \(5, 5, 1, 6\), but .* is not there"):
        training.load_weights(path, [lenet.ReLU()])
    for old, new in zip(before, layers[0].get_params(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_weights_lie_in_the_courses_own_folder_whatever_the_working_directory(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert training.weights_file("lenet") == ROOT / ".grader" / "labs" / "lenet.npz"


# --- digits of one's own ------------------------------------------------------------------------
def test_a_digit_of_mnist_is_scaled_and_centred_already():
    _, _, test_x, _ = load_digits()
    again = np.concatenate([as_digit(x[..., 0]) for x in test_x[:300]])
    assert np.mean(np.abs(again - test_x[:300])) < 0.002
    # So is the same digit three times as large, in a corner of a large sheet.
    moved = np.zeros((200, 300), dtype=np.float32)
    moved[100:184, 5:89] = np.kron(test_x[0, ..., 0], np.ones((3, 3)))
    np.testing.assert_allclose(as_digit(moved)[0], test_x[0], atol=0.02)


@pytest.mark.parametrize("size", [(1, 300), (300, 1), (1, 1), (40, 40)])
def test_any_shape_of_ink_fits(size):
    ink = np.zeros((320, 320))
    ink[: size[0], -size[1] :] = 7
    digit = as_digit(ink)
    assert digit.shape == (1, 28, 28, 1) and digit.dtype == np.float32
    assert digit.max() == 1 and digit.min() == 0


@pytest.mark.parametrize(
    ("paper", "pen", "mode"), [(255, 0, "L"), (30, 220, "RGB"), (0, 0, "RGBA")]
)
def test_a_picture_file_is_read_whatever_its_colours(tmp_path, paper, pen, mode):
    from PIL import Image, ImageDraw

    picture = Image.new("L", (120, 90), paper).convert(mode)
    picture.putalpha(0) if mode == "RGBA" else None
    colour = {"L": pen, "RGB": (pen,) * 3, "RGBA": (pen, pen, pen, 255)}[mode]
    ImageDraw.Draw(picture).rectangle((50, 20, 60, 70), fill=colour)
    path = tmp_path / "one.png"
    picture.save(path)
    digit = load_drawing(path)
    expected = np.zeros((90, 120))
    expected[20:71, 50:61] = 1
    np.testing.assert_allclose(digit, as_digit(expected), atol=1e-6)


def seven():
    """A digit that no turn leaves as it is, dark on light, 0 to 1."""
    sheet = np.ones((60, 90), dtype=np.float32)
    sheet[10:16, 30:60] = sheet[10:50, 54:60] = 0.1
    return sheet


@pytest.mark.parametrize("largest", [1, 1000, 65535])
def test_a_picture_of_numbers_is_read_whatever_their_range(tmp_path, largest):
    from PIL import Image

    kind = np.float32 if largest == 1 else np.uint16
    Image.fromarray((seven() * largest).astype(kind)).save(tmp_path / "seven.tiff")
    digit = load_drawing(tmp_path / "seven.tiff")
    np.testing.assert_allclose(digit, as_digit(seven() < 0.5), atol=1e-3)


def test_a_photograph_is_turned_as_its_camera_noted(tmp_path):
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90 degrees, clockwise
    lying = np.rot90(seven())
    Image.fromarray((255 * lying).astype(np.uint8)).save(tmp_path / "photo.png", exif=exif)
    np.testing.assert_allclose(
        load_drawing(tmp_path / "photo.png"), as_digit(seven() < 0.5), atol=1e-6
    )


def test_a_damaged_picture_is_refused_and_a_missing_one_is_missing(tmp_path):
    from PIL import Image

    path = tmp_path / "seven.png"
    noise = np.random.default_rng(0).integers(0, 256, (50, 50)).astype(np.uint8)
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:60] + bytes(200) + whole[260:]):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"seven\.png cannot be read as a picture: "):
            load_drawing(path)
    with pytest.raises(FileNotFoundError):
        load_drawing(tmp_path / "six.png")


def test_a_file_that_is_no_picture_or_is_empty_is_refused(tmp_path):
    from PIL import Image

    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(ValueError, match=r"a\.png is no picture"):
        load_drawing(tmp_path / "a.png")
    Image.new("L", (30, 30), 250).save(tmp_path / "b.png")
    with pytest.raises(ValueError, match="nothing is drawn"):
        load_drawing(tmp_path / "b.png")
    with pytest.raises(ValueError, match="nothing is drawn"):
        as_digit(np.full((30, 30), np.nan))


def inked(pixels):
    return base64.b64encode(pixels).decode()


def test_the_canvas_says_what_the_network_read():
    pad = DrawDigit(lambda image: np.arange(10.0) * (image.shape == (1, 28, 28, 1)))
    pad.ink = inked(bytes(100 * 50) + bytes([255]) * 100 * 50)
    assert pad.message == "I read a 9." and len(pad.seen) == 784 and pad.scores[9] == 9
    pad.ink = inked(bytes(100 * 100))
    assert (pad.seen, pad.scores) == ([], [])
    wrong = DrawDigit(lambda image: image @ np.ones((3, 3)))
    wrong.ink = inked(bytes(99) + bytes([255]))
    assert wrong.message.startswith("ValueError: ") and wrong.scores == []


CANVAS = """<!doctype html><meta charset="utf-8"><style>%s</style><div id="here"></div>
<script type="module">
const state = { seen: [], scores: [], message: 'Draw.' };
window.model = {
  get: (key) => state[key], set: (key, value) => { state[key] = value; },
  save_changes() { this.saved = (this.saved ?? 0) + 1; }, listeners: {},
  on(event, each) { this.listeners[event] = each; }, off() {},
};
const url = URL.createObjectURL(new Blob([%s], { type: 'text/javascript' }));
(await import(url)).default.render({ model: window.model, el: here });
window.ready = true;
</script>"""


def test_what_is_drawn_with_mouse_or_keys_is_sent_and_the_answer_is_shown(browser, tmp_path):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    path = tmp_path / "canvas.html"
    path.write_text(CANVAS % (DrawDigit._css, json.dumps(DrawDigit._esm)), encoding="utf-8")
    browser.get(path.as_uri())
    browser.execute_async_script(
        "const look = () => window.ready ? arguments[0]() : setTimeout(look, 10); look();"
    )

    def ink():
        sent = base64.b64decode(browser.execute_script("return model.get('ink')"))
        return np.frombuffer(sent, dtype=np.uint8).reshape(140, 140)

    paper = browser.find_element("css selector", ".paper")
    ActionChains(browser, duration=20).move_to_element_with_offset(paper, 0, -60).click_and_hold(
    ).move_by_offset(0, 120).release().perform()  # fmt: skip
    rows, columns = np.nonzero(ink() > 128)
    assert rows.min() < 30 and rows.max() > 110 and 55 < columns.min() < columns.max() < 85
    browser.find_element("css selector", "button").click()
    assert not ink().any()

    paper.send_keys(Keys.SPACE, *[Keys.ARROW_RIGHT] * 5, Keys.SPACE)
    rows, columns = np.nonzero(ink() > 128)
    assert columns.max() - columns.min() > 2 * (rows.max() - rows.min())
    browser.execute_script(
        "model.set('scores', [...Array(10).keys()]); model.set('message', 'I read a 9.');"
        "model.set('seen', Array(784).fill(255)); model.listeners['change:scores']()"
    )
    assert browser.find_element("css selector", ".guess").text == "I read a 9."
    assert browser.find_element("css selector", ".best b").text == "9"
    assert browser.get_log("browser") == []
