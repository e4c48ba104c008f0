"""What splits and waves are planned from: the topics of the source and who uses them, recorded or from files."""

import polars as pl

from kafka_analysis import plan, stats
from kafka_analysis.analyses.input_files import FILES, read_bytes, scope_of_files
from kafka_analysis.analyses.scope import Scope, windows_of_clusters
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.ownership import flows_of, ownership_of
from kafka_analysis.model.parameters.planning import ClusterSplitParameters, MigrationWavesParameters
from kafka_analysis.plan.files.plain_tables import read_table


def topics_and_clients(
    capture: Capture | None, parameters: ClusterSplitParameters | MigrationWavesParameters
) -> tuple[Scope, plan.TopicsAndClients]:
    """Return the scope and its topics, flows of clients and families of topics.

    Raises
    ------
    InputError
        A file cannot be read, or is not what it should be; or there is no such cluster.
    """
    if capture is None:
        return _from_files(parameters)
    scope = windows_of_clusters(capture, parameters, sources_only=True)
    tables = scope.recorded.tables(*plan.TABLES_READ) | {"log_dirs": scope.whole.table("log_dirs")}
    read = plan.topics_and_clients(
        scope.windows, topics=scope.topics, tables=tables, samples=scope.recorded.samples(*plan.METRICS_READ),
        ownership=ownership_of(capture.path, parameters.ownership),
        declared=flows_of(capture.path, parameters.flows),
    )  # fmt: skip
    return scope, read


def notes_of(scope: Scope, read: plan.TopicsAndClients) -> tuple[str, ...]:
    """Return what a reader must know of the data."""
    if scope.recorded is None:
        return read.notes
    return (*stats.describe_windows(scope.windows), *scope.recorded.notes, *read.notes)


def _from_files(
    parameters: ClusterSplitParameters | MigrationWavesParameters,
) -> tuple[Scope, plan.TopicsAndClients]:
    """Read topics and flows of one cluster from CSV."""
    named = pl.lit(FILES).alias("cluster")
    topics = read_table("topics", read_bytes(parameters.topics)).with_columns(named)
    flows = read_table("flows", read_bytes(parameters.flows)).with_columns(named)
    scope = scope_of_files(topics, parameters)
    chosen = stats.keep_topics(topics, scope.topics)
    used = stats.keep_topics(flows, scope.topics)
    return scope, plan.TopicsAndClients(chosen, used, stats.internal_families(chosen, flows=used))
