"""Frames that the checks of a cut-over look at, made of as few words as a test needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from kafka_analysis.model.tables import empty_table
from kafka_analysis.stats.cutover.moving import TOPICS, Moving, moving

T0 = datetime(2026, 1, 1, tzinfo=UTC)
ODD = "<b>$(x) [y] 'z'\n\"q\""
NONE = pl.DataFrame(schema={"cluster": pl.String})


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def moved(*topics: tuple[Any, ...], partitions: int = 1, groups: Iterable[tuple[Any, ...]] = ()) -> Moving:
    """Return what moves: topics as (topic, remote, target, source, wave); groups as (group, topic, partition, at)."""
    whole = [(*topic, *(None, "b", "a", 1)[len(topic) - 1 :]) for topic in topics or (("t",),)]
    rows = [(wave, source, target, topic, remote or topic) for topic, remote, target, source, wave in whole]
    named = pl.DataFrame(rows, schema=TOPICS, orient="row")
    held = {(source, topic) for _, source, _, topic, _ in rows if source is not None}
    parts = [(source, topic, n) for source, topic in sorted(held) for n in range(partitions)]
    commits = [("a", *group) for group in groups]
    return moving(
        named,
        partitions=frame("partitions", parts, "cluster", "topic", "partition"),
        commits=frame("group_offsets", commits, "cluster", "group", "topic", "partition", "committed_offset"),
    )


def frame(table: str, rows: Sequence[tuple[Any, ...]], *columns: str) -> pl.DataFrame:
    """Return rows of some columns of a table, with its types."""
    schema = empty_table(table).schema
    return pl.DataFrame(rows, schema={name: schema[name] for name in columns}, orient="row")


def ends(*rows: tuple[Any, ...]) -> pl.DataFrame:
    """Return last answers about logs: (cluster, topic, partition, start, end)."""
    return frame("offsets", rows, "cluster", "topic", "partition", "log_start_offset", "log_end_offset")


def answers(*rows: tuple[Any, ...]) -> pl.DataFrame:
    """Return answers about logs: (seconds, cluster, topic, partition, end)."""
    timed = [(at(s), *rest) for s, *rest in rows]
    return frame("offsets", timed, "ts", "cluster", "topic", "partition", "log_end_offset")


def seen(rows: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return rows.select(*(columns or ("state", "finding"))).rows()


def states(rows: pl.DataFrame) -> list[str]:
    return rows["state"].to_list()
