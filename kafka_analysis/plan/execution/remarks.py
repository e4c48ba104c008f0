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
    "The partition's leader sends every copy. The throttle limits what a broker receives, and what it sends.",
    "Sizes are assumed to stay as measured: retention deletes as much as arrives. Logs that still grow need more disk.",
    "Traffic is a mean over the measured window; at a peak, copies take longer and networks have less headroom.",
    "A broker's network limit applies to each direction.",
    "The throughput of disks is not known here: lower the throttle if they become the limit.",
)


def assumptions_of(
    partitions: pl.DataFrame, brokers: pl.DataFrame, rows: pl.DataFrame, limits: ExecutionLimits
) -> Iterator[str]:
    """Yield what the plan assumes, of this cluster and of any."""
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
        yield f"The disk size of {broker_names(these)} is unknown: whether the new data fits is not checked."
    if these := without["rack"]:
        yield f"The rack of {broker_names(these)} is unknown and treated as a rack of its own."
    if (unknown := rows["leader"].null_count()) > 0:
        which = counted(unknown, "changing partition")
        yield f"The leader of {which} is unknown: it is assumed to be the first replica whose broker is there."
    if (unknown := rows["isr"].null_count()) > 0:
        which = counted(unknown, "changing partition")
        yield f"Whether the replicas of {which} are in sync is unknown: check it before you start."
    elsewhere = partitions.select(pl.col("replicas").explode()).unique().to_series()
    if these := sorted(set(elsewhere.to_list()) - set(brokers["broker"].to_list())):
        who, (are, hold) = broker_names(these), ("are", "hold") if len(these) > 1 else ("is", "holds")
        yield f"{capitalized(who)} {are} not in the broker list, but {hold} replicas: no limits are known."
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
        yield f"The size of {named(these)} is unknown, and so is the duration of their batch and of all later ones."
    if len(these := comes.filter(pl.col("bytes_in_per_s").is_null())):
        yield f"Bytes in of {named(these)} are unknown: whether the throttle is high enough there is not checked."
    load = carried(partitions)
    unknown = {
        "data stored on": (pl.col("size_bytes").is_null(), "whether the disk has room is not checked"),
        "traffic of": (
            pl.any_horizontal(pl.col("bytes_in_per_s", "bytes_out_per_s").is_null()),
            "whether the network can carry the copies is not checked",
        ),
    }
    for what, (where, so) in unknown.items():
        if these := load.filter(where)["broker"].to_list():
            yield f"Part of the {what} {broker_names(these)} is unknown: {so}."
    full = load.join(brokers, on="broker").filter(
        pl.col("size_bytes") > limits.disk_fill_max * pl.col("disk_bytes")
    )
    if len(full):
        most = format_quantity(limits.disk_fill_max, "%")
        one, many = "The disk of {} is already", "The disks of {} are already"
        names = broker_names(full["broker"].to_list())
        yield f"{(one if len(full) == 1 else many).format(names)} more than {most} full."
    if len(these := rows.filter(pl.col("will").list.len() != pl.col("replicas").list.len())):
        yield f"The number of replicas of {named(these)} changes."
    yield from _of_the_way_back(brokers, rows)
    others = partitions.join(rows, on=["topic", "partition"], how="anti")
    if len(these := under_replicated(others, brokers["broker"])):
        yield f"{capitalized(named(these, ' was', ' were'))} under-replicated: start only when no partition is."
    if len(these := others.filter(pl.col("leader") != pl.col("replicas").list.first())):
        names = capitalized(named(these, " is", " are"))
        yield f"{names} not led by the preferred leader and not in the plan, which leaves that as it is."


def _of_the_way_back(brokers: pl.DataFrame, rows: pl.DataFrame) -> Iterator[str]:
    """Say that rollbacks of what left a broker that is gone would not end."""
    gone = rows["replicas"].explode().unique().sort()
    if lost := gone.filter(~gone.is_in(brokers["broker"].implode())).to_list():
        where, (are, back) = (
            broker_names(lost),
            ("are", "these are back") if len(lost) > 1 else ("is", "it is back"),
        )
        yield f"Rollbacks return replicas to {where}, which {are} gone: they would not finish until {back}."
