"""The explorers: their state in Python, and what a browser makes of it."""

import doctest
import json
from pathlib import Path

import numpy as np
import pytest
from traitlets import TraitError

from grader.course import Course
from grader.reference import LiveReference
from stages.s13_cnn.explore import Convolution, Im2col, Padding, Pooling, traits, widgets

UNIT, _ = Course.find(Path(__file__)).select(["s13"])
EXPLORERS = (Padding, Im2col, Convolution, Pooling)


@pytest.fixture(scope="module")
def right():
    """What the course's solutions compute, by the name of the stage."""
    reference = LiveReference(UNIT.solutions())
    return {stage.name: reference.module(stage.module) for stage in UNIT.stages}


@pytest.mark.parametrize("module", [traits, widgets], ids=lambda m: m.__name__)
def test_its_examples_are_true(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed


# --- the state in Python ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Convolution(stride=0), "less than 1, but a value of 0"),
        (lambda: Convolution(kernel=np.ones((6, 2))), "kernel: 6x2 is too large, 5x5 at most"),
        (lambda: Convolution(image=[[1, 2], [3]]), "image: not a grid of numbers"),
        (lambda: Convolution(image=np.ones((2, 2, 2))), r"the shape is \(2, 2, 2\)"),
        (lambda: Convolution(image=np.ones((0, 2))), r"the shape is \(0, 2\)"),
        (lambda: Convolution(image=[[np.nan]]), "image: every value must be finite"),
        (lambda: Padding(value=float("-inf")), "value: must be finite, but it is -inf"),
        (lambda: Padding(value=np.nan), "value: must be finite, but it is nan"),
        (lambda: Im2col(image=np.ones((2, 2, 4))), "image: 4 channels, 3 at most"),
        (lambda: Pooling(kind="median"), "median"),
        (lambda: Padding(top=-1), "less than 0, but a value of -1"),
    ],
)
def test_a_state_that_cannot_be_shown_is_refused(make, told):
    with pytest.raises(TraitError, match=told):
        make()


def test_a_misspelt_name_is_no_silent_success():
    with pytest.raises(TypeError, match="no 'strides'; it has image, kernel, stride, padding"):
        Convolution(strides=2)


@pytest.mark.parametrize("kind", EXPLORERS)
def test_without_widgets_there_is_a_picture_or_at_least_words(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(widgets, "_HERE", tmp_path / "explore")
    data, _ = kind()._repr_mimebundle_()
    assert "image/svg+xml" not in data
    assert data["text/plain"].startswith(f"{kind.__name__}(image=")
    assert "JupyterLab or VS Code" in data["text/plain"]
    (tmp_path / kind.picture).parent.mkdir(parents=True)
    (tmp_path / kind.picture).write_text("<svg/>")
    data, _ = kind()._repr_mimebundle_()
    assert data["image/svg+xml"] == "<svg/>"
    assert "application/vnd.jupyter.widget-view+json" in data


@pytest.mark.parametrize("kind", EXPLORERS)
def test_the_picture_in_its_place_is_one_of_the_lessons(kind):
    picture = UNIT.folder / kind.picture
    assert picture.is_file() or not picture.parent.is_dir()


# --- in a browser -----------------------------------------------------------------------------
# A page with a model as anywidget gives one to `render`, and functions for the tests.
PAGE = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; color-scheme: light dark; background: light-dark(#fff, #161616); } %s
</style><div id="here"></div><script type="module">
const model = (state) => ({
  listeners: {}, saved: 0,
  get: (key) => state[key],
  set(key, value) {
    const same = JSON.stringify(state[key]) === JSON.stringify(value);
    state[key] = value;
    if (!same) for (const each of this.listeners[`change:${key}`] ?? []) each();
  },
  save_changes() { this.saved += 1; },
  on(event, each) { (this.listeners[event] ??= []).push(each); },
  off(event, each) { this.listeners[event] = this.listeners[event].filter((e) => e !== each); },
});
const scripts = %s;
window.start = async (name, state) => {
  const url = URL.createObjectURL(new Blob([scripts[name]], { type: 'text/javascript' }));
  window.model = model(state);
  here.replaceChildren();
  window.end = (await import(url)).default.render({ model: window.model, el: here });
};
window.put = async (state) => {
  for (const [key, value] of Object.entries(state)) window.model.set(key, value);
  await null;
};
window.numbers = (name) => [...here.querySelectorAll(`.${name}:not([hidden])`)].map((grid) =>
  [...grid.querySelectorAll('tr:has(td)')].map((row) =>
    [...row.querySelectorAll('td')].map((cell) =>
      cell.dataset.value === undefined ? null : Number(cell.dataset.value))));
window.words = (part) => here.querySelector(part).textContent;
</script>"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("explore") / "page.html"
    scripts = json.dumps({kind.__name__: kind._esm for kind in EXPLORERS})
    path.write_text(PAGE % (Convolution._css, scripts.replace("</", "<\\/")), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def shown(browser, page):
    """Open an explorer; return what runs a script in its page."""

    def open_(explorer, width=720, scheme="light"):
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        browser.get(page)
        start = "const done = arguments[2]; start(arguments[0], arguments[1]).then(done, done)"
        name = type(explorer).__name__
        assert browser.execute_async_script(start, name, explorer.state) is None
        return browser.execute_script

    yield open_
    assert browser.get_log("browser") == []


def every(run, states, *names, mode=""):
    """Put all `states`, and return the numbers of the named grids after each."""
    script = """
        const [states, names, mode] = arguments;
        return (async () => {
          const found = [];
          for (const state of states) {
            await put(state);
            if (mode) here.querySelector(mode).click();
            found.push(names.map(numbers));
          }
          return found;
        })();
    """
    return run(script, states, names, mode)


def random_image(rng, least=4, most=9, channels=()):
    shape = rng.integers(least, most + 1, 2)
    return rng.integers(-5, 6, (*shape, *channels))


def images(x):
    return np.asarray(x, dtype=float).reshape(1, len(x), len(x[0]), -1)


def test_convolution_shows_what_the_solution_computes(shown, right):
    rng = np.random.default_rng(13)
    states = [
        {
            "image": random_image(rng, 7).tolist(),
            "kernel": (rng.integers(-8, 9, rng.integers(1, 4, 2)) / 4).tolist(),
            "stride": int(rng.integers(1, 4)),
            "padding": int(rng.integers(0, 4)),
            "dilation": int(rng.integers(1, 4)),
            "position": 999,
        }
        for _ in range(60)
    ]
    found = every(shown(Convolution()), states, "input", "product", "output")
    for state, ((image,), (products,), (out,)) in zip(states, found, strict=True):
        x, kernel, d = images(state["image"]), np.array(state["kernel"]), state["dilation"]
        spread = np.zeros([d * (k - 1) + 1 for k in kernel.shape])
        spread[::d, ::d] = kernel
        W = spread[..., np.newaxis, np.newaxis]
        expected, _ = right["conv"].conv2d_forward(
            x, W, np.zeros(1), state["stride"], state["padding"]
        )
        np.testing.assert_allclose(out, expected[0, ..., 0])
        np.testing.assert_array_equal(
            image, right["padding"].pad2d(x, state["padding"])[0, ..., 0]
        )
        assert np.sum(products) == pytest.approx(out[-1][-1])
        assert np.shape(products) == kernel.shape


def test_im2col_shows_what_the_solution_computes(shown, right):
    rng = np.random.default_rng(14)
    states = [
        {
            "image": random_image(rng, 3, 6, rng.integers(1, 4, 1)).tolist(),
            "kernel_height": int(rng.integers(1, 4)),
            "kernel_width": int(rng.integers(1, 4)),
            "stride": int(rng.integers(1, 4)),
            "padding": int(rng.integers(0, 3)),
            "position": 999,
        }
        for _ in range(40)
    ]
    found = every(shown(Im2col()), states, "input", "matrix")
    for state, (channels, (matrix,)) in zip(states, found, strict=True):
        x = np.array(state["image"])[np.newaxis]
        window = state["kernel_height"], state["kernel_width"]
        expected = right["im2col"].im2col(x, window, state["stride"], state["padding"])
        np.testing.assert_array_equal(matrix, expected)
        padded = right["padding"].pad2d(x, state["padding"])
        np.testing.assert_array_equal(np.stack(channels, axis=-1), padded[0])


def test_padding_shows_what_the_solution_computes(shown, right):
    rng = np.random.default_rng(15)
    sides = ("top", "bottom", "left", "right")
    states = [
        {side: int(n) for side, n in zip(sides, rng.integers(0, 5, 4), strict=True)}
        | {
            "image": random_image(rng, 5).tolist(),
            "value": float(rng.integers(-9, 10) / 2),
            "kernel_height": int(rng.integers(1, 6)),
            "kernel_width": int(rng.integers(1, 6)),
            "stride": int(rng.integers(1, 5)),
        }
        for _ in range(60)
    ]
    run = shown(Padding())
    for state, ((image,), (positions,)) in zip(
        states, every(run, states, "input", "output"), strict=True
    ):
        x = images(state["image"])
        padding = (state["top"], state["bottom"]), (state["left"], state["right"])
        window = state["kernel_height"], state["kernel_width"]
        padded = right["padding"].pad2d(x, padding, state["value"])
        np.testing.assert_array_equal(image, padded[0, ..., 0])
        size = right["padding"].get_output_shape(x.shape[1:3], window, state["stride"], padding)
        assert np.shape(positions) == size
        # Each position says how many pixels of the image lie under the window there.
        inside = right["padding"].pad2d(np.ones_like(x), padding)
        covered = right["im2col"].im2col(inside, window, state["stride"]).sum(axis=1)
        np.testing.assert_array_equal(np.ravel(positions), covered)

    for place, mode in enumerate(("valid", "same", "full"), 1):
        button = f".modes button:nth-of-type({place})"
        every(run, states[:1], mode=button)
        for KH, KW in ((3, 3), (2, 5), (4, 1)):
            every(run, [{"kernel_height": KH, "kernel_width": KW}], mode=button)
            got = run("return ['top', 'bottom', 'left', 'right'].map(model.get)")
            expected = right["padding"].resolve_padding(mode, (KH, KW))
            assert tuple(got) == (*expected[0], *expected[1])
            assert run(f"return here.querySelector('{button}').ariaPressed") == "true"


def test_pooling_shows_what_the_solution_computes_and_where_the_gradient_goes(shown, right):
    rng = np.random.default_rng(16)
    states = [
        {
            "image": (random_image(rng, 4, 8) // 2).tolist(),  # ties are common
            "kind": str(rng.choice(["maximum", "average"])),
            "pool_size": int(rng.integers(1, 5)),
            "stride": [None, 1, 2, 3][rng.integers(4)],
            "position": 999,
        }
        for _ in range(60)
    ]
    run = shown(Pooling())
    forward = every(run, [s | {"view": "forward"} for s in states], "output")
    back = every(run, [s | {"view": "gradient"} for s in states], "gradient", "back")
    pooling = right["pooling"]
    for state, ((out,),), ((grad_out,), (grad_x,)) in zip(states, forward, back, strict=True):
        x, window = images(state["image"]), (state["pool_size"], state["stride"])
        grad = np.array(grad_out, dtype=float)[np.newaxis, ..., np.newaxis]
        if state["kind"] == "maximum":
            expected, indices = pooling.max_pool2d_forward(x, *window)
            gradient = pooling.max_pool2d_backward(grad, indices, x.shape, *window)
        else:
            expected = pooling.avg_pool2d_forward(x, *window)
            gradient = pooling.avg_pool2d_backward(grad, x.shape, *window)
        np.testing.assert_allclose(out, expected[0, ..., 0])
        np.testing.assert_allclose(grad_x, gradient[0, ..., 0])
        assert np.ravel(grad_out).tolist() == list(range(1, np.size(grad_out) + 1))


def test_a_slider_a_key_and_a_number_typed_change_the_picture_and_the_state(shown, browser):
    from selenium.webdriver.common.keys import Keys

    run = shown(Convolution(position=0))
    text = "return words('.sentence')"
    assert run(text).startswith("output (0, 0) = 1·1 + 1·0 + 1·(−1)")
    assert run("return words('.size')").startswith("OH = ⌊(5 − 3) / 1⌋ + 1 = 3")
    assert run("return numbers('output')[0].flat()") == [0, *[None] * 8]

    position = browser.find_element("css selector", "[data-key=position]")
    position.send_keys(Keys.ARROW_RIGHT)
    assert run(text).startswith("output (0, 1)") and run(text).endswith("= 3")
    assert run("return [model.get('position'), model.saved]") == [1, 1]
    window = run(
        "return [...here.querySelectorAll('.input td.window')]"
        ".map((cell) => [cell.dataset.row, cell.dataset.column].join())"
    )
    assert window[:4] == ["0,1", "0,2", "0,3", "1,1"]

    run("const s = here.querySelector('[data-key=padding]'); s.value = 2;"
        "s.dispatchEvent(new Event('input'))")  # fmt: skip
    assert run("return model.get('padding')") == 2
    assert "⌊(5 + 2 + 2 − 3) / 1⌋ + 1 = 7" in run("return words('.size')")
    assert len(run("return numbers('input')[0]")) == 9

    weight = browser.find_element("css selector", ".kernel input")
    weight.clear()
    weight.send_keys("1/4", Keys.TAB)
    assert run("return model.get('kernel')[0]") == [0.25, 0, -1]
    assert run("return document.activeElement.ariaLabel") == "weight in row 0, column 1"
    weight.clear()
    weight.send_keys("zebra", Keys.TAB)
    assert run("return model.get('kernel')[0]") == [0.25, 0, -1]
    assert weight.get_attribute("aria-invalid") == "true"

    run("here.querySelector('.turn').click()")
    assert run("return model.get('kernel')") == [[-1, 0, 1], [-1, 0, 1], [-1, 0, 0.25]]
    # What Python sets is drawn, and an explorer that was closed listens no longer.
    run("return put({ position: 8, image: [[1, 2], [3, 4]], kernel: [[2]], padding: 0 })")
    assert run("return numbers('output')[0]") == [[2, 4], [6, 8]]
    run("end(); return put({ padding: 1 })")
    assert run("return here.childElementCount") == 0


def test_it_plays_to_the_end_and_stops(shown, browser):
    run = shown(Im2col(position=7))
    run("window.setInterval = (each) => { window.tick = each; return 1; }")
    play = browser.find_element("css selector", ".play")
    play.click()
    assert play.text == "pause"
    run("tick(); tick(); tick()")
    assert run("return model.get('position')") == 8
    assert play.text == "play"
    assert run("return words('.stepper output')") == "9 of 9"
    play.click()
    assert run("return model.get('position')") == 0


@pytest.mark.parametrize(
    ("explorer", "told"),
    [
        (Convolution(dilation=3), "kernel 3×3 covers 7×7 at dilation 3 and does not fit the "
         "padded input 5×5"),
        (Padding(image=[[1, 2]], top=0, bottom=0), "kernel 3×3 does not fit the padded input 1×4"),
        (Im2col(image=[[1]]), "kernel 2×2 does not fit the padded input 1×1"),
        (Pooling(image=[[1, 2]]), "pool 2×2 does not fit the padded input 1×2"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_window_that_does_not_fit_is_said_with_both_sizes(shown, explorer, told):
    run = shown(explorer)
    assert told in run("return words('.sentence')")
    assert "no position" in run("return words('.size')")
    assert run("return getComputedStyle(here.querySelector('.grid:not(.input, .kernel)'))"
               ".visibility") == "hidden"  # fmt: skip


# Contrast of every visible text with what lies behind it, and its size; the worst of each.
LEGIBLE = r"""
const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const paint = (colour, under) => {
  pen.fillStyle = under; pen.fillRect(0, 0, 1, 1);
  pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
  return `rgb(${[...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).join()})`;
};
const behind = (node) => node
  ? paint(getComputedStyle(node).backgroundColor, behind(node.parentElement)) : '#fff';
const light = (c) => c <= 10 ? c / 255 / 12.92 : ((c / 255 + .055) / 1.055) ** 2.4;
const luminance = (rgb) => rgb.match(/\d+/g).map(Number).map(light)
  .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
let [contrast, size] = [[99], [99]];
for (const node of here.querySelectorAll('*')) {
  const own = [...node.childNodes].some((c) => c.nodeType === 3 && c.data.trim());
  if (!(own || node.matches('input:not([type])')) || !node.checkVisibility()) continue;
  const style = getComputedStyle(node);
  const paper = behind(node);
  const pair = [paint(style.color, paper), paper].map(luminance).sort((a, b) => b - a);
  const ratio = (pair[0] + .05) / (pair[1] + .05);
  if (ratio < contrast[0]) contrast = [ratio, node.tagName + '.' + node.className];
  if (parseFloat(style.fontSize) < size[0]) size = [parseFloat(style.fontSize), node.tagName];
}
return [contrast, size, luminance(behind(here.firstChild)), document.documentElement.scrollWidth];
"""
LARGE = [
    Padding(top=4, bottom=4, left=4, right=4, image=np.ones((6, 6)) * -0.25, stride=3),
    Im2col(image=np.ones((4, 4, 3)) * 111, kernel_height=3, kernel_width=3, padding=1),
    Convolution(image=np.arange(144).reshape(12, 12), kernel=np.eye(5) / 9, padding=4, position=9),
    Pooling(view="gradient", kind="average", stride=1, pool_size=3, position=3),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_legible_by_day_and_by_night_and_on_a_narrow_page(shown, scheme):
    for explorer in (*LARGE, *(kind() for kind in EXPLORERS)):
        contrast, size, paper, width = shown(explorer, 400, scheme)(LEGIBLE)
        assert contrast[0] >= 4.5, (explorer, contrast)
        assert size[0] >= 11, (explorer, size)
        assert (paper < 0.5) is (scheme == "dark")
        assert width <= 400, explorer


@pytest.mark.parametrize("kind", EXPLORERS)
def test_where_one_is_can_be_read_on_a_telephone(shown, kind):
    run = shown(kind(), 320)
    parts = "[...here.querySelectorAll('.stepper button, .stepper input, .stepper output')]"
    rights = run(f"return {parts}.map((each) => each.getBoundingClientRect().right)")
    assert len(rights) == 7 and max(rights) <= 320 - 12


def test_small_and_large_numbers_are_not_taken_for_others(shown):
    image = Convolution(image=[[1e19, 0.001], [1e300, -0.0025]]).image
    assert image == [[1e19, 0.001], [1e300, -0.0025]]
    assert Convolution(image=[[1e19, 3]]).image == [[1e19, 3]]
    run = shown(Convolution(image=image, kernel=[[1]], position=3))
    cells = run("return [...here.querySelectorAll('.output td')].map((c) => c.textContent)")
    assert cells == ["1.00e+19", "0.001", "1.00e+300", "−0.0025"]
    # What is left of 0.1 + 0.2 - 0.3 is no number of its own.
    run("return put({ image: [[0.1, 0.2, 0.3]], kernel: [[1, 1, -1]] })")
    assert run("return here.querySelector('.output td').textContent") == "0"


def test_the_theme_of_a_notebook_goes_before_that_of_the_system(shown):
    run = shown(Pooling(), scheme="light")
    paper = "return getComputedStyle(here.firstChild).getPropertyValue('background-color')"
    assert run(paper) == "rgb(255, 255, 255)"
    for attribute, value in (("jpThemeLight", "false"), ("vscodeThemeKind", "vscode-dark")):
        assert (
            run(f"document.body.dataset.{attribute} = '{value}';" + paper) != "rgb(255, 255, 255)"
        )
        run(f"delete document.body.dataset.{attribute}")
    run("document.body.style.setProperty('--jp-layout-color0', 'rgb(1, 2, 3)')")
    assert run(paper) == "rgb(1, 2, 3)"
