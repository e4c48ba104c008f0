"""What a plan takes for granted, and what its reader should look at: sentences."""

from collections.abc import Iterator

import polars as pl

from kafka_analysis.model.units import capitalized, counted, format_quantity
from kafka_analysis.plan.common.checks import broker_names, named
from kafka_analysis.plan.common.copyable import lost_sentences, without_source
from kafka_analysis.plan.common.movements import carried
from kafka_analysis.plan.execution.input import under_replicated
from kafka_analysis.plan.execution.limits import ExecutionLimits

_ALWAYS = (
    "Every copy is sent by the partition's leader. The throttle limits what a broker takes in, and what it sends.",
    "Sizes stay as they were measured: retention deletes as much as arrives. Logs that still grow need more disk.",
    "Traffic is a mean of the window measured; in a peak, copies take longer and networks have less left.",
    "A broker's network limit holds for each direction.",
    "What disks can read and write is not known here: lower the throttle if they become the limit.",
)


def assumptions_of(
    partitions: pl.DataFrame, brokers: pl.DataFrame, rows: pl.DataFrame, limits: ExecutionLimits
) -> Iterator[str]:
    """Yield what the plan takes for granted, of this cluster and of any."""
    default = format_quantity(limits.default_throttle_bytes_per_s, "B/s")
    without = {
        name: brokers.filter(pl.col(name).is_null())["broker"].to_list()
        for name in ("rack", "disk_bytes", "network_bytes_per_s")
    }
    if these := without["network_bytes_per_s"]:
        used = (
            "" if limits.throttle_bytes_per_s else f", and a throttle of at most {default} is advised there"
        )
        yield f"The network limit of {broker_names(these)} is unknown: it is not checked{used}."
    if these := without["disk_bytes"]:
        yield f"The disk size of {broker_names(these)} is unknown: whether it holds what comes is not checked."
    if these := without["rack"]:
        yield f"The rack of {broker_names(these)} is unknown and taken for one of its own."
    if (unknown := rows["leader"].null_count()) > 0:
        which = f"{counted(unknown, 'partition')} of those that change"
        yield f"Who leads {which} is unknown: it is taken to be the first replica whose broker is there."
    if (unknown := rows["isr"].null_count()) > 0:
        which = f"{counted(unknown, 'partition')} of those that change"
        yield f"Whether {which} are in sync is unknown: check it before the start."
    elsewhere = partitions.select(pl.col("replicas").explode()).unique().to_series()
    if these := sorted(set(elsewhere.to_list()) - set(brokers["broker"].to_list())):
        who, (are, hold) = broker_names(these), ("are", "hold") if len(these) > 1 else ("is", "holds")
        yield f"{capitalized(who)} {are} not among the brokers given, but {hold} replicas: no limit is known."
    yield from _ALWAYS


def warnings_of(
    partitions: pl.DataFrame, brokers: pl.DataFrame, rows: pl.DataFrame, limits: ExecutionLimits
) -> Iterator[str]:
    """Yield what the reader should look at before the start."""
    yield from lost_sentences(without_source(partitions, brokers["broker"]), brokers["broker"])
    if rows.is_empty():
        return
    comes = rows.filter(pl.col("will").list.set_difference("replicas").list.len() > 0)
    if len(these := comes.filter(pl.col("size_bytes").is_null())):
        yield f"The size of {named(these)} is unknown: how long their batches take, and all after them, is unknown."
    if len(these := comes.filter(pl.col("bytes_in_per_s").is_null())):
        yield f"What arrives in {named(these)} is unknown: whether the throttle is high enough for them is not checked."
    load = carried(partitions)
    unknown = {
        "stored on": (pl.col("size_bytes").is_null(), "whether the disk has room is not checked"),
        "carried by": (
            pl.any_horizontal(pl.col("bytes_in_per_s", "bytes_out_per_s").is_null()),
            "whether the network bears the copies is not checked",
        ),
    }
    for verb, (where, so) in unknown.items():
        if these := load.filter(where)["broker"].to_list():
            yield f"Part of what is {verb} {broker_names(these)} is unknown: {so}."
    full = load.join(brokers, on="broker").filter(
        pl.col("size_bytes") > limits.disk_fill_max * pl.col("disk_bytes")
    )
    if len(full):
        most = format_quantity(limits.disk_fill_max, "%")
        yield f"Of the disk of {broker_names(full['broker'].to_list())}, more than {most} is full already."
    if len(these := rows.filter(pl.col("will").list.len() != pl.col("replicas").list.len())):
        yield f"The number of replicas of {named(these)} changes."
    yield from _of_the_way_back(brokers, rows)
    others = partitions.join(rows, on=["topic", "partition"], how="anti")
    if len(these := under_replicated(others, brokers["broker"])):
        yield f"{capitalized(named(these))} were under-replicated: start when no partition is."
    if len(these := others.filter(pl.col("leader") != pl.col("replicas").list.first())):
        yield (
            f"{capitalized(named(these))} are not led by their preferred leaders and not in the plan: it leaves them."
        )


def _of_the_way_back(brokers: pl.DataFrame, rows: pl.DataFrame) -> Iterator[str]:
    """Say that rollbacks of what left a broker that is gone would not end."""
    gone = rows["replicas"].explode().unique().sort()
    if lost := gone.filter(~gone.is_in(brokers["broker"].implode())).to_list():
        where, (are, back) = (
            broker_names(lost),
            ("are", "these are back") if len(lost) > 1 else ("is", "it is back"),
        )
        yield f"Rollbacks return replicas to {where}, which {are} not there: they would not end until {back}."
