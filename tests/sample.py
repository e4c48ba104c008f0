"""The recorded sample, and the windows of its phases."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from kafka_analysis.capture.read import read_capture
from kafka_analysis.stats.scope.windows import phases

SAMPLE = Path(__file__).parents[1] / "data" / "sample"


def window_of(phase: str) -> dict[str, str]:
    """Return the start and end of a phase of the sample, as parameters have them."""
    rows = phases(read_capture(SAMPLE).table("events")).filter(pl.col("phase") == phase)
    return {name: rows[name].item().isoformat() for name in ("start", "end")}
