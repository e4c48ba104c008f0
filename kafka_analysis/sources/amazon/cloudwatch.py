"""Read Amazon MSK's metrics from CloudWatch: list them, ask in bounded calls, make samples of the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import polars as pl

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.manifest import LineCounts
from kafka_analysis.model.possible import impossible
from kafka_analysis.model.samples import SAMPLES, empty_samples
from kafka_analysis.model.units import milliseconds_of
from kafka_analysis.sources.amazon.clients import aws_errors, reason, source_error
from kafka_analysis.sources.amazon.cloudwatch_names import Listing, Series, names, recognise
from kafka_analysis.sources.amazon.cloudwatch_periods import Part
from kafka_analysis.sources.exposition.page import TEXT_LIMIT

if TYPE_CHECKING:
    from botocore.client import BaseClient

# Amazon CloudWatch API Reference, GetMetricData: limits of one call.
MOST_QUERIES = 500
MOST_POINTS = 100_800
TRIES = 3
_LABELS = ("metric", "broker", "topic", "partition", "group", "entity", "stat")
_COMPLETE = "Complete"
_AGAIN = ("", "InternalError")
_MEANING = {
    "": "CloudWatch did not answer for the metric",
    "Forbidden": "Forbidden: these credentials may not read the metric",
    "InternalError": "InternalError of CloudWatch, after several retries",
    "PartialData": "PartialData: CloudWatch returned only part of the data",
}


@dataclass(frozen=True)
class Batch:
    """What one question brought: samples, counts, per series that failed the reason, and values that cannot be."""

    samples: pl.DataFrame
    lines: LineCounts
    failed: Mapping[Series, str]
    rejected: pl.DataFrame


@dataclass
class _Gathered:
    """Values of one series by time (ms since 1970) over all pages, and the last status; '' before any."""

    values: dict[int, float] = field(default_factory=dict)
    read: int = 0
    status: str = ""


def list_series(client: BaseClient, *, cluster_name: str, replicators: Sequence[str] = ()) -> Listing:
    """List the metrics that CloudWatch has of an MSK cluster and of the replicators that write to it.

    Parameters
    ----------
    client
        A CloudWatch client.
    cluster_name
        The cluster's name in MSK.
    replicators
        Names of MSK Replicators; their metrics are in the region of their target.

    Raises
    ------
    SourceError
        CloudWatch did not answer, or lists nothing of such a cluster or of one of the replicators.

    Notes
    -----
    CloudWatch lists what reported within the last two weeks only: topics, groups and brokers gone before are missing.
    """
    listed = _listed(client, "Cluster Name", cluster_name)
    for name in replicators:
        of_replicator = _listed(client, "ReplicatorName", name)
        if not of_replicator:
            message = f"no metrics of replicator {name!r} in this region; check replicators and region (of its target)"
            raise SourceError(message)
        listed += of_replicator
    listing = recognise(listed)
    if not listing.series:
        raise SourceError(
            f"no metrics of cluster {cluster_name!r} in this region; check cluster_name and region"
        )
    return listing


def _listed(client: BaseClient, dimension: str, value: str) -> list[Mapping[str, Any]]:
    chosen = [{"Name": dimension, "Value": value}]
    pages = client.get_paginator("list_metrics").paginate(Namespace=names().namespace, Dimensions=chosen)
    try:
        return [metric for page in pages for metric in page["Metrics"]]
    except aws_errors() as error:
        raise source_error(error, service="cloudwatch") from None


def batches(series: Sequence[Series], part: Part) -> Iterator[tuple[Series, ...]]:
    """Divide series into questions within the limits of a call: 500 queries and 100,800 points.

    CloudWatch charges per series and call: few series over a long time cost less than many over a short one.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> day = Part(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC), 60)
    >>> series = Series("CpuUser", (), "cpu_ratio", "Average", "DEFAULT")
    >>> [len(batch) for batch in batches([series] * 150, day)]
    [70, 70, 10]
    """
    size = max(1, min(MOST_QUERIES, MOST_POINTS // max(part.points, 1)))
    rest = iter(series)
    while batch := tuple(islice(rest, size)):
        yield batch


def read_batch(client: BaseClient, series: Sequence[Series], part: Part, *, cluster: str) -> Batch:
    """Ask for the data of some series in a part of the window, all pages, in whatever order they come.

    Parameters
    ----------
    client
        A CloudWatch client.
    series
        At most 500, as :func:`batches` makes them.
    part
        The stretch and its period. A sample's time is the beginning of its period.
    cluster
        The cluster's name in the capture.

    Returns
    -------
    Batch
        A point missing in CloudWatch is missing, not 0. Series without any point and without an error did answer.
    """
    gathered: dict[Series, _Gathered] = {query: _Gathered() for query in series}
    broken = ""
    for _ in range(TRIES):
        open_series = [query for query, got in gathered.items() if got.status in _AGAIN]
        if not open_series or broken:
            break
        broken = _gather(client, open_series, part, gathered)
    failed = {
        query: broken or _MEANING.get(got.status, got.status)
        for query, got in gathered.items()
        if got.status != _COMPLETE
    }
    points = _samples(gathered, cluster=cluster)
    samples = points.filter(impossible().is_null())
    rejected = _rejected(points, cluster=cluster)
    read = sum(got.read for got in gathered.values())
    distinct = sum(len(got.values) for got in gathered.values())
    counts = LineCounts(
        read=read,
        stored=len(samples),
        duplicates=read - distinct,
        not_a_number=distinct - len(points),
        rejected=len(rejected),
    )
    return Batch(samples, counts, failed, rejected)


def _gather(
    client: BaseClient, series: Sequence[Series], part: Part, gathered: Mapping[Series, _Gathered]
) -> str:
    """Read all pages of one question; return why the call failed, '' when it did not."""
    by_id = {f"q{number}": query for number, query in enumerate(series)}
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[_query(name, query, part.period_s) for name, query in by_id.items()],
        StartTime=part.start,
        EndTime=part.end,
        ScanBy="TimestampAscending",
    )
    try:
        for page in pages:
            _take(page["MetricDataResults"], by_id, part, gathered)
    except aws_errors() as error:
        return reason(error, service="cloudwatch")
    return ""


def _query(name: str, series: Series, period_s: int) -> dict[str, Any]:
    metric = {
        "Namespace": names().namespace,
        "MetricName": series.name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in series.dimensions],
    }
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": period_s, "Stat": series.statistic}}


def _take(
    results: Iterable[Mapping[str, Any]],
    by_id: Mapping[str, Series],
    part: Part,
    gathered: Mapping[Series, _Gathered],
) -> None:
    low, high = milliseconds_of(part.start), milliseconds_of(part.end)
    for result in results:
        got = gathered[by_id[result["Id"]]]
        got.status = result.get("StatusCode", _COMPLETE)
        times = map(milliseconds_of, result.get("Timestamps", ()))
        inside = [
            (ts, value) for ts, value in zip(times, result.get("Values", ()), strict=True) if low <= ts < high
        ]
        got.read += len(inside)
        got.values.update(inside)


def _samples(gathered: Mapping[Series, _Gathered], *, cluster: str) -> pl.DataFrame:
    frames = [_frame(query, got.values, cluster=cluster) for query, got in gathered.items() if got.values]
    return pl.concat(frames) if frames else empty_samples()


def _rejected(points: pl.DataFrame, *, cluster: str) -> pl.DataFrame:
    """Return the points whose value a metric cannot have, as rejected rows."""
    labels = pl.concat_str(_LABELS, separator=" ", ignore_nulls=True)
    return points.filter(impossible().is_not_null()).select(
        source=pl.lit(f"cloudwatch of {cluster}"),
        position=pl.lit(None, pl.Int64),
        text=pl.format("{} {} at {}", labels, "value", "ts").str.slice(0, TEXT_LIMIT),
        reason=pl.format("{} cannot be {}", "metric", impossible()),
    )


def _frame(series: Series, values: Mapping[int, float], *, cluster: str) -> pl.DataFrame:
    rows = pl.DataFrame(
        {
            "ts": pl.Series(list(values), dtype=pl.Int64).cast(pl.Datetime("ms", "UTC")),
            "value": pl.Series(list(values.values()), dtype=pl.Float64) * series.scale,
        }
    ).filter(pl.col("value").is_not_nan())
    constants = {name: pl.lit(getattr(series, name), dtype=SAMPLES[name]) for name in _LABELS}
    return rows.with_columns(cluster=pl.lit(cluster), **constants).select(SAMPLES.names())
