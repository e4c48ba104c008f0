"""What plans are made of on the command line: a cluster out of a capture or plain files, and words for durations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.units import format_duration

if TYPE_CHECKING:
    import polars as pl

    from kafka_analysis.plan.execution import ExecutionPlan


def read_bytes(path: Path) -> bytes:
    """Return what is in a file.

    Raises
    ------
    InputError
        It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}"
        raise InputError(message) from None


def recorded_cluster(capture: Path, name: str | None) -> tuple[pl.DataFrame, pl.DataFrame, str | None]:
    """Return one cluster of a capture: its partitions with their load, its brokers, and its flavour where MSK's.

    Raises
    ------
    InputError
        There is no such cluster, or several and none is chosen, or the capture has none of its partitions.
    """
    from kafka_analysis import stats
    from kafka_analysis.capture.read import read_capture
    from kafka_analysis.plan.execution_limits import FLAVOURS

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
    recorded = recorded.window(*stats.span(windows))
    partitions = stats.snapshots_in(recorded.table("partitions"), windows)
    if partitions.is_empty():
        message = f"the capture has no partitions of {chosen}; record it with bootstrap_servers"
        raise InputError(message)
    load = stats.partition_load(
        partitions,
        rates=stats.in_windows(stats.traffic_rates, recorded.samples(*stats.TRAFFIC_METRICS), windows),
        records=stats.in_windows(stats.records_appended, recorded.table("offsets"), windows),
        sizes=stats.in_windows(stats.gauge, recorded.samples("log_size_bytes"), windows),
    )
    keys = ["topic", "partition"]
    placed = load.join(partitions.select(*keys, "replicas", "isr"), on=keys)
    flavours = {one.cluster: one.flavour for one in recorded.manifest.clusters}
    flavour = flavours.get(chosen)
    return (
        placed,
        stats.snapshots_in(recorded.known_brokers(), windows),
        flavour if flavour in FLAVOURS else None,
    )


def duration_words(plan: ExecutionPlan) -> str:
    """Say how long an execution takes, with its interval."""
    if plan.batches.is_empty():
        return "no time: nothing changes"
    if plan.seconds is None:
        return (
            "an unknown time" if plan.seconds_low is None else f"at least {format_duration(plan.seconds_low)}"
        )
    low, middle, high = (format_duration(t) for t in (plan.seconds_low, plan.seconds, plan.seconds_high))
    batches = len(plan.batches)
    return f"{middle} ({low} to {high}) in {batches} batch{'' if batches == 1 else 'es'}"
