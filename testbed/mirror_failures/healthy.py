"""Mirrors that work, for what must not be found in them."""

from __future__ import annotations

from pathlib import Path

from testbed.mirror_failures import orders
from testbed.mirror_failures.mirror_runs import mirror, mirror_text, wait_until_stored
from testbed.mirror_failures.pair import Pair
from testbed.mirror_failures.recorded import Judge, recording

TOPIC, GROUP = "orders", "billing"
FIRST, EACH_ROUND, ROUNDS = 500, 100, 6


def healthy(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Mirror a topic of three partitions under its own name while records come and a group reads."""
    orders.create_topic(pair.old, TOPIC, 3)
    sent = orders.send(pair.old, TOPIC, FIRST, partitions=range(3))
    with orders.reading(pair.old, GROUP, TOPIC), mirror(pair, mirror_text(pair)):
        wait_until_stored(pair, TOPIC)
        with recording(pair, folder / "healthy") as rounds:
            for _ in range(ROUNDS):
                sent += orders.send(pair.old, TOPIC, EACH_ROUND, partitions=range(3))
                rounds(1)
            wait_until_stored(pair, TOPIC)
            rounds(1)
    counts = {"sent": sent, "target_end": sum(orders.ends(pair.new, TOPIC).values())}
    return {"healthy": Judge(None, TOPIC, group=GROUP, counts=counts)}
