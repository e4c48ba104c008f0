"""What holds for every test: Hypothesis without deadlines (machines differ), the same examples on every CI run."""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import typer.testing
from _pytest.doctest import DoctestModule
from hypothesis import settings

# jsonschema, imported by nbformat, would compile the grammars of IRIs for two seconds; no schema here has any.
sys.modules["rfc3987_syntax"] = None

# Typer would build the tree of all commands anew for every test of the command line.
typer.testing._get_command = cache(typer.testing._get_command)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Keep what is imported and collected out of every later search for garbage: it stays until the end."""
    gc.disable()
    collected = yield
    gc.freeze()
    gc.enable()
    return collected


@pytest.hookimpl(wrapper=True)
def pytest_collect_file():
    """Look for doctests in the package only: tests have none, and each would be read a second time."""
    return [file for file in (yield) if not isinstance(file, DoctestModule)]


@cache
def _module(name: str):  # tests are no package: importlib mode finds no neighbours
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


settings.register_profile(
    "kafka-analysis",
    parent=_module("examples").examples(40),
    deadline=None,
    derandomize="CI" in os.environ,
    print_blob=True,
)
settings.load_profile("kafka-analysis")


@pytest.fixture(scope="session")
def tool():
    """Return a function that returns a program's path; without it the test is skipped, but fails in CI."""

    def path_of(name: str, *, hint: str) -> str:
        found = shutil.which(name)
        if found is None:
            reason = f"{name} is not installed ({hint})"
            pytest.fail(reason) if os.environ.get("KAFKA_ANALYSIS_REQUIRE_ALL") == "1" else pytest.skip(
                reason
            )
        return found

    return path_of


@pytest.fixture(scope="session")
def small():
    """Return the module that makes the small capture."""
    return _module("small")


@pytest.fixture(scope="module")
def short_search():
    """Let plans anneal shortly and solve the smallest clusters only, for what holds however long they search."""
    from kafka_analysis.plan.rebalance import exact, search

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_TINY", search._Effort(search._TINY.courses[:2], most_steps=2000))
        patch.setattr(exact, "PLACES", 40)
        yield


@pytest.fixture(scope="session")
def forked_children():
    """Let recordings fork children from a process that has loaded what they need; return what else starts them."""
    from kafka_analysis.live.record import children
    from tests.forked import Forked

    started_anew = children._SPAWN
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(children, "_SPAWN", Forked())
        yield started_anew


@pytest.fixture(scope="session")
def crashes():
    """Return the module that shows what a killed process leaves."""
    return _module("crashes")


@pytest.fixture(scope="session")
def small_capture_written(small, tmp_path_factory):
    """Return the path of the small capture, written once: for what only reads it."""
    return small.write_small_capture(tmp_path_factory.mktemp("written") / "small")


@pytest.fixture
def small_capture(small_capture_written, tmp_path):
    """Return the path of a small capture that can be checked by hand, and changed: a copy."""
    return shutil.copytree(small_capture_written, tmp_path / "small", symlinks=True)


@pytest.fixture
def pages():
    """Return the address of a server of metrics pages: /metrics, /broken, /hang, /trickle, /page."""
    with _module("pages").serving() as address:
        yield address


@pytest.fixture
def closed_port():
    """Return a port of the loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def aws(monkeypatch):
    """Return the module that answers as AWS does, with credentials that are none and no way to the network."""
    module = _module("aws_answers")
    for name, value in module.DUMMY.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return module


@pytest.fixture
def small_disk(tmp_path):
    """Mount a disk of 300 kB, where that is allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("file systems may not be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture(scope="session")
def browser():
    """Return the module that drives a browser and a JupyterLab."""
    return _module("browser")


@pytest.fixture(scope="session")
def sanitizer():
    """Return the module that says what JupyterLab removes from HTML of a notebook that is not trusted."""
    return _module("jupyterlab_sanitizer")
