"""What holds for every test: Hypothesis without deadlines (machines differ), the same examples on every CI run."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("kafka-analysis", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("kafka-analysis")


def _module(name: str):  # tests are no package: importlib mode finds no neighbours
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def small():
    """Return the module that makes the small capture."""
    return _module("small")


@pytest.fixture
def small_capture(small, tmp_path):
    """Return the path of a small capture that can be checked by hand."""
    return small.write_small_capture(tmp_path / "small")
