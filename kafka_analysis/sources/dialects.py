"""Turn exporters' names into canonical metrics; each dialect is a TOML file beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.manifest import LineCounts
from kafka_analysis.model.metrics import METRICS
from kafka_analysis.model.samples import REJECTED, SAMPLES, SERIES, empty_samples
from kafka_analysis.sources.exposition import Exposition


class Family(BaseModel):
    """Lines of the same shape.

    ``metrics`` maps names of the page to a ``stat`` ('' for none); the label ``key`` chooses from ``to`` the
    canonical metric (without key, ``to`` is the metric). ``topic``, ``partition``, ``group`` and ``entity`` name the
    labels these are taken from; several labels of an entity are joined by ``joined_by``. ``only`` keeps lines with
    these label values, ``fold`` adds up lines that differ in other labels, ``scale`` multiplies the value. Lines
    that many exporters have in common (``process_cpu_seconds_total``) are not ``telling``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metrics: dict[str, str]
    to: str | dict[str, str]
    key: str | None = None
    topic: str | None = None
    partition: str | None = None
    group: str | None = None
    entity: tuple[str, ...] = ()
    joined_by: str = "/"
    only: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    without: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    fold: bool = False
    scale: float = 1.0
    telling: bool = True


class Dialect(BaseModel):
    """How one exporter spells Kafka's metrics."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    kind: str
    families: tuple[Family, ...]


@dataclass(frozen=True)
class Translation:
    """Samples of one answer, how many lines became what, and the lines not understood."""

    samples: pl.DataFrame
    lines: LineCounts
    rejected: pl.DataFrame


@cache
def dialects() -> tuple[Dialect, ...]:
    """Return all dialects known, by name.

    Examples
    --------
    >>> [dialect.name for dialect in dialects()]
    ['mirror_maker', 'msk', 'node_exporter']
    """
    folder = files("kafka_analysis.sources") / "dialects"
    found = [
        tomllib.loads(f.read_text(encoding="utf-8")) for f in folder.iterdir() if f.name.endswith(".toml")
    ]
    known = sorted((Dialect.model_validate(content) for content in found), key=lambda d: d.name)
    for dialect in known:
        for family in dialect.families:
            targets = [family.to] if isinstance(family.to, str) else family.to.values()
            for name in targets:
                if name not in METRICS:
                    what = f"metric in dialect {dialect.name}"
                    raise InputError.unknown(what, name, METRICS)
    return tuple(known)


def explained(exposition: Exposition, dialect: Dialect) -> int:
    r"""Count the lines of a page that a dialect turns into canonical metrics.

    Examples
    --------
    >>> from kafka_analysis.sources.exposition import parse_exposition
    >>> page = parse_exposition(b"node_memory_MemAvailable_bytes 5\nup 1")
    >>> [explained(page, dialect) for dialect in dialects()]
    [0, 0, 1]
    """
    telling = [family for family in dialect.families if family.telling]
    return sum(len(rows) for rows in _recognised(exposition.samples, telling))


def detect(exposition: Exposition) -> Dialect | None:
    """Return the dialect that explains most lines of a page, None when none explains any.

    Examples
    --------
    >>> from kafka_analysis.sources.exposition import parse_exposition
    >>> page = parse_exposition(b'kafka_server_ReplicaManager_Value{name="LeaderCount",} 5')
    >>> detect(page).name
    'msk'
    >>> detect(parse_exposition(b"strimzi_resources 3")) is None
    True
    """
    counts = [(explained(exposition, dialect), dialect) for dialect in dialects()]
    lines, best = max(counts, key=lambda pair: pair[0])
    return best if lines else None


def translate(
    exposition: Exposition,
    dialect: Dialect | None,
    *,
    ts: datetime,
    cluster: str,
    broker: int | None,
    source: str,
) -> Translation:
    r"""Turn a parsed page into canonical samples.

    Parameters
    ----------
    dialect
        Result of :func:`detect`; None = nothing on the page is known.
    ts
        When the target answered, UTC; lines with times of their own keep theirs.
    cluster, broker
        What the target speaks for.
    source
        The target in words, for the rejected lines.

    Returns
    -------
    Translation
        Of lines that repeat a series the last counts, and they are counted. NaN is left out, and counted.

    Examples
    --------
    >>> from datetime import UTC
    >>> from kafka_analysis.sources.exposition import parse_exposition
    >>> page = parse_exposition(b'kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="t",} 5\nup 1')
    >>> done = translate(page, detect(page), ts=datetime(2026, 1, 1, tzinfo=UTC), cluster="c", broker=1, source="b1")
    >>> done.samples.select("metric", "broker", "topic", "value").rows(), done.lines.not_catalogued
    ([('bytes_in_total', 1, 't', 5.0)], 1)
    """
    page = exposition.samples
    families = dialect.families if dialect else ()
    parts = [
        _family_rows(rows, family) for family, rows in zip(families, _recognised(page, families), strict=True)
    ]
    lines = sum(part["_lines"].sum() for part in parts)
    rows = pl.concat(parts) if parts else None
    samples, duplicates, not_a_number = empty_samples(), 0, 0
    if rows is not None:
        number = rows.filter(pl.col("value").is_not_nan())
        not_a_number = len(rows) - len(number)
        stamped = _stamped(number, ts=ts, cluster=cluster, broker=broker)
        samples = stamped.unique([*SERIES, "ts"], keep="last", maintain_order=True)
        duplicates = len(stamped) - len(samples)
    rejected = exposition.rejected.select(
        pl.lit(source).alias("source"), pl.col("line").alias("position"), "text", "reason"
    )
    counts = LineCounts(
        read=len(page) + len(rejected),
        stored=lines - not_a_number - duplicates,
        not_catalogued=len(page) - lines,
        not_a_number=not_a_number,
        duplicates=duplicates,
        rejected=len(rejected),
    )
    return Translation(samples=samples, lines=counts, rejected=rejected.cast(dict(REJECTED)))


def _recognised(page: pl.DataFrame, families: Sequence[Family]) -> Iterator[pl.DataFrame]:
    """Yield the lines of each family, with the canonical name in ``to``."""
    for family in families:
        rows = page.filter(pl.col("metric").is_in(list(family.metrics)))
        for label, allowed in family.only.items():
            rows = rows.filter(_label(rows, label).is_in(allowed))
        for label, refused in family.without.items():
            rows = rows.filter(~_label(rows, label).fill_null("").is_in(refused))
        if isinstance(family.to, str):
            yield rows.with_columns(to=pl.lit(family.to))
        else:
            chosen = _label(rows, family.key or "").replace_strict(
                family.to, default=None, return_dtype=pl.String
            )
            yield rows.with_columns(to=chosen).drop_nulls("to")


def _label(rows: pl.DataFrame, name: str | None) -> pl.Expr:
    column = f"label_{name}"
    return pl.col(column) if column in rows.columns else pl.lit(None, dtype=pl.String)


def _family_rows(rows: pl.DataFrame, family: Family) -> pl.DataFrame:
    stat = {name: stat or None for name, stat in family.metrics.items()}
    parts = [_label(rows, label) for label in family.entity]
    columns = {
        "metric": pl.col("to"),
        "topic": _label(rows, family.topic),
        "partition": _label(rows, family.partition).cast(pl.Int32, strict=False),
        "group": _label(rows, family.group),
        "entity": pl.concat_str(parts, separator=family.joined_by)
        if parts
        else pl.lit(None, dtype=pl.String),
        "stat": pl.col("metric").replace_strict(stat, return_dtype=pl.String),
        "value": pl.col("value") * family.scale,
        "timestamp_ms": pl.col("timestamp_ms"),
        "_lines": pl.lit(1, dtype=pl.Int64),
    }
    picked = rows.select(**columns)
    if not family.fold:
        return picked
    keys = [c for c in picked.columns if c not in ("value", "_lines")]
    folded = picked.group_by(keys, maintain_order=True).agg(pl.col("value").sum(), pl.col("_lines").sum())
    return folded.select(picked.columns)


def _stamped(rows: pl.DataFrame, *, ts: datetime, cluster: str, broker: int | None) -> pl.DataFrame:
    own = pl.from_epoch("timestamp_ms", time_unit="ms").dt.replace_time_zone("UTC")
    return rows.with_columns(
        ts=pl.coalesce(own, pl.lit(ts)).cast(pl.Datetime("ms", "UTC")),
        cluster=pl.lit(cluster),
        broker=pl.lit(broker, dtype=pl.Int32),
    ).select(pl.col(name).cast(kind) for name, kind in SAMPLES.items())
