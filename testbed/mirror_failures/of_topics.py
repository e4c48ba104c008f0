"""Failures of topics: partitions, rights or records that do not come out at the target as they are at the source."""

from __future__ import annotations

from pathlib import Path

from testbed.mirror_failures import orders
from testbed.mirror_failures.mirror_runs import BACK, FORTH, log_of, mirror, mirror_text, wait_until_stored
from testbed.mirror_failures.pair import Pair
from testbed.mirror_failures.recorded import Judge, moment, recording
from testbed.waiting import wait_for

TOPIC = "orders"
SENT, AFTER = 300, 100
PARTITIONS, MORE_PARTITIONS = 2, 4
READER, WRITER, OWNER = "User:reader", "User:writer", "User:owner"
TIMES_ROUND = 5
WITHIN_S = 90


def partitions_added(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Add partitions to a topic whose mirror looks for them in ten minutes only, and send to them."""
    orders.create_topic(pair.old, TOPIC, PARTITIONS)
    sent = orders.send(pair.old, TOPIC, SENT, partitions=range(PARTITIONS))
    with mirror(pair, mirror_text(pair, settings={"refresh.topics.interval.seconds": "600"})):
        wait_until_stored(pair, TOPIC)
        with recording(pair, folder / "partitions_added") as rounds:
            rounds(1)
            orders.add_partitions(pair.old, TOPIC, MORE_PARTITIONS)
            moments = {"added": moment()}
            for _ in range(3):
                sent += orders.send(pair.old, TOPIC, AFTER, partitions=range(MORE_PARTITIONS))
                rounds(1)
    unread = 3 * AFTER * (MORE_PARTITIONS - PARTITIONS)
    counts = {
        "sent": sent,
        "partitions": MORE_PARTITIONS,
        "partitions_at_target": PARTITIONS,
        "unread": unread,
    }
    counts["target_end"] = sum(orders.ends(pair.new, TOPIC).values())
    judge = Judge("partitions_added", TOPIC, PARTITIONS, moments=moments, counts=counts)
    return {"partitions_added": judge}


def acls_not_carried(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Mirror a topic with its ACLs: the right to write does not arrive, and all rights arrive as the right to read."""
    orders.create_topic(pair.old, TOPIC)
    sent = orders.send(pair.old, TOPIC, SENT)
    for principal, operation in ((READER, "READ"), (WRITER, "WRITE"), (OWNER, "ALL")):
        orders.allow(pair.old, principal, operation, TOPIC)
    with mirror(pair, mirror_text(pair, settings={"sync.topic.acls.enabled": "true"})):
        wait_until_stored(pair, TOPIC)
        carried = {(READER, "READ", TOPIC), (OWNER, "READ", TOPIC)}
        wait_for(
            lambda: orders.acls(pair.new) >= carried,
            "ACLs at the target",
            within_s=WITHIN_S,
            where=log_of(pair),
        )
        with recording(pair, folder / "acls_not_carried") as rounds:
            rounds(3)
        at_target = orders.acls(pair.new)
    counts = {"sent": sent, "acls": len(orders.acls(pair.old)), "acls_at_target": len(at_target)}
    remarks = tuple(
        sorted(f"at the target: {principal} {operation}" for principal, operation, _ in at_target)
    )
    judge = Judge("acls_not_carried", TOPIC, principals=(WRITER, OWNER), counts=counts, remarks=remarks)
    return {"acls_not_carried": judge}


def loop(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Mirror a topic under its own name in both directions: its records go round and round."""
    orders.create_topic(pair.old, TOPIC)
    sent = orders.send(pair.old, TOPIC, SENT)

    def is_round() -> bool:
        return all(
            sum(orders.ends(cluster, TOPIC).values()) > TIMES_ROUND * SENT for cluster in pair.clusters
        )

    with mirror(pair, mirror_text(pair, flows=(FORTH, BACK), settings={"topics": TOPIC})):
        wait_for(is_round, "the records' return", within_s=WITHIN_S, where=log_of(pair))
        with recording(pair, folder / "loop") as rounds:
            rounds(5)
        moments = {"ended": moment()}
    ends = {f"{cluster.name}_end": sum(orders.ends(cluster, TOPIC).values()) for cluster in pair.clusters}
    return {"loop": Judge("loop", TOPIC, 0, moments=moments, counts={"sent": sent, **ends})}
