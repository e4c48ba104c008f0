"""Understand one saved page: what it is, of which brokers, and when it was taken."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

import polars as pl

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.manifest import LineCounts
from kafka_analysis.model.samples import SERIES
from kafka_analysis.sources.exposition.any_page import parse_page
from kafka_analysis.sources.exposition.instances import by_instance
from kafka_analysis.sources.exposition.page import Exposition
from kafka_analysis.sources.jolokia.answers import JolokiaPage
from kafka_analysis.sources.saved.file_names import broker_in_name, time_in_name
from kafka_analysis.sources.saved.files import modified_at, read_plain
from kafka_analysis.sources.spelling.detect import detect, speaking
from kafka_analysis.sources.spelling.families import Dialect
from kafka_analysis.sources.spelling.translate import translate
from kafka_analysis.sources.spelling.unknown import spelled_otherwise, unknown_names

NO_LINE = "no line matches dialect"
TimeFrom = Literal["flag", "name", "modification", "content"]


@dataclass(frozen=True)
class SavedFile:
    """A file to read: ``name`` is its path below the folder all files have in common.

    ``is_given``: the user says which broker it is of; else the name tells. ``pattern`` finds brokers in names.
    """

    path: Path
    name: str
    broker: int | None
    is_given: bool = False
    pattern: re.Pattern[str] | None = None


@dataclass(frozen=True)
class SavedPage:
    """What a file holds of one broker: its samples, and ``times``, one for each scrape in it."""

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
    in_name = broker_in_name(path, pattern=pattern) if broker is None else broker
    return SavedFile(path, name, in_name, is_given=broker is not None, pattern=pattern)


def read_pages(
    file: SavedFile, *, cluster: str, at: datetime | None, known: Sequence[Dialect] = ()
) -> tuple[SavedPage, ...]:
    """Read a file: text format or Jolokia's JSON, plain or compressed; a page for each broker in it.

    ``known``: the dialects the user says its lines are read by; without them they are detected.

    Lines that carry times keep them, and are rejected where these lie before 2001 or after 2100. The others have the
    time given, else that of the file's name, else that of the file's last modification. A page without times that
    holds two scrapes keeps the last line of each series that is a number.

    Raises
    ------
    SourceError
        It cannot be read, is no page of metrics, not about Kafka, or of several instances that name no brokers.
    """
    page = parse_page(read_plain(file.path))
    ts, time_from = _time(file.path, at)
    chosen = _chosen(page, known)
    parts = by_instance(page, chosen, broker=file.broker, is_given=file.is_given, pattern=file.pattern)
    timed = page.samples["timestamp_ms"].null_count() == 0
    pages = []
    for part in parts:
        done = translate(part.page, chosen, ts=ts, cluster=cluster, broker=part.broker, source=file.name)
        pages.append(
            SavedPage(
                file=replace(file, broker=part.broker),
                kind=chosen[0].kind,
                dialect=done.spoken,
                times=_times(done.samples) or (ts,),
                time_from="content" if timed else time_from,
                samples=done.samples,
                rejected=done.rejected,
                lines=done.lines,
                missing=page.missing if isinstance(page, JolokiaPage) and not pages else (),
            )
        )
    return _without_empty(pages)


def _chosen(page: Exposition, known: Sequence[Dialect]) -> tuple[Dialect, ...]:
    """Return the dialects of a page: those given that know a line of it, or those detected."""
    chosen = speaking(page, known) if known else detect(page)
    if chosen:
        return chosen
    if known:
        raise SourceError(f"{NO_LINE} {', '.join(dialect.name for dialect in known)}")
    raise SourceError(spelled_otherwise(unknown_names(page, ())) or "no Kafka metrics")


def _without_empty(pages: list[SavedPage]) -> tuple[SavedPage, ...]:
    """Give the lines of a part in which nothing is known to the first, so that it is no source of its own."""
    first, *others = pages
    for page in others:
        if page.samples.is_empty():
            rejected = pl.concat([first.rejected, page.rejected])
            first = replace(first, lines=first.lines + page.lines, rejected=rejected)
    return (first, *(page for page in others if len(page.samples)))


def _time(path: Path, at: datetime | None) -> tuple[datetime, TimeFrom]:
    if at is not None:
        return at, "flag"
    in_name = time_in_name(path.name)
    return (modified_at(path), "modification") if in_name is None else (in_name, "name")


def _times(samples: pl.DataFrame) -> tuple[datetime, ...]:
    """Return the times of the scrapes: those of the series that comes most often; of a single scrape the last."""
    if samples.is_empty():
        return ()
    counted = samples.group_by(SERIES).agg(pl.col("ts").unique().sort())
    order = [True] + [False] * len(SERIES)
    longest = counted.sort(pl.col("ts").list.len(), *SERIES, descending=order)["ts"][0]
    return tuple(longest) if len(longest) > 1 else (samples["ts"].max(),)
