"""Find the outages a capture's events speak of, and whose brokers were restarted."""

from datetime import datetime

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.reduce import samples as reduce

_BROKERS = r"brokers? (\d+(?:, \d+)*) of "


@same_kind
def find_outages(events: Frame) -> Frame:
    """List the outages marked by a ``fault`` event and the ``recovery`` event of its cluster that follows.

    Parameters
    ----------
    events
        The capture's ``events`` table. Brokers lost are read from the detail: "broker 3 of …", "brokers 1, 2 of …".

    Returns
    -------
    frame of the kind given
        ``outage`` (from 1, in order of time), ``cluster``, ``name``, ``brokers`` (null: the detail does not say),
        ``start``, ``end`` (UTC): until the brokers were started again. A fault without a recovery is left out.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, m) for m in (0, 1)]
    >>> events = pl.DataFrame({"ts": t, "cluster": "c", "kind": ["fault", "recovery"], "name": ["killed", "back"],
    ...     "detail": ["broker 3 of c got SIGKILL", None]})
    >>> find_outages(events).select("outage", "cluster", "name", "brokers").row(0)
    (1, 'c', 'killed', [3])
    """
    marks = events.filter(pl.col("kind").is_in(["fault", "recovery"])).sort("ts", maintain_order=True)
    following = marks.with_columns(
        end=pl.col("ts").shift(-1).over("cluster"), next=pl.col("kind").shift(-1).over("cluster")
    )
    faults = following.filter(kind="fault", next="recovery")
    brokers = pl.col("detail").str.extract(_BROKERS).str.split(", ").cast(pl.List(pl.Int32))
    named = faults.select("cluster", "name", brokers=brokers, start="ts", end="end")
    return named.with_row_index("outage", offset=1).with_columns(pl.col("outage").cast(pl.Int32))


@same_kind
def restarted_brokers(counters: Frame, *, start: datetime, end: datetime) -> Frame:
    """List the brokers that were restarted in a window: an aggregate counter of theirs fell.

    Parameters
    ----------
    counters, start, end
        As for :func:`restarted_clusters`.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``broker``.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in (0, 10)]
    >>> rows = pl.DataFrame({"metric": "bytes_in_total", "ts": t * 2, "cluster": "c", "broker": [1, 1, 2, 2],
    ...     "topic": None, "partition": None, "group": None, "entity": None, "stat": None,
    ...     "value": [100.0, 5.0, 100.0, 110.0]})
    >>> restarted_brokers(rows, start=t[0], end=t[1]).rows()
    [('c', 1)]
    """
    grown = reduce.increase(_totals(counters), start=start, end=end)
    return grown.filter(pl.col("resets") > 0).select("cluster", "broker").unique().sort("cluster", "broker")


def _totals(counters: pl.DataFrame) -> pl.DataFrame:
    return counters.filter(pl.col("topic").is_null(), pl.col("broker").is_not_null())


@same_kind
def restarted_clusters(counters: Frame, *, start: datetime, end: datetime) -> list[str]:
    """List the clusters of which every broker was restarted in a window: an aggregate counter of it fell.

    Parameters
    ----------
    counters
        Samples of counters that brokers keep as aggregates, from before ``start`` on. Of a broker that led nothing,
        ``bytes_in_total`` was 0 and cannot fall; ``process_cpu_seconds_total`` falls with every restart.
    start, end
        From the fault to a moment at which the brokers answer again, UTC.

    Returns
    -------
    list of str
        Clusters, in order. A broker that is not seen again was not seen to be restarted.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in (0, 10)]
    >>> rows = pl.DataFrame({"metric": "bytes_in_total", "ts": t * 2, "cluster": "c", "broker": [1, 1, 2, 2],
    ...     "topic": None, "partition": None, "group": None, "entity": None, "stat": None,
    ...     "value": [100.0, 5.0, 100.0, 110.0]})
    >>> restarted_clusters(rows, start=t[0], end=t[1])
    []
    >>> restarted_clusters(rows.filter(broker=1), start=t[0], end=t[1])
    ['c']
    """
    restarted = restarted_brokers(counters, start=start, end=end)
    ran_on = _totals(counters).join(restarted, on=["cluster", "broker"], how="anti")
    return sorted(set(restarted["cluster"]) - set(ran_on["cluster"]))
