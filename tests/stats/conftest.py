"""The same test on every engine: a fixture that makes the frame, one that reads the answer as plain rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest


@pytest.fixture(params=["polars", "pandas"])
def frame(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Return a constructor of frames of one engine, from columns; scalars are repeated."""

    def make(columns: dict[str, Any], **options: Any) -> Any:
        made = pl.DataFrame(columns, **options)
        return made if request.param == "polars" else made.to_pandas()

    make.engine = request.param
    return make


@pytest.fixture
def rows(frame: Callable[..., Any]) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a reader of answers, which also checks that they are of the engine that asked; missing is None."""

    def read(answer: Any, *columns: str) -> list[tuple[Any, ...]]:
        assert type(answer).__module__.split(".")[0] == frame.engine
        known = answer if isinstance(answer, pl.DataFrame) else pl.from_pandas(answer, nan_to_null=True)
        return known.select(columns or pl.all()).rows()

    return read
