"""Failures of positions: what the mirror read last, and what the source still has, no longer fit."""

from __future__ import annotations

from pathlib import Path

from testbed.mirror_failures import orders
from testbed.mirror_failures.mirror_runs import (
    mirror,
    mirror_text,
    start_mirror,
    stop_mirror,
    wait_until_stored,
)
from testbed.mirror_failures.pair import Pair
from testbed.mirror_failures.recorded import Judge, moment, recording

TOPIC = "orders"
FIRST, LATER, LOST = 1_000, 600, 400
FEWER = 200
WITHIN_S = 90


def retention_overtook(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Delete records that the mirror has not read while it is down; record that, and how it jumps over the gap."""
    orders.create_topic(pair.old, TOPIC)
    orders.send(pair.old, TOPIC, FIRST)
    text = mirror_text(pair)
    with mirror(pair, text):
        wait_until_stored(pair, TOPIC)
    orders.send(pair.old, TOPIC, LATER)
    orders.delete_before(pair.old, TOPIC, FIRST + LOST)
    moments = {"deleted": moment()}
    counts = {"sent": FIRST + LATER, "mirrored_before": FIRST, "deleted_unread": LOST, "position": FIRST}
    counts |= {"log_start_offset": FIRST + LOST, "log_end_offset": FIRST + LATER}
    with recording(pair, folder / "retention_overtook") as rounds:
        rounds(4)
    down = Judge("retention_overtook", TOPIC, 0, moments=moments, counts={**counts, "target_end": FIRST})
    with recording(pair, folder / "retention_overtook_restarted") as rounds:
        moments = {**moments, "restarted": moment()}
        with mirror(pair, text):
            wait_until_stored(pair, TOPIC)
            rounds(3)
    counts["target_end"] = sum(orders.ends(pair.new, TOPIC).values())
    again = Judge("retention_overtook", TOPIC, 0, moments=moments, counts=counts)
    return {"retention_overtook": down, "retention_overtook_restarted": again}


def topic_recreated(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Delete a topic while the mirror is down, create it again with fewer records, and start the mirror."""
    orders.create_topic(pair.old, TOPIC)
    orders.send(pair.old, TOPIC, FIRST)
    text = mirror_text(pair)
    start_mirror(pair, text)
    wait_until_stored(pair, TOPIC)
    with recording(pair, folder / "topic_recreated") as rounds:
        rounds(2)
        stop_mirror(pair)
        orders.delete_topics(orders.client_of(pair.old), [TOPIC])
        moments = {"deleted": moment()}
        orders.create_topic(pair.old, TOPIC)
        orders.send(pair.old, TOPIC, FEWER)
        moments["created"] = moment()
        rounds(2)
        moments["restarted"] = moment()
        with mirror(pair, text):
            wait_until_stored(pair, TOPIC)
            rounds(3)
    counts = {"sent_before": FIRST, "sent_after": FEWER, "position_before": FIRST, "position_after": FEWER}
    counts["target_end"] = sum(orders.ends(pair.new, TOPIC).values())
    return {"topic_recreated": Judge("topic_recreated", TOPIC, 0, moments=moments, counts=counts)}


def restarted_without_offsets(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Delete the topic of the mirror's positions while it is down, and start it: it reads everything again."""
    orders.create_topic(pair.old, TOPIC)
    orders.send(pair.old, TOPIC, FIRST)
    text = mirror_text(pair)
    start_mirror(pair, text)
    wait_until_stored(pair, TOPIC)
    with recording(pair, folder / "restarted_without_offsets") as rounds:
        rounds(2)
        stop_mirror(pair)
        orders.delete_topics(orders.client_of(pair.new), [f"mm2-offsets.{pair.old.name}.internal"])
        moments = {"deleted": moment()}
        orders.send(pair.old, TOPIC, FEWER)
        rounds(2)
        moments["restarted"] = moment()
        with mirror(pair, text):
            wait_until_stored(pair, TOPIC)
            rounds(3)
    counts = {"sent": FIRST + FEWER, "mirrored_before": FIRST, "duplicates": FIRST}
    counts["target_end"] = sum(orders.ends(pair.new, TOPIC).values())
    judge = Judge("restarted_without_offsets", TOPIC, 0, moments=moments, counts=counts)
    return {"restarted_without_offsets": judge}
