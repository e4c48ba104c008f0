"""Cluster split: which topics and clients belong in which cell."""

from dataclasses import dataclass
from typing import Annotated

import polars as pl

from kafka_analysis import plan, stats
from kafka_analysis.analyses import measured
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.scope import Scope
from kafka_analysis.analyses.topics_and_clients import notes_of, topics_and_clients
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.cells import read_cells
from kafka_analysis.model.parameters.planning import ClusterSplitParameters
from kafka_analysis.model.samples import empty_samples
from kafka_analysis.model.tables import empty_table

_OUTAGE_TABLES = ("events", "partitions", "topic_configs", "offsets")


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class ClusterSplit(Answer):
    """A plan for each source: topics and clients divided among cells, and what the loss of a cell affects."""

    cells: Annotated[pl.DataFrame, "each cell: topics, clients, load, brokers, cost"]
    loads: Annotated[pl.DataFrame, "what each cell carries against its limits"]
    topics: Annotated[pl.DataFrame, "the cell of each topic, and why"]
    clients: Annotated[pl.DataFrame, "the cells that each client uses"]
    flows: Annotated[pl.DataFrame, "who uses which topic, its cell, and the home cell of the client"]
    graph: Annotated[pl.DataFrame, "who uses which topic in which cell: the edges of the picture"]
    blast: Annotated[pl.DataFrame, "what the loss of each cell affects"]
    curve: Annotated[pl.DataFrame, "the same for other numbers of cells, and what they cost"]
    alternatives: Annotated[pl.DataFrame, "other splits into as many cells, for comparison"]
    evidence: Annotated[pl.DataFrame, "what is known about who uses what, and from where"]
    outages: Annotated[pl.DataFrame, "recorded outages: their effect, predicted and measured"]
    load: Annotated[pl.DataFrame, "traffic, size and settings of each topic planned for"]


@analysis(ClusterSplitParameters)
def cluster_split(capture: Capture | None, parameters: ClusterSplitParameters) -> ClusterSplit:
    """Divide topics among cells, so that few clients touch several and no cell carries more than it may.

    Returns
    -------
    ClusterSplit
        Judged by the share of clients that the loss of the worst cell reaches.
    """
    scope, read = topics_and_clients(capture, parameters)
    options, assumed = plan.with_cells(parameters.plan_options(), clusters=_clusters(capture, scope))
    splits = plan.plan_source_splits(
        read.topics, read.flows, families=read.families, peak_ratios=_peak_ratios(scope, parameters),
        previous=None if parameters.previous is None else read_cells(parameters.previous), **options,
    )  # fmt: skip
    outages = _outages(scope, read.flows)
    seconds = {name: window.seconds for name, window in scope.windows.items()}
    results = plan.split_results(splits, coverage=scope.coverage, seconds=seconds, outages=outages)
    return ClusterSplit(
        parameters=parameters,
        scope=scope,
        results=tuple(results),
        notes=(*notes_of(scope, read), *assumed, *plan.split_notes(splits)),
        files=plan.split_files(splits),
        outages=outages,
        load=read.topics,
        **plan.split_frames(splits),
    )


def _clusters(capture: Capture | None, scope: Scope) -> pl.DataFrame:
    return scope.clusters if capture is None else capture.cluster_table


def _peak_ratios(scope: Scope, parameters: ClusterSplitParameters) -> dict[str, float]:
    if parameters.peak_ratio is not None or scope.recorded is None:
        return dict.fromkeys(scope.names, parameters.peak_ratio or 1.0)
    return plan.peak_ratios(measured.cluster_traffic(scope), peak=parameters.peak)


def _outages(scope: Scope, flows: pl.DataFrame) -> pl.DataFrame:
    """Hold the outages on record against their prediction; files hold none."""
    whole = scope.whole
    tables = {name: empty_table(name) if whole is None else whole.table(name) for name in _OUTAGE_TABLES}
    return stats.compare_outages(
        tables["events"], flows, partitions=tables["partitions"], configs=tables["topic_configs"],
        offsets=tables["offsets"], clusters=scope.clusters if whole is None else whole.cluster_table,
        counters=empty_samples() if whole is None else whole.samples(*stats.OUTAGE_METRICS),
        baseline_s=stats.outage_baseline_s(15.0 if whole is None else whole.interval_s),
    )  # fmt: skip
