"""Look into a page of metrics: what it is, what is recognised, what repeats, what is not understood."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel

from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.addresses import redacted, without_credentials
from kafka_analysis.model.brief_text import brief
from kafka_analysis.model.errors import InputError, SourceError, UnreachableError
from kafka_analysis.model.manifest import LineCounts
from kafka_analysis.model.metrics import METRICS
from kafka_analysis.model.questions import usable_for
from kafka_analysis.model.tables import TABLES
from kafka_analysis.model.units import moment_of
from kafka_analysis.sources.exposition.any_page import parse_page
from kafka_analysis.sources.exposition.instances import OfInstance, by_instance, instances_of
from kafka_analysis.sources.exposition.page import Exposition
from kafka_analysis.sources.http.client import http_client
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.http.scrape import fetched
from kafka_analysis.sources.saved.files import read_plain
from kafka_analysis.sources.spelling.detect import detect, explained, speaking
from kafka_analysis.sources.spelling.dialects import dialects
from kafka_analysis.sources.spelling.families import Dialect
from kafka_analysis.sources.spelling.mistakes import absent_labels, absent_names, unread_reasons
from kafka_analysis.sources.spelling.translate import Translation, joined, translate
from kafka_analysis.sources.spelling.unknown import spelled_otherwise, unknown_names
from kafka_analysis.stats.load.brokers import TOPIC_COUNTERS
from kafka_analysis.stats.load.topics import covered_by_topics
from kafka_analysis.stats.reduce.samples import increase

SHOWN_REJECTED = 20
_COMPARED = "only bytes and messages are compared"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/|//")


class RejectedLine(BaseModel, frozen=True):
    """A line that was not understood."""

    line: int
    text: str
    reason: str


class Example(BaseModel, frozen=True):
    """The largest value of a metric on a page, with the topic, partition, group … that it is of, in its unit."""

    series: str
    value: float
    unit: str


class PageReport(BaseModel, frozen=True):
    """What a page of metrics holds.

    ``explained`` counts the lines each dialect understands; ``dialect`` is the one that understands most, null when
    none does: then nothing here is about Kafka brokers. ``by_dialect`` counts the lines each one translated: a line is
    translated once. ``metrics`` maps canonical metrics to series seen. ``first`` and ``last`` are the times lines
    carry, null when none does. ``lacking`` says of each analysis what it needs and is not here. ``covered`` is, counter
    by counter, which part of the brokers' totals their topics add up to (1 = all of it). ``instances``: processes whose
    series are on the page, each with the broker that its name tells, where there are several. ``unknown`` counts the
    lines that are not read by their name: names that look like Kafka's, then the most frequent; ``unknown_names`` says
    how many names there are. ``hint``: what to do where nothing is read.

    ``examples`` has a value of each metric. ``not_covered`` says of counters of topics why they are not in ``covered``.
    Of dialects the user gave: ``absent``, their names that no line has; ``absent_labels``, labels that no line of
    their family has; ``unread``, why lines of a name are not read.
    """

    source: str
    dialect: str | None
    title: str | None
    explained: dict[str, int]
    by_dialect: dict[str, int]
    lines: LineCounts
    metrics: dict[str, int]
    topics: int
    first: datetime | None
    last: datetime | None
    lacking: dict[str, tuple[str, ...]]
    covered: dict[str, float]
    instances: dict[str, int | None]
    unknown: dict[str, int]
    unknown_names: int
    examples: dict[str, Example]
    not_covered: dict[str, str]
    absent: tuple[str, ...]
    absent_labels: tuple[str, ...]
    unread: dict[str, str]
    hint: str | None
    rejected: tuple[RejectedLine, ...]


def inspect_page(data: bytes, *, source: str, known: Sequence[Dialect] = ()) -> PageReport:
    r"""Say what a page of metrics holds.

    Parameters
    ----------
    data
        The page: text format or Jolokia's JSON, plain or packed with gzip, zstd, xz or bzip2.
    source
        Where it came from, in words.
    known
        The dialects its lines are read by; without them they are detected.

    Raises
    ------
    InputError
        When it is not a page of metrics, or damaged.

    Examples
    --------
    >>> report = inspect_page(b'kafka_server_ReplicaManager_Value{name="LeaderCount",} 5\nup 1\n', source="a dump")
    >>> report.dialect, report.metrics, report.lines.not_catalogued
    ('msk', {'leader_count': 1}, 1)
    """
    exposition = _parsed(data, source)
    chosen = speaking(exposition, known) if known else detect(exposition)
    instances = instances_of(exposition, chosen)
    done = _translated(exposition, chosen, source)
    counts = done.samples.group_by("metric").len().sort("metric")
    stamps = exposition.samples["timestamp_ms"].drop_nulls()
    unknown = unknown_names(exposition, chosen)
    with_topics = set(done.samples.filter(pl.col("topic").is_not_null())["metric"])
    shares = covered_by_topics(done.samples.rename({"value": "increase"}))
    covered = {name: share for name, share in shares.items() if name in with_topics}
    return PageReport(
        source=source,
        dialect=chosen[0].name if chosen else None,
        title=", and ".join(dialect.title for dialect in chosen) or None,
        explained={
            d.name: explained(exposition, d) for d in {d.name: d for d in (*dialects(), *known)}.values()
        },
        by_dialect=done.by_dialect,
        lines=done.lines,
        metrics=dict(counts.iter_rows()),
        topics=done.samples["topic"].drop_nulls().n_unique(),
        first=None if stamps.is_empty() else moment_of(stamps.min()),
        last=None if stamps.is_empty() else moment_of(stamps.max()),
        lacking=usable_for(counts["metric"].to_list()),
        covered=covered,
        instances=instances,
        unknown=unknown,
        unknown_names=len(unknown),
        examples=_examples(done.samples),
        not_covered=_not_covered(done.samples, covered),
        absent=absent_names(exposition, known),
        absent_labels=absent_labels(exposition, known),
        unread=unread_reasons(exposition, known),
        hint=None if chosen else _hint(exposition, known, unknown),
        rejected=tuple(
            RejectedLine(line=row["position"], text=row["text"], reason=row["reason"])
            for row in done.rejected.head(SHOWN_REJECTED).iter_rows(named=True)
        ),
    )


def _examples(samples: pl.DataFrame) -> dict[str, Example]:
    """Return the largest value of each metric: it shows best whether a unit or scale is right."""
    place = ("group", "topic", "partition", "entity", "stat")
    ordered = samples.sort("metric", "value", *place, descending=[False, True, *(False for _ in place)])
    return {
        row["metric"]: Example(series=_series_text(row), value=row["value"], unit=METRICS[row["metric"]].unit)
        for row in ordered.unique("metric", keep="first", maintain_order=True).iter_rows(named=True)
    }


def _series_text(row: dict[str, Any]) -> str:
    topic, partition = row["topic"], row["partition"]
    if partition is not None:
        topic = f"partition {partition}" if topic is None else f"{topic}-{partition}"
    parts = (row["group"], topic, row["entity"], row["stat"])
    return brief(", ".join(part for part in parts if part is not None))


def _not_covered(samples: pl.DataFrame, covered: Iterable[str]) -> dict[str, str]:
    """Say why topics are not compared with their brokers' totals, for each counter that may have topics."""
    of_topics = [
        name
        for name in samples["metric"].unique().sort()
        if METRICS[name].kind == "counter" and METRICS[name].labels == ("topic",) and not METRICS[name].entity
    ]
    found: dict[str, str] = {}
    for name in (name for name in of_topics if name not in covered):
        rows = samples.filter(pl.col("metric") == name)
        lacks = {
            "no topic lines": rows["topic"].null_count() == len(rows),
            "no line of the broker's total": rows["topic"].null_count() == 0,
            _COMPARED: name not in TOPIC_COUNTERS,
        }
        found[name] = next((reason for reason, holds in lacks.items() if holds), "the total is 0")
    return found


def _hint(page: Exposition, known: Sequence[Dialect], unknown: Iterable[str]) -> str | None:
    """Say what can be done about a page of which nothing is read."""
    if not known:
        return spelled_otherwise(unknown)
    detected = ", ".join(dialect.name for dialect in detect(page))
    advice = f"the page matches {detected}" if detected else "compare its names with those not read"
    return f"no line matches dialect {', '.join(dialect.name for dialect in known)}; {advice}"


def _translated(page: Exposition, chosen: Sequence[Dialect], source: str) -> Translation:
    """Translate the lines of each broker on a page; of instances that name no broker, all as if of one."""
    try:
        parts = by_instance(page, chosen)
    except SourceError:
        parts = (OfInstance(None, None, page),)
    now = datetime.now(UTC)
    done = [
        translate(part.page, chosen, ts=now, cluster="-", broker=part.broker, source=source) for part in parts
    ]
    return joined(done)


def read_page(place: str, *, timeout_s: float = 10.0) -> tuple[str, bytes]:
    """Return a file's or URL's name in words, without credentials, and its content.

    Raises
    ------
    UnreachableError, InputError
        The URL does not answer; the file cannot be read.
    """
    if is_address(place):
        return redacted(place), _fetched(place, timeout_s)
    try:
        return place, read_plain(Path(place))
    except SourceError as error:
        name = "the file (name not shown)" if "@" in place else place
        raise InputError(f"{name} {error}; give a file, a URL or the folder of a capture") from None


def is_address(place: str) -> bool:
    """Tell whether a place is an address rather than a file: it begins with a scheme, or as one without it.

    Examples
    --------
    >>> [is_address(place) for place in ("HTTP://h/metrics", "ftp://h", "//h/metrics", "dumps/a:b.prom", "C:/a.prom")]
    [True, True, True, False, False]
    """
    return _ADDRESS.match(place) is not None


def _fetched(url: str, timeout_s: float) -> bytes:
    if not url.lower().startswith(("http://", "https://")):
        raise InputError(f"{redacted(url)} is not the URL of a page: it must start with http:// or https://")
    deadline = Deadline.after(timeout_s)
    try:
        with http_client() as client, fetched(client, url, deadline=deadline) as (_, page):
            return page
    except SourceError as error:
        message = f"{redacted(url)} did not answer: {without_credentials(str(error))}; check address and port"
        raise UnreachableError(message) from None
    except ValueError:  # what it says repeats parts of the address
        raise InputError(f"{redacted(url)} is not a valid URL; check host and port") from None


def _parsed(data: bytes, source: str) -> Exposition:
    try:
        return parse_page(data)
    except (InputError, SourceError) as error:
        raise InputError(f"{source}: {error}") from None


def inspect_capture(capture: Capture) -> tuple[dict[str, tuple[str, ...]], dict[str, float]]:
    """Say of each analysis what a capture lacks for it, and how far topics add up to their brokers' totals.

    Returns
    -------
    tuple of dict and dict
        As ``lacking`` and ``covered`` of :class:`PageReport`; the totals are what counters grew by.
    """
    tables = [f"table:{name}" for name in TABLES if capture.has_table(name)]
    held = [*capture.metrics()["metric"], *tables]
    grown = increase(capture.samples(*TOPIC_COUNTERS).collect(), start=capture.start, end=capture.end)
    return usable_for(held), covered_by_topics(grown)
