"""Judgement: what a reassignment by anyone does to a cluster."""

from dataclasses import dataclass
from typing import Annotated

import polars as pl

from kafka_analysis import plan
from kafka_analysis.analyses import measured
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.input_files import read_bytes
from kafka_analysis.analyses.rebalance import KEYS, recorded_state
from kafka_analysis.analyses.scope import windows_of_clusters
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters.planning import JudgementParameters


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Judgement(Answer):
    """What a reassignment moves, what every broker then carries, and which rules it mends or breaks."""

    goals: Annotated[pl.DataFrame, "each goal before and after: FIXED, VIOLATED or NO-ACTION"]
    brokers: Annotated[pl.DataFrame, "what each broker carries before and after"]
    movements: Annotated[pl.DataFrame, "each replica that moves and each leader that changes"]


@analysis(JudgementParameters)
def judgement(capture: Capture, parameters: JudgementParameters) -> Judgement:
    """Judge a reassignment, whoever made it, against the cluster it is for.

    Returns
    -------
    Judgement
        Judged by the goals that are violated afterwards.

    Raises
    ------
    InputError
        The capture has several clusters and none is named, or the plan is for another cluster.
    """
    scope = windows_of_clusters(capture, parameters)
    if len(scope.names) != 1:
        message = f"the capture has {len(scope.names)} clusters; give cluster: {', '.join(scope.names)}"
        raise InputError(message)
    after, not_judged = plan.read_planned(read_bytes(parameters.reassignment))
    state = recorded_state(scope)
    partitions = state.load.join(state.replicas.select(*KEYS, "replicas", "isr"), on=KEYS)
    (cluster,), (flavour,) = scope.names, scope.clusters["flavour"].to_list()
    judged, result = plan.judge_recorded(
        cluster, partitions, state.brokers, after,
        tolerance=parameters.tolerance, flavour=flavour, coverage=scope.coverage.get(cluster),
    )  # fmt: skip
    return Judgement(
        parameters=parameters,
        scope=scope,
        results=(result,),
        notes=(*measured.notes(scope), *not_judged),
        goals=judged.goals,
        brokers=judged.brokers,
        movements=judged.movements,
    )
