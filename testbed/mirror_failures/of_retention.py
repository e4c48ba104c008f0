"""Records that retention deletes before a mirror that is stopped has read them, from before until after."""

from __future__ import annotations

from pathlib import Path

from testbed.mirror_failures import orders
from testbed.mirror_failures.mirror_runs import mirror_text, start_mirror, stop_mirror, wait_until_stored
from testbed.mirror_failures.pair import EAST, HUB, Clusters
from testbed.mirror_failures.recorded import Judge, moment, recording
from testbed.waiting import wait_for

TOPIC = "orders"
RETENTION_S = 20
FIRST, EACH_ROUND = 100, 40
ROUNDS_RUNNING, ROUNDS_STOPPED, ROUNDS_AFTER = 5, 2, 2
WITHIN_S = 60


def retention_announced(clusters: Clusters, folder: Path) -> dict[str, Judge]:
    """Stop a mirror, send records, and let the topic's retention delete them unread."""
    east, flow = clusters.state.cluster(EAST), (EAST, HUB)
    orders.create_topic(east, TOPIC, retention_ms=str(RETENTION_S * 1000), segment_ms="1000")
    sent = orders.send(east, TOPIC, FIRST)
    start_mirror(clusters, mirror_text(clusters, flows=(flow,)))
    wait_until_stored(clusters, TOPIC, flow=flow)
    with recording(clusters, folder / "retention_announced", profile=clusters.profile(flow)) as rounds:
        for _ in range(ROUNDS_RUNNING):
            sent += orders.send(east, TOPIC, EACH_ROUND)
            rounds(1)
        wait_until_stored(clusters, TOPIC, flow=flow)
        stop_mirror(clusters)
        position, moments = sent, {"unread": moment()}
        for _ in range(ROUNDS_STOPPED):
            sent += orders.send(east, TOPIC, EACH_ROUND)
            rounds(1)
        all_sent = sent
        wait_for(
            lambda: orders.starts(east, TOPIC)[TOPIC, 0] == all_sent,
            "the end of a retention",
            within_s=WITHIN_S,
            every_s=0.2,
        )
        rounds(ROUNDS_AFTER)
    counts = {"position": position, "deleted_unread": sent - position, "retention_s": RETENTION_S}
    return {"retention_announced": Judge("retention_overtook", TOPIC, 0, moments=moments, counts=counts)}
