"""Turn the lines of a page into samples of the canonical metrics, each line once, and count what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from kafka_analysis.model.manifest import LineCounts
from kafka_analysis.model.metrics import METRICS
from kafka_analysis.model.samples import REJECTED, SAMPLES, SERIES, empty_samples
from kafka_analysis.sources.detect import ROW, Page, label, page_of, recognised
from kafka_analysis.sources.exposition import Exposition
from kafka_analysis.sources.families import Dialect, Family

_LINES = "_lines"
_TOPIC_PARTITION = r"^(.+)[-.:/](\d+)$"  # from the right: a topic's name may hold dots and dashes


@dataclass(frozen=True)
class Translation:
    """Samples of one answer, how many lines became what, the lines not understood, and the lines of each dialect."""

    samples: pl.DataFrame
    lines: LineCounts
    rejected: pl.DataFrame
    by_dialect: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Part:
    """Rows of one family, one per series and time, with the number of lines each is made of."""

    dialect: str
    rows: pl.DataFrame
    lines: int
    not_a_number: int
    unknown: int
    repeated: int


def translate(
    exposition: Exposition,
    chosen: Sequence[Dialect],
    *,
    ts: datetime,
    cluster: str,
    broker: int | None,
    source: str,
) -> Translation:
    r"""Turn a parsed page into canonical samples.

    Parameters
    ----------
    chosen
        Dialects, the weightiest first: the result of :func:`~kafka_analysis.sources.detect.detect`, or the one the
        user names. A line is translated once, by the first of them that knows it. None = nothing on the page is known.
    ts
        When the target answered, UTC; lines with times of their own keep theirs.
    cluster, broker
        What the target speaks for; a line that names its broker keeps it.
    source
        The target in words, for the rejected lines.

    Returns
    -------
    Translation
        Of lines that repeat a series (and time) the last counts, and they are counted. NaN is left out, and counted;
        so is a value by which an exporter says that it does not know (``unknown``: a lag of −1, no commit). A rate is
        left out, as not catalogued, where the page has the counter it is made from.

    Examples
    --------
    >>> from datetime import UTC
    >>> from kafka_analysis.sources.detect import detect
    >>> from kafka_analysis.sources.exposition import parse_exposition
    >>> page = parse_exposition(b'kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="t",} 5\nup 1\n')
    >>> done = translate(page, detect(page), ts=datetime(2026, 1, 1, tzinfo=UTC), cluster="c", broker=1, source="b1")
    >>> done.samples.select("metric", "broker", "topic", "value").rows(), done.lines.not_catalogued
    ([('bytes_in_total', 1, 't', 5.0)], 1)
    """
    parts = list(_parts(page_of(exposition), chosen, cluster))
    rows = _rated(pl.concat([part.rows for part in reversed(parts)])) if parts else None
    samples, stored, merged = _samples(rows, ts=ts, cluster=cluster, broker=broker)
    not_a_number = sum(part.not_a_number for part in parts)
    unknown = sum(part.unknown for part in parts)
    duplicates = sum(part.repeated for part in parts) + merged
    rejected = exposition.rejected.select(
        pl.lit(source).alias("source"), pl.col("line").alias("position"), "text", "reason"
    )
    read = len(exposition.samples)
    counts = LineCounts(
        read=read + len(rejected),
        stored=stored,
        not_catalogued=read - stored - not_a_number - unknown - duplicates,
        not_a_number=not_a_number,
        unknown=unknown,
        duplicates=duplicates,
        rejected=len(rejected),
    )
    told = {d.name: sum(part.lines for part in parts if part.dialect == d.name) for d in chosen}
    return Translation(samples, counts, rejected.cast(dict(REJECTED)), told)


def _parts(page: Page, chosen: Sequence[Dialect], cluster: str) -> Iterator[_Part]:
    taken: set[int] = set()
    for dialect in chosen:
        own = _of_cluster(page, dialect, cluster)
        for family in dialect.families:
            known = family.names.keys() & page.names
            if known and len(rows := recognised(own, family, but=taken)):
                taken |= set(rows[ROW])
                yield _part(rows, family, dialect.name)


def _of_cluster(page: Page, dialect: Dialect, cluster: str) -> Page:
    """Keep the lines about this cluster, if the exporter watches several and calls one of them so."""
    if dialect.cluster is None:
        return page
    name = label(page.lines, dialect.cluster)
    told = page.lines.select(name.alias("told"))["told"].drop_nulls().unique()
    if len(told) < 2 or cluster not in told:
        return page
    return Page(lines=page.lines.filter(name.fill_null(cluster) == cluster), names=page.names)


def _part(rows: pl.DataFrame, family: Family, dialect: str) -> _Part:
    number = rows.filter(pl.col("value").is_not_nan())
    known = number.filter(~pl.col("value").is_in(family.unknown)) if family.unknown else number
    once = _once(known) if family.fold else known
    picked = once.select(**_columns(once, family))
    return _Part(
        dialect=dialect,
        rows=_folded(picked, family) if family.fold else picked,
        lines=len(rows),
        not_a_number=len(rows) - len(number),
        unknown=len(number) - len(known),
        repeated=len(known) - len(once),
    )


def _once(rows: pl.DataFrame) -> pl.DataFrame:
    """Drop lines that come again with the same labels and time, before they are folded."""
    same = ["metric", "timestamp_ms", *(c for c in rows.columns if c.startswith("label_"))]
    return rows.unique(same, keep="last", maintain_order=True)


def _columns(rows: pl.DataFrame, family: Family) -> dict[str, pl.Expr]:
    joint = label(rows, family.topic_partition)
    topic = joint.str.extract(_TOPIC_PARTITION, 1) if family.topic_partition else label(rows, family.topic)
    partition = (
        joint.str.extract(_TOPIC_PARTITION, 2) if family.topic_partition else label(rows, family.partition)
    )
    return {
        "metric": pl.col("to"),
        "broker": label(rows, family.broker).cast(pl.Int32, strict=False),
        "topic": topic,
        "partition": partition.cast(pl.Int32, strict=False),
        "group": label(rows, family.group),
        "entity": _entity(rows, family),
        "stat": pl.col("stat"),
        "value": pl.col("value") * family.scale,
        "timestamp_ms": pl.col("timestamp_ms"),
        _LINES: pl.lit(1, dtype=pl.Int64),
    }


def _entity(rows: pl.DataFrame, family: Family) -> pl.Expr:
    """Join the labels of an entity; one that is absent is left empty, null when all are."""
    parts = [label(rows, name) for name in family.entity]
    if not parts:
        return pl.lit(None, dtype=pl.String)
    joined = pl.concat_str([part.fill_null("") for part in parts], separator=family.joined_by)
    return pl.when(pl.any_horizontal(part.is_not_null() for part in parts)).then(joined)


def _folded(picked: pl.DataFrame, family: Family) -> pl.DataFrame:
    keys = [c for c in picked.columns if c not in ("value", _LINES)]
    value = pl.col("value").max() if family.fold == "max" else pl.col("value").sum()
    folded = picked.group_by(keys, maintain_order=True).agg(value, pl.col(_LINES).sum())
    return folded.select(picked.columns)


def _rated(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave out rates whose counter is there: they start at different moments and do not add up."""
    counters = set(rows["metric"].unique())
    beside = [
        name
        for name in counters
        if METRICS[name].kind == "rate" and f"{name.removesuffix('_per_s')}_total" in counters
    ]
    return rows.filter(~pl.col("metric").is_in(beside))


def _samples(
    rows: pl.DataFrame | None, *, ts: datetime, cluster: str, broker: int | None
) -> tuple[pl.DataFrame, int, int]:
    """Return the samples, the lines in them, and the lines that a later one of the same series replaced."""
    if rows is None:
        return empty_samples(), 0, 0
    own = pl.from_epoch("timestamp_ms", time_unit="ms").dt.replace_time_zone("UTC")
    stamped = rows.with_columns(
        ts=pl.coalesce(own, pl.lit(ts)).cast(pl.Datetime("ms", "UTC")),
        cluster=pl.lit(cluster),
        broker=pl.coalesce("broker", pl.lit(broker, dtype=pl.Int32)),
    )
    last = stamped.unique([*SERIES, "ts"], keep="last", maintain_order=True)
    samples = last.select(pl.col(name).cast(kind) for name, kind in SAMPLES.items())
    return samples, last[_LINES].sum(), stamped[_LINES].sum() - last[_LINES].sum()
