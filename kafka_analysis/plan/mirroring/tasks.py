"""Load of each task of MirrorMaker 2 as it divides partitions itself, and with a better division of topics."""

from collections.abc import Mapping

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.mirroring.division import divide_topics
from kafka_analysis.plan.mirroring.round_robin import round_robin, task_loads

LOAD = "load_records_per_s"
_FLOW = ["source", "target", "flow"]
SCHEMA = {
    "source": pl.String, "target": pl.String, "flow": pl.String, "division": pl.String, "connector": pl.Int32,
    "task": pl.Int64, "partitions": pl.UInt32, LOAD: pl.Float64, "over_mean": pl.Float64,
}  # fmt: skip
NOW, BETTER = "now", "better"
MOST_PARTITIONS = 5_000  # of more only the loads now are told: the search took 32 s for 3,906 tasks


def loads_of_tasks(
    partitions: Frame, *, tasks: Mapping[str, int], better_tasks: int | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what each task mirrors now, and with topics divided among connectors so that tasks carry the same.

    Parameters
    ----------
    partitions
        ``source``, ``target``, ``flow``, ``topic``, ``partition``, ``copied_per_s`` of what a flow mirrors.
    tasks
        Tasks of each flow's connector; flows that are not in it are left out.
    better_tasks
        Tasks of the better division; None = as many as now.

    Returns
    -------
    loads
        ``source``, ``target``, ``flow``, ``division`` (``now``: MirrorMaker's round-robin; ``better``), ``connector``
        (from 1; null now), ``task``, ``partitions``, ``load_records_per_s``, ``over_mean``.
    division
        ``flow``, ``topic``, ``connector``, ``tasks_max`` of the better division, where there is one: a flow whose tasks
        are even already, or of more than 5,000 partitions, has none.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": "a", "target": "b", "flow": "a → b", "topic": ["x", "y", "z"], "partition": 0,
    ...     "copied_per_s": [8.0, 4.0, 4.0]})
    >>> loads, division = loads_of_tasks(rows, tasks={"a → b": 2})
    >>> loads.select("division", "over_mean").rows()
    [('now', 1.5), ('now', 0.5), ('better', 1.0), ('better', 1.0)]
    >>> division["connector"].to_list()
    [1, 2, 2]
    """
    loads, divisions = [pl.DataFrame(schema=SCHEMA)], [pl.DataFrame(schema=_DIVISION)]
    known = to_polars(partitions).drop_nulls("copied_per_s").rename({"copied_per_s": LOAD})
    for (source, target, flow), rows in known.group_by(_FLOW, maintain_order=True):
        count = min(tasks.get(str(flow), 0), len(rows))
        if not count:
            continue
        ends = {"source": pl.lit(source), "target": pl.lit(target), "flow": pl.lit(flow)}
        places = rows.select("topic", "partition", LOAD)
        now = task_loads(round_robin(places, tasks_max=count), load=LOAD)
        loads.append(_frame(now.with_columns(**ends, division=pl.lit(NOW))))
        wanted = min(better_tasks or count, len(rows))
        is_even = (now["over_mean"].max() or 1.0) <= 1.05 and wanted == count  # type: ignore[operator]
        if not is_even and len(rows) <= MOST_PARTITIONS and rows[LOAD].sum() > 0:
            divided = divide_topics(places, tasks=wanted, load=LOAD)
            better = task_loads(divided, load=LOAD).with_columns(**ends, division=pl.lit(BETTER))
            loads.append(_frame(better))
            topics = divided.group_by("topic", "connector", "tasks_max").agg(
                pl.len().alias("partitions"), pl.col(LOAD).sum()
            )
            divisions.append(topics.with_columns(flow=pl.lit(flow)).select(_DIVISION.keys()).cast(_DIVISION))  # type: ignore[arg-type]
    return pl.concat(loads), pl.concat(divisions).sort("flow", "connector", "topic")


_DIVISION = {
    "flow": pl.String, "connector": pl.Int32, "tasks_max": pl.Int32, "topic": pl.String, "partitions": pl.UInt32,
    LOAD: pl.Float64,
}  # fmt: skip


def _frame(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in SCHEMA.items()
    )
