"""A real JupyterLab in a real browser, as a student uses it.

Screenshots are kept in build/screenshots, which is not in git.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.pieces import excerpt
from grader.splice import names_in
from grader.stub import clean

ROOT = Path(__file__).resolve().parent.parent
STAGE = ROOT / "stages" / "s13_cnn" / "padding"
SCREENSHOTS = ROOT / "build" / "screenshots"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver, and one is not installed"
)
PATIENCE = 60.0
WIDE, NARROW = 1280, 720
TASKS = ("pad2d", "get_output_shape", "resolve_padding")
TASK = 'raise NotImplementedError("s13.padding: pad2d")'
WRONG = "return np.pad(x, padding, constant_values=value)"
MODE = "%%stage s13.padding resolve_padding\ndef resolve_padding(mode, kernel_size):\n    return 1"
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
}
# For each widget: the cell that makes it, what moves, and what has to change when it does.
WIDGETS = {
    name: (f"from stages.s13_cnn.explore import {name}\n{name}()", "input[type=range]", ".panels")
    for name in ("Padding", "Im2col", "Convolution", "Pooling")
}
# The cell that a script is about.
CELL = "cells.find(cell => cell.model.id === arguments[0])"
BELOW = f"{CELL}.outputArea.node"
# Whether nothing of a verdict is wider than the room that it has.
NOTHING_STICKS_OUT = """return [...document.querySelectorAll('.grader')].every(
    each => each.scrollWidth <= each.clientWidth)"""


class Server:
    """A JupyterLab that serves one folder, with settings of its own."""

    def __init__(self, root, scratch):
        for name, value in SETTINGS.items():
            path = scratch / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(value))
        folders = {
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        options = [
            "--no-browser",
            "--allow-root",
            "--ServerApp.port=0",
            "--IdentityProvider.token=",
            "--LabApp.expose_app_in_browser=True",
        ]
        self._log = (scratch / "server.log").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=root,
            env=os.environ | {name: str(scratch / folder) for name, folder in folders.items()},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        self._runtime = scratch / "runtime"

    def url(self):
        """Wait until it serves."""
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            for path in self._runtime.glob("jpserver-*.json"):
                return json.loads(path.read_text())["url"]
            assert self._process.poll() is None, "the server ended"
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def stop(self):
        self._process.terminate()  # it ends its kernels
        self._process.wait(20)
        self._log.close()


class Lab:
    """The browser with one notebook open, and what is done with it.

    A cell is named by its id. What is done goes through JupyterLab's own commands.
    """

    def __init__(self, browser):
        self._browser = browser

    def run(self, script, *arguments):
        """Run a script that knows the notebook and its cells."""
        known = (
            "const notebook = window.jupyterapp?.shell.currentWidget;"
            "const cells = notebook?.content?.widgets ?? [];"
        )
        return self._browser.execute_script(known + script, *arguments)

    def wait(self, script, *arguments):
        """Wait until a script returns what is true."""
        give_up = time.monotonic() + PATIENCE
        while not (found := self.run(script, *arguments)):
            assert time.monotonic() < give_up, (script, arguments)
            time.sleep(0.05)
        return found

    def open(self, url):
        self._browser.get(url)
        self.wait(
            "return notebook?.context?.isReady"
            " && notebook.sessionContext.session?.kernel?.status === 'idle'"
        )

    def command(self, name, options=None):
        """Carry out a command to its end."""
        self._browser.execute_async_script(
            "const [name, options, done] = arguments;"
            "window.jupyterapp.commands.execute(name, options ?? {}).then(() => done())",
            name,
            options,
        )

    def run_all(self):
        """Run all cells to the end of the last, whatever becomes of one of them."""
        self.command("notebook:clear-all-cell-outputs")
        self.command("notebook:run-all-cells")
        self.wait(
            "return cells.every(cell => cell.model.type !== 'code' || cell.model.executionCount)"
        )

    def look_at(self, cell):
        self.run(
            f"const i = cells.indexOf({CELL}); notebook.content.activeCellIndex = i;"
            "notebook.content.scrollToCell(cells[i])",
            cell,
        )

    def start(self, cell):
        """Run a cell, and wait for nothing."""
        self.look_at(cell)
        self.run("window.jupyterapp.commands.execute('notebook:run-cell')")

    def run_cell(self, cell):
        """Run a cell to its end; return the words that are seen below it."""
        self.look_at(cell)
        self.command("notebook:run-cell")
        return self.output(cell)

    def output(self, cell):
        self.look_at(cell)
        return self.run(f"return {BELOW}.innerText", cell)

    def text(self, cell):
        return self.run(f"return {CELL}.model.sharedModel.getSource()", cell)

    def write(self, cell, text):
        self.run(f"{CELL}.model.sharedModel.setSource(arguments[1])", cell, text)

    def replace(self, cell, old, new):
        text = self.text(cell)
        assert old in text
        self.write(cell, text.replace(old, new))

    def type_into(self, cell, selector, keys):
        """Type into a part of what is seen below a cell."""
        from selenium.webdriver.common.action_chains import ActionChains

        self.run(f"{BELOW}.querySelector(arguments[1]).focus()", cell, selector)
        ActionChains(self._browser).send_keys(keys).perform()

    def picture(self, name):
        self._browser.save_screenshot(SCREENSHOTS / f"{name}.png")

    def pictures(self, name):
        """Keep how it looks by day, by night, and where there is little room."""
        for theme in ("Dark", "Light"):
            self.command("apputils:change-theme", {"theme": f"JupyterLab {theme}"})
            self.wait("return document.body.dataset.jpThemeName.endsWith(arguments[0])", theme)
            self.wait("return !document.querySelector('#jupyterlab-splash')")
            self.picture(f"{name}-{theme.lower()}")
        self.command("application:toggle-left-area")
        self._browser.set_window_size(NARROW, 1400)
        self.wait("return document.body.clientWidth <= arguments[0]", NARROW)
        assert self.run(NOTHING_STICKS_OUT)
        self.picture(f"{name}-narrow")
        self._browser.set_window_size(WIDE, 1400)
        self.command("application:toggle-left-area")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course as a student has it."""
    root = tmp_path_factory.mktemp("jupyterlab") / "course"
    for folder in ("stages", "notebooks"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture(scope="module")
def lab(course, tmp_path_factory):
    """The notebook of the first stage, open in a browser."""
    from selenium import webdriver

    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(argument)
    options.add_argument(f"--window-size={WIDE},1400")
    server = Server(course, tmp_path_factory.mktemp("server"))
    browser = None
    try:
        browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
        browser.set_script_timeout(PATIENCE)
        lab = Lab(browser)
        lab.open(f"{server.url()}lab/tree/notebooks/1_padding.ipynb")
        yield lab
    finally:
        if browser:
            browser.quit()
        server.stop()


@pytest.fixture
def student_file(course):
    """The student's file, and afterwards as it was before."""
    path = course / "stages" / "s13_cnn" / "padding" / "padding.py"
    before = path.read_text(encoding="utf-8")
    yield path
    path.write_text(before, encoding="utf-8")


def solution():
    return clean((STAGE / "solution.py").read_text(encoding="utf-8"))


def test_from_nothing_to_a_green_check(lab, student_file):
    lab.run_all()
    for name in TASKS:
        assert f"{name} is still to be written." in lab.output(f"write-{name}")
        assert "0 of 10 points" in lab.output(f"check-{name}")
    lab.picture("1-untouched")

    lab.replace("write-pad2d", TASK, WRONG)
    lab.run_cell("write-pad2d")
    seen = lab.run_cell("check-pad2d")
    assert "Looks like: pad2d pads every axis, the batch and the channels too" in seen
    assert "First hint" in seen and "Print x.shape" not in seen
    lab.run(f"{BELOW}.querySelector('.hint summary').click()", "check-pad2d")
    assert "Print x.shape before and after." in lab.output("check-pad2d")
    lab.pictures("2-wrong")

    helpers = [name for name in names_in(solution()) if name not in TASKS]
    for name, more in zip(TASKS, (helpers, [], []), strict=True):
        code = excerpt(solution(), [name, *more])
        lab.write(f"write-{name}", f"%%stage s13.padding {name}\n{code}")
        assert f"{name} is written to stages/" in lab.run_cell(f"write-{name}")
    assert "10 of 10 points" in lab.run_cell("check-pad2d")
    lab.pictures("3-right")


def test_cell_and_file_are_two_views(lab, student_file):
    def edit(old, new):
        student_file.write_text(student_file.read_text().replace(old, new))

    cell = "write-resolve_padding"
    lab.write(cell, MODE)
    lab.run_cell(cell)
    edit("return 1", "return 2")
    assert "The cell shows resolve_padding as it is in stages/" in lab.run_cell(cell)
    assert lab.text(cell) == MODE.replace("return 1", "return 2")

    edit("return 2", "return 3")
    lab.replace(cell, "return 2", "return 4")
    assert "was changed in two places" in lab.run_cell(cell)
    assert "return 3" in student_file.read_text()
    lab.pictures("4-conflict")
    lab.replace(cell, "resolve_padding\n", "resolve_padding --keep cell\n")
    lab.run_cell(cell)
    assert "return 4" in student_file.read_text()
    assert "--keep" not in lab.text(cell)


def test_a_check_can_be_stopped(lab, student_file):
    text = student_file.read_text()
    student_file.write_text(text.replace("raise NotImpl", "while True: pass\n    raise NotImpl"))
    cell = "check-pad2d"
    lab.start(cell)
    lab.wait(f"return {BELOW}.innerText.includes('padding: ')", cell)
    lab.picture("5-running")
    lab.command("notebook:interrupt-kernel")
    lab.wait(f"return {BELOW}.innerText.includes('Stopped')", cell)


@pytest.mark.parametrize("name", WIDGETS)
def test_a_slider_moves_a_picture(lab, name):
    code, slider, seen = WIDGETS[name]
    cell = "check-resolve_padding"
    lab.write(cell, code)
    lab.run_cell(cell)
    lab.wait(f"return {BELOW}.querySelector(arguments[1])", cell, slider)
    shown = f"{BELOW}.querySelector(arguments[1])"
    before = lab.run(f"const it = {shown}; return it.outerHTML + it.value", cell, seen)
    lab.run(
        f"const slider = {shown}; slider.value = slider.max;"
        "for (const name of ['input', 'change'])"
        " slider.dispatchEvent(new Event(name, {bubbles: true}))",
        cell,
        slider,
    )
    lab.wait(
        f"const it = {shown}; return it.outerHTML + it.value !== arguments[2]", cell, seen, before
    )
    lab.picture(f"6-{name}")
    # JupyterLab takes d, d for a command: delete the cell.
    lab.type_into(cell, slider, "dd")
    assert lab.text(cell) == code
