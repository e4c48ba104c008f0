"""Simulated captures, made once a module, and how their samples are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.read import read_capture
from kafka_analysis.simulate import planted_file, simulate_capture

SMALL = {"brokers": 6, "partitions": 120, "topics": 10, "groups": 5, "duration": "1h"}


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Capture, dict[str, Any]]]:
    """Return a function that makes a capture, once for the same options, and returns it with what was planted."""
    paths: dict[str, Path] = {}

    def make(**options: Any) -> tuple[Capture, dict[str, Any]]:
        key = json.dumps(options, sort_keys=True)
        if key not in paths:
            folder: Path = tmp_path_factory.mktemp("simulated")
            paths[key] = simulate_capture(folder / "c", **{**SMALL, **options})
        return read_capture(paths[key]), json.loads(planted_file(paths[key]).read_text(encoding="utf-8"))

    return make
