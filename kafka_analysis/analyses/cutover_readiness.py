"""Cut-over readiness: may a wave move now, what keeps it from moving, and what its groups will read twice."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import polars as pl

from kafka_analysis import plan, stats
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.cutover_checks import judged_waves, together
from kafka_analysis.analyses.cutover_scope import chosen_waves_of
from kafka_analysis.analyses.scope import Scope, chosen_clusters, chosen_topics
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class CutoverReadiness(Answer):
    """Go or no-go for each wave and cell, with what it rests on."""

    verdicts: Annotated[pl.DataFrame, "go, no-go or not enough data: each wave and cell, and why"]
    summary: Annotated[pl.DataFrame, "each check of each wave and cell: its worst state, places checked"]
    blocking: Annotated[pl.DataFrame, "every place that is not ready, how to fix it, and how to undo that"]
    read_twice: Annotated[pl.DataFrame, "what each group will read twice, added up"]
    read_twice_partitions: Annotated[
        pl.DataFrame, "the same of each partition: where it starts, and its position"
    ]
    checks: Annotated[pl.DataFrame, "every place of every check"]
    counts: Annotated[pl.DataFrame, "records of the same times at both ends"]
    records: Annotated[pl.DataFrame, "stretches of records compared at both ends"]
    differences: Annotated[pl.DataFrame, "what differs between source and target, and whether that matters"]
    reads: Annotated[pl.DataFrame, "what reading records cost each cluster"]
    record_checks: Annotated[pl.DataFrame, "hashes of the records that were compared"]
    groups: Annotated[
        pl.DataFrame, "offsets of each group at the source and where it would start: the way back"
    ]
    events: Annotated[pl.DataFrame, "what happened during the recording"]


@analysis(CutoverReadinessParameters)
def cutover_readiness(capture: Capture, parameters: CutoverReadinessParameters) -> CutoverReadiness:
    """Check for each wave and cell whether it may cut over now, and predict what its groups will read twice.

    Returns
    -------
    CutoverReadiness
        Green: go, to what the gate opens. Red: no-go, with what blocks. Grey: not enough data, which is never go.
        Waves that have begun, by the capture's ``cutover`` events, are judged as they were then, unless ``end`` is
        given; what would have blocked them is amber.

    Raises
    ------
    InputError
        There is no such cluster, wave or file; also a cell that is no cluster of the capture.
    """
    waves = chosen_waves_of(capture, parameters)
    recorded = capture.window(parameters.start, parameters.end)
    clusters = chosen_clusters(recorded, parameters.cluster)
    parts = [
        judged_waves(capture, capture.window(parameters.start, end), numbers, parameters)
        for end, numbers in _moments(capture, waves, parameters)
    ]
    judged = together(parts)
    asked = stats.asked_checks(parameters.stage, parameters.waive)
    summary = stats.summarised(judged.checks, waves=judged.topics.select("wave", "target"), asked=asked)
    chosen = chosen_topics(capture.known_topics(), parameters, clusters=capture.cluster_table)
    windows = dict.fromkeys(clusters["cluster"], stats.Window(recorded.start, recorded.end, "as requested"))
    # Reading records comes after the last answers about logs: what is missing is measured by the cluster seen last.
    end = judged.answers["ts"].max() or recorded.end
    coverage = stats.answers_seen(
        judged.answers,
        windows=dict.fromkeys(clusters["cluster"], stats.Window(recorded.start, end)),  # type: ignore[arg-type]
        required_ratio=parameters.coverage_required,
        of="log ends",
    )
    verdicts = stats.cutover_verdicts(
        summary, uncovered=[name for name, seen in coverage.items() if not seen.sufficient]
    )
    results = stats.cutover_results(
        verdicts,
        summary,
        stats.read_twice_by_group(judged.read_twice),
        topics=judged.topics,
        stage=parameters.stage,
        waived=parameters.waive,
        coverage=coverage,
        sources=set(judged.topics["source"].drop_nulls()),
        begun=set() if parameters.end is not None else set(_begun(capture)["wave"]),
    )
    blocking = judged.checks.filter(
        pl.col("state").is_in(["blocks", "unknown"]), pl.col("check").is_in(list(asked))
    )
    return CutoverReadiness(
        parameters=parameters,
        scope=Scope(
            capture,
            recorded,
            clusters,
            chosen,
            {name: windows[name] for name in clusters["cluster"]},
            coverage,
        ),
        results=tuple(results),
        notes=(*judged.notes, *recorded.notes),
        verdicts=verdicts,
        summary=summary,
        blocking=plan.with_mends(blocking, plan.parity_mends(judged.differences)),
        read_twice=stats.read_twice_by_group(judged.read_twice),
        read_twice_partitions=judged.read_twice,
        checks=judged.checks,
        counts=judged.counts,
        records=judged.records,
        differences=judged.differences,
        reads=stats.reading_costs(judged.reads),
        record_checks=judged.record_checks,
        groups=judged.starts,
        events=recorded.table("events"),
    )


def _moments(
    capture: Capture, waves: pl.DataFrame | None, parameters: CutoverReadinessParameters
) -> list[tuple[datetime | None, pl.DataFrame | None]]:
    """Return the waves to judge together, and when: as they were about to cut over, where that was recorded."""
    if waves is None or parameters.end is not None:
        return [(parameters.end, waves)]
    timed = waves.join(_begun(capture), on="wave", how="left")
    ends = timed["end"].unique().sort(nulls_last=True)
    return [(end, timed.filter(pl.col("end").eq_missing(end)).drop("end")) for end in ends]


def _begun(capture: Capture) -> pl.DataFrame:
    """Return the waves whose cut-over has begun, and when."""
    events = capture.table("events").filter(pl.col("kind") == "cutover").drop_nulls("wave")
    return events.group_by("wave").agg(end=pl.col("ts").min())
