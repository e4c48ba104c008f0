"""Failures of tasks: the target, or the mirror's own producer, refuses a record and the task stops."""

from __future__ import annotations

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
