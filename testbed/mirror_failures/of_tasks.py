"""Failures of tasks: the target, or the mirror's own producer, refuses a record and the task stops."""

from __future__ import annotations

import time
from pathlib import Path

from testbed.mirror_failures import orders
from testbed.mirror_failures.mirror_runs import mirror, mirror_text, wait_for_task_lost, wait_until_stored
from testbed.mirror_failures.pair import Pair
from testbed.mirror_failures.recorded import Judge, moment, recording

TOPIC = "orders"
SOURCE = "MirrorSourceConnector"
SENT, AFTER = 500, 200
TOO_LARGE_BYTES = 2_000_000
DAY_MS = 86_400_000
AGE_DAYS, OLDEST_DAYS = 30, 7
TIMESTAMP_LIMIT = "log.message.timestamp.before.max.ms"


def task_stopped(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Send a record that the source takes and the mirror's producer refuses: its task stops, and lag grows."""
    orders.create_topic(pair.old, TOPIC)
    sent = orders.send(pair.old, TOPIC, SENT)
    with mirror(pair, mirror_text(pair)):
        wait_until_stored(pair, TOPIC)
        sent += orders.send(pair.old, TOPIC, 1, record_bytes=TOO_LARGE_BYTES)
        wait_for_task_lost(pair)
        moments = {"stopped": moment()}
        with recording(pair, folder / "task_stopped") as rounds:
            for _ in range(4):
                sent += orders.send(pair.old, TOPIC, AFTER)
                rounds(1)
    counts = {"sent": sent, "mirrored": SENT, "record_bytes": TOO_LARGE_BYTES}
    counts["target_end"] = sum(orders.ends(pair.new, TOPIC).values())
    judge = Judge("task_stopped", TOPIC, 0, connector=SOURCE, task=0, moments=moments, counts=counts)
    return {"task_stopped": judge}


def old_timestamps_refused(pair: Pair, folder: Path) -> dict[str, Judge]:
    """Mirror records older than the target takes: the task stops at the first, and none of them arrives."""
    orders.create_topic(pair.old, TOPIC, retention_ms="-1")
    old_ms = int(time.time() * 1000) - AGE_DAYS * DAY_MS
    sent = orders.send(pair.old, TOPIC, SENT, timestamp_ms=old_ms) + orders.send(pair.old, TOPIC, AFTER)
    limit_ms = OLDEST_DAYS * DAY_MS
    with (
        orders.broker_setting(pair.new, TIMESTAMP_LIMIT, str(limit_ms)),
        mirror(pair, mirror_text(pair)),
    ):
        wait_for_task_lost(pair)
        moments = {"stopped": moment()}
        with recording(pair, folder / "old_timestamps_refused") as rounds:
            for _ in range(3):
                sent += orders.send(pair.old, TOPIC, AFTER)
                rounds(1)
    counts = {"sent": sent, "old": SENT, "oldest_timestamp_ms": old_ms, "limit_ms": limit_ms}
    counts["target_end"] = sum(orders.ends(pair.new, TOPIC).values())
    judge = Judge(
        "old_timestamps_refused", TOPIC, 0, connector=SOURCE, task=0, moments=moments, counts=counts
    )
    return {"old_timestamps_refused": judge}
