"""Understand one saved page: what it is, of which broker, and when it was taken."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

import polars as pl

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.manifest import LineCounts
from kafka_analysis.model.samples import SERIES
from kafka_analysis.sources.detect import detect
from kafka_analysis.sources.exposition import Exposition
from kafka_analysis.sources.file_names import broker_in_name, time_in_name
from kafka_analysis.sources.jolokia import JolokiaPage
from kafka_analysis.sources.pages import parse_page
from kafka_analysis.sources.saved_files import modified_at, read_plain
from kafka_analysis.sources.translate import Translation, translate

TimeFrom = Literal["flag", "name", "modification", "content"]


@dataclass(frozen=True)
class SavedFile:
    """A file to read: ``name`` is its path below the folder all files have in common."""

    path: Path
    name: str
    broker: int | None


@dataclass(frozen=True)
class SavedPage:
    """What a file holds: its samples, and ``times``, one for each scrape in it."""

    file: SavedFile
    kind: str
    dialect: str
    times: tuple[datetime, ...]
    time_from: TimeFrom
    samples: pl.DataFrame
    rejected: pl.DataFrame
    lines: LineCounts
    missing: tuple[str, ...]


def named_file(path: Path, name: str, *, broker: int | None, pattern: re.Pattern[str] | None) -> SavedFile:
    """Return a file with the broker given, else the one its name or folders tell, else none."""
    return SavedFile(path, name, broker_in_name(path, pattern=pattern) if broker is None else broker)


def read_page(file: SavedFile, *, cluster: str, at: datetime | None) -> SavedPage:
    """Read a file: text format or Jolokia's JSON, plain or compressed.

    Lines that carry times keep them, and are rejected where these lie before 2001 or after 2100. The others have the
    time given, else that of the file's name, else that of the file's last modification. A page without times that
    holds two scrapes keeps the last line of each series.

    Raises
    ------
    SourceError
        It cannot be read, is no page of metrics, or not about Kafka.
    """
    page = parse_page(read_plain(file.path))
    ts, time_from = _time(file.path, at)
    once, repeated = _last_of_each(page)
    kind, dialect, done = _understood(once, file, ts=ts, cluster=cluster)
    timed = page.samples["timestamp_ms"].null_count() == 0
    return SavedPage(
        file=file,
        kind=kind,
        dialect=dialect,
        times=_times(done.samples) or (ts,),
        time_from="content" if timed else time_from,
        samples=done.samples,
        rejected=done.rejected,
        lines=done.lines + LineCounts(read=repeated, duplicates=repeated),
        missing=page.missing if isinstance(page, JolokiaPage) else (),
    )


def _understood(
    page: Exposition, file: SavedFile, *, ts: datetime, cluster: str
) -> tuple[str, str, Translation]:
    """Return the kind and the names of the page's dialects, and its samples."""
    chosen = detect(page)
    if not chosen:
        raise SourceError("nothing about Kafka")
    done = translate(page, chosen, ts=ts, cluster=cluster, broker=file.broker, source=file.name)
    names = [name for name, lines in done.by_dialect.items() if lines]
    return chosen[0].kind, ", ".join(names), done


def _time(path: Path, at: datetime | None) -> tuple[datetime, TimeFrom]:
    if at is not None:
        return at, "flag"
    told = time_in_name(path.name)
    return (modified_at(path), "modification") if told is None else (told, "name")


def _last_of_each(page: Exposition) -> tuple[Exposition, int]:
    """Drop all lines but the last of each series and time, and count them: folding would add them up."""
    keys = [name for name in page.samples.columns if name not in ("value", "line")]
    last = pl.col("line").cum_count(reverse=True).over(keys) == 1
    once = page.samples.filter(last)
    return replace(page, samples=once), len(page.samples) - len(once)


def _times(samples: pl.DataFrame) -> tuple[datetime, ...]:
    """Return the times of the scrapes: those of the series that comes most often; of a single scrape the last."""
    if samples.is_empty():
        return ()
    counted = samples.group_by(SERIES).agg(pl.col("ts").unique().sort())
    longest = counted.sort(pl.col("ts").list.len(), *SERIES, descending=[True] + [False] * len(SERIES))["ts"][
        0
    ]
    return tuple(longest) if len(longest) > 1 else (samples["ts"].max(),)
