"""What plans are made of on the command line: a cluster out of a capture or plain files, and words for durations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.places import reading
from kafka_analysis.model.units import counted, format_interval, format_quantity

if TYPE_CHECKING:
    import polars as pl

    from kafka_analysis.plan.execution.plan import ExecutionPlan
    from kafka_analysis.plan.rebalance.plan import RebalanceSummary


def read_bytes(path: Path) -> bytes:
    """Return what is in a file.

    Raises
    ------
    PlaceError
        It cannot be read.
    """
    with reading(path):
        return path.read_bytes()


def recorded_cluster(capture: Path, name: str | None) -> tuple[pl.DataFrame, pl.DataFrame, str | None]:
    """Return one cluster of a capture: its partitions with their load, its brokers, and its flavour where MSK's.

    Raises
    ------
    InputError
        There is no such cluster, or several and none is chosen, or the capture has none of its partitions.
    """
    from kafka_analysis import stats
    from kafka_analysis.capture.read import read_capture
    from kafka_analysis.plan.execution.limits import rules_of
    from kafka_analysis.plan.rebalance.clusters import of_one_kind, what_is_unknown

    recorded = read_capture(capture)
    names = recorded.cluster_table["cluster"].to_list()
    if name is None and len(names) != 1:
        message = f"the capture has {len(names)} clusters; give --cluster: {', '.join(names)}"
        raise InputError(message)
    chosen = names[0] if name is None else name
    if chosen not in names:
        raise InputError.unknown("cluster", chosen, names)
    windows = stats.choose_windows(
        recorded.table("events"), clusters=stats.select_cluster(recorded.cluster_table, chosen),
        start=None, end=None, capture_start=recorded.start, capture_end=recorded.end,
    )  # fmt: skip
    log_dirs = recorded.table("log_dirs")  # answers before and after the window count
    recorded = recorded.window(*stats.span(windows))
    partitions = stats.snapshots_in(recorded.table("partitions"), windows)
    known = stats.with_cordoned(
        stats.snapshots_in(recorded.known_brokers(), windows),
        log_dirs=log_dirs,
        windows=windows,
    )
    brokers = of_one_kind(known)
    load = stats.partition_load(
        partitions,
        rates=stats.in_windows(stats.traffic_rates, recorded.samples(*stats.TRAFFIC_METRICS), windows),
        records=stats.in_windows(stats.records_appended, recorded.table("offsets"), windows),
        sizes=stats.replica_sizes(recorded.samples("log_size_bytes"), log_dirs=log_dirs, windows=windows),
    )
    keys = ["topic", "partition"]
    placed = load.join(partitions.select(*keys, "replicas", "isr"), on=keys)
    flavour = next(one.flavour for one in recorded.manifest.clusters if one.cluster == chosen)
    unknown = what_is_unknown(placed, brokers, flavour, leaders_only=True)
    if unknown:
        message = f"{chosen} cannot be planned for: {unknown}"
        raise InputError(message)
    return placed, brokers, rules_of(flavour)


def duration_words(plan: ExecutionPlan) -> str:
    """Say how long an execution takes, with its interval."""
    if plan.batches.is_empty():
        return "no time: nothing changes"
    took = format_interval(plan.seconds, plan.seconds_low, plan.seconds_high)
    return f"{took} in {counted(len(plan.batches), 'batch', 'batches')}"


def bound_lines(summary: RebalanceSummary) -> list[str]:
    """Say how few bytes any plan moves, where one can meet all goals."""
    if summary.lower_bound_bytes is None:
        return ["no plan meets all goals"]
    least = format_quantity(summary.lower_bound_bytes, "B")
    if (summary.goals["status"] == "VIOLATED").any():
        return [f"a plan that meets all goals, if there is one, moves {least} or more"]
    return [f"no plan that meets all goals moves less than {least}"]


def goal_lines(goals: pl.DataFrame) -> list[str]:
    """Write goals, a line each, below a heading."""
    from kafka_analysis.plan.rebalance.verdict import words_of

    lines = ["goals (partitions that break a rule; fullest and emptiest broker ÷ its share):"]
    for row in goals.iter_rows(named=True):
        most, least = _change(row["before"], row["after"]), _change(row["least_before"], row["least_after"])
        lines.append(f"  {words_of(row['goal']):28} {most:16} {least:16} {row['status'] or 'unknown'}")
    return lines


def evidence_lines(partitions: pl.DataFrame) -> list[str]:
    """Say that the traffic of partitions is an estimate, where it is."""
    estimated = "evidence" in partitions.columns and (partitions["evidence"] == "estimated").any()
    words = (
        "Traffic per partition is an estimate: a topic's bytes, shared out by the records of its partitions."
    )
    return [words] if estimated else []


def _change(before: float | None, after: float | None) -> str:
    return "" if before is None or after is None else f"{before:.3g} → {after:.3g}"
