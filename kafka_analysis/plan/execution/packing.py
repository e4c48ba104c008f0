"""Put steps into batches, one batch after the other."""

import math
from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.units import format_quantity
from kafka_analysis.plan.execution.batch import (
    DISK,
    NETWORK,
    Batch,
    Brokers,
    Chain,
    Move,
    apply,
    join,
    obstacle,
    tightest,
)
from kafka_analysis.plan.execution.limits import ExecutionLimits

Timed = TypeVar("Timed")
_FREE = ("leader", "order")
# Steps in a row that do not fit: those after them are smaller, and better in batches of their own.
_PATIENCE = 1000


class _Place(NamedTuple):
    """Where a step waits, first by what it is sorted by, and the brokers that most often keep it waiting."""

    later: bool
    minus_bytes: float
    chain: int
    number: int
    comes: int | None
    goes: int | None
    sends: int


def pack(
    chains: Sequence[Chain],
    brokers: Brokers,
    limits: ExecutionLimits,
    *,
    close: Callable[[Batch, Brokers], Timed],
) -> list[Timed]:
    """Fill batches until all steps are done; ``close`` tells of each before it changes the brokers.

    Leaders go first: they copy nothing and unload a broker at once. Of copies, those go first that leave a broker whose
    disk cannot hold all that is to come; then the largest, with all copies the partition still needs counted, so that
    batches hold copies of about one size, and a large one does not keep the last batch waiting.

    Raises
    ------
    InputError
        No step that is left can be done. It names a broker and what is missing.
    """
    tight = _tight(chains, brokers)
    leaders: list[_Place] = []
    copies: list[_Place] = []

    def offer(number: int, step: int) -> None:
        """Put the step of a chain, if there is one, where it waits for its batch."""
        chain = chains[number]
        if step >= len(chain.steps):
            return
        next_step = chain.steps[step]
        left = sum(later.comes is not None for later in chain.steps[step:])
        size = 0.0 if math.isnan(chain.size) else chain.size
        place = _Place(
            next_step.goes not in tight, -size * left, number, step, next_step.comes, next_step.goes,
            next_step.leader_before,
        )  # fmt: skip
        insort(leaders if next_step.kind in _FREE else copies, place)

    for number in range(len(chains)):
        offer(number, 0)
    closed = []
    while leaders or copies:
        for queue in (leaders, copies):
            batch, taken = _fill(queue, chains, brokers, limits)
            if taken:
                break
        else:
            raise InputError(_stuck((*leaders, *copies), chains, brokers, limits))
        closed.append(close(batch, brokers))
        apply(batch, brokers)
        done = [queue[at] for at in taken]
        for at in reversed(taken):
            del queue[at]
        for place in done:
            offer(place.chain, place.number + 1)
    return closed


def _tight(chains: Sequence[Chain], brokers: Brokers) -> set[int]:
    """Return the brokers whose disk cannot hold all that is to come before something goes."""
    held = defaultdict(float, brokers.used)
    for chain in chains:
        for step in chain.steps:
            if step.comes is not None:
                held[step.comes] += chain.size
    return {broker for broker, size in held.items() if size > brokers.disk[broker]}


def _fill(
    queue: Sequence[_Place], chains: Sequence[Chain], brokers: Brokers, limits: ExecutionLimits
) -> tuple[Batch, list[int]]:
    """Fill a batch from the front of a queue; return it with the places taken."""
    batch, taken = Batch(), []
    places = limits.max_partitions_per_batch or len(queue)
    for at, (_, _, chain, number, comes, goes, sends) in enumerate(queue):
        if len(taken) == places or (taken and at - taken[-1] > _PATIENCE):
            break
        size = chains[chain].size
        full = batch.copies.closed(size, limits)
        if comes in full or sends in full or goes in batch.undo.closed(size, limits):
            continue  # most of a long queue ends here
        move = Move(chains[chain], chains[chain].steps[number])
        if obstacle(move, batch, brokers, limits) is None:
            join(move, batch, brokers, limits)
            taken.append(at)
    return batch, taken


def _stuck(
    places: Sequence[_Place], chains: Sequence[Chain], brokers: Brokers, limits: ExecutionLimits
) -> str:
    """Say what keeps the step that lacks least from being done."""
    reasons = []
    for place in places:
        move = Move(chains[place.chain], chains[place.chain].steps[place.number])
        limit = obstacle(move, Batch(), brokers, limits)
        reasons.append(_reason(move, *limit, brokers, limits) if limit else (0.0, ""))
    return min(reasons)[1]


def _reason(
    move: Move, kind: str, broker: int, brokers: Brokers, limits: ExecutionLimits
) -> tuple[float, str]:
    name = f"{move.chain.topic}-{move.chain.partition}"
    if kind == DISK:
        lacks = brokers.used[broker] + move.chain.size - brokers.disk[broker]
        return lacks, (
            f"no order of the movements was found: broker {broker} lacks {format_quantity(lacks, 'B')} "
            f"({lacks:.0f} bytes) of disk space below {format_quantity(limits.disk_fill_max, '%')} for {name}; "
            "free disk there, raise disk_fill_max, or choose another broker"
        )
    if kind == NETWORK:
        lacks = move.gain - brokers.room_out(broker)
        return lacks, (
            f"no order of the movements was found: broker {broker} lacks {format_quantity(lacks, 'B/s')} of network to "
            f"lead {name}; choose another leader, or correct the broker's network_bytes_per_s"
        )
    return _reason_of_throttle(move, name, brokers, limits)


def _reason_of_throttle(
    move: Move, name: str, brokers: Brokers, limits: ExecutionLimits
) -> tuple[float, str]:
    arriving = max(move.chain.rate_in, move.arriving_out)
    given, broker = limits.throttle_bytes_per_s, tightest(move, Batch(), brokers)
    room = min(brokers.room_in(move.step.comes), brokers.room_out(move.step.leader_before))
    least, advised = (format_quantity(rate, "B/s") for rate in (arriving, arriving / limits.arriving_share))
    if given is not None and given <= arriving:
        return arriving - given, (
            f"with a throttle of {format_quantity(given, 'B/s')} the copy of {name} would never end, because "
            f"{least} arrive meanwhile; the least throttle that works is above {least} ({advised} is advised)"
        )
    wanted = arriving if given is None else given
    return wanted - room, (
        f"no order of the movements was found: broker {broker} has {format_quantity(room, 'B/s')} of network left and "
        f"copying {name} takes {'more than ' if given is None else ''}{format_quantity(wanted, 'B/s')}; "
        "unload it first, or lower the throttle"
    )
