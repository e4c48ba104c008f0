"""One batch while it is filled: which steps may join it, and their effect on each broker (unknown: NaN)."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kafka_analysis.plan.execution.limits import MOST_LONG, ExecutionLimits
from kafka_analysis.plan.execution.partition_steps import Step

_ROUNDING = 1 + 1e-9
# Found by trial: how much longer than its first copy a batch may be, unless it takes less than two pauses.
# Without such a limit, one busy broker keeps all others waiting, and plans took up to twice as long.
_EVEN = 1.5
DISK, NETWORK, THROTTLE, MOVEMENTS, UNEVEN = "disk", "network", "throttle", "movements", "uneven"


class Chain(NamedTuple):
    """The steps of one partition in order, and what it carries."""

    topic: str
    partition: int
    size: float
    rate_in: float
    rate_out: float
    steps: Sequence[Step]


class Move(NamedTuple):
    """One step of one partition."""

    chain: Chain
    step: Step

    @property
    def arriving_out(self) -> float:
        """Return what the leader sends of data that arrives: its quota counts followers in sync too."""
        return self.chain.rate_in * len(self.step.before)

    @property
    def sent_before(self) -> float:
        """Return what the leader sends before the step, in bytes/s."""
        return (len(self.step.before) - 1) * self.chain.rate_in + self.chain.rate_out

    @property
    def sent_after(self) -> float:
        """Return what the leader sends after the step, in bytes/s."""
        return (len(self.step.after) - 1) * self.chain.rate_in + self.chain.rate_out

    @property
    def gain(self) -> float:
        """Return what the broker that leads after the step then sends more than before it, in bytes/s."""
        step = self.step
        if step.leader_after == step.leader_before:
            return (len(step.after) - len(step.before)) * self.chain.rate_in
        return self.sent_after


@dataclass(frozen=True)
class Brokers:
    """What brokers may hold and carry (infinite: unknown), and what they do; ``apply`` changes the latter."""

    disk: Mapping[int, float]
    network: Mapping[int, float]
    used: dict[int, float]
    flow_in: dict[int, float]
    flow_out: dict[int, float]

    def room_in(self, broker: int) -> float:
        """Return what may still come in, in bytes/s; infinite: unknown."""
        return _known(self.network[broker] - self.flow_in[broker])

    def room_out(self, broker: int) -> float:
        """Return what may still go out, in bytes/s; infinite: unknown."""
        return _known(self.network[broker] - self.flow_out[broker])


@dataclass(frozen=True)
class Tally:
    """Copies of a batch by broker, sent or received: how many, how many long ones, bytes, bytes of brief ones.

    ``full``: those that take part in no further long copy.
    """

    copies: Counter[int] = field(default_factory=Counter)
    long: Counter[int] = field(default_factory=Counter)
    bytes: dict[int, float] = field(default_factory=dict)
    brief: dict[int, float] = field(default_factory=dict)
    full: set[int] = field(default_factory=set)

    def closed(self, size: float, limits: ExecutionLimits) -> set[int]:
        """Return the brokers that are known to take part in no copy of a size."""
        is_brief = limits.max_concurrent_movements is None and size <= limits.brief_bytes
        return set() if is_brief else self.full


@dataclass(frozen=True)
class Batch:
    """The moves of a batch, and by broker: copies in, out and both, what undoing copies, bytes, data that arrives.

    ``blind``: more arrives there than is known. ``sizes`` and ``rates`` are those from copy to copy.
    """

    moves: list[Move] = field(default_factory=list)
    ins: Counter[int] = field(default_factory=Counter)
    outs: Counter[int] = field(default_factory=Counter)
    copies: Tally = field(default_factory=lambda: Tally())
    undo: Tally = field(default_factory=lambda: Tally())
    bytes_in: dict[int, float] = field(default_factory=dict)
    bytes_out: dict[int, float] = field(default_factory=dict)
    arriving_in: dict[int, float] = field(default_factory=dict)
    arriving_out: dict[int, float] = field(default_factory=dict)
    blind: set[int] = field(default_factory=set)
    gain: dict[int, float] = field(default_factory=dict)
    sizes: list[float] = field(default_factory=list)
    rates: list[Rates] = field(default_factory=list)


class Rates(NamedTuple):
    """The throttle advised, the most that brokers can bear, and the most data that arrives at one or leaves it."""

    throttle: int
    most: float
    arriving: float


def _known(value: float) -> float:
    return math.inf if math.isnan(value) else value


def obstacle(move: Move, batch: Batch, brokers: Brokers, limits: ExecutionLimits) -> tuple[str, int] | None:
    """Say which limit of which broker keeps a step out of a batch; None: it may join."""
    step, size = move.step, move.chain.size
    for tally, end, leader in (
        (batch.copies, step.comes, step.leader_before),
        (batch.undo, step.goes, step.leader_after),
    ):
        for broker in () if end is None else (end, leader):
            if _is_full(tally, broker, size, batch, limits):
                return MOVEMENTS, broker
    gain, leads = move.gain, step.leader_after
    if gain > 0:
        sends = batch.rates[-1].throttle if batch.outs[leads] else 0.0
        if gain + batch.gain.get(leads, 0.0) + sends > brokers.room_out(leads) * _ROUNDING:
            return NETWORK, leads
    return None if step.comes is None else _obstacle_of_copy(move, batch, brokers, limits)


def _is_full(tally: Tally, broker: int, size: float, batch: Batch, limits: ExecutionLimits) -> bool:
    """Say whether a broker may not take part in one more copy; one of unknown size is taken for long."""
    if limits.max_concurrent_movements is not None:
        return tally.copies[broker] >= limits.max_concurrent_movements
    throttle = batch.rates[-1].throttle if batch.rates else limits.default_throttle_bytes_per_s
    most = throttle * limits.pause_s
    if tally.bytes.get(broker, 0.0) + size <= most:
        return False
    if size <= limits.brief_bytes:
        return tally.brief.get(broker, 0.0) + size > most
    return tally.long[broker] >= MOST_LONG


def _obstacle_of_copy(
    move: Move, batch: Batch, brokers: Brokers, limits: ExecutionLimits
) -> tuple[str, int] | None:
    to = move.step.comes
    if batch.sizes:
        most = max(_EVEN * batch.sizes[0], batch.rates[-1].throttle * 2 * limits.pause_s)
        for broker, sums in ((to, batch.bytes_in), (move.step.leader_before, batch.bytes_out)):
            if sums.get(broker, 0.0) + move.chain.size > most:
                return UNEVEN, broker
    held = brokers.used[to] + batch.bytes_in.get(to, 0.0) + move.chain.size
    if held > brokers.disk[to] * _ROUNDING:
        return DISK, to
    rates = rates_with(move, batch, brokers, limits)
    return None if rates is not None else (THROTTLE, tightest(move, batch, brokers))


def tightest(move: Move, batch: Batch, brokers: Brokers) -> int:
    """Return the broker of a copy whose network has least left."""
    return min(_rooms(move, batch, brokers))[1]


def _rooms(move: Move, batch: Batch, brokers: Brokers) -> list[tuple[float, int]]:
    """List what is left of the network where the copy comes, and where it is sent with all that will be led there."""
    sends, step = move.step.leader_before, move.step
    more = batch.gain.get(sends, 0.0) + (max(0.0, move.gain) if sends == step.leader_after else 0.0)
    return [(brokers.room_in(step.comes), step.comes), (brokers.room_out(sends) - _zero(more), sends)]


def _zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def rates_with(move: Move, batch: Batch, brokers: Brokers, limits: ExecutionLimits) -> Rates | None:
    """Return the rates of a batch with one more copy; None: its throttle would be too low or too high for a broker."""
    to, sends = move.step.comes, move.step.leader_before
    before = batch.rates[-1] if batch.rates else Rates(sys.maxsize, math.inf, 0.0)
    rooms = [room for room, _ in _rooms(move, batch, brokers)]
    most = min(before.most, *rooms)
    arriving = max(
        before.arriving,
        batch.arriving_in.get(to, 0.0) + _zero(move.chain.rate_in),
        batch.arriving_out.get(sends, 0.0) + _zero(move.arriving_out),
    )
    advised = math.floor(min(before.throttle, *(_advice(room, limits) for room in rooms)))
    if advised >= 1 and arriving <= limits.arriving_share * advised:
        return Rates(advised, most, arriving) if advised <= most else None
    if batch.rates:
        return None
    if limits.throttle_bytes_per_s is None:  # alone, a copy may have more than its share of the network
        advised = math.floor(min(most, arriving / limits.arriving_share))
    return Rates(advised, most, arriving) if max(arriving, 0.5) < advised <= most else None


def _advice(room: float, limits: ExecutionLimits) -> float:
    if limits.throttle_bytes_per_s is not None:
        return limits.throttle_bytes_per_s
    return limits.default_throttle_bytes_per_s if math.isinf(room) else limits.network_share * room


def join(move: Move, batch: Batch, brokers: Brokers, limits: ExecutionLimits) -> None:
    """Put a step into a batch."""
    step, chain = move.step, move.chain
    if step.comes is not None:
        rates = rates_with(move, batch, brokers, limits)
        batch.rates.extend([] if rates is None else [rates])
        batch.sizes.append(chain.size)
        batch.ins[step.comes] += 1
        batch.outs[step.leader_before] += 1
        _count(batch.copies, (step.comes, step.leader_before), chain.size, limits)
        _add(batch.bytes_in, step.comes, chain.size)
        _add(batch.bytes_out, step.leader_before, chain.size)
        _add(batch.arriving_in, step.comes, _zero(chain.rate_in))
        _add(batch.arriving_out, step.leader_before, _zero(move.arriving_out))
        if math.isnan(chain.rate_in):
            batch.blind.update((step.comes, step.leader_before))
    if step.goes is not None:
        _count(batch.undo, (step.goes, step.leader_after), chain.size, limits)
    if move.gain > 0:
        _add(batch.gain, step.leader_after, move.gain)
    batch.moves.append(move)
    for broker in (step.comes, step.goes, step.leader_before, step.leader_after):
        if broker is not None:
            _close(broker, batch, limits)


def _count(tally: Tally, brokers: tuple[int, int], size: float, limits: ExecutionLimits) -> None:
    is_brief = size <= limits.brief_bytes
    for broker in brokers:
        tally.copies[broker] += 1
        _add(tally.bytes, broker, size)
        if is_brief:
            _add(tally.brief, broker, size)
        else:
            tally.long[broker] += 1


def _close(broker: int, batch: Batch, limits: ExecutionLimits) -> None:
    """Note of a broker that it takes no further long copy, so that most of a long queue is passed over."""
    shortest = math.nextafter(limits.brief_bytes, math.inf)
    for tally in (batch.copies, batch.undo):
        if _is_full(tally, broker, shortest, batch, limits):
            tally.full.add(broker)


def apply(batch: Batch, brokers: Brokers) -> None:
    """Change the brokers as a batch that is done has changed them."""
    for move in batch.moves:
        step, chain = move.step, move.chain
        if step.comes is not None:
            _add(brokers.used, step.comes, chain.size)
            _add(brokers.flow_in, step.comes, chain.rate_in)
        if step.goes is not None:
            _add(brokers.used, step.goes, -chain.size)
            _add(brokers.flow_in, step.goes, -chain.rate_in)
        _add(brokers.flow_out, step.leader_before, -move.sent_before)
        _add(brokers.flow_out, step.leader_after, move.sent_after)


def _add(sums: dict[int, float], broker: int, value: float) -> None:
    sums[broker] = sums.get(broker, 0.0) + value
