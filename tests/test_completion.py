"""What a shell completes after ``grader``: asked as the shells ask."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from grader.cli import cli, main
from grader.cli.completion import lone_stage_names, stage_names


@pytest.fixture
def here(tiny_course, monkeypatch):
    """Stand in the tiny course's folder."""
    monkeypatch.chdir(tiny_course.root)
    return tiny_course


@pytest.fixture
def offered(monkeypatch, capfd):
    """What bash is offered for the last of some words, as its script asks."""

    def ask(*words: str, shell: str = "bash") -> list[str]:
        number = words[-1] if shell == "fish" else str(len(words))
        monkeypatch.setenv("COMP_WORDS", " ".join(["grader", *words]))
        monkeypatch.setenv("COMP_CWORD", number)
        monkeypatch.setenv("_GRADER_COMPLETE", f"{shell}_complete")
        with pytest.raises(SystemExit):
            main([])
        out, err = capfd.readouterr()
        assert err == ""
        lines = [line for line in out.splitlines() if line]
        return [line.removeprefix("plain,") for line in lines] if shell == "bash" else lines

    return ask


def test_commands_are_completed(offered):
    assert offered("pro") == ["progress"]
    assert set(offered("")) == set(cli.commands)


def test_options_and_their_values_are_completed(offered):
    assert "--quick" in offered("check", "--")
    assert offered("check", "--sandbox", "L") == ["L1", "L2"]
    assert offered("export", "--to", "can") == ["canvas"]


@pytest.mark.parametrize("command", ["check", "hint", "watch", "release", "submit"])
def test_stages_are_completed_by_their_short_names_and_the_full_ones(here, offered, command):
    assert offered(command, "") == ["t01", "first", "second"]
    assert offered(command, "se") == ["second"]
    assert offered(command, "t01.f") == ["t01.first"]
    assert offered(command, "x") == []


@pytest.mark.parametrize("command", ["reset", "unlock"])
def test_a_unit_is_not_offered_where_it_is_refused(here, offered, command):
    assert offered(command, "") == ["first", "second"]
    assert offered(command, "t") == []
    assert offered(command, "t01.f") == ["t01.first"]


def test_every_word_that_is_a_stage_is_completed():
    for command in cli.commands.values():
        for parameter in command.params:
            if parameter.name in ("stage", "stages", "regrade"):
                custom = parameter._custom_shell_complete
                assert custom in (stage_names, lone_stage_names), (command.name, parameter.name)


def test_a_stage_that_stands_there_is_not_offered_again(here, offered):
    assert offered("check", "first", "") == ["t01", "second"]


def test_zsh_and_fish_get_the_titles_too(here, offered):
    assert offered("check", "fi", shell="zsh") == ["plain", "first", "Twice as much"]
    assert offered("check", "fi", shell="fish") == ["plain,first\tTwice as much"]


@pytest.mark.parametrize("broken", [False, True])
def test_where_no_course_can_be_read_nothing_is_offered(
    tmp_path, monkeypatch, tiny_course, offered, broken
):
    monkeypatch.chdir(tiny_course.root if broken else tmp_path)
    (tiny_course.unit / "unit.toml").write_text("[")
    assert offered("check", "") == []


def test_completing_imports_nothing_that_takes_long(here):
    run = (
        "import sys; from grader.cli import main\n"
        "try: main([])\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    asked = {"COMP_WORDS": "grader check ", "COMP_CWORD": "2", "_GRADER_COMPLETE": "bash_complete"}
    done = subprocess.run(
        [sys.executable, "-c", run], env=os.environ | asked, capture_output=True, text=True
    )
    assert done.stdout.split() == ["plain,t01", "plain,first", "plain,second"]
    slow = {"numpy", "pytest", "hypothesis", "rich", "jinja2", "cryptography", "asyncio"}
    assert slow & set(done.stderr.split()) == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_printed_for_each_shell(capfd, shell):
    assert main(["completion", shell]) == 0
    out = capfd.readouterr().out
    assert f"_GRADER_COMPLETE={shell}_complete" in out
    with click.Context(cli.commands["completion"]) as context:
        assert {"bash": ".bashrc", "zsh": ".zshrc", "fish": "grader.fish"}[
            shell
        ] in context.get_help()


WORDS = "COMP_WORDS=(grader check se); COMP_CWORD=2; _grader_completion grader"
REALLY = {
    "bash": ["-c", f'source "$1"; {WORDS}; echo "${{COMPREPLY[@]}}"', "-"],
    "fish": ["-c", 'source $argv[1]; complete -C "grader check se"'],
}


@pytest.mark.parametrize("shell", REALLY)
def test_a_shell_completes_a_stage(here, capfd, tmp_path, shell):
    program = shutil.which(shell)
    if not program:
        pytest.skip(f"there is no {shell}")
    assert main(["completion", shell]) == 0
    (tmp_path / "script").write_text(capfd.readouterr().out)
    done = subprocess.run(
        [program, *REALLY[shell], str(tmp_path / "script")],
        env=os.environ | _with_grader(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split()[:1] == ["second"], done.stderr


def _with_grader(folder: Path) -> dict[str, Any]:
    """An environment in which ``grader`` is this one, and HOME a folder of ours."""
    program = folder / "bin" / "grader"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m grader "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {"PATH": path, "HOME": str(folder)}
