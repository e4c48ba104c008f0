"""Settings of MirrorMaker 2 beside those recommended, and what a difference costs."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import polars as pl

from kafka_analysis.stats.mirror.connectors import Connector, ConnectorKind
from kafka_analysis.stats.mirror.measure import FLOW

SCHEMA = {
    "source": pl.String, "target": pl.String, "connector": pl.String, "setting": pl.String, "value": pl.String,
    "is_default": pl.Boolean, "recommended": pl.String, "cost": pl.String,
}  # fmt: skip
PARTITIONS_PER_TASK = (5, 10)


class _Setting(NamedTuple):
    kind: ConnectorKind
    name: str
    default: str
    recommended: str
    is_met: Callable[[str], bool]
    cost: str


def _at_most(limit: float) -> Callable[[str], bool]:
    return lambda value: _number(value) is not None and 0 <= float(value) <= limit


def _at_least(limit: float) -> Callable[[str], bool]:
    return lambda value: _number(value) is not None and float(value) >= limit


def _is(word: str) -> Callable[[str], bool]:
    return lambda value: value.strip().lower() == word


# Sources: Apache Kafka's MirrorSourceConfig and MirrorCheckpointConfig (defaults); AWS's sample of MirrorMaker 2 on
# MSK Connect (checkpoints and group offsets every 20 s, 5 to 10 partitions a task); MSK's best practice (RF 3). Of
# offset.lag.max nothing is recommended: more than the default is named.
_SETTINGS = (
    _Setting("checkpoint", "sync.group.offsets.enabled", "false", "true", _is("true"),
             "group offsets are translated but not written: each group must be moved by hand"),
    _Setting("checkpoint", "emit.checkpoints.interval.seconds", "60", "20 or less", _at_most(20),
             "a group that moves re-reads what it read since its last checkpoint"),
    _Setting("checkpoint", "sync.group.offsets.interval.seconds", "60", "20 or less", _at_most(20),
             "a group that moves re-reads what it read since the last sync"),
    _Setting("source", "replication.factor", "2", "3", _at_least(3),
             "with min.insync.replicas = 2, one lost broker stops acks=all at the target"),
    _Setting("source", "offset.lag.max", "100", "100 or less", _at_most(100),
             "offset syncs are rarer: a group re-reads more"),
)  # fmt: skip


def settings_beside_recommended(connectors: Sequence[Connector]) -> pl.DataFrame:
    """List the settings that differ from the recommended ones, and what each costs.

    Parameters
    ----------
    connectors
        Result of :func:`~kafka_analysis.stats.mirror.connectors.mirror_connectors`; those whose settings were not read
        are left out.

    Returns
    -------
    polars.DataFrame
        ``source``, ``target``, ``connector``, ``setting``, ``value``, ``is_default`` (it is not set), ``recommended``,
        ``cost``.

    Examples
    --------
    >>> checkpoint = Connector("b", "c", "checkpoint", "a", "b", "a", "b", {"sync.group.offsets.enabled": "true"})
    >>> settings_beside_recommended([checkpoint]).select("setting", "value", "is_default").rows()[0]
    ('emit.checkpoints.interval.seconds', '60', True)
    """
    rows = []
    for connector in connectors:
        for setting in _SETTINGS if connector.settings else ():
            value = connector.settings.get(setting.name, setting.default)
            if setting.kind == connector.kind and not setting.is_met(value):
                is_default = setting.name not in connector.settings
                rows.append((connector.source, connector.target, connector.name, setting.name, value, is_default,
                             setting.recommended, setting.cost))  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def tasks_beside_recommended(flows: pl.DataFrame, tasks: pl.DataFrame) -> pl.DataFrame:
    """List connectors whose tasks have more partitions each than recommended, or fewer.

    Parameters
    ----------
    flows
        ``source``, ``target``, ``connector``, ``partitions``.
    tasks
        ``source``, ``target``, ``connector``, ``tasks``: how many it has.

    Examples
    --------
    >>> flow = pl.DataFrame({"tool": "m", "source": "a", "target": "b", "connector": ["c"], "partitions": 40})
    >>> tasks_beside_recommended(flow, flow.select("source", "target", "connector", tasks=1))["value"].to_list()
    ['1 (40 partitions a task)']
    """
    few, many = PARTITIONS_PER_TASK
    rows = flows.join(tasks, on=FLOW[1:]).filter(pl.col("tasks") > 0)
    per_task = pl.col("partitions") / pl.col("tasks")
    return rows.filter(per_task > many).select(
        *FLOW[1:],
        setting=pl.lit("tasks.max"),
        value=pl.format("{} ({} partitions a task)", "tasks", per_task.round(0).cast(pl.Int64)),
        is_default=pl.lit(None, pl.Boolean),
        recommended=pl.lit(f"{few} to {many} partitions a task"),
        cost=pl.lit("a task copies its partitions one after another: after a peak it is behind for longer"),
    )


def task_counts(connectors: Sequence[Connector]) -> pl.DataFrame:
    """Return how many tasks each source connector has: ``source``, ``target``, ``connector``, ``tasks``.

    Examples
    --------
    >>> connector = Connector("b", "m", "source", "a", "b", "a", "b", tasks={0: "RUNNING", 1: "FAILED"})
    >>> task_counts([connector])["tasks"].item()
    2
    """
    rows = [(c.source, c.target, c.name, len(c.tasks)) for c in connectors if c.kind == "source" and c.tasks]
    schema = {"source": pl.String, "target": pl.String, "connector": pl.String, "tasks": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
