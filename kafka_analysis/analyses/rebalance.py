"""Rebalance: what must move so that the load is even, in how many bytes, and how it is carried out."""

from dataclasses import dataclass
from typing import Annotated

import polars as pl

from kafka_analysis import plan, stats
from kafka_analysis.analyses import measured
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.input_files import FILES, read_bytes, scope_of_files
from kafka_analysis.analyses.scope import Scope, windows_of_clusters
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.parameters.planning import RebalanceParameters
from kafka_analysis.model.topic_names import check_topic_names
from kafka_analysis.plan.files.plain_files import read_brokers, read_cluster

KEYS = ["cluster", "topic", "partition"]


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Rebalance(Answer):
    """A plan for each cluster: what moves, in which batches, and what fewer bytes would do."""

    goals: Annotated[pl.DataFrame, "each goal before and after: FIXED, VIOLATED or NO-ACTION"]
    brokers: Annotated[pl.DataFrame, "what each broker carries before and after, and what it may carry"]
    movements: Annotated[pl.DataFrame, "each replica that moves and each leader that changes"]
    flows: Annotated[pl.DataFrame, "bytes that move from each broker to each other"]
    batches: Annotated[
        pl.DataFrame, "the batches in which the plan is carried out, with throttle and duration"
    ]
    steps: Annotated[pl.DataFrame, "the reassignments of each batch"]
    trade_off: Annotated[pl.DataFrame, "how balanced the cluster becomes if less data moves"]
    partitions: Annotated[pl.DataFrame, "load and replicas of each partition that was planned from"]


@dataclass(frozen=True)
class ClusterState:
    """What is planned from, of each cluster: load and replicas of partitions, brokers, topics that may move."""

    load: pl.DataFrame
    replicas: pl.DataFrame
    brokers: pl.DataFrame
    topics: pl.DataFrame


@analysis(RebalanceParameters)
def rebalance(capture: Capture | None, parameters: RebalanceParameters) -> Rebalance:
    """Plan the fewest bytes that make each cluster even, in batches for kafka-reassign-partitions.

    Returns
    -------
    Rebalance
        The light says how uneven the cluster is now; the sentence what the plan does about it.
        All partitions count in what brokers carry; ``topics_exclude``, ``topics_include`` and ``include_internal``
        say which may move.
    """
    scope, state = _from_files(parameters) if capture is None else _recorded(capture, parameters)
    clusters = scope.clusters
    if parameters.flavour is not None:
        clusters = clusters.with_columns(flavour=pl.lit(parameters.flavour))
    plans = plan.plan_clusters(
        state.load, placed=state.replicas, brokers=state.brokers, clusters=clusters, topics=state.topics,
        limits=plan.ExecutionLimits(
            **parameters.only("throttle_bytes_per_s", "max_concurrent_movements"),
        ),
        network_bytes_per_s=parameters.network_bytes_per_s, **parameters.plan_options(),
    )  # fmt: skip
    return Rebalance(
        parameters=parameters,
        scope=scope,
        results=tuple(plan.rebalance_results(plans, coverage=scope.coverage)),
        notes=(*(() if capture is None else measured.notes(scope)), *plan.plan_notes(plans)),
        files=plan.plan_files(plans),
        partitions=state.load.join(state.replicas.select(*KEYS, "replicas"), on=KEYS),
        **plan.plan_frames(plans),
    )


def recorded_state(scope: Scope) -> ClusterState:
    """Return what a rebalance of recorded clusters is planned from: all partitions, for all of them fill brokers."""
    replicas = measured.replicas(scope)
    return ClusterState(
        load=measured.partition_load(
            scope, placed=replicas, rates=measured.traffic(scope), sizes=measured.replica_sizes(scope)
        ),
        replicas=replicas,
        brokers=stats.with_cordoned(
            measured.brokers(scope), log_dirs=scope.whole.table("log_dirs"), windows=scope.windows
        ),
        topics=scope.topics,
    )


def _recorded(capture: Capture, parameters: RebalanceParameters) -> tuple[Scope, ClusterState]:
    scope = windows_of_clusters(capture, parameters)
    check_topic_names(parameters.topics_include, scope.topics["topic"].unique())
    state = recorded_state(scope)
    if parameters.brokers is None:
        return scope, state
    named = [
        read_brokers(read_bytes(parameters.brokers)).with_columns(cluster=pl.lit(name))
        for name in scope.names
    ]
    return scope, ClusterState(state.load, state.replicas, pl.concat(named), state.topics)


def _from_files(parameters: RebalanceParameters) -> tuple[Scope, ClusterState]:
    """Read one cluster from what Kafka's tools print, or plain tables of the same."""
    brokers = None if parameters.brokers is None else read_bytes(parameters.brokers)
    partitions, there = read_cluster(
        read_bytes(parameters.assignment), loads=read_bytes(parameters.loads), brokers=brokers
    )
    named = partitions.with_columns(cluster=pl.lit(FILES), evidence=pl.lit("declared"))
    lacking = [
        pl.lit(None, kind).alias(name)
        for name, kind in {"leader": pl.Int32, "isr": pl.List(pl.Int32)}.items()
        if name not in named.columns
    ]
    scope = scope_of_files(named, parameters)
    full = named.with_columns(lacking)
    return scope, ClusterState(full, full, there.with_columns(cluster=pl.lit(FILES)), scope.topics)
