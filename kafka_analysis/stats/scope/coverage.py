"""How much of what should have been scraped was scraped: the ground every verdict stands on."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from kafka_analysis.model.findings import NOT_SCRAPED, Coverage
from kafka_analysis.model.frames import Frame, same_kind, to_polars
from kafka_analysis.model.moments import as_time
from kafka_analysis.stats.scope.windows import Window


@same_kind
def scrapes_seen(
    samples: Frame, brokers: Frame, *, start: datetime, end: datetime, interval_s: float
) -> Frame:
    """Count the scrapes seen and expected for every broker in a window [start, end).

    Parameters
    ----------
    samples
        Samples of any metric that every broker always has (the broker aggregates do).
    brokers
        ``cluster``, ``broker`` of all brokers that should have answered.
    interval_s
        Seconds between two scrapes.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``broker``, ``expected``, ``seen`` (at most expected), ``ratio``. A broker never seen has 0 seen:
        here zero is what was counted.

    Examples
    --------
    >>> from datetime import timedelta
    >>> t0 = datetime(2026, 1, 1)
    >>> samples = pl.DataFrame({"cluster": "c", "broker": [1, 1], "ts": [t0, t0 + timedelta(seconds=10)]})
    >>> brokers = pl.DataFrame({"cluster": ["c", "c"], "broker": [1, 2]})
    >>> scrapes_seen(samples, brokers, start=t0, end=t0 + timedelta(seconds=20), interval_s=10)["ratio"].to_list()
    [1.0, 0.0]
    """
    expected = max(int((end - start).total_seconds() // interval_s), 1)
    low, high = (as_time(edge, samples.schema["ts"]) for edge in (start, end))
    inside = samples.filter((pl.col("ts") >= low) & (pl.col("ts") < high))
    counted = inside.group_by("cluster", "broker").agg(seen=pl.col("ts").n_unique())
    targets = brokers.select("cluster", "broker").unique()
    joined = targets.join(counted, on=["cluster", "broker"], how="left").with_columns(
        seen=pl.min_horizontal(pl.col("seen").fill_null(0).cast(pl.Int64), pl.lit(expected)),
        expected=pl.lit(expected),
    )
    columns = ["cluster", "broker", "expected", "seen", "ratio"]
    return (
        joined.with_columns(ratio=pl.col("seen") / pl.col("expected"))
        .select(columns)
        .sort("cluster", "broker")
    )


@same_kind
def summarise_coverage(seen: Frame, *, required_ratio: float = 0.95) -> Coverage:
    """Sum the scrapes of several brokers and name the worst one.

    Examples
    --------
    >>> seen = pl.DataFrame({"cluster": ["c"] * 2, "broker": [1, 2], "expected": [10, 10], "seen": [10, 8]})
    >>> coverage = summarise_coverage(seen)
    >>> coverage.ratio, coverage.sufficient, coverage.worst
    (0.9, False, 'broker 2 of c: 8 of 10 scrapes')
    """
    if len(seen) == 0:
        return Coverage(expected=0, seen=0, required_ratio=required_ratio, worst="no broker is known")
    worst = seen.sort(pl.col("seen") / pl.col("expected"), "cluster", "broker").row(0, named=True)
    text = (
        ""
        if worst["seen"] >= worst["expected"]
        else f"broker {worst['broker']} of {worst['cluster']}: {worst['seen']} of {worst['expected']} scrapes"
    )
    return Coverage(
        expected=int(seen["expected"].sum()),
        seen=int(seen["seen"].sum()),
        required_ratio=required_ratio,
        worst=text,
    )


def coverage_by_cluster(
    samples: Frame,
    brokers: Frame,
    *,
    windows: Mapping[str, Window],
    interval_s: float,
    required_ratio: float = 0.95,
) -> dict[str, Coverage]:
    """Summarise the coverage of each cluster's brokers in its window [start, end).

    Parameters
    ----------
    samples, brokers, interval_s
        As for :func:`scrapes_seen`.
    windows
        The window of each cluster; of one without brokers nothing was expected.

    Examples
    --------
    >>> t0 = datetime(2026, 1, 1)
    >>> samples = pl.DataFrame({"cluster": "c", "broker": [1], "ts": [t0]})
    >>> brokers = pl.DataFrame({"cluster": ["c"], "broker": [1]})
    >>> windows = {"c": Window(t0, datetime(2026, 1, 1, 0, 0, 10))}
    >>> coverage_by_cluster(samples, brokers, windows=windows, interval_s=10)["c"].ratio
    1.0
    """
    known = to_polars(brokers)
    return {
        name: coverage_of_windows(
            samples,
            known.filter(cluster=name),
            windows=[window],
            interval_s=interval_s,
            required_ratio=required_ratio,
        )
        if name in known["cluster"]
        else NOT_SCRAPED
        for name, window in windows.items()
    }


def coverage_of_windows(
    samples: Frame,
    brokers: Frame,
    *,
    windows: Sequence[Window],
    interval_s: float,
    required_ratio: float = 0.95,
) -> Coverage:
    """Summarise the coverage of all brokers in several windows: the least covered one must reach the ratio.

    Parameters
    ----------
    samples, brokers, interval_s
        As for :func:`scrapes_seen`.

    Returns
    -------
    Coverage
        That of the least covered window.

    Examples
    --------
    >>> t0, t1, t2 = (datetime(2026, 1, 1, 0, 0, s) for s in (0, 10, 20))
    >>> samples = pl.DataFrame({"cluster": "c", "broker": [1], "ts": [t0]})
    >>> brokers = pl.DataFrame({"cluster": ["c"], "broker": [1]})
    >>> coverage_of_windows(samples, brokers, windows=[Window(t0, t1), Window(t1, t2)], interval_s=10).ratio
    0.0
    """
    each = [
        summarise_coverage(
            to_polars(scrapes_seen(samples, brokers, start=w.start, end=w.end, interval_s=interval_s)),
            required_ratio=required_ratio,
        )
        for w in windows
    ]
    return min(each, key=lambda one: -1.0 if one.ratio is None else one.ratio)
