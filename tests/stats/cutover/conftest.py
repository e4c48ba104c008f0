"""Frames of every engine: the same rows as Polars and as pandas make them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest


@pytest.fixture(params=["polars", "pandas"])
def given(request: pytest.FixtureRequest) -> Callable[[pl.DataFrame], Any]:
    """Return a function that makes a frame one of the engine."""
    return (lambda frame: frame) if request.param == "polars" else (lambda frame: frame.to_pandas())
