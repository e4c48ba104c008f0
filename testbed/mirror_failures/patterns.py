"""Patterns of replication among three clusters: many to one, one to many, and copies that are read where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from testbed.mirror_failures import orders
from testbed.mirror_failures.mirror_runs import (
    DEFAULT_POLICY,
    Flow,
    folder_of,
    mirror,
    mirror_text,
    wait_until_stored,
)
from testbed.mirror_failures.pair import EAST, HUB, WEST, Clusters
from testbed.mirror_failures.recorded import Judge, recording

TOPIC = "orders"
PARTITIONS = range(2)
RECORDS = {EAST: 300, WEST: 200, HUB: 100}  # to each partition, each cluster another number
EACH_ROUND, ROUNDS, ROUNDS_AT_REST = 50, 2, 2
POLICY = {"replication.policy.class": DEFAULT_POLICY}


def aggregation(clusters: Clusters, folder: Path) -> dict[str, Judge]:
    """Mirror a topic of two clusters into a third."""
    flows = [(EAST, HUB), (WEST, HUB)]
    return _mirrored(clusters, folder, "aggregation", dict.fromkeys(flows, "active/passive, aggregation"))


def fan_out(clusters: Clusters, folder: Path) -> dict[str, Judge]:
    """Mirror a topic of one cluster into two others."""
    flows = [(HUB, EAST), (HUB, WEST)]
    return _mirrored(clusters, folder, "fan_out", dict.fromkeys(flows, "active/passive, fan-out"))


def geo_locality(clusters: Clusters, folder: Path) -> dict[str, Judge]:
    """Mirror a topic of two clusters into each other; a group on each side reads the copy there."""
    flows = [(EAST, WEST), (WEST, EAST)]
    patterns = dict.fromkeys(flows, "active/active, geo-locality")
    return _mirrored(clusters, folder, "geo_locality", patterns, readers=flows)


def _mirrored(
    clusters: Clusters,
    folder: Path,
    name: str,
    patterns: Mapping[Flow, str],
    *,
    readers: Sequence[Flow] = (),
) -> dict[str, Judge]:
    sent = {}
    for source in dict.fromkeys(source for source, _ in patterns):
        orders.create_topic(clusters.state.cluster(source), TOPIC, len(PARTITIONS))
        sent[source] = orders.send(
            clusters.state.cluster(source), TOPIC, RECORDS[source], partitions=PARTITIONS
        )

    def wait() -> None:
        for flow in patterns:
            wait_until_stored(clusters, TOPIC, flow=flow)

    files = {target: folder_of(clusters) / "mm2.properties" for _, target in patterns}
    with (
        mirror(clusters, mirror_text(clusters, flows=list(patterns), settings=POLICY)),
        ExitStack() as reading,
    ):
        wait()
        for source, target in readers:
            local = orders.reading(clusters.state.cluster(target), f"local-{target}", f"{source}.{TOPIC}")
            reading.enter_context(local)
        profile = clusters.profile({name for flow in patterns for name in flow}, mirror_files=files)
        with recording(clusters, folder / name, profile=profile) as rounds:
            for _ in range(ROUNDS):
                for source in sent:
                    cluster = clusters.state.cluster(source)
                    sent[source] += orders.send(cluster, TOPIC, EACH_ROUND, partitions=PARTITIONS)
                rounds(1)
            wait()
            rounds(ROUNDS_AT_REST)
    shown = {f"{source} → {target}": pattern for (source, target), pattern in patterns.items()}
    return {name: Judge(None, TOPIC, counts=sent, patterns=shown)}
