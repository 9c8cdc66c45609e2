"""The command line as a user meets it: its answers, its errors and its exit codes."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

import grader as package
from grader.cli import cli, main
from grader.course import Course
from grader.listener import Listener
from grader.profile import Profile
from grader.results import from_json

HANGING = (
    "import time\n\n\ndef size(n, k):\n    time.sleep(600)\n\n\ndef double(x):\n    return x + x\n"
)


@pytest.fixture
def here(tiny_course, monkeypatch):
    """Stand in the tiny course's folder."""
    monkeypatch.chdir(tiny_course.root)
    return tiny_course


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refused(capfd, *arguments: str) -> str:
    """Run a command that must be refused; return its one message."""
    assert main(list(arguments)) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err


# --- wrong use --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "meant"), [("frist", "first"), ("t01.secnd", "t01.second"), ("t1", "t01")]
)
def test_an_unknown_stage_gets_a_suggestion(here, capfd, typed, meant):
    said = refused(capfd, "check", typed)
    assert f"there is no stage {typed!r}" in said
    assert f"Did you mean {meant!r}?" in said


def test_a_stage_that_resembles_nothing_gets_the_list_of_stages(here, capfd):
    said = refused(capfd, "check", "zzzzzz")
    assert "Did you mean" not in said
    assert "The stages are: t01.first, t01.second." in said


def test_an_unknown_command_gets_a_suggestion(capfd):
    assert "Did you mean 'check'?" in refused(capfd, "chekc")


def test_an_unknown_option_gets_a_suggestion(here, capfd):
    said = refused(capfd, "check", "--jsn", "-")
    assert "--jsn" in said
    assert "--json" in said.replace("--jsn", "")


def test_an_unknown_sandbox_level_is_refused_with_the_levels(here, capfd):
    said = refused(capfd, "check", "--sandbox", "L3")
    assert all(word in said for word in ("L3", "none", "L1", "L2"))


@pytest.mark.parametrize("command", ["check", "list", "build"])
def test_a_folder_without_a_course_is_refused_with_advice(tmp_path, monkeypatch, capfd, command):
    monkeypatch.chdir(tmp_path)
    said = refused(capfd, command)
    assert "no course here" in said
    assert str(tmp_path) in said
    assert "Change to the folder of the course" in said


def test_json_into_a_missing_folder_is_refused_before_anything_runs(here, capfd):
    said = refused(capfd, "check", "--json", "nowhere/report.json")
    assert "--json" in said
    assert "there is no folder nowhere" in said


def test_json_into_a_folder_is_refused_before_anything_runs(here, capfd):
    said = refused(capfd, "check", "--json", "stages")
    assert "--json" in said
    assert "stages is a folder" in said


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is a part of Linux")
def test_json_where_nothing_can_be_written_is_one_message(tiny_course, grader):
    done = grader("check", "first", "--quick", "--json", "/proc/report", cwd=tiny_course.root)
    assert done.code == 2
    assert "/proc" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes are a part of Unix")
def test_json_into_a_pipe_or_through_a_link_goes_where_it_leads(tiny_course, grader, tmp_path):
    link, real, pipe = (tmp_path / name for name in ("link", "real", "pipe"))
    real.touch()
    link.symlink_to(real)
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    for target in (link, pipe):
        done = grader("check", "first", "--quick", "--json", str(target), cwd=tiny_course.root)
        assert done.code == 1, done.stderr
    assert link.is_symlink()
    assert from_json(real.read_text(encoding="utf-8")).exit_code == 1
    with os.fdopen(reader, encoding="utf-8") as written:
        assert from_json(written.read()).exit_code == 1


# --- a broken course --------------------------------------------------------------------------
FIRST, UNIT = "first/stage.toml", "unit.toml"
BROKEN_FILES = {
    "no TOML": (FIRST, "needs = []", "needs = [", ["not a TOML file", "line"]),
    "a missing key": (FIRST, 'title = "Twice as much"\n', "", ["missing", "`title`"]),
    "a wrong type": (FIRST, "difficulty = 1", 'difficulty = "low"', ["difficulty", "`int`"]),
    "no list": (FIRST, "needs = []", 'needs = "none"', ["needs", "`array`"]),
    "a value out of range": (FIRST, "difficulty = 1", "difficulty = 9", ["difficulty", "<= 5"]),
    "an unknown key": (FIRST, "minutes = 5", "minuts = 5", ["unknown field", "`minuts`"]),
    "an unknown key inside": (FIRST, "slow = true", "slw = 1", ["criteria[2]", "`slw`"]),
    "points of zero": (FIRST, "points = 2", "points = 0", ["criteria[1].points", ">= 1"]),
    "no time": (FIRST, "seconds = 2", "seconds = 0", ["limits.seconds", "> 0"]),
    "a strange name": (FIRST, 'id = "size"', 'id = "the size"', ["criteria[1].id", "regex"]),
    "a criterion twice": (FIRST, 'id = "size"', 'id = "double"', ["criteria[1].id", "'double'"]),
    "a later stage": (FIRST, "needs = []", 'needs = ["second"]', ["needs[0]", "'second'"]),
    "itself": ("second/stage.toml", '"first"', '"second"', ["needs[0]", "one of ['first']"]),
    "no stages": (UNIT, '["first", "second"]', "[]", ["stages", ">= 1"]),
    "a stage twice": (UNIT, '"second"]', '"second", "first"]', ["stages[2]", "'first'"]),
    "no folder": (UNIT, '"second"]', '"third"]', ["stages[1]", "third/stage.toml"]),
    "no id": (UNIT, 'id = "t01"\n', "", ["missing", "`id`"]),
}


@pytest.mark.parametrize("problem", BROKEN_FILES)
def test_a_broken_course_file_is_named_with_key_and_expected_form(here, capfd, problem):
    file, old, new, words = BROKEN_FILES[problem]
    edit(here.unit / file, old, new)
    said = " ".join(refused(capfd, "check", "--quick").split())
    assert str((here.unit / file).relative_to(here.root)) in said
    assert [word for word in words if word not in said] == []


def test_a_course_file_in_another_encoding_is_named(here, capfd):
    (here.unit / UNIT).write_bytes('id = "größe"'.encode("latin-1"))
    said = refused(capfd, "list")
    assert str((here.unit / UNIT).relative_to(here.root)) in said
    assert "not a TOML file" in said


def test_two_units_of_one_id_contradict_each_other(here, capfd):
    here.unit.with_name("t02_more").mkdir()
    for name in ("unit.toml", "first", "second"):
        (here.unit.with_name("t02_more") / name).symlink_to(here.unit / name)
    said = refused(capfd, "list")
    assert "unit.toml" in said
    assert "'t01' is used twice" in said


BROKEN_CHECKS = {
    "that does not import": (
        "import numpy as np",
        "import nonexistent_module",
        ["test_first.py does not load", "nonexistent_module"],
    ),
    "of an unknown criterion": (
        '@criterion("size")',
        '@criterion("sise")',
        ["test_three_places", "'sise'", "one of double, size, long"],
    ),
    "of no criterion": (
        '@criterion("size")\n',
        "",
        ["test_three_places", "expected one of double, size, long"],
    ),
    "that hypothesis runs": (
        '@criterion("size")\ndef test_three_places():',
        "import hypothesis\n\n\n"
        '@criterion("size")\n@hypothesis.given(n=hypothesis.strategies.integers())\n'
        "def test_three_places(n):",
        ["test_three_places", "no recorded answers", "grader.checking.cases"],
    ),
}


@pytest.mark.parametrize("problem", BROKEN_CHECKS)
def test_a_check_file_that_cannot_be_used_is_named(tiny_course, grader, problem):
    old, new, words = BROKEN_CHECKS[problem]
    edit(tiny_course.stage("first") / "checks" / "test_first.py", old, new)
    done = grader("check", "first", cwd=tiny_course.root)
    assert done.code == 2
    assert done.stdout == ""
    assert "checks/test_first.py" in done.stderr
    assert [word for word in words if word not in done.stderr] == []
    assert done.left == ()


def test_a_criterion_without_a_check_is_no_fault_of_the_student(tiny_course, grader):
    tiny_course.solve()
    check = tiny_course.stage("first") / "checks" / "test_first.py"
    edit(check, '@criterion("long")', '@criterion("double")')
    done = grader.check("first", cwd=tiny_course.root)
    assert done.code == 2
    assert done.outcomes["first.long"] == "broken"
    assert "not by your code's fault" in done.stdout


def test_a_check_that_fails_by_itself_is_no_fault_of_the_student(tiny_course, grader):
    tiny_course.solve()
    check = tiny_course.stage("first") / "checks" / "test_first.py"
    edit(check, "call(size, 5, 3).gives(3)", "call(size, 5, 3).gives(3)[0]")
    done = grader.check("first", cwd=tiny_course.root)
    assert done.code == 2
    assert done.outcomes["first.size"] == "broken"
    assert "the check itself failed: TypeError" in done.stdout
    assert "our fault" in done.stdout


# --- what is checked, and how it is told ------------------------------------------------------
@pytest.mark.parametrize(
    ("selectors", "stages"),
    [
        ([], ["t01.first", "t01.second"]),
        (["t01"], ["t01.first", "t01.second"]),
        (["t01.second"], ["t01.second"]),
        (["FIRST"], ["t01.first"]),
        (["second", "first", "t01.second"], ["t01.first", "t01.second"]),
    ],
    ids=["nothing", "a unit", "a full name", "a short name", "any order"],
)
def test_selectors_choose_stages_in_the_order_of_the_unit(tiny_course, grader, selectors, stages):
    tiny_course.solve()
    done = grader.check("--quick", *selectors, cwd=tiny_course.root)
    assert done.code == 0, done.stderr
    assert [stage["id"] for stage in done.report["stages"]] == stages


def test_json_on_stdout_is_the_whole_output_and_reads_back(tiny_course, grader):
    edit(tiny_course.stage("first") / "stage.toml", "Twice as much", "Größer")
    done = grader("check", "--json", "-", cwd=tiny_course.root, PYTHONIOENCODING="ascii")
    report = from_json(done.stdout)
    assert (done.code, done.stderr) == (1, "")
    assert report.stages[0].title == "Größer"
    assert [c.outcome for c in report.stages[0].criteria] == ["todo"] * 3
    assert json.loads(done.stdout)["outcome"] == "todo"


def test_quick_leaves_the_slow_criteria_out_and_says_so(tiny_course, grader):
    tiny_course.solve()
    done = grader.check("--quick", cwd=tiny_course.root)
    assert done.code == 0
    assert set(done.outcomes) == {
        "first.double",
        "first.size",
        "second.quadruple",
        "second.tally",
    }
    assert "left out by --quick: long" in done.stdout
    assert "9 of 9 points" in done.stdout


def test_solution_checks_the_reference_and_not_the_student(tiny_course, grader):
    tiny_course.file("first").write_text("syntax error\n")
    done = grader.check("--solution", cwd=tiny_course.root)
    assert done.code == 0, done.stdout
    assert set(done.outcomes.values()) == {"passed"}
    assert done.report["subject"] == "solution"
    assert "the solution" in done.stdout


def test_a_command_works_in_any_folder_of_the_course(tiny_course, grader):
    tiny_course.solve()
    folder = tiny_course.stage("first") / "checks"
    done = grader("check", "first", "--quick", "--json", "mine.json", cwd=folder)
    assert done.code == 0, done.stderr
    assert from_json((folder / "mine.json").read_text(encoding="utf-8")).exit_code == 0


@pytest.mark.parametrize("name", ["two  words", "größe π", "it's [1] of {2}", "--json", "a::b"])
def test_a_course_may_lie_in_a_folder_of_any_name(tmp_path, tiny_course_in, grader, name):
    course = tiny_course_in(tmp_path / name)
    course.solve()
    done = grader.check("--quick", cwd=course.root)
    assert done.code == 0, done.stderr
    assert "9 of 9 points" in done.stdout


@pytest.mark.parametrize("level", ["none", "L1", "L2"])
def test_a_sandbox_level_that_is_insisted_on_is_used_and_recorded(tiny_course, grader, level):
    tiny_course.solve()
    done = grader.check("first", "--quick", "--sandbox", level, cwd=tiny_course.root)
    if done.code == 2:
        assert f"{level} does not work here" in done.stderr
        pytest.skip(f"this machine has no {level}: {done.stderr.strip()}")
    assert done.code == 0, done.stderr
    assert done.report["sandbox"]["level"] == level
    assert f"sandbox {level}" in done.stdout
    assert ("without a sandbox" in done.stdout) == (level == "none")
    assert done.left == ()


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is a Linux program")
@pytest.mark.parametrize(("options", "code"), [(["--sandbox", "L2"], 2), ([], 0)])
def test_a_machine_without_bubblewrap_is_told_so_or_has_the_next_level(
    tiny_course, grader, options, code
):
    tiny_course.solve()
    run = (
        "import sys; from grader import bubblewrap, cli; "
        "bubblewrap.ENVIRONMENT['PATH'] = '/nowhere'; sys.exit(cli.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", run, "check", "first", "--quick", *options],
        cwd=tiny_course.root,
        capture_output=True,
        text=True,
        env=grader.environment({}),
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert ("L2 does not work here" in done.stderr) == (code == 2)
    assert ("sandbox L2" in done.stdout) is False


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is a Linux program")
def test_a_python_that_is_called_by_a_roundabout_path_is_sandboxed_too(tiny_course, grader):
    tiny_course.solve()
    arguments = ["check", "first", "--quick", "--sandbox", "L2"]
    folder = Path(sys.executable).parent
    roundabout = str(folder / ".." / folder.name / Path(sys.executable).name)
    done = grader.run([roundabout, "-m", "grader", *arguments], cwd=tiny_course.root)
    if done.code == 2 and grader(*arguments, cwd=tiny_course.root).code == 2:
        pytest.skip(f"this machine has no L2: {done.stderr.strip()}")
    assert done.code == 0, done.stderr


# --- how it looks -----------------------------------------------------------------------------
def printed_on_a_terminal(
    grader, course, *arguments: str, stream: str = "stdout", **environment: str
) -> str:
    """Run a command, or a check, with a terminal for a stream; return what it shows there."""
    import pty

    ours, theirs = pty.openpty()
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: theirs}
    with os.fdopen(ours, "rb", 0) as screen:
        process = subprocess.Popen(
            grader.command(*(arguments or ("check", "first", "--quick"))),
            cwd=course.root,
            env=grader.environment({"TERM": "xterm", **environment}),
            stdin=subprocess.DEVNULL,
            **streams,
        )
        os.close(theirs)
        shown = b""
        try:
            while part := screen.read(4096):
                shown += part
        except OSError:  # how Linux tells the end of a terminal
            pass
        process.communicate(timeout=30)
    assert process.returncode in (0, 1)  # what was checked is right, or not
    return shown.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a part of Unix")
def test_a_terminal_gets_colours_unless_no_color_is_set(tiny_course, grader):
    coloured = printed_on_a_terminal(grader, tiny_course)
    plain = printed_on_a_terminal(grader, tiny_course, NO_COLOR="1")
    assert "\033[" in coloured
    assert "\033" not in plain
    assert "Next task: t01.first" in plain
    # The time taken differs; all else is the same text.
    seconds = re.compile(r"\d+\.\d s")
    assert seconds.sub("", re.sub(r"\033\[\d+m", "", coloured)) == seconds.sub("", plain)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a part of Unix")
def test_no_color_is_taken_before_and_after_the_command(tiny_course, grader):
    assert "\033[" in printed_on_a_terminal(grader, tiny_course, "progress")
    for arguments in (["progress", "--no-color"], ["--no-color", "progress"]):
        plain = printed_on_a_terminal(grader, tiny_course, *arguments)
        assert "Next: t01.first" in plain and "\033" not in plain


def test_a_pipe_gets_colours_when_they_are_asked_for(tiny_course, grader):
    asked = grader("progress", cwd=tiny_course.root, FORCE_COLOR="1")
    refused = grader("progress", cwd=tiny_course.root, FORCE_COLOR="1", NO_COLOR="1")
    assert "\033[" in asked.stdout and "\033" not in refused.stdout
    assert "Next: t01.first" in refused.stdout


def test_no_color_is_for_one_command(here, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert main(["--no-color", "list", "--no-color"]) == 0
    assert "NO_COLOR" not in os.environ
    monkeypatch.setenv("NO_COLOR", "yes")
    assert main(["list", "--no-color"]) == 0
    assert os.environ["NO_COLOR"] == "yes"


def test_an_ascii_terminal_gets_ascii(tiny_course, grader):
    edit(tiny_course.stage("first") / "stage.toml", "Twice as much", "Größer als zuvor")
    tiny_course.file("first").write_text("def size(n, k):\n    print('größer')\n", "utf-8")
    done = grader("check", cwd=tiny_course.root, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.code == 1
    assert done.stderr == ""
    assert done.stdout.isascii()
    assert "Gr??er als zuvor" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [["check", "--quick"], ["check", "--quick", "--json", "-"], ["list"], ["--help"], ["build"]],
    ids=" ".join,
)
def test_a_pipe_that_nobody_reads_ends_a_command_quietly(tiny_course, grader, arguments):
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as pipe:
        done = subprocess.run(
            grader.command(*arguments),
            cwd=tiny_course.root,
            env=grader.environment({}),
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=subprocess.PIPE,
            timeout=30,
        )
    assert done.returncode == 1
    assert done.stderr.decode() == ""


# --- Ctrl-C -----------------------------------------------------------------------------------
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to signal")
@pytest.mark.parametrize("options", [[], ["--sandbox", "none"]], ids=["sandboxed", "none"])
def test_ctrl_c_during_a_hang_stops_at_once_and_leaves_nothing(
    tiny_course, grader, tmp_path, options
):
    began, left = tmp_path / "began", tmp_path / "left.json"
    tiny_course.file("first").write_text(HANGING)
    edit(tiny_course.stage("first") / "stage.toml", "seconds = 2", "seconds = 60")
    check = tiny_course.stage("first") / "checks" / "test_first.py"
    edit(
        check, "    call(size, 5, 3)", f"    open({str(began)!r}, 'w').close()\n    size(5, 3)\n#"
    )
    process = subprocess.Popen(
        grader.watched(grader.command("check", "first", *options), left),
        cwd=tiny_course.root,
        env=grader.environment({}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    give_up = time.monotonic() + 30
    while not began.exists() and process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert began.exists()
    assert (process.returncode, out.decode(), err.decode().strip()) == (130, "", "Stopped.")
    if sys.platform == "linux":
        assert json.loads(left.read_text()) == []


# --- list and build ---------------------------------------------------------------------------
def test_list_shows_the_stages_in_order_with_what_they_need(here, capfd):
    assert main(["list"]) == 0
    out, _ = capfd.readouterr()
    words = ["t01", "t01.first", "nothing", "6 points", "t01.second", "needs first", "5 points"]
    places = [out.index(word) for word in words]
    assert places == sorted(places)


def test_the_stubs_of_the_tiny_course_are_up_to_date(here, capfd):
    assert main(["build", "--check"]) == 0
    assert "up to date" in capfd.readouterr().out


def test_build_check_names_a_changed_stub_and_leaves_it_alone(here, capfd):
    here.file("first").write_text("mine\n")
    here.file("second").unlink()
    assert main(["build", "--check"]) == 1
    out, err = capfd.readouterr()
    assert "differs: stages/t01_tiny/first/first.py" in out
    assert "differs: stages/t01_tiny/second/second.py" in out
    assert "grader build" in err
    assert here.file("first").read_text() == "mine\n"


def test_build_writes_what_differs_and_nothing_else(here, capfd):
    before = here.file("first").read_bytes()
    here.file("first").write_text("mine\n")
    assert main(["build"]) == 0
    assert capfd.readouterr().out == "written: stages/t01_tiny/first/first.py\n"
    assert here.file("first").read_bytes() == before
    assert b"raise NotImplementedError" in before
    assert b"SOLUTION" not in before
    assert {path.name for path in here.stage("first").iterdir()} >= {"first.py", "solution.py"}
    assert not list(here.stage("first").glob(".*"))


BROKEN_MARKS = {
    "nested": ("    return x * 2\n", "    ### BEGIN SOLUTION\n    return x * 2\n", "inside"),
    "open": ("    return x * 2\n    ### END SOLUTION\n", "    return x * 2\n", "inside"),
    "open to the end": ("    return n - k + 1\n    ### END SOLUTION\n", "", "without an"),
    "unopened": ("    ### BEGIN SOLUTION\n    return x", "    return x", "without a"),
    "no Python": ("def double(x):", "def double(x)", "expected"),
}


@pytest.mark.parametrize("problem", BROKEN_MARKS)
@pytest.mark.parametrize("options", [[], ["--check"]], ids=["build", "build --check"])
def test_marks_that_do_not_match_are_an_error_with_file_and_line(here, capfd, problem, options):
    old, new, word = BROKEN_MARKS[problem]
    edit(here.stage("first") / "solution.py", old, new)
    stub = here.file("first").read_bytes()
    said = refused(capfd, "build", *options)
    assert re.search(r"stages/t01_tiny/first/solution\.py:\d+: ", said)
    assert word in said
    assert here.file("first").read_bytes() == stub


def test_a_missing_solution_is_an_error_with_its_path(here, capfd):
    (here.stage("second") / "solution.py").unlink()
    assert "second/solution.py" in refused(capfd, "build")


# --- help -------------------------------------------------------------------------------------
def examples(text: str) -> list[list[str]]:
    """The example commands of a help text, without the program's name."""
    below = re.split(r"^ +Examples?:\n", text, maxsplit=1, flags=re.MULTILINE)[-1]
    return [shlex.split(line)[1:] for line in below.split("\n\n")[0].splitlines()]


@pytest.mark.parametrize("arguments", [[], *([name] for name in cli.commands)], ids=str)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_has_an_example_that_can_be_typed(capfd, arguments, flag):
    assert main([*arguments, flag]) == 0
    out, _ = capfd.readouterr()
    assert max(map(len, out.splitlines())) <= 80
    assert re.search("^ +Examples?:$", out, flags=re.MULTILINE)
    for name, *rest in examples(out):
        parent = cli.make_context("grader", [name, *rest])
        assert cli.commands[name].make_context(name, rest, parent=parent)


def test_no_arguments_at_all_show_the_help(capfd):
    with click.Context(cli) as context:
        wanted = cli.get_help(context).splitlines()[-1]
    assert main([]) in (0, 2)
    assert wanted in "".join(capfd.readouterr())


def test_the_version_is_that_of_the_package(capfd):
    assert main(["--version"]) == 0
    assert capfd.readouterr().out.split()[-1] == package.__version__


def test_a_report_is_written_as_a_page(grader, tiny_course, tmp_path):
    page = tmp_path / "first.html"
    done = grader("check", "first", "--html", str(page), cwd=tiny_course.root)
    assert done.code == 1
    text = page.read_text(encoding="utf-8")
    assert "size is still to be written" in text or "double is still to be written" in text
    again = grader("check", "first", "--html", str(page), cwd=tiny_course.root)
    assert again.code == 1 and page.read_text(encoding="utf-8") != ""


def test_a_page_replaces_no_other_file(grader, tiny_course, tmp_path):
    new = str(tmp_path / "new")
    both = grader("check", "--html", new, "--json", new, cwd=tiny_course.root)
    assert both.code == 2 and "cannot be both" in both.stderr
    other = tmp_path / "thesis.html"
    other.write_text("<p>years of work</p>")
    done = grader("check", "--html", str(other), cwd=tiny_course.root)
    assert done.code == 2 and "no page of grader's" in done.stderr
    assert other.read_text() == "<p>years of work</p>"


# --- messages ---------------------------------------------------------------------------------
def test_paths_in_messages_are_seen_from_where_one_stands_and_lines_fit(here, capfd, monkeypatch):
    (here.unit / UNIT).write_bytes(b"\xff" * 3)
    assert f"grader: {Path('stages/t01_tiny/unit.toml')}: not" in refused(capfd, "list")
    monkeypatch.chdir("/")
    monkeypatch.setattr(Course, "find", lambda start: Course(here.root))
    said = refused(capfd, "list")
    assert str(here.unit / UNIT) in said
    # A line with a path stays whole: somebody may copy it.
    assert all(len(line) <= 80 or os.sep in line for line in said.splitlines())


def test_a_folder_that_is_gone_is_one_message(tmp_path, capfd, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert refused(capfd, "list").startswith("grader: ")


def test_profile_says_where_the_time_went(tiny_course, grader):
    tiny_course.solve()
    plain = grader("check", "first", "--json", "-", cwd=tiny_course.root)
    done = grader("check", "first", "--json", "-", "--profile", cwd=tiny_course.root)
    assert done.code == plain.code == 0
    assert json.loads(done.stdout)["stages"]  # what a program reads stays what it was
    lines = done.stderr.splitlines()
    assert max(map(len, lines)) <= 80
    total = float(re.search(r"Where the ([\d.]+) s went", done.stderr)[1])
    parts = {
        name: float(s) for name, s in re.findall(r"^  (\w+) +([\d.]+) s  ", done.stderr, re.M)
    }
    assert list(parts) == ["start", "collection", "worker", "checks", "naming", "end"]
    assert abs(sum(parts.values()) - total) < 0.05
    assert parts["start"] > 0 and parts["collection"] > 0 and parts["worker"] > 0
    assert "first: " in done.stderr.partition("The slowest checks")[2]


def test_checks_of_one_title_are_timed_apart():
    profile, stage = Profile(Listener()), SimpleNamespace(name="first")
    for _ in range(2):
        profile.running(stage, "the same title")
        profile.finished(stage)
    assert [row[:2] for row in profile.checks] == [("first", "the same title")] * 2


def test_a_report_keeps_little_of_what_is_printed(tiny_course, grader):
    says = "    print('█' * 70_000)\n"
    printing = f"def double(x):\n{says}    return x * 2\ndef size(n, k):\n{says}    return 0\n"
    tiny_course.file("first").write_text(printing, encoding="utf-8")
    found = grader.check("first", cwd=tiny_course.root).report["stages"][0]["criteria"]
    printed = [
        (check["outcome"], len(check["evidence"]["printed"]))
        for criterion in found
        for check in criterion["checks"]
        if check["evidence"]
    ]
    assert {outcome for outcome, _ in printed} == {"passed", "failed"}
    assert max(n for outcome, n in printed if outcome == "passed") < 1_100
    assert max(n for outcome, n in printed if outcome == "failed") < 8_100


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("stages", [["first"], ["first", "second"]], ids=len)
def test_a_check_in_a_terminal_shows_how_far_it_is(tiny_course, grader, stages):
    tiny_course.solve()
    shown = printed_on_a_terminal(grader, tiny_course, "check", *stages, stream="stderr")
    assert "checks" in shown and "Traceback" not in shown


@pytest.mark.parametrize("command", ["check", "list", "progress", "hint", "doctor"])
def test_a_report_takes_no_other_files_place(tiny_course, grader, command):
    mine = tiny_course.file("first")
    before = mine.read_bytes()
    done = grader(command, "--json", str(mine), cwd=tiny_course.root)
    assert done.code == 2 and "is there, and it is no JSON" in done.stderr
    assert mine.read_bytes() == before


def test_a_page_goes_into_a_file(tiny_course, grader):
    done = grader("check", "first", "--html", "-", cwd=tiny_course.root)
    assert done.code == 2 and "name one" in done.stderr
    assert not (tiny_course.root / "-").exists()


def test_a_copy_beside_a_stages_folder_is_not_the_stage(tiny_course, grader):
    tiny_course.solve()
    (tiny_course.unit / "first.py").write_text("def double(x):\n    return 0\n")
    assert grader.check("first", cwd=tiny_course.root).code == 0


def test_the_line_of_a_syntax_error_is_shown(tiny_course, grader):
    toml = tiny_course.stage("first") / "stage.toml"
    toml.write_text(f'forbid = ["torch"]\n{toml.read_text()}')
    tiny_course.file("first").write_text("import math\nsize = (1,\ndef double(x):\n")
    done = grader("check", "first", cwd=tiny_course.root)
    assert "first.py:2" in done.stdout and "size = (1," in done.stdout


def test_a_hint_without_a_stage_is_for_one_that_fails(tiny_course, grader):
    tiny_course.solve()
    wrong = tiny_course.file("second").read_text().replace("self.count += amount", "pass")
    tiny_course.file("second").write_text(wrong)
    assert grader("check", cwd=tiny_course.root).code == 1
    assert "t01.second" in grader("hint", cwd=tiny_course.root).stdout
