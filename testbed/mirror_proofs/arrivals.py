"""Look at both clusters' log ends while a mirror copies: the judge of when it has caught up."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from testbed.admin import Admin, Place
from testbed.mirror_failures.pair import Pair

EVERY_S = 0.5


@dataclass(frozen=True)
class Look:
    """Log ends of the same topics at the source, then at the target, and when they had been read."""

    at: datetime
    source: Mapping[Place, int]
    target: Mapping[Place, int]


@contextmanager
def watching_ends(pair: Pair, topics: Collection[str]) -> Iterator[list[Look]]:
    """Read log ends again and again in a thread of its own; topics have the same names at both ends."""
    looks, ending = list[Look](), threading.Event()
    source, target = (Admin(cluster.bootstrap) for cluster in pair.clusters)

    def watch() -> None:
        while not ending.wait(EVERY_S):
            first = source.end_offsets(topics)
            looks.append(Look(datetime.now(UTC), first, target.end_offsets(topics)))

    thread = threading.Thread(target=watch, name="arrivals", daemon=True)
    thread.start()
    try:
        yield looks
    finally:
        ending.set()
        thread.join()


def began(looks: Sequence[Look]) -> datetime | None:
    """Return when the first record was seen at the target beyond what it had at the first look."""
    held = sum(looks[0].target.values()) if looks else 0
    return next((look.at for look in looks if sum(look.target.values()) > held), None)


def caught_up(looks: Sequence[Look], *, within_s: float) -> datetime | None:
    """Return when the target first had every record that the source had ``within_s`` before; None: not yet.

    Producers go on, so that the two ends are never equal: what is on its way is not late.

    Examples
    --------
    >>> from datetime import timedelta
    >>> t = datetime(2026, 1, 1, tzinfo=UTC)
    >>> place = ("t", 0)
    >>> looks = [Look(t + timedelta(seconds=s), {place: 10 + s}, {place: 5 * s}) for s in range(4)]
    >>> caught_up(looks, within_s=1.0).second
    3
    """
    for number, look in enumerate(looks):
        before = [one for one in looks[:number] if (look.at - one.at).total_seconds() >= within_s]
        if before and all(look.target.get(place, 0) >= end for place, end in before[-1].source.items()):
            return look.at
    return None
