"""Watch a cluster's reassignments while they run: which replicas are being added, and how many on each broker."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from testbed.admin import Place
from testbed.errors import TestbedError

EVERY_S = 0.1


@dataclass(frozen=True)
class Look:
    """The reassignments at one moment: each moving partition's adding and removing replicas."""

    at: float
    adding: Mapping[Place, tuple[int, ...]]


@dataclass(frozen=True)
class Watch:
    """What was seen, in order of time; filled by a thread while the watch lasts."""

    looks: list[Look] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Seconds from the last look before anything moved to the first look after it; 0: nothing was seen to move."""
        moving = [number for number, look in enumerate(self.looks) if look.adding]
        if not moving:
            return 0.0
        before, after = max(moving[0] - 1, 0), min(moving[-1] + 1, len(self.looks) - 1)
        return self.looks[after].at - self.looks[before].at

    @property
    def at_rest(self) -> bool:
        """Tell whether nothing moved at the last look."""
        return not self.looks[-1].adding

    @property
    def moving_looks(self) -> int:
        """How many looks saw something move."""
        return sum(bool(look.adding) for look in self.looks)

    @property
    def most_of_a_partition(self) -> int:
        """The most replicas of one partition that were being added at once."""
        return max((len(new) for look in self.looks for new in look.adding.values()), default=0)

    def most_of_a_broker(self, leaders: Mapping[Place, int]) -> int:
        """Return the most copies that one broker received or, as the leader, sent at once."""
        return max((max(_copies(look, leaders).values(), default=0) for look in self.looks), default=0)


def _copies(look: Look, leaders: Mapping[Place, int]) -> Counter[int]:
    counts = Counter(broker for new in look.adding.values() for broker in new)
    counts.update(leaders[place] for place, new in look.adding.items() for _ in new)
    return counts


@contextmanager
def watching(bootstrap: str) -> Iterator[Watch]:
    """List the reassignments again and again in a thread of its own, from before the block until after it.

    Raises
    ------
    TestbedError
        If the cluster could not be asked.
    """
    from kafka import KafkaAdminClient

    client = KafkaAdminClient(bootstrap_servers=bootstrap.split(","), client_id="testbed")
    watch, ended, failed = Watch(), threading.Event(), []

    def look() -> None:
        try:
            while not ended.wait(EVERY_S):
                watch.looks.append(_look(client))
            watch.looks.append(_look(client))
        except Exception as error:  # noqa: BLE001 - told to the main thread, which cannot see it otherwise
            failed.append(error)

    watch.looks.append(_look(client))
    thread = threading.Thread(target=look, name="watch", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()
        client.close()
    if failed:
        message = f"the reassignments could not be listed: {failed[0]}"
        raise TestbedError(message) from failed[0]


def _look(client: object) -> Look:
    answer = client.list_partition_reassignments()  # type: ignore[attr-defined]
    return Look(time.monotonic(), adding_of(answer))


def adding_of(answer: Mapping) -> dict[Place, tuple[int, ...]]:
    """Return the replicas being added, of each partition that is being reassigned."""
    return {(tp.topic, tp.partition): tuple(told["adding_replicas"]) for tp, told in answer.items()}
