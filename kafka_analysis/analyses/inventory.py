"""Inventory: what is there, and is it sound."""

from dataclasses import dataclass
from typing import Annotated

import polars as pl

from kafka_analysis import stats
from kafka_analysis.analyses import measured
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.scope import Scope, windows_of_clusters
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.parameters.describing import InventoryParameters


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Inventory(Answer):
    """What each cluster consists of."""

    brokers: Annotated[pl.DataFrame, "what each broker carries and stores"]
    topics: Annotated[pl.DataFrame, "each topic with its partitions, copies, bytes held and traffic"]
    partitions: Annotated[pl.DataFrame, "leader, replicas and in-sync replicas of each partition"]
    groups: Annotated[pl.DataFrame, "the groups of consumers and their states"]


@analysis(InventoryParameters)
def inventory(capture: Capture, parameters: InventoryParameters) -> Inventory:
    """List brokers, topics, partitions and groups of each cluster, and judge what is unsafe.

    Returns
    -------
    Inventory
        Judged by partitions without a leader, out of sync, in too few racks or copies.
    """
    scope = windows_of_clusters(capture, parameters)
    brokers = measured.brokers(scope)
    partitions = stats.keep_topics(measured.replicas(scope), scope.topics)
    groups = stats.select_groups(
        stats.groups_in(scope.recorded.table("groups"), scope.windows),
        include_internal=parameters.include_internal,
    )
    rates, sizes = measured.traffic(scope), measured.replica_sizes(scope)
    load = stats.broker_load(rates, sizes=sizes, partitions=partitions, brokers=brokers, topics=scope.topics)
    topics = stats.topic_inventory(
        stats.topic_load(rates), sizes=sizes, partitions=partitions, topics=scope.topics
    )
    results = stats.inventory_results(
        clusters=scope.names,
        coverage=scope.coverage,
        brokers=brokers,
        partitions=partitions,
        load=load,
        groups=groups,
    )
    return Inventory(
        parameters=parameters,
        scope=scope,
        results=tuple(results),
        notes=(
            *_of_scrapes(scope),
            *measured.notes(scope),
            *stats.describe_groups(groups),
            *stats.describe_unread(groups),
        ),
        brokers=scope.in_order(load),
        topics=scope.in_order(_there(topics, partitions)),
        partitions=scope.in_order(partitions),
        groups=scope.in_order(groups),
    )


def _of_scrapes(scope: Scope) -> tuple[str, ...]:
    """Say of which clusters sizes and rates, but not placement, rest on too few scrapes."""
    poor = [name for name, coverage in scope.coverage.items() if coverage is None or not coverage.sufficient]
    text = (
        f"Sizes and rates of {', '.join(poor)} are based on fewer scrapes than required; placement and its verdict "
        "are based on what the cluster answered about its partitions"
    )
    return (text,) if poor else ()


def _there(topics: pl.DataFrame, partitions: pl.DataFrame) -> pl.DataFrame:
    """Leave out topics that had no partition in the window, where a cluster's partitions are known."""
    is_known = pl.col("cluster").is_in(partitions["cluster"].unique().implode())
    return topics.filter(pl.col("partitions").is_not_null() | ~is_known)
