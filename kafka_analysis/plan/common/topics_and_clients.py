"""What splits and waves are planned from: topics with load and settings, flows of clients, families of topics."""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from kafka_analysis import stats
from kafka_analysis.model.frames import Frame, to_polars

SIZE = "log_size_bytes"
TABLES_READ = (
    "partitions", "offsets", "groups", "group_offsets", "group_members", "topic_configs", "flows", "acls", "schemas",
    "log_dirs",
)  # fmt: skip
METRICS_READ = (*stats.TRAFFIC_METRICS, SIZE)


_TOPIC = ["cluster", "topic"]


def with_settings(topics: Frame, *, configs: Frame, partitions: Frame) -> pl.DataFrame:
    """Add to each topic how long it keeps records, how it cleans up, and how many copies it has.

    Parameters
    ----------
    topics
        ``cluster``, ``topic`` and anything else, such as the result of ``stats.topic_totals``.
    configs
        Rows of the capture's ``topic_configs`` table; of several snapshots, the last counts.
    partitions
        One snapshot of the partitions, with ``replicas``.

    Returns
    -------
    polars.DataFrame
        ``topics`` with ``retention_ms`` (−1: without end), ``cleanup_policy`` and ``replication_factor`` (a mean, where
        partitions differ); null is unknown.

    Examples
    --------
    >>> topics = pl.DataFrame({"cluster": ["c"], "topic": ["t"]})
    >>> configs = pl.DataFrame({"ts": [1], "cluster": "c", "topic": "t", "name": "retention.ms", "value": "60000"})
    >>> placed = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0], "replicas": [[1, 2]]})
    >>> with_settings(topics, configs=configs, partitions=placed).row(0)
    ('c', 't', 60000.0, None, 2.0)
    """
    rows, settings = to_polars(topics), to_polars(configs).sort("ts")
    placed = (
        to_polars(partitions).group_by(_TOPIC).agg(replication_factor=pl.col("replicas").list.len().mean())
    )
    retention, policy = (
        settings.filter(pl.col("name") == name).group_by(_TOPIC).agg(pl.col("value").last().alias(column))
        for name, column in (("retention.ms", "retention_ms"), ("cleanup.policy", "cleanup_policy"))
    )
    joined = rows.join(retention, on=_TOPIC, how="left", maintain_order="left")
    joined = joined.join(policy, on=_TOPIC, how="left", maintain_order="left")
    joined = joined.join(placed, on=_TOPIC, how="left", maintain_order="left")
    return joined.with_columns(pl.col("retention_ms").cast(pl.Float64, strict=False))


class TopicsAndClients(NamedTuple):
    """Topics of each source with their load, flows of its clients, and families of topics, each with ``cluster``.

    ``notes`` name clients whose topics are unknown: share groups.
    """

    topics: pl.DataFrame
    flows: pl.DataFrame
    families: pl.DataFrame
    notes: tuple[str, ...] = ()


def topics_and_clients(
    windows: Mapping[str, stats.Window],
    *,
    topics: Frame,
    tables: Mapping[str, Frame],
    samples: Frame,
    ownership: Frame,
    declared: Frame,
) -> TopicsAndClients:
    """Measure the topics of the sources and what their clients read and write, each cluster in its window.

    Parameters
    ----------
    windows
        Result of ``stats.choose_windows``, a window for each source.
    topics
        ``cluster``, ``topic``: those that are to be planned (``stats.select_topics``).
    tables
        Rows of the capture's tables of :data:`TABLES_READ`, by name.
    samples
        Samples of :data:`METRICS_READ`.
    ownership, declared
        The user's: ``capture.ownership.ownership_of`` and ``flows_of``.

    Returns
    -------
    TopicsAndClients
        ``topics``: result of ``stats.topic_totals`` with the settings of :func:`with_settings`; ``flows``: of
        ``stats.client_flows`` with their owners; ``families``: of ``stats.internal_families``;
        ``notes``: of ``stats.describe_unread``.

    Examples
    --------
    >>> from kafka_analysis.model.samples import empty_samples
    >>> from kafka_analysis.model.tables import empty_table
    >>> tables = {name: empty_table(name) for name in TABLES_READ}
    >>> nobody = pl.DataFrame(schema=["pattern", "kind", "team", "criticality", "application"])
    >>> nothing = topics_and_clients({}, topics=tables["partitions"], tables=tables, samples=empty_samples(),
    ...     ownership=nobody, declared=tables["flows"])
    >>> nothing.topics.height, nothing.flows.height
    (0, 0)
    """
    rows = samples if isinstance(samples, pl.LazyFrame) else to_polars(samples).lazy()
    placed = stats.snapshots_in(tables["partitions"], windows)
    rates = stats.in_windows(stats.traffic_rates, rows.filter(pl.col("metric") != SIZE), windows)
    sizes = stats.replica_sizes(
        rows.filter(pl.col("metric") == SIZE), log_dirs=tables["log_dirs"], windows=windows
    )
    records = stats.in_windows(stats.records_appended, tables["offsets"], windows)
    traffic = stats.topic_load(rates)
    load = stats.partition_load(placed, rates=rates, records=records, sizes=sizes)
    totals = stats.topic_totals(
        traffic, load=load, sizes=sizes, partitions=placed, topics=topics, ownership=ownership
    )
    groups = stats.select_groups(tables["group_offsets"])
    progress = stats.in_windows(stats.group_progress, groups, windows, offsets=tables["offsets"])
    flows = stats.client_flows(
        progress, traffic=traffic, records=records, topics=topics, members=tables["group_members"],
        declared=declared, recorded=tables["flows"], acls=tables["acls"],
    )  # fmt: skip
    owned = stats.with_owners(flows, ownership, name="client", kind="client")
    families = stats.internal_families(topics, flows=owned, acls=tables["acls"], schemas=tables["schemas"])
    settled = with_settings(totals, configs=tables["topic_configs"], partitions=placed)
    listed = stats.groups_in(stats.select_groups(tables["groups"]), windows)
    notes = stats.describe_unread(listed, known=to_polars(flows)["client"].unique().to_list())
    return TopicsAndClients(to_polars(settled), to_polars(owned), to_polars(families), tuple(notes))
