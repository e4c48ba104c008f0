"""What an execution starts from: checked, and put as the steps of each partition and the load of each broker."""

import math
from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.common.checks import (
    KEYS,
    check_brokers,
    check_replicas,
    named,
    typed_columns,
    with_absent,
)
from kafka_analysis.plan.common.copyable import lost_words, without_source
from kafka_analysis.plan.common.movements import carried
from kafka_analysis.plan.execution.batch import Brokers, Chain
from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.execution.partition_steps import steps_of
from kafka_analysis.plan.files.reassignment import changed

_RATES = ("size_bytes", "bytes_in_per_s", "bytes_out_per_s")


def read_partitions(partitions: pl.DataFrame, there: pl.Series | None = None) -> pl.DataFrame:
    """Return the partitions with every column there, and check that they can be those of a cluster.

    ``leads`` is the broker taken for the leader: the one told, where it holds a replica, else the first replica that
    is on a broker of ``there`` (None: any).
    """
    absent = {"leader": pl.Int32, "isr": pl.List(pl.Int32)} | dict.fromkeys(_RATES, pl.Float64)
    rows = with_absent(partitions, absent).with_columns(pl.col(_RATES).cast(pl.Float64).fill_nan(None))
    check_replicas(rows)
    wrong = rows.filter(pl.any_horizontal(pl.col(_RATES) < 0))
    if len(wrong):
        raise InputError(
            f"{named(wrong)}: a size or rate below 0; give 0 or more, or null where it is unknown"
        )
    is_known = pl.col("replicas").list.contains(pl.col("leader"))
    alive = pl.col("replicas") if there is None else _in_order("replicas", there)
    first = pl.coalesce(alive.list.first(), pl.col("replicas").list.first())
    return rows.with_columns(leads=pl.when(is_known).then("leader").otherwise(first))


def _in_order(column: str, kept: pl.Series) -> pl.Expr:
    """Return the brokers of a list that are among others, in the order of the list."""
    return pl.col(column).list.filter(pl.element().is_in(kept.implode()))


def read_brokers(brokers: pl.DataFrame) -> pl.DataFrame:
    """Return the brokers with every column there: ``broker``, ``rack``, ``disk_bytes``, ``network_bytes_per_s``."""
    kinds = {"rack": pl.String, "disk_bytes": pl.Float64, "network_bytes_per_s": pl.Float64}
    return typed_columns(check_brokers(brokers), "brokers", {"broker": pl.Int32}, kinds)


def wanted(partitions: pl.DataFrame, brokers: pl.DataFrame, reassignment: pl.DataFrame) -> pl.DataFrame:
    """Return the partitions that change, as they are and (``will``) as they are to be, and check that they can.

    Raises
    ------
    InputError
        A partition comes twice, is unknown, is under-replicated or has no leader, or is to go to an unknown broker.
    """
    plan = reassignment.select(*KEYS, "replicas")
    check_replicas(plan, of="the reassignment")
    now = changed(partitions.select(*KEYS, "replicas"), plan).rename({"replicas": "will"})
    rows = partitions.join(now, on=KEYS).sort(KEYS)
    there = brokers["broker"].implode()
    comes = rows.select(*KEYS, to=pl.col("will").list.set_difference("replicas")).explode("to").drop_nulls()
    lost = comes.filter(~pl.col("to").is_in(there))
    if len(lost):
        to = f"to be moved to broker {lost['to'][0]}, which is not in the cluster"
        raise InputError(f"{named(lost, ' is', ' are')} {to}; choose another broker")
    lost = lost_words(without_source(rows, brokers["broker"]), brokers["broker"])
    if lost:
        raise InputError(
            f"{lost[0]}; the reassignment would never finish: bring a replica back first, or leave the partition out"
        )
    behind = under_replicated(rows, brokers["broker"])
    if len(behind):
        raise InputError(
            f"{named(behind, ' is', ' are')} under-replicated; wait until all their replicas are in sync, "
            "or leave such partitions out of the reassignment"
        )
    return rows


def under_replicated(partitions: pl.DataFrame, there: pl.Series) -> pl.DataFrame:
    """Return the partitions with replicas that are not in sync though their brokers are there, where that is known.

    Replicas on brokers that are gone never will be: they are what a plan takes away.
    """
    behind = _in_order("replicas", there).list.set_difference("isr").list.len() > 0
    return partitions.filter(pl.col("isr").is_not_null() & behind)


def chains_of(rows: pl.DataFrame, brokers: pl.DataFrame) -> list[Chain]:
    """Return the steps of every partition that changes."""
    racks = dict(brokers.select("broker", "rack").iter_rows())
    columns = [*KEYS, *_RATES, "replicas", "will", "leads"]
    return [
        Chain(topic, number, *_numbers(loads), steps_of(before, after, leader=leads, racks=racks))
        for topic, number, *loads, before, after, leads in rows.select(columns).iter_rows()
    ]


def loads_of(partitions: pl.DataFrame, brokers: pl.DataFrame, limits: ExecutionLimits) -> Brokers:
    """Return what every broker holds, carries and can."""
    others = pl.col("replicas").list.set_difference(pl.concat_list("leads"))
    load = carried(partitions.with_columns(replicas=pl.concat_list("leads", others)))
    rows = brokers.join(load, on="broker", how="full", coalesce=True).sort("broker")
    idle = pl.col("replicas").is_null()
    rows = rows.with_columns(pl.when(idle).then(0.0).otherwise(pl.col(name)).alias(name) for name in _RATES)
    by = rows["broker"].to_list()
    columns = {name: _numbers(rows[name].to_list()) for name in _RATES}
    return Brokers(
        disk=_limits(by, rows["disk_bytes"] * limits.disk_fill_max),
        network=_limits(by, rows["network_bytes_per_s"]),
        used=dict(zip(by, columns["size_bytes"], strict=True)),
        flow_in=dict(zip(by, columns["bytes_in_per_s"], strict=True)),
        flow_out=dict(zip(by, columns["bytes_out_per_s"], strict=True)),
    )


def _limits(brokers: Sequence[int], values: pl.Series) -> dict[int, float]:
    filled = values.cast(pl.Float64).fill_nan(None).fill_null(math.inf)
    return dict(zip(brokers, filled.to_list(), strict=True))


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]
