"""Turn the lines of a page into samples of the canonical metrics, each line once, and count what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce

import polars as pl

from kafka_analysis.model.brief_text import brief
from kafka_analysis.model.manifest import LineCounts
from kafka_analysis.model.metrics import METRICS
from kafka_analysis.model.samples import REJECTED, SAMPLES, SERIES
from kafka_analysis.model.units import listed
from kafka_analysis.sources.exposition.page import REJECTED_LINES, TEXT_LIMIT, Exposition
from kafka_analysis.sources.exposition.repeats import RANK, SPELLED, Once, last_scrape, one_of_series, spelled
from kafka_analysis.sources.spelling.detect import ROW, Page, page_of
from kafka_analysis.sources.spelling.families import Dialect
from kafka_analysis.sources.spelling.family_rows import LINES, Part, parts_of

_CONFLICT = "lines of one scrape give {} different values: all are rejected"
_CONFLICTING = pl.format(_CONFLICT, "metric")
_NO_ROWS = pl.DataFrame(
    schema={RANK: pl.Int64, **{name: SAMPLES[name] for name in SERIES if name != "cluster"}}
    | {"value": pl.Float64, "timestamp_ms": pl.Int64, ROW: pl.UInt32, SPELLED: pl.UInt64, LINES: pl.Int64}
)
_LABELS = 5
_NO_LINES = pl.DataFrame(schema=REJECTED_LINES)


@dataclass(frozen=True)
class Translation:
    """Samples of one answer, how many lines became what, the lines not understood, and the lines of each dialect."""

    samples: pl.DataFrame
    lines: LineCounts
    rejected: pl.DataFrame
    by_dialect: dict[str, int] = field(default_factory=dict)

    @property
    def spoken(self) -> str:
        """Return the names of the dialects that any line is of."""
        return ", ".join(name for name, lines in self.by_dialect.items() if lines)


def translate(
    exposition: Exposition,
    chosen: Sequence[Dialect],
    *,
    ts: datetime,
    cluster: str,
    broker: int | None,
    source: str,
    follow: bool = False,
) -> Translation:
    r"""Turn a parsed page into canonical samples.

    Parameters
    ----------
    chosen
        Dialects, the weightiest first: the result of :func:`~kafka_analysis.sources.spelling.detect.detect`, or
        the one the user names. A line is translated once, by the first of them that knows it. None = nothing on
        the page is known.
    ts
        When the target answered, UTC; lines with times of their own keep theirs.
    cluster, broker
        What the target speaks for; a line that names its broker keeps it.
    source
        The target in words, for the rejected lines.

    follow
        Whether lines are of a history: series that differ in other labels may follow each other in time.

    Returns
    -------
    Translation
        NaN is left out, and counted; so is a value by which an exporter says that it does not know (``unknown``: a lag
        of −1, no commit). What a metric cannot be (a counter below 0, infinity) is rejected. Lines that repeat a
        series with the same value, and the earlier ones of two scrapes in one page, are duplicates; lines of one scrape
        that give a series different values are conflicting, and none of them counts. A rate is left out, as not
        catalogued, where the page has the counter it is made from.

    Examples
    --------
    >>> from datetime import UTC
    >>> from kafka_analysis.sources.spelling.detect import detect
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> page = parse_exposition(b'kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="t",} 5\nup 1\n')
    >>> done = translate(page, detect(page), ts=datetime(2026, 1, 1, tzinfo=UTC), cluster="c", broker=1, source="b1")
    >>> done.samples.select("metric", "broker", "topic", "value").rows(), done.lines.not_catalogued
    ([('bytes_in_total', 1, 't', 5.0)], 1)
    """
    page = page_of(exposition)
    lines, earlier = last_scrape(page.lines.with_columns(spelled(page.lines)))
    parts = list(parts_of(Page(lines=lines, names=page.names), chosen, cluster))
    once = _samples(parts, ts=ts, cluster=cluster, broker=broker, follow=follow)
    wrong = _rejected_lines(lines, [part.wrong for part in parts])
    contradict = [part.conflicting.select(ROW, reason=_CONFLICTING) for part in parts]
    conflicting = _rejected_lines(lines, [_contradictions(once.conflicting, lines), *contradict])
    counts = LineCounts(
        read=len(exposition.samples) + len(exposition.rejected),
        stored=once.kept[LINES].sum(),
        not_a_number=sum(part.not_a_number for part in parts),
        unknown=sum(part.unknown for part in parts),
        duplicates=earlier + sum(part.repeated for part in parts) + once.repeated[LINES].sum(),
        conflicting=len(conflicting),
        rejected=len(exposition.rejected) + len(wrong),
    )
    by_dialect = {d.name: sum(part.lines for part in parts if part.dialect == d.name) for d in chosen}
    return Translation(
        samples=once.kept.select(pl.col(name).cast(kind) for name, kind in SAMPLES.items()),
        lines=counts.model_copy(update={"not_catalogued": counts.read - counts.accounted}),
        rejected=_rejected([exposition.rejected, wrong, conflicting], source),
        by_dialect=by_dialect,
    )


def joined(parts: Sequence[Translation]) -> Translation:
    """Join the translations of the parts of one answer.

    Examples
    --------
    >>> none = Translation(pl.DataFrame(schema=SAMPLES), LineCounts(read=1), pl.DataFrame(schema=REJECTED), {"msk": 1})
    >>> joined([none, none]).by_dialect, joined([none, none]).lines.read
    ({'msk': 2}, 2)
    """
    names = dict.fromkeys(name for part in parts for name in part.by_dialect)
    return Translation(
        samples=pl.concat([part.samples for part in parts]),
        lines=reduce(LineCounts.__add__, [part.lines for part in parts]),
        rejected=pl.concat([part.rejected for part in parts]),
        by_dialect={name: sum(part.by_dialect.get(name, 0) for part in parts) for name in names},
    )


def _samples(parts: Sequence[Part], *, ts: datetime, cluster: str, broker: int | None, follow: bool) -> Once:
    """Return the samples, one of each series and time, and the lines that are none."""
    rows = _rated(pl.concat([_NO_ROWS, *(part.rows for part in parts)]))
    stamp = pl.from_epoch("timestamp_ms", time_unit="ms").dt.replace_time_zone("UTC")
    stamped = rows.with_columns(
        ts=pl.coalesce(stamp, pl.lit(ts)).cast(pl.Datetime("ms", "UTC")),
        cluster=pl.lit(cluster),
        broker=pl.coalesce("broker", pl.lit(broker, dtype=pl.Int32)),
    )
    return one_of_series(stamped, SERIES, follow=follow)


def _rated(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave out rates whose counter is there: they start at different moments and do not add up."""
    counters = set(rows["metric"].unique())
    beside = [
        name
        for name in counters
        if METRICS[name].kind == "rate" and f"{name.removesuffix('_per_s')}_total" in counters
    ]
    return rows.filter(~pl.col("metric").is_in(beside)) if beside else rows


def _contradictions(conflicting: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Say what is wrong with lines that fall on one series, with the labels in which lines of one series differ."""
    labels = [name for name in lines.columns if name.startswith("label_")]
    if conflicting.is_empty() or not labels:
        return conflicting.select(ROW, reason=_CONFLICTING)
    of_series = conflicting.select(ROW, *SERIES).join(lines.select(ROW, *labels), on=ROW)
    differ = of_series.group_by(SERIES).agg(pl.col(labels).n_unique() > 1)
    by_metric = differ.group_by("metric").agg(pl.col(labels).any())
    hints = {
        row["metric"]: f"; a label may not be mapped: {listed(names, _LABELS)}"
        for row in by_metric.iter_rows(named=True)
        if (names := [brief(name.removeprefix("label_"), 80) for name in labels if row[name]])
    }
    hint = pl.col("metric").replace_strict(hints, default="", return_dtype=pl.String)
    return conflicting.select(ROW, reason=_CONFLICTING + hint)


def _rejected_lines(lines: pl.DataFrame, rows: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return lines, chosen by their number, as they are rejected: line, text, reason."""
    some = [part for part in rows if len(part)]
    if not some:
        return _NO_LINES
    chosen = lines.join(pl.concat(some), on=ROW, how="inner", maintain_order="left")
    return chosen.select("line", _text(chosen).alias("text"), "reason")


def _text(lines: pl.DataFrame) -> pl.Expr:
    """Spell lines as their page did, but for the order of labels."""
    names = [name for name in lines.columns if name.startswith("label_")]
    shown = [
        pl.format(f'{name.removeprefix("label_")}="{{}}"', pl.col(name).str.slice(0, TEXT_LIMIT))
        for name in names
    ]
    labels = pl.concat_str(shown, separator=",", ignore_nulls=True) if shown else pl.lit("")
    braces = pl.when(labels != "").then("{" + labels + "}")
    time = " " + pl.col("timestamp_ms").cast(pl.String)
    name, value = pl.col("metric").str.slice(0, TEXT_LIMIT), " " + pl.col("value").cast(pl.String)
    return pl.concat_str(name, braces, value, time, ignore_nulls=True).str.slice(0, TEXT_LIMIT)


def _rejected(parts: Sequence[pl.DataFrame], source: str) -> pl.DataFrame:
    lines = pl.concat([part.select(_NO_LINES.columns) for part in parts]).sort("line")
    named = lines.select(pl.lit(source).alias("source"), pl.col("line").alias("position"), "text", "reason")
    return named.cast(dict(REJECTED))
