"""MSK sizing: which and how many MSK brokers take the place of a cluster, and what they cost."""

from dataclasses import dataclass
from typing import Annotated, Any

import polars as pl

from kafka_analysis import plan, stats
from kafka_analysis.analyses import measured
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.input_files import FILES, scope_of_files
from kafka_analysis.analyses.scope import Scope, windows_of_clusters
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.findings import Result
from kafka_analysis.model.parameters.planning import MskSizingParameters


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class MskSizing(Answer):
    """What takes the place of each cluster: options, their ranking, their costs, and which limit decides."""

    input: Annotated[pl.DataFrame, "what each cluster is sized for, with the evidence of each number"]
    options: Annotated[pl.DataFrame, "every broker type: how many by each model, and what limits it"]
    ranking: Annotated[pl.DataFrame, "the options that quotas allow, cheapest first"]
    costs: Annotated[pl.DataFrame, "what an option costs a month, item by item"]
    shortfalls: Annotated[pl.DataFrame, "the options that do not fit, and which quota forbids each"]
    shift: Annotated[pl.DataFrame, "how much of each limit is used on today's hosts and on MSK's"]
    recovery: Annotated[pl.DataFrame, "how long it takes to replace or to add a broker"]
    growth: Annotated[pl.DataFrame, "the steps in which volumes grow"]
    over_time: Annotated[pl.DataFrame, "traffic of each cluster over time"]


@analysis(MskSizingParameters)
def msk_sizing(capture: Capture | None, parameters: MskSizingParameters) -> MskSizing:
    """Size MSK clusters by two published models, and rank what fits by cost.

    Returns
    -------
    MskSizing
        Judged by whether anything fits, how far the models are apart, and whether 7 days were seen or peaks declared.
    """
    catalogue = plan.read_catalogue(parameters.catalogue)
    if capture is None:
        scope = scope_of_files(pl.DataFrame(schema={"cluster": pl.String, "topic": pl.String}), parameters)
        sized, over_time, notes = [_declared(parameters, catalogue)], pl.DataFrame(), ()
    else:
        scope = windows_of_clusters(capture, parameters, sources_only=True)
        over_time, notes = measured.cluster_traffic(scope), measured.notes(scope)
        sized = plan.size_clusters(
            over_time,
            windows=scope.windows,
            catalogue=catalogue,
            **_measured(scope),
            **parameters.plan_options(),
        )
    frames = plan.sizing_frames(sized)
    results = plan.sizing_results(sized, coverage=scope.coverage)
    return MskSizing(
        parameters=parameters,
        scope=scope,
        results=tuple(results),
        notes=(*notes, *plan.sizing_notes(sized)),
        files={result.cluster: _files(result, frames) for result in results},
        over_time=over_time,
        **frames,
    )


def _measured(scope: Scope) -> dict[str, pl.DataFrame]:
    """Measure what sizing takes besides traffic over time."""
    rates, sizes, replicas = measured.traffic(scope), measured.replica_sizes(scope), measured.replicas(scope)
    every = measured.peak_buckets(scope)
    return {
        "inventory": stats.topic_inventory(
            stats.topic_load(rates), sizes=sizes, partitions=replicas, topics=scope.topics
        ),
        "configs": stats.snapshots_in(scope.whole.table("topic_configs"), scope.windows),
        "brokers": measured.brokers(scope),
        "connections": measured.gauges(scope, "connection_count"),
        "load": stats.keep_topics(
            measured.partition_load(scope, placed=replicas, rates=rates, sizes=sizes), scope.topics
        ),
        "disks": stats.disk_writes(measured.increases(scope, "disk_written_bytes_total", every=every)),
    }


def _declared(parameters: MskSizingParameters, catalogue: plan.Catalogue) -> plan.Outcome:
    """Size one cluster from plain numbers, all declared."""
    options: dict[str, Any] = parameters.plan_options()
    target = {name: options.pop(name) for name in ("availability_zones", "metadata", "authentication")}
    connections = options.pop("declared_connections")
    hours = options.pop("declared_retention_hours")
    nothing = pl.DataFrame(schema={"bytes_in_per_s": pl.Float64, "bytes_out_per_s": pl.Float64})
    workload = plan.workload_of(
        nothing, partitions=parameters.partitions, retention_hours=hours, connections=connections, **options
    )
    sized = plan.size_cluster(workload, catalogue=catalogue, **target)
    costs = plan.option_items(sized, workload, catalogue=catalogue)
    return plan.Outcome(FILES, plan.ClusterSizing(workload, options=sized, costs=costs))


def _files(result: Result, frames: dict[str, pl.DataFrame]) -> dict[str, str]:
    return measured.frames_by_cluster(frames, result.cluster) | {
        "sizing.json": result.model_dump_json(indent=2)
    }
