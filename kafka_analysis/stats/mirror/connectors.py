"""Connectors of MirrorMaker 2 as they are configured: what each is, between which clusters, and its settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, get_args

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars

ConnectorKind = Literal["source", "checkpoint", "heartbeat"]
KINDS: tuple[ConnectorKind, ...] = get_args(ConnectorKind)
IDENTITY = "IdentityReplicationPolicy"
DEFAULT_POLICY = "DefaultReplicationPolicy"
AT_WORK = ("RUNNING", "RESTARTING")
_NAME = ["cluster", "peer", "connector"]


@dataclass(frozen=True)
class Connector:
    """A connector of MirrorMaker 2, by the last answer about it.

    ``cluster`` is where its settings are stored (the target), ``source`` and ``target`` the clusters that its aliases
    mean (an alias that is unknown stands for itself; null: no setting names it), ``settings`` those that were read;
    a secret, and what was not read, is absent. ``tasks``: state by task; ``traces``: what ended them;
    ``before``: states at the answer before, None: of the connector; ``seen``: when it was asked for.
    """

    cluster: str
    name: str
    kind: ConnectorKind | None
    source: str | None
    target: str | None
    source_alias: str | None
    target_alias: str | None
    settings: Mapping[str, str] = field(default_factory=dict)
    state: str | None = None
    tasks: Mapping[int, str] = field(default_factory=dict)
    traces: Mapping[int | None, str] = field(default_factory=dict)
    before: Mapping[int | None, str] = field(default_factory=dict)
    seen: datetime | None = None

    @property
    def policy(self) -> str:
        """Return the simple name of the class that names topics at the target."""
        return self.settings.get("replication.policy.class", DEFAULT_POLICY).rpartition(".")[2]

    @property
    def starts_at_latest(self) -> bool:
        """Tell whether it leaves out what a log held when it began, where nothing is committed."""
        names = ("source.consumer.auto.offset.reset", "consumer.auto.offset.reset")
        return next((self.settings[name] for name in names if name in self.settings), "earliest") == "latest"

    def remote_name(self, topic: str) -> str:
        """Return what a topic is called at the target.

        Examples
        --------
        >>> Connector("b", "m", "source", "prod", "b", "a", "b").remote_name("t")
        'a.t'
        """
        if self.policy == IDENTITY:
            return topic
        return f"{self.source_alias}{self.settings.get('replication.policy.separator', '.')}{topic}"

    def is_on(self, setting: str, *, default: bool) -> bool:
        """Tell whether a setting of true or false is on.

        Examples
        --------
        >>> Connector("b", "m", "source", "a", "b", "a", "b", {"enabled": "false"}).is_on("enabled", default=True)
        False
        """
        return self.settings.get(setting, str(default)).strip().lower() == "true"


def mirror_connectors(connectors: Frame, aliases: Frame) -> list[Connector]:
    """Return the connectors of MirrorMaker 2 by the last answer about each.

    Parameters
    ----------
    connectors
        The capture's ``connectors``.
    aliases
        Result of :func:`~kafka_analysis.stats.mirror.aliases.mirror_aliases`.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> rows = pl.DataFrame({"ts": [datetime(2026, 1, 1, tzinfo=UTC)] * 3, "cluster": "b", "peer": "a",
    ...     "connector": "MirrorSourceConnector", "task": [None, None, 0], "kind": ["config", "state", "state"],
    ...     "name": ["source.cluster.alias", "state", "state"], "value": ["a", "RUNNING", "FAILED"]})
    >>> named = pl.DataFrame({"cluster": ["b"], "alias": ["a"], "means": ["prod"], "reason": [""]})
    >>> (found,) = mirror_connectors(rows, named)
    >>> found.kind, found.source, found.state, dict(found.tasks)
    ('source', 'prod', 'RUNNING', {0: 'FAILED'})
    """
    newest = pl.col("ts").max().over("cluster", "peer")
    every = to_polars(connectors)
    rows = every.filter(pl.col("ts") == newest)
    earlier = every.filter(pl.col("ts") < newest).filter(pl.col("ts") == newest)
    deleted = deleted_connectors(rows)
    rows = rows.join(deleted, on=_NAME, how="anti", nulls_equal=True, maintain_order="left")
    means = {
        (c, alias): name
        for c, alias, name in to_polars(aliases).select("cluster", "alias", "means").iter_rows()
    }
    found = []
    states = {key: _states(own) for key, own in earlier.group_by(_NAME)}
    for key, own in rows.group_by(_NAME, maintain_order=True):
        cluster, peer, name = key
        connector = _connector(str(cluster), None if peer is None else str(peer), str(name), own, means)
        found.append(replace(connector, before=states.get(key, {})))
    return sorted(found, key=lambda c: (c.cluster, c.source or "", c.name))


def deleted_connectors(connectors: Frame) -> pl.DataFrame:
    """Return the connectors that were deleted, by the last answer.

    Kafka Connect deletes the settings of such a connector and all states, and keeps the settings of its tasks, how many
    there were, and its committed offsets.

    Parameters
    ----------
    connectors
        The capture's ``connectors``.

    Returns
    -------
    polars.DataFrame
        ``cluster``, ``peer``, ``connector``.

    Examples
    --------
    >>> rows = pl.DataFrame({"ts": 1, "cluster": "b", "peer": None, "connector": ["old", "old", "new", "new"],
    ...     "task": [None, 0, None, None], "name": ["tasks", "task.index", "tasks", "topics"],
    ...     "kind": ["state", "config", "state", "config"]})
    >>> deleted_connectors(rows)["connector"].to_list()
    ['old']
    """
    rows = to_polars(connectors)
    last = rows.filter(
        pl.col("ts") == pl.col("ts").max().over("cluster", "peer"),
        pl.col("task").is_null() | (pl.col("kind") == "state"),
    )
    is_count = pl.col("name") == "tasks"
    return last.group_by(_NAME).agg(is_count.all()).filter("name").select(_NAME).sort(_NAME)


def halted_mirrors(connectors: Frame, aliases: Frame) -> pl.DataFrame:
    """Return when a connector that copies records, or a task of it, did not run.

    Parameters
    ----------
    connectors, aliases
        As :func:`mirror_connectors` takes them.

    Returns
    -------
    polars.DataFrame
        ``source``, ``target``, ``ts`` of the answer.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, h, tzinfo=UTC) for h in (0, 1)]
    >>> rows = pl.DataFrame({"ts": t, "cluster": "b", "peer": "a", "connector": "MirrorSourceConnector", "task": [0, 0],
    ...     "kind": "state", "name": "state", "value": ["UNASSIGNED", "RUNNING"]})
    >>> named = pl.DataFrame({"cluster": ["b"], "alias": ["a"], "means": ["prod"], "reason": [""]})
    >>> [(source, target, ts.hour) for source, target, ts in halted_mirrors(rows, named).iter_rows()]
    [('prod', 'b', 0)]
    """
    rows = to_polars(connectors)
    halted = rows.filter(~pl.col("value").is_in(AT_WORK), kind="state", name="state")["ts"].unique().sort()
    found = [
        (connector.source, connector.target, connector.seen)
        for ts in halted
        for connector in mirror_connectors(rows.filter(pl.col("ts") == ts), aliases)
        if connector.kind == "source" and {connector.state, *connector.tasks.values()} - {*AT_WORK, None}
    ]
    schema = {"source": pl.String, "target": pl.String, "ts": pl.Datetime("ms", "UTC")}
    return pl.DataFrame(found, schema=schema, orient="row").unique(maintain_order=True)


def _connector(
    cluster: str, peer: str | None, name: str, rows: pl.DataFrame, means: Mapping[tuple[str, str], str | None]
) -> Connector:
    whole = rows.filter(pl.col("task").is_null()).drop_nulls("value")
    settings = dict(whole.filter(kind="config").select("name", "value").iter_rows())
    states = rows.filter(kind="state").drop_nulls("value")
    tasks = states.filter(pl.col("task").is_not_null(), name="state").sort("task")
    count = next(iter(states.filter(pl.col("task").is_null(), name="tasks")["value"]), None)
    if count is not None:  # what is stored of tasks that a connector had before stays
        tasks = tasks.filter(pl.col("task") < int(count))
    source = settings.get("source.cluster.alias", peer)
    target = settings.get("target.cluster.alias")

    def meaning(alias: str | None) -> str | None:
        return None if alias is None else means.get((cluster, alias)) or alias

    return Connector(
        cluster=cluster,
        name=name,
        kind=_kind(name, settings),
        source=meaning(source),
        target=cluster if target is None else meaning(target),
        source_alias=source,
        target_alias=target,
        settings=settings,
        state=next(iter(states.filter(pl.col("task").is_null(), name="state")["value"]), None),
        tasks=dict(tasks.select("task", "value").iter_rows()),
        seen=rows["ts"].max(),  # type: ignore[arg-type]
        traces=dict(states.filter(name="trace").select("task", "value").iter_rows()),
    )


def _states(rows: pl.DataFrame) -> dict[int | None, str]:
    states = rows.filter(kind="state", name="state").drop_nulls("value")
    return dict(states.select("task", "value").iter_rows())


def _kind(name: str, settings: Mapping[str, str]) -> ConnectorKind | None:
    words = settings.get("connector.class", name).lower()
    return next((kind for kind in KINDS if f"mirror{kind}connector" in words), None)
