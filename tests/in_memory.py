"""Captures that are not written: analyses ask them as those on disk, and a hundred variants cost little."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dataframely as dy
import polars as pl

from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.streams import contract_of, file_of, schema_of, sort_key
from kafka_analysis.model.manifest import ClusterInfo, FileInfo, Manifest, SourceInfo, Span
from kafka_analysis.model.tables import with_all_columns

T0 = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, repr=False)
class InMemory(Capture):
    """A capture whose rows are held by stream."""

    rows: Mapping[str, pl.DataFrame]

    def _scan(self, stream: str) -> pl.LazyFrame:
        is_kind = stream.endswith("/")
        frames = [self.rows[s] for s, _ in self._files() if s == stream or (is_kind and s.startswith(stream))]
        return pl.concat(frames).lazy() if frames else pl.LazyFrame(schema=schema_of(stream))


def as_written(stream: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows as the writer would have checked and sorted them."""
    contract: type[dy.Schema] = contract_of(stream)
    kind, _, name = stream.partition("/")
    complete = with_all_columns(name, rows) if kind == "tables" else rows
    return contract.validate(complete, cast=True).sort(sort_key(stream), maintain_order=True)


def streams_of(tables: Mapping[str, pl.DataFrame], samples: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
    """Return the streams that the writer would have made of tables and samples; without rows there is none."""
    streams = {
        f"tables/{name}": as_written(f"tables/{name}", rows) for name, rows in tables.items() if len(rows)
    }
    parts = {} if samples is None else samples.partition_by("cluster", as_dict=True)
    return streams | {
        f"samples/{name}": as_written(f"samples/{name}", rows) for (name,), rows in parts.items()
    }


def in_memory(
    streams: Mapping[str, pl.DataFrame],
    *,
    path: Path = Path("in-memory"),
    window: tuple[datetime, datetime],
    clusters: Iterable[ClusterInfo],
    sources: Iterable[SourceInfo],
) -> InMemory:
    """Return a capture of streams; beside ``path`` lies what a capture may have beside it."""
    files = [
        FileInfo(path=file_of(stream, 1), rows=len(rows), bytes=0, sha256="0" * 64)
        for stream, rows in streams.items()
    ]
    manifest = Manifest(
        capture_id="in-memory", created_at=T0, tool_version="0", window=Span(start=window[0], end=window[1]),
        clusters=tuple(clusters), sources=tuple(sources), files=tuple(files),
    )  # fmt: skip
    return InMemory(path, manifest, *window, streams)
