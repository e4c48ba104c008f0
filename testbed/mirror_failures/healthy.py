"""Mirrors that work, for what must not be found in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from testbed.mirror_failures import connect_runs, orders
from testbed.mirror_failures.mirror_runs import (
    BACK,
    DEFAULT_POLICY,
    FORTH,
    mirror,
    mirror_text,
    start_mirror,
    stop_mirror,
    wait_until_stored,
)
from testbed.mirror_failures.pair import Pair
from testbed.mirror_failures.recorded import Judge, moment, recording

TOPIC, GROUP = "orders", "billing"
PARTITIONS = range(3)
FIRST, EACH_ROUND, ROUNDS = 500, 100, 4
POLICY = {"replication.policy.class": DEFAULT_POLICY}


def healthy(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Mirror a topic under its own name while records come and a group reads."""
    with mirror(pair, mirror_text(pair)):
        return _mirrored(pair, folder, "healthy", caught_up=lambda: wait_until_stored(pair, TOPIC))


def healthy_default_policy(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Mirror a topic under the name with the source's alias."""
    with mirror(pair, mirror_text(pair, settings=POLICY)):
        return _mirrored(
            pair, folder, "healthy_default_policy", caught_up=lambda: wait_until_stored(pair, TOPIC)
        )


def healthy_active_active(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Mirror topics of the same name in both directions, each under the name with its source's alias."""
    orders.create_topic(pair.new, TOPIC, len(PARTITIONS))
    back = orders.send(pair.new, TOPIC, FIRST, partitions=PARTITIONS)

    def caught_up() -> None:
        for flow in (FORTH, BACK):
            wait_until_stored(pair, TOPIC, flow=flow)

    with mirror(pair, mirror_text(pair, flows=(FORTH, BACK), settings=POLICY)):
        judged = _mirrored(pair, folder, "healthy_active_active", caught_up=caught_up)
    (judge,) = judged.values()
    counts = {**judge.counts, "sent_at_target": back}
    return {"healthy_active_active": Judge(None, TOPIC, group=GROUP, counts=counts)}


def healthy_connect(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Mirror a topic under its own name with connectors on a Connect cluster."""
    with connect_runs.connect(pair) as address:
        connect_runs.put_connectors(pair, address)
        return _mirrored(
            pair,
            folder,
            "healthy_connect",
            caught_up=lambda: wait_until_stored(pair, TOPIC, store=connect_runs.OFFSETS),
        )


def healthy_restarted(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Stop a mirror, delete only what it has read, and start it: it goes on where it was, and nothing is lost."""
    orders.create_topic(pair.old, TOPIC)
    sent = orders.send(pair.old, TOPIC, FIRST)
    text = mirror_text(pair)
    start_mirror(pair, text)
    wait_until_stored(pair, TOPIC)
    with recording(pair, folder / "healthy_restarted") as rounds:
        stop_mirror(pair)
        moments = {"stopped": moment()}
        sent += orders.send(pair.old, TOPIC, EACH_ROUND)
        orders.delete_before(pair.old, TOPIC, FIRST)
        rounds(2)
        moments["restarted"] = moment()
        with mirror(pair, text):
            wait_until_stored(pair, TOPIC)
            rounds(2)
    counts = {"sent": sent, "deleted": FIRST, "target_end": sum(orders.ends(pair.new, TOPIC).values())}
    return {"healthy_restarted": Judge(None, TOPIC, 0, moments=moments, counts=counts)}


def _mirrored(pair: Pair, folder: Path, name: str, *, caught_up: Callable[[], None]) -> dict[str, Judge]:
    orders.create_topic(pair.old, TOPIC, len(PARTITIONS))
    sent = orders.send(pair.old, TOPIC, FIRST, partitions=PARTITIONS)
    with orders.reading(pair.old, GROUP, TOPIC):
        caught_up()
        with recording(pair, folder / name) as rounds:
            for _ in range(ROUNDS):
                sent += orders.send(pair.old, TOPIC, EACH_ROUND, partitions=PARTITIONS)
                rounds(1)
            caught_up()
            rounds(1)
    return {name: Judge(None, TOPIC, group=GROUP, counts={"sent": sent})}
