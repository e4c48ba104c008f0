"""Read what Prometheus' HTTP API answers: series of labels, and samples whose values are texts."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.exposition.page import REJECTED_LINES, TEXT_LIMIT, Exposition
from kafka_analysis.sources.jolokia.json_text import is_unicode, shown

_NAME = "__name__"
_LATEST_S = 1e11  # beyond the year 5000
_SAMPLES = {"series": pl.UInt32, "value": pl.Float64, "timestamp_ms": pl.Int64}


def series_frame(labels: Sequence[Mapping[str, str]]) -> pl.DataFrame:
    """Return series as a frame: ``metric`` and a column ``label_<key>`` per label, null where absent.

    Examples
    --------
    >>> series_frame([{"__name__": "up", "job": "kafka"}, {"__name__": "bytes", "topic": "t"}]).rows()
    [('up', 'kafka', None), ('bytes', None, 't')]
    """
    keys = sorted({key for series in labels for key in series} - {_NAME})
    columns = {"metric": [series.get(_NAME, "") for series in labels]}
    columns |= {f"label_{key}": [series.get(key) for series in labels] for key in keys}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def read_matrix(data: Any, *, start_ms: int, end_ms: int) -> Exposition:
    """Read a matrix of samples as a page of metrics, each line with its own time.

    Parameters
    ----------
    data
        The ``data`` of the answer to a query.
    start_ms, end_ms
        Samples outside of [start, end) are passed over: chunks that touch share none.

    Returns
    -------
    Exposition
        ``line`` counts the samples. A value that is no number is rejected alone. A series has no samples where it was
        not scraped, and none are made up.

    Raises
    ------
    SourceError
        When it is no matrix.

    Examples
    --------
    >>> series = {"metric": {"__name__": "up", "job": "k"}, "values": [[0.5, "1"], [1.5, "NaN"], [2, "+Inf"]]}
    >>> page = read_matrix({"resultType": "matrix", "result": [series]}, start_ms=0, end_ms=2000)
    >>> page.samples.rows()
    [('up', 'k', 1.0, 500, 1), ('up', 'k', nan, 1500, 2)]
    """
    result = data.get("result") if isinstance(data, dict) and data.get("resultType") == "matrix" else None
    if not isinstance(result, list) or not all(_is_series(entry) for entry in result):
        raise SourceError("the answer is not a matrix of samples; check that url is Prometheus' HTTP API")
    frames, rejected, series = [], [], []
    for entry in result:
        if not is_labels(entry["metric"]):
            rejected.append((None, shown(entry["metric"], TEXT_LIMIT), "labels that are not valid Unicode"))
            continue
        times, values = _points(entry.get("values", []), rejected)
        frames.append(_frame(len(series), times, values))
        series.append(entry["metric"])
    rows = pl.concat([pl.DataFrame(schema=_SAMPLES), *frames])
    inside = rows.filter(pl.col("timestamp_ms").is_between(start_ms, end_ms, closed="left"))
    labels = series_frame(series)[inside["series"]]
    samples = pl.concat([labels, inside.drop("series")], how="horizontal").with_columns(
        line=pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    )
    return Exposition(samples=samples, rejected=pl.DataFrame(rejected, schema=REJECTED_LINES, orient="row"))


def _is_series(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("metric"), dict):
        return False
    return isinstance(entry.get("values", []), list)


def is_labels(labels: Any) -> bool:
    r"""Tell whether something is labels: a map of texts to texts.

    Examples
    --------
    >>> is_labels({"job": "a"}), is_labels({"job": 5}), is_labels({"job": "\ud800"})
    (True, False, False)
    """
    return isinstance(labels, dict) and all(
        isinstance(text, str) and is_unicode(text) for pair in labels.items() for text in pair
    )


def _frame(number: int, times: list[int], values: list[float]) -> pl.DataFrame:
    owner = pl.repeat(number, len(times), dtype=pl.UInt32, eager=True)
    return pl.DataFrame({"series": owner, "value": values, "timestamp_ms": times}, schema=_SAMPLES)


def _points(
    points: Sequence[Any], rejected: list[tuple[int | None, str, str]]
) -> tuple[list[int], list[float]]:
    """Split times and values; all at once where all are well, else one by one."""
    try:
        return [_ms(time) for time, _ in points], [float(value) for _, value in points]
    except (TypeError, ValueError, OverflowError):
        good = [pair for point in points if (pair := _point(point, rejected)) is not None]
        return [time for time, _ in good], [value for _, value in good]


def _point(point: Any, rejected: list[tuple[int | None, str, str]]) -> tuple[int, float] | None:
    try:
        time, value = point
        return _ms(time), float(value)
    except (TypeError, ValueError, OverflowError):
        rejected.append((None, shown(point, TEXT_LIMIT), "not [<seconds>, <number>]"))
        return None


def _ms(seconds: float) -> int:
    if not 0 <= seconds < _LATEST_S:
        raise ValueError("not a time")
    return round(seconds * 1000)


def times_seen(page: Exposition) -> tuple[int, float | None]:
    """Return the most samples any series has, and the usual milliseconds between two scrapes (null below two).

    Examples
    --------
    >>> series = {"metric": {"__name__": "up"}, "values": [[0, "1"], [15, "1"], [30, "1"], [60, "1"]]}
    >>> times_seen(read_matrix({"resultType": "matrix", "result": [series]}, start_ms=0, end_ms=10**6))
    (4, 15000.0)
    """
    if page.samples.is_empty():
        return 0, None
    keys = [name for name in page.samples.columns if name == "metric" or name.startswith("label_")]
    most = page.samples.group_by(keys).len()["len"].max()
    between = page.samples["timestamp_ms"].unique().sort().diff().drop_nulls().median()
    return most, between
