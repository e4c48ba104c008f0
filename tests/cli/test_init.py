from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app


def test_the_version_is_the_package_s():
    assert CliRunner().invoke(app, ["--version"]).stdout.strip() == version("kafka-analysis")


def test_without_a_command_help_is_shown():
    shown = CliRunner().invoke(app, [])
    for command in ("capture", "doctor", "inspect", "report"):
        assert command in shown.output


@pytest.mark.parametrize("command", ["capture", "doctor", "inspect", "report"])
def test_every_command_tells_its_exit_codes(command):
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert "Exit codes" in shown.output


def test_wrong_use_ends_with_2():
    assert CliRunner().invoke(app, ["report", "--wrong"]).exit_code == 2


def test_help_needs_no_library_of_the_analysis():
    code = (
        "import sys; from kafka_analysis.cli import app; "
        "print(sorted({'polars', 'pandas', 'matplotlib', 'nbconvert'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
