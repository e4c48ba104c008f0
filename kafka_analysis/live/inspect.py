"""Look into a page of metrics: what it is, what is recognised, what repeats, what is not understood."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import polars as pl
from pydantic import BaseModel, ConfigDict

from kafka_analysis.model.errors import InputError, SourceError, UnreachableError
from kafka_analysis.model.manifest import LineCounts
from kafka_analysis.sources.detect import detect, explained
from kafka_analysis.sources.dialects import dialects
from kafka_analysis.sources.exposition import Exposition, parse_exposition
from kafka_analysis.sources.scrape import fetch, redacted
from kafka_analysis.sources.translate import translate

SHOWN_REJECTED = 20


class RejectedLine(BaseModel):
    """A line that was not understood."""

    model_config = ConfigDict(frozen=True)

    line: int
    text: str
    reason: str


class PageReport(BaseModel):
    """What a page of metrics holds.

    ``explained`` counts the lines each dialect understands; ``dialect`` is the one that understands most, null when
    none does: then nothing here is about Kafka brokers. ``by_dialect`` counts the lines each one translated: a line is
    translated once. ``metrics`` maps canonical metrics to series seen.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    dialect: str | None
    title: str | None
    explained: dict[str, int]
    by_dialect: dict[str, int]
    lines: LineCounts
    metrics: dict[str, int]
    topics: int
    rejected: tuple[RejectedLine, ...]


def inspect_page(data: bytes, *, source: str) -> PageReport:
    r"""Say what a page of metrics holds.

    Parameters
    ----------
    data
        The page, plain or packed with gzip or zstd.
    source
        Where it came from, in words.

    Raises
    ------
    InputError
        When it is not a page of metrics in Prometheus' text format.

    Examples
    --------
    >>> report = inspect_page(b'kafka_server_ReplicaManager_Value{name="LeaderCount",} 5\nup 1\n', source="a dump")
    >>> report.dialect, report.metrics, report.lines.not_catalogued
    ('msk', {'leader_count': 1}, 1)
    """
    try:
        exposition = parse_exposition(data)
    except InputError as error:
        message = f"{source}: {error}"
        raise InputError(message) from None
    if exposition.samples.is_empty():
        message = f"{source} is no page of metrics in Prometheus' text format: no line could be read"
        raise InputError(message)
    chosen = detect(exposition)
    done = translate(exposition, chosen, ts=datetime.now(UTC), cluster="-", broker=None, source=source)
    counts = done.samples.group_by("metric").len().sort("metric")
    return PageReport(
        source=source,
        dialect=chosen[0].name if chosen else None,
        title=", and ".join(dialect.title for dialect in chosen) or None,
        explained={d.name: explained(exposition, d) for d in dialects()},
        by_dialect=done.by_dialect,
        lines=done.lines.model_copy(update={"duplicates": _repeated(exposition)}),
        metrics=dict(counts.iter_rows()),
        topics=done.samples["topic"].drop_nulls().n_unique(),
        rejected=tuple(
            RejectedLine(**row) for row in exposition.rejected.head(SHOWN_REJECTED).iter_rows(named=True)
        ),
    )


def read_page(place: str, *, timeout_s: float = 10.0) -> tuple[str, bytes]:
    """Return a file's or URL's name in words, without credentials, and its content.

    Raises
    ------
    UnreachableError, InputError
        The URL does not answer; the file cannot be read.
    """
    if place.startswith(("http://", "https://")):
        try:
            with httpx.Client(trust_env=False) as client:
                return redacted(place), fetch(client, place, timeout_s=timeout_s)[1]
        except SourceError as error:
            message = f"{redacted(place)} did not answer: {error}; check address and port"
            raise UnreachableError(message) from None
        except httpx.InvalidURL as error:
            message = f"not an address: {error}"
            raise InputError(message) from None
    try:
        return place, Path(place).read_bytes()
    except OSError as error:
        message = f"{place} cannot be read: {error.strerror}; give a file, a URL or the folder of a capture"
        raise InputError(message) from None


def _repeated(exposition: Exposition) -> int:
    """Count lines that repeat a series of the same page (and time)."""
    keys = [c for c in exposition.samples.columns if c not in ("value", "line")]
    return len(exposition.samples) - exposition.samples.select(pl.struct(keys).n_unique()).item()
