from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from kafka_analysis.cli import app


def test_the_version_is_the_package_s():
    assert CliRunner().invoke(app, ["--version"]).stdout.strip() == version("kafka-analysis")


def test_without_a_command_help_is_shown():
    shown = CliRunner().invoke(app, [])
    for command in ("capture", "doctor", "inspect", "report"):
        assert command in shown.output


def walk(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, each in group.commands.items():
        yield (*path, name), each
        if hasattr(each, "commands"):
            yield from walk(each, (*path, name))


ALL = dict(walk(typer.main.get_command(app)))
COMMANDS = {path: each for path, each in ALL.items() if not hasattr(each, "commands")}
PYTHON = re.compile(r"\b(None|True|False)\b|\[\]|\{\}|\['|\w+Path\(|<\w+[. ]|datetime")
each_command = pytest.mark.parametrize("path", COMMANDS, ids=" ".join)


def help_text(*path: str) -> str:
    """Return the help of a command without colours, on one line."""
    shown = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert shown.exit_code == 0
    return " ".join(re.sub(r"\x1b\[[\d;]*m", "", shown.output).split())


def needs_default(parameter: Any) -> bool:
    """Return whether something is done without the option that the help must name: not so of a plain flag."""
    is_plain_flag = getattr(parameter, "is_flag", False) and not parameter.secondary_opts
    return not parameter.required and not is_plain_flag


def test_the_commands_are_found():
    assert {("report",), ("plan", "rebalance"), ("check", "cutover"), ("import", "prometheus")} <= set(
        COMMANDS
    )


@each_command
def test_every_command_tells_its_exit_codes(path):
    assert "Exit codes" in help_text(*path)


@each_command
def test_every_option_says_what_it_is_in_words_and_what_its_default_is(path):
    parameters = COMMANDS[path].params
    for parameter in parameters:
        assert len((parameter.help or "").split()) >= 2, parameter.name
        assert not PYTHON.search(parameter.help), (parameter.name, parameter.help)
    shown = help_text(*path)
    assert shown.count("[default: ") == sum(map(needs_default, parameters))
    assert shown.count("[required]") == sum(parameter.required for parameter in parameters)


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_and_group_says_what_it_does(path):
    assert len(ALL[path].help.split()) > 3


def test_wrong_use_ends_with_2():
    assert CliRunner().invoke(app, ["report", "--wrong"]).exit_code == 2


def test_help_needs_no_library_of_the_analysis():
    code = (
        "import sys; from kafka_analysis.cli import app; "
        "print(sorted({'polars', 'pandas', 'matplotlib', 'nbconvert'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
