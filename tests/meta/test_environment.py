"""The conda environment, the pinned versions and the hooks stay in step with pyproject.toml."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Names that conda-forge spells differently; None: installed by pip from the project's extra.
CONDA_NAMES = {
    "aws-msk-iam-sasl-signer-python": None,
    "confluent-kafka": "python-confluent-kafka",
    "duckdb": "python-duckdb",
    "igraph": "python-igraph",
    "jupyter-scheduler": "jupyter_scheduler",
    "kafka-python": None,
    "matplotlib": "matplotlib-base",
    "nbconvert": "nbconvert-core",
    "prometheus-client": "prometheus_client",
}
NOT_PYTHON_PACKAGES = {"python", "pip", "make", "maven", "openjdk"}


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def required(project):
    """Return every requirement, runtime and optional, by name, the project's own extras left out."""
    optional = [line for lines in project["optional-dependencies"].values() for line in lines]
    requirements = [Requirement(line) for line in (*project["dependencies"], *optional)]
    return {r.name: str(r.specifier) for r in requirements if r.name != project["name"]}


@pytest.fixture(scope="module")
def environment(root):
    return yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def conda(environment):
    lines = [line for line in environment["dependencies"] if isinstance(line, str)]
    return dict((*line.split(" ", 1), "")[:2] for line in lines)


@pytest.fixture(scope="module")
def pinned(root):
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {r.name: r for r in (Requirement(line) for line in lines if line and not line.startswith("#"))}


def test_conda_has_what_the_project_needs_at_the_same_versions(required, conda):
    wanted = {CONDA_NAMES.get(name, name): versions for name, versions in required.items()}
    wanted.pop(None)
    assert {name: v for name, v in conda.items() if name not in NOT_PYTHON_PACKAGES} == wanted


def test_the_map_names_nothing_else(required):
    assert set(CONDA_NAMES) <= set(required)


def test_conda_has_the_python_and_the_tools(conda, project):
    assert conda["python"] == project["requires-python"]
    assert conda.keys() >= NOT_PYTHON_PACKAGES


def test_pip_installs_the_project_and_what_conda_lacks(environment, project):
    (pip,) = [line["pip"] for line in environment["dependencies"] if isinstance(line, dict)]
    assert pip == ["-e .[aws,kafka-admin]"]
    extras = project["optional-dependencies"]
    extra = {Requirement(line).name for name in ("aws", "kafka-admin") for line in extras[name]}
    assert extra >= {name for name, conda_name in CONDA_NAMES.items() if conda_name is None}


def test_every_requirement_is_pinned_to_a_version_it_allows(required, pinned):
    for name, versions in required.items():
        pin = pinned[canonicalize_name(name)]
        (only,) = pin.specifier
        assert only.operator == "=="
        assert Requirement(f"x{versions}").specifier.contains(only.version), name


def test_pins_are_plain_names_in_order(pinned):
    assert list(pinned) == sorted(pinned)
    assert all(canonicalize_name(name) == name and pin.url is None for name, pin in pinned.items())


def test_hooks_use_the_pinned_linter(root, pinned):
    hooks = (root / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    versions = set(re.findall(r"ruff==([\w.]+)", hooks))
    assert versions == {next(iter(pinned["ruff"].specifier)).version}
