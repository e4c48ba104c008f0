"""Plan the execution of a reassignment: batches that Kafka's own tool takes one by one, and what each costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import get_type_hints

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.common.checks import KEYS
from kafka_analysis.plan.execution.input import (
    chains_of,
    loads_of,
    read_brokers,
    read_partitions,
    wanted,
)
from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.execution.packing import pack
from kafka_analysis.plan.execution.remarks import assumptions_of, warnings_of
from kafka_analysis.plan.execution.timing import BrokerRow, TimedBatch, least_copy_seconds, time_batch

_REPLICAS = pl.List(pl.Int32)
STEPS = {
    "batch": pl.Int32, "topic": pl.String, "partition": pl.Int32, "kind": pl.String,
    "replicas_before": _REPLICAS, "replicas_after": _REPLICAS, "from_broker": pl.Int32, "to_broker": pl.Int32,
    "leader_before": pl.Int32, "leader_after": pl.Int32, "needs_election": pl.Boolean, "size_bytes": pl.Float64,
}  # fmt: skip
BATCHES = {
    "batch": pl.Int32, "kind": pl.String, "partitions": pl.Int32, "elections": pl.Int32, "bytes_to_copy": pl.Float64,
    "throttle_bytes_per_s": pl.Float64, "starts_after_s": pl.Float64, "seconds_low": pl.Float64,
    "seconds": pl.Float64, "seconds_high": pl.Float64, "slowest_broker": pl.Int32,
}  # fmt: skip
BROKER_BATCHES = {"batch": pl.Int32} | {
    name: pl.Int32 if kind is int else pl.Float64 for name, kind in get_type_hints(BrokerRow).items()
}


@dataclass(frozen=True)
class ExecutionPlan:
    """Batches of a reassignment, in order.

    Unknown numbers are null in the frames and None here, never 0.

    - ``steps``: what each batch does to each partition. ``kind``: ``replica``, ``add``, ``drop``, ``leader`` or
      ``order``; ``needs_election``: a preferred leader election must follow; ``size_bytes`` to copy.
    - ``batches``: ``kind`` (``leader``: nothing is copied; ``copy``), ``starts_after_s`` from the start of the first,
      and ``seconds_low``, ``seconds``, ``seconds_high`` of copying; what a Gantt chart needs.
    - ``broker_batches``: what each batch does to each broker it touches; see ``plan.execution.timing.BrokerRow``.
    - ``before``: ``topic``, ``partition``, ``replicas`` of the partitions that change, as they are at the start.
    - ``seconds_low``, ``seconds``, ``seconds_high``: all batches with the pauses between them.
    - ``gone``: brokers that hold replicas and are not there.
    - ``bound_seconds``: no order copies in less: the most bytes of a broker, in or out, ÷ the highest throttle.
    """

    steps: pl.DataFrame
    batches: pl.DataFrame
    broker_batches: pl.DataFrame
    before: pl.DataFrame
    bytes_to_copy: float | None
    seconds_low: float | None
    seconds: float | None
    seconds_high: float | None
    bound_seconds: float | None
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    limits: ExecutionLimits
    flavour: str | None
    gone: tuple[int, ...] = ()


def plan_execution(
    partitions: Frame,
    brokers: Frame,
    reassignment: Frame,
    *,
    limits: ExecutionLimits | None = None,
    flavour: str | None = None,
    remarks: Sequence[str] = (),
) -> ExecutionPlan:
    """Plan how a reassignment is carried out, one replica of a partition at a time and within every broker's limits.

    Parameters
    ----------
    partitions
        The cluster as it is: ``topic``, ``partition``, ``replicas`` (the preferred leader first), ``size_bytes``,
        ``bytes_in_per_s``, ``bytes_out_per_s`` (to consumers); null: unknown. Optional: ``leader`` (who leads now) and
        ``isr``. All partitions of the cluster, because they fill disks and networks.
    brokers
        ``broker``; optional, null where unknown: ``rack``, ``disk_bytes``, ``network_bytes_per_s`` (each way).
    reassignment
        ``topic``, ``partition``, ``replicas`` as they are to be; partitions that stay as they are, are passed over.
    limits
        What the execution keeps to; None: the defaults.
    flavour
        ``msk-standard`` or ``msk-express``: AWS's rules are kept, and checks for them are written down. Otherwise None.
    remarks
        Sentences for the reader, put before the plan's own warnings.

    Returns
    -------
    ExecutionPlan
        Batches to be run one after the other; leaders that can change at once come first. A batch is as long as its
        slowest broker, and batches wait for each other, so that copying takes longer than ``bound_seconds``: 10 to 65 %
        longer in trials with random movements on 6 to 100 brokers, and many times as long where a call takes so few
        partitions that most brokers are idle.

    Raises
    ------
    InputError
        A partition that is to change is under-replicated or unknown; a broker is not there; a throttle is too low ever
        to end; or no order of the movements keeps to the limits, with the broker and what it lacks. Orders are searched
        for step by step and not all are tried.

    Notes
    -----
    All copies are sent by the partition's leader and its quota also counts the followers that are in sync (KIP-73 and
    Kafka's ``KafkaApis``), so a moving partition of three replicas takes three times its bytes in of its leader's
    throttle. A copy that goes is counted on its disk until the batch is over.

    Examples
    --------
    >>> partitions = pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[1, 2], [2, 1]], "size_bytes": 5.8e9,
    ...     "bytes_in_per_s": 1e6, "bytes_out_per_s": 1e6})
    >>> brokers = pl.DataFrame({"broker": [1, 2, 3], "network_bytes_per_s": 124e6})
    >>> to = pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[2, 1], [2, 3]]})
    >>> plan = plan_execution(partitions, brokers, to)
    >>> plan.batches.select("batch", "kind", "bytes_to_copy", "throttle_bytes_per_s", "seconds").rows()
    [(1, 'leader', 0.0, None, 0.0), (2, 'copy', 5800000000.0, 60000000.0, 100.0)]
    """
    there = read_brokers(to_polars(brokers))
    now = read_partitions(to_polars(partitions), there["broker"])
    rows = wanted(now, there, to_polars(reassignment))
    chosen = (ExecutionLimits() if limits is None else limits).of_flavour(flavour)
    closed = pack(
        chains_of(rows, there),
        loads_of(now, there, chosen),
        chosen,
        close=partial(time_batch, disk_fill_max=chosen.disk_fill_max, pause_s=chosen.pause_s),
    )
    batches = _batches(closed, chosen.pause_s)
    pauses = chosen.pause_s * max(len(closed) - 1, 0)
    names = ("seconds_low", "seconds", "seconds_high")
    return ExecutionPlan(
        steps=_steps(closed),
        batches=batches,
        broker_batches=_broker_batches(closed),
        before=rows.select(*KEYS, "replicas"),
        bytes_to_copy=_sum(batches["bytes_to_copy"]),
        **{name: _plus(_sum(batches[name]), pauses) for name in names},
        bound_seconds=_null(least_copy_seconds(closed)),
        assumptions=tuple(assumptions_of(now, there, rows, chosen)),
        warnings=(*remarks, *warnings_of(now, there, rows, chosen)),
        limits=chosen,
        flavour=flavour,
        gone=tuple(sorted(set(now["replicas"].explode()) - set(there["broker"]))),
    )


def _steps(closed: Sequence[TimedBatch]) -> pl.DataFrame:
    rows = [
        (
            number, move.chain.topic, move.chain.partition, step.kind, list(step.before), list(step.after),
            step.goes, step.comes, step.leader_before, step.leader_after, step.elects,
            0.0 if step.comes is None else _null(move.chain.size),
        )
        for number, batch in enumerate(closed, start=1)
        for move in batch.moves
        for step in [move.step]
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=STEPS, orient="row").sort("batch", *KEYS)


def _batches(closed: Sequence[TimedBatch], pause_s: float) -> pl.DataFrame:
    rows, start = [], 0.0
    for number, batch in enumerate(closed, start=1):
        steps = [move.step for move in batch.moves]
        sizes = [move.chain.size for move in batch.moves if move.step.comes is not None]
        frees = all(step.kind in ("leader", "order") for step in steps)
        times = [_null(time) for time in (start, batch.seconds_low, batch.seconds, batch.seconds_high)]
        elections = sum(step.elects for step in steps)
        kind = "leader" if frees else "copy"
        rows.append(
            (number, kind, len(steps), elections, _null(math.fsum(sizes)), batch.throttle, *times, batch.slowest)
        )  # fmt: skip
        start += batch.seconds + pause_s
    return pl.DataFrame(rows, schema=BATCHES, orient="row")


def _broker_batches(closed: Sequence[TimedBatch]) -> pl.DataFrame:
    rows = [(number, *row) for number, batch in enumerate(closed, start=1) for row in batch.brokers]
    return pl.DataFrame(rows, schema=BROKER_BATCHES, orient="row").fill_nan(None)


def _null(value: float) -> float | None:
    return None if math.isnan(value) else value


def _sum(values: pl.Series) -> float | None:
    return None if values.null_count() else float(values.sum())


def _plus(seconds: float | None, pauses: float) -> float | None:
    return None if seconds is None else seconds + pauses
