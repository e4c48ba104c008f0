"""How busy brokers were, before and after: request handlers, network threads, CPU."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, as_lazy, back_to
from kafka_analysis.stats.effect.rows import SCHEMA, Asked, cannot_tell, not_held
from kafka_analysis.stats.effect.sides import Sides, compared, held_in, reduced
from kafka_analysis.stats.reduce.samples import gauge, increase

_BROKER = ["side", "cluster", "broker", "window_start"]
_COUNTERS = ("request_handler_idle_seconds_total", "cpu_seconds_total")
_GAUGES = ("request_handler_idle_ratio", "network_idle_ratio", "cpu_ratio", "process_cpu_load_ratio")
_IDLE = ("idle", "iowait")
_LITTLE = 2.0  # points of 100
_ASKED = (
    ("handlers", "Request handlers busy", (_COUNTERS[0], _GAUGES[0])),
    ("network", "Network threads busy", (_GAUGES[1],)),
    ("cpu", "CPU busy", (_GAUGES[2], _COUNTERS[1], _GAUGES[3])),
)
_OVER = (("mean", "mean of brokers"), ("busiest", "busiest broker"))
UTILISATION_METRICS = (*_COUNTERS, *_GAUGES)


def utilisation_effects(samples: Frame, *, sides: Sides) -> Any:
    """Say by how much brokers are busier or less busy, with intervals.

    Parameters
    ----------
    samples
        Samples of ``UTILISATION_METRICS``. Lazy ones are read in batches.
    sides
        Result of :func:`kafka_analysis.stats.effect.sides.sides_of`.

    Returns
    -------
    frame of the kind given
        Rows (``SCHEMA`` of :mod:`kafka_analysis.stats.effect.rows`) of the mean of the brokers and of the busiest one
        for request handlers, network threads and CPU, in points of 100. One metric must be held on both sides: what
        two metrics call busy is not alike.

    Examples
    --------
    >>> from datetime import UTC, datetime, timedelta
    >>> from kafka_analysis.model.samples import empty_samples
    >>> from kafka_analysis.stats.scope.windows import Window
    >>> t = [datetime(2026, 1, 1, h, tzinfo=UTC) for h in range(3)]
    >>> sides = Sides(Window(t[0], t[1]), Window(t[1], t[2]), ("a",), ("b",), timedelta(hours=1), "week")
    >>> utilisation_effects(empty_samples(), sides=sides).filter(question="network_mean")["reason"][0]
    'the capture holds no network_idle_ratio of either window'
    """
    wanted = as_lazy(samples)
    gauges = reduced(gauge, wanted.filter(pl.col("metric").is_in(_GAUGES)), sides)
    counters = wanted.filter(pl.col("metric").is_in(_COUNTERS))
    counted = reduced(increase, counters, sides, by=["cluster", "broker", "entity"])
    busy = pl.concat([busy_by_gauge(gauges), busy_by_counter(counted)], how="vertical_relaxed")
    held = held_in(busy)
    rows = []
    for key, words, metrics in _ASKED:
        missing = not_held(metrics, *held)
        metric = next((name for name in metrics if name in held[0] & held[1]), "")
        for over, of in _OVER:
            asked = Asked(f"{key}_{over}", f"{words}, {of}", "% busy", same_up_to=_LITTLE)
            series = busy_series(busy.filter(metric=metric), over=over)
            rows.append(cannot_tell(asked, missing) if missing else compared(asked, series, sides))
    return back_to(pl.DataFrame(rows, schema=SCHEMA), samples)


def busy_by_gauge(gauges: pl.DataFrame) -> pl.DataFrame:
    """Return how busy each broker was by what it reports as a share.

    Parameters
    ----------
    gauges
        ``side``, ``metric``, ``cluster``, ``broker``, ``entity``, ``window_start``, ``mean``.

    Returns
    -------
    polars.DataFrame
        ``metric``, ``side``, ``cluster``, ``broker``, ``window_start``, ``busy`` from 0 to 100.

    Examples
    --------
    >>> rows = pl.DataFrame({"side": "after", "metric": ["network_idle_ratio", "process_cpu_load_ratio", "cpu_ratio"],
    ...     "cluster": "c", "broker": 1, "entity": [None, None, "user"], "window_start": 0, "mean": [0.75, 0.25, 0.5]})
    >>> busy_by_gauge(rows).sort("metric").select("metric", "busy").rows()
    [('network_idle_ratio', 25.0), ('process_cpu_load_ratio', 25.0)]
    """
    is_told = (pl.col("metric") != "cpu_ratio") | (pl.col("entity") == "idle").fill_null(value=False)
    share = pl.col("mean").clip(0.0, 1.0)
    busy = pl.when(pl.col("metric") == "process_cpu_load_ratio").then(share).otherwise(1 - share)
    rows = gauges.filter(is_told).with_columns(busy=100 * busy)
    return rows.group_by("metric", *_BROKER).agg(pl.col("busy").mean()).sort("metric", *_BROKER)


def busy_by_counter(counted: pl.DataFrame) -> pl.DataFrame:
    """Return how busy each broker was by seconds that it counts.

    Parameters
    ----------
    counted
        ``side``, ``metric``, ``cluster``, ``broker``, ``entity``, ``window_start``, ``increase``, ``seconds``.

    Returns
    -------
    polars.DataFrame
        As of :func:`busy_by_gauge`. Of a host all seconds but ``idle`` and ``iowait`` are busy.

    Examples
    --------
    >>> rows = pl.DataFrame({"side": "after", "metric": ["cpu_seconds_total"] * 2, "cluster": "c", "broker": 1,
    ...     "entity": ["idle", "user"], "window_start": 0, "increase": [30.0, 10.0], "seconds": 10.0})
    >>> busy_by_counter(rows)["busy"].to_list()
    [25.0]
    """
    known = counted.filter(pl.col("seconds") > 0)
    total, seconds = pl.col("increase").sum(), pl.col("seconds").max()
    idle = pl.col("increase").filter(pl.col("entity").is_in(_IDLE)).sum()
    of_host = pl.col("metric").first() == "cpu_seconds_total"
    share = pl.when(of_host).then(pl.when(total > 0).then(idle / total)).otherwise(total / seconds)
    rows = known.group_by("metric", *_BROKER).agg(idle=share).drop_nulls("idle")
    busy = 100 * (1 - pl.col("idle").clip(0.0, 1.0))
    return rows.select("metric", *_BROKER, busy=busy).sort("metric", *_BROKER)


def busy_series(busy: pl.DataFrame, *, over: str) -> pl.DataFrame:
    """Return how busy brokers were step by step: their mean, or the busiest.

    Parameters
    ----------
    busy
        ``side``, ``cluster``, ``broker``, ``window_start``, ``busy``.
    over
        ``mean`` or ``busiest``.

    Returns
    -------
    polars.DataFrame
        ``ts``, ``value``; null where less than half of the brokers of the side answered.

    Examples
    --------
    >>> rows = pl.DataFrame({"side": "after", "cluster": "c", "broker": [1, 2, 3, 1], "window_start": [0, 0, 0, 1],
    ...     "busy": [10.0, 20.0, 60.0, 10.0]})
    >>> busy_series(rows, over="busiest").rows(), busy_series(rows, over="mean").rows()
    ([(0, 60.0), (1, None)], [(0, 30.0), (1, None)])
    """
    brokers = pl.struct("cluster", "broker").n_unique().over("side")
    value = pl.col("busy").max() if over == "busiest" else pl.col("busy").mean()
    steps = busy.with_columns(brokers=brokers).group_by(ts="window_start")
    known = pl.when(2 * pl.len() >= pl.col("brokers").first()).then(value)
    return steps.agg(value=known).sort("ts")
