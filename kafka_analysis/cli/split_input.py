"""What a split is planned from on the command line: plain files, or a capture and the files beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kafka_analysis.cli.plan_input import read_bytes

if TYPE_CHECKING:
    import polars as pl

_NAME = "source"


class SplitInput(NamedTuple):
    """Topics with their load, flows of clients, and families of topics, each with ``cluster``."""

    topics: pl.DataFrame
    flows: pl.DataFrame
    families: pl.DataFrame


def plain_input(topics: Path, flows: Path) -> SplitInput:
    """Read topics and flows from CSV.

    Raises
    ------
    InputError
        A file cannot be read, or is not what it should be.
    """
    import polars as pl

    from kafka_analysis import stats
    from kafka_analysis.plan.waves.plain_files import read_table

    named = pl.lit(_NAME).alias("cluster")
    rows = read_table("topics", read_bytes(topics)).with_columns(named)
    used = read_table("flows", read_bytes(flows)).with_columns(named)
    return SplitInput(rows, used, stats.internal_families(rows, flows=used))


def recorded_input(
    capture: Path, cluster: str | None, *, flows: Path | None, ownership: Path | None
) -> SplitInput:
    """Measure topics and flows of a capture's source; producers and owners come from files beside it or given."""
    from kafka_analysis.cli.waves_input import recorded_input as measured

    given = measured(capture, cluster, flows=flows, ownership=ownership)
    return SplitInput(given.topics, given.flows, given.families)
