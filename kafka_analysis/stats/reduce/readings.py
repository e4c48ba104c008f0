"""Each reading of a series, one by one: for what is compared with other answers of the same moment."""

import polars as pl

from kafka_analysis.model.frames import Frame, back_to, to_polars
from kafka_analysis.model.possible import is_possible
from kafka_analysis.model.samples import SERIES


def readings(samples: Frame, *, counters: bool = False) -> Frame:
    """Return the readings of each series in the order of time.

    Parameters
    ----------
    samples
        Rows of the samples contract; a lazy frame is collected.
    counters
        The metrics are counters: a value that falls was reset, and goes on from the value before.

    Returns
    -------
    frame of the kind given
        The series' columns, ``ts``, ``value``. Values that the metric cannot have are left out; of several at one time
        the last counts. A counter that was reset is a lower bound: what came between the last reading and the reset is
        not known.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, 0, s, tzinfo=UTC) for s in (0, 10, 20)]
    >>> rows = pl.DataFrame({"metric": "mirror_records_total", "ts": t, "cluster": "c", "broker": None, "topic": "t",
    ...     "partition": 0, "group": None, "entity": "a->b", "stat": None, "value": [5.0, 9.0, 2.0]})
    >>> readings(rows, counters=True)["value"].to_list()
    [5.0, 9.0, 11.0]
    """
    rows = to_polars(samples.collect() if isinstance(samples, pl.LazyFrame) else samples)
    kept = rows.filter(is_possible()).unique([*SERIES, "ts"], keep="last", maintain_order=True)
    ordered = kept.select(*SERIES, "ts", "value").sort(*SERIES, "ts")
    if counters:
        before = pl.col("value").shift(1).over(SERIES)
        lost = pl.when(pl.col("value") < before).then(before).otherwise(0.0)
        ordered = ordered.with_columns(value=pl.col("value") + lost.cum_sum().over(SERIES))
    return ordered if isinstance(samples, pl.LazyFrame) else back_to(ordered, samples)
