"""README, CONTRIBUTING, Makefile and CI speak of things that exist."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import click
import pytest
import typer

from kafka_analysis.cli import app
from kafka_analysis.model.parameters import PARAMETERS
from kafka_analysis.sources.profiles import load_profile

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "testbed/README.md", "docs/scheduling.md")
FOLDER = re.compile(r"^\|([^|]*)\|", re.MULTILINE)


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(document: str) -> list[str]:
    """List the commands of a document: lines of indented blocks and code in running text, comments left out."""
    blocks = [line.split("  #")[0].strip() for line in re.findall(r"^ {4}(\S.*)$", document, re.MULTILINE)]
    return [
        part.strip()
        for line in (*blocks, *re.findall(r"`([^`\n]+)`", document))
        for part in re.split(r"&&|;", line)
    ]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", text("Makefile"), re.MULTILINE))


def command_of(words: list[str]) -> click.Command | None:
    """Return the command that words begin with, through groups such as `import`."""
    found: click.Command | None = typer.main.get_command(app)
    for word in words:
        if not hasattr(found, "commands"):
            break
        found = found.commands.get(word)
    return found


def options(words: list[str]) -> set[str]:
    return {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_make_targets_exist(name):
    asked = {word for line in commands(text(name)) if line.startswith("make ") for word in line.split()[1:]}
    assert {word for word in asked if re.fullmatch(r"[a-z-]+", word)} <= make_targets()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_and_their_options_exist(name):
    for line in commands(text(name)):
        words = line.split()
        if words[0] != "kafka-analysis" or len(words) == 1:
            continue
        command = command_of(words[1:])
        assert command is not None, line
        assert options(words[2:]) <= {o for p in command.params for o in p.opts}, line


def test_there_are_commands_to_check():
    asked = {line.split()[1] for line in commands(text("README.md")) if line.startswith("kafka-analysis ")}
    assert asked == set(typer.main.get_command(app).commands)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_notebooks_named_and_their_parameters_exist(name):
    for notebook in re.findall(r"\b\d\d_[a-z_]+\b", text(name)):
        assert notebook in PARAMETERS
    for notebook, parameter in re.findall(r"-p (\w+):(\w+)=", text(name)):
        assert parameter in PARAMETERS[notebook].model_fields


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    targets = re.findall(r"\]\(([^)#]+)\)", text(name))
    missing = [t for t in targets if not t.startswith("http") and not ((ROOT / name).parent / t).exists()]
    assert missing == []


def test_every_folder_is_on_the_map(committed):
    rows = "".join(FOLDER.findall(text("README.md")))
    shown = set(re.findall(r"`([\w/]+)/`", rows))
    here = {path.relative_to(ROOT).parts for path in committed()}
    top = {parts[0] for parts in here if len(parts) > 1 and not parts[0].startswith(".")} - {"docs"}
    packages = {
        f"kafka_analysis/{parts[1]}" for parts in here if parts[0] == "kafka_analysis" and len(parts) > 2
    }
    assert (
        shown - {"data/sample", "notebooks", "tests/meta"}
        == (top - {"kafka_analysis", "data", "notebooks"}) | packages
    )


def test_the_profile_in_the_readme_is_one(tmp_path):
    example = "\n".join(re.findall(r"```toml\n(.*?)```", text("README.md"), re.DOTALL))
    path = tmp_path / "kafka-analysis.toml"
    path.write_text(example, encoding="utf-8")
    profile = load_profile(path)
    assert [(c.name, c.role) for c in profile.clusters] == [("monolith", "source"), ("cell-a", "target")]
    assert profile.clusters[1].security.password.env == "KAFKA_PASSWORD"
    assert profile.clusters[1].prometheus.token.env == "PROMETHEUS_TOKEN"


def test_every_make_target_that_is_told_of_is_phony_and_explained():
    phony = set(re.search(r"^\.PHONY: (.*)$", text("Makefile"), re.MULTILINE).group(1).split())
    explained = set(re.findall(r"^([a-z][a-z-]*):.*## \S", text("Makefile"), re.MULTILINE))
    assert phony == explained == make_targets()


def test_ci_runs_every_part_of_make_test():
    parts = re.search(r"^test: ([a-z -]+?) +##", text("Makefile"), re.MULTILINE).group(1).split()
    assert (
        set(parts) | {"lint", "install"}
        == set(re.findall(r"make (?:PYTHON=\S+ )?([a-z-]+)", text(".ci/run"))) & make_targets()
    )
    assert "KAFKA_ANALYSIS_REQUIRE_ALL=1" in text(".ci/run")


def test_ci_is_a_script_that_can_run():
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", ROOT / ".ci/run"], check=False).returncode == 0
