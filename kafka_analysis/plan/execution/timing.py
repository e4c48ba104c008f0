"""What a batch takes, and what it makes of every broker. Unknown numbers are NaN here and null in frames."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kafka_analysis.plan.execution.batch import Batch, Brokers, Move

# Kafka's defaults: 11 windows (replication.quota.window.num) of 1 s (replication.quota.window.size.seconds).
_WINDOW_S = 1.0
_KEPT_S = 11 * _WINDOW_S
_FETCH_BYTES = 1024 * 1024  # replica.fetch.max.bytes: what a follower asks for of one partition


class BrokerRow(NamedTuple):
    """One broker in one batch.

    ``movements_to_undo`` are those a rollback of the batch would make of it; the peak of the disk is reached when all
    that comes is there and nothing that goes is gone; the network is counted with the whole throttle.
    """

    broker: int
    bytes_in: float
    bytes_out: float
    movements_in: int
    movements_out: int
    movements_to_undo: int
    peak_size_bytes: float
    peak_disk_share: float
    network_in_bytes_per_s: float
    network_out_bytes_per_s: float
    network_use: float


@dataclass(frozen=True)
class TimedBatch:
    """A batch that is full: its moves, its throttle, its seconds and its brokers."""

    moves: tuple[Move, ...]
    throttle: int | None
    seconds_low: float
    seconds: float
    seconds_high: float
    slowest: int | None
    brokers: tuple[BrokerRow, ...]


def time_batch(batch: Batch, brokers: Brokers, *, disk_fill_max: float, pause_s: float) -> TimedBatch:
    """Estimate how long a batch takes (least, expected, most), before it changes the brokers.

    Every broker copies its bytes at the throttle, in and out each. ``seconds_low``: the slowest broker's bytes ÷
    throttle, as if no data arrived, less what it lets pass (:func:`throttle_burst_seconds`) and the last fetch.
    ``seconds``: its bytes ÷ (throttle − data that arrives in its moving partitions), because a copy must catch up.
    ``seconds_high``: the most of any copy's receiving broker's time + its sending broker's time; a copy that is not
    done waits for one of the two, and each is busy no longer than its own time.
    """
    throttle = batch.rates[-1].throttle if batch.rates else None
    blind = dict.fromkeys(batch.blind, math.nan)
    ins = _times(batch.bytes_in, batch.arriving_in | blind, throttle)
    outs = _times(batch.bytes_out, batch.arriving_out | blind, throttle)
    pairs = [ins[m.step.comes] + outs[m.step.leader_before] for m in batch.moves if m.step.comes is not None]
    all_times = [*ins.items(), *outs.items()]
    slowest = max(all_times, key=lambda pair: (pair[1], -pair[0]), default=(None, 0.0))[0]
    seconds = _longest(time for _, time in all_times)
    return TimedBatch(
        moves=tuple(batch.moves),
        throttle=throttle,
        seconds_low=0.0 if throttle is None else _least(batch, throttle, pause_s),
        seconds=seconds,
        seconds_high=_longest(pairs),
        slowest=None if math.isnan(seconds) else slowest,
        brokers=tuple(_rows(batch, brokers, throttle or 0.0, disk_fill_max)),
    )


def throttle_burst_seconds(pause_s: float) -> tuple[float, float]:
    """Return the seconds by which a broker may be ahead of its throttle, receiving and sending, when a batch ends.

    Kafka holds a throttle against a mean over the time since the oldest window it keeps, and at least over one window:
    so much passes at once. It forgets a window 11 s after its last record (``SimpleRate``, ``SampledStat``). What a
    follower receives is recorded only while it is throttled, so that a batch starts afresh if the pause before it is as
    long as that. What a leader sends is recorded with every fetch of a follower (``KafkaApis``), throttled or not: its
    windows are always kept, and what it did not send in them may be made up.

    Examples
    --------
    >>> throttle_burst_seconds(60.0), throttle_burst_seconds(5.0)
    ((1.0, 11.0), (11.0, 11.0))
    """
    return (_WINDOW_S if pause_s >= _KEPT_S else _KEPT_S), _KEPT_S


def least_copy_seconds(batches: Iterable[TimedBatch]) -> float:
    """Return the least seconds any order could take: the most bytes of a broker, in or out, ÷ the highest throttle.

    It is as exact as Kafka's throttle: a broker can be some seconds ahead of that, see :func:`throttle_burst_seconds`.
    """
    ins: dict[int, float] = {}
    outs: dict[int, float] = {}
    highest = 1.0
    for batch in batches:
        highest = max(highest, batch.throttle or 0.0)
        for row in batch.brokers:
            ins[row.broker] = ins.get(row.broker, 0.0) + row.bytes_in
            outs[row.broker] = outs.get(row.broker, 0.0) + row.bytes_out
    return _longest([*ins.values(), *outs.values()]) / highest


def _times(
    sizes: dict[int, float], arriving: dict[int, float], throttle: float | None
) -> dict[int | None, float]:
    if throttle is None:
        return {}
    return {broker: size / (throttle - arriving.get(broker, 0.0)) for broker, size in sizes.items()}


def _least(batch: Batch, throttle: float, pause_s: float) -> float:
    """Return the seconds that the throttle alone makes the slowest broker take, at least."""
    received, sent = throttle_burst_seconds(pause_s)
    ins, outs = _held(batch.bytes_in, batch.ins), _held(batch.bytes_out, batch.outs)
    times = [
        *(_less(size / throttle, received) for size in ins),
        *(_less(size / throttle, sent) for size in outs),
    ]
    return _longest(times)


def _held(sizes: dict[int, float], copies: Mapping[int, int]) -> Iterable[float]:
    """Return the bytes of each broker that its throttle holds up: all but a fetch of each copy."""
    return (_less(size, copies[broker] * _FETCH_BYTES) for broker, size in sizes.items())


def _less(value: float, credit: float) -> float:
    return value if math.isnan(value) else max(value - credit, 0.0)


def _longest(times: Iterable[float]) -> float:
    """Return the longest; with one unknown it is unknown."""
    values = list(times)
    return math.nan if any(map(math.isnan, values)) else max(values, default=0.0)


def _rows(batch: Batch, brokers: Brokers, throttle: float, disk_fill_max: float) -> Iterable[BrokerRow]:
    touched = {broker for m in batch.moves for broker in (m.step.comes, m.step.goes) if broker is not None}
    touched |= {broker for m in batch.moves for broker in (m.step.leader_before, m.step.leader_after)}
    for broker in sorted(touched):
        peak = brokers.used[broker] + batch.bytes_in.get(broker, 0.0)
        comes = brokers.flow_in[broker] + (throttle if batch.ins[broker] else 0.0)
        gain = batch.gain.get(broker, 0.0)
        sends = brokers.flow_out[broker] + gain + (throttle if batch.outs[broker] else 0.0)
        disk, network = brokers.disk[broker] / disk_fill_max, brokers.network[broker]
        yield BrokerRow(
            broker,
            batch.bytes_in.get(broker, 0.0),
            batch.bytes_out.get(broker, 0.0),
            batch.ins[broker],
            batch.outs[broker],
            batch.undo.copies[broker],
            peak,
            math.nan if math.isinf(disk) else peak / disk,
            comes,
            sends,
            math.nan if math.isinf(network) else _longest([comes, sends]) / network,
        )
