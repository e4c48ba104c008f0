"""Two small clusters on which the checklists of waves are tried: awkward names, and all there is to be told of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from confluent_kafka import Producer

from testbed.admin import TIMEOUT_S, Admin
from testbed.clusters import Cluster, State
from testbed.scenario import ClusterSpec, Phases, Scenario, TopicSpec

CELL = "cell-b"
AWKWARD, DECOY = "shop.orders-eu_v1", "shop-orders-eu_v1"  # as a pattern the first is also the second
ALONE, LATER = "audit", "shop.orders.later"  # the one has one replica, the other is not at the target
# Replicas that the partitions take in turn. The source's second broker is the one to be stopped.
TOPICS: Mapping[str, tuple[int, tuple[tuple[int, ...], ...]]] = {
    ALONE: (2, ((2,),)),
    AWKWARD: (3, ((1, 2), (2, 1))),
    DECOY: (1, ((1,),)),
    LATER: (1, ((1,),)),
}
AWKWARD_GROUP, TWO_LINES, UNKNOWN = "-prüfung größe", "two\nlines", "late"  # the last is not at the target
READS: Mapping[str, tuple[str, ...]] = {
    AWKWARD_GROUP: (AWKWARD, ALONE),
    TWO_LINES: (ALONE,),
    UNKNOWN: (LATER,),
}
SMALL = {
    "min.insync.replicas": "1",
    "transaction.state.log.min.isr": "1",
    "offsets.topic.num.partitions": "1",
}


def scenario() -> Scenario:
    """Return a source of two brokers and a cell of one, with the source's topics."""
    shape = {"team": "shop", "shape": "plain", "bytes_per_s": 1, "record_bytes": 20}
    return Scenario(
        name="checklists",
        seed=1,
        scrape_interval_s=5,
        clusters=(
            ClusterSpec(name="monolith", role="source", flavour="self-managed", brokers=2, controllers=1,
                        settings=SMALL),
            ClusterSpec(name=CELL, role="target", flavour="msk", brokers=1, controllers=1, settings=SMALL),
        ),
        topics=tuple(
            TopicSpec(name=name, partitions=partitions, placement=placement, **shape)
            for name, (partitions, placement) in TOPICS.items()
        ),
        groups=(),
        phases=Phases(warm_up_s=0, baseline_s=0, after_s=0),
    )  # fmt: skip


def fill(state: State) -> None:
    """Create the target's topics, write to both ends, fewer records to the target, and commit for each group."""
    cell = state.cluster(CELL)
    copied = [name for name in TOPICS if name != LATER]
    for name in copied:
        Admin(cell.bootstrap).create(name, [[1]] * TOPICS[name][0], {})
    _write(state.source, TOPICS, more=20)
    _write(cell, copied, more=10)
    for cluster in (state.source, cell):
        _commit(cluster, {group: topics for group, topics in READS.items() if group != UNKNOWN})
    _commit(state.source, {UNKNOWN: READS[UNKNOWN]})


def _write(cluster: Cluster, topics: Iterable[str], *, more: int) -> None:
    """Write as many records to each partition as its place in the list says, so that no two have the same end."""
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "acks": "all", "log_level": 0})
    places = [(topic, partition) for topic in topics for partition in range(TOPICS[topic][0])]
    for number, (topic, partition) in enumerate(places):
        for _ in range(more + number):
            producer.produce(topic, b"x", partition=partition)
    if left := producer.flush(TIMEOUT_S):
        message = f"{left} records were not acknowledged by {cluster.name}"
        raise TimeoutError(message)


def _commit(cluster: Cluster, groups: Mapping[str, tuple[str, ...]]) -> None:
    admin = Admin(cluster.bootstrap)
    for behind, (group, topics) in enumerate(groups.items(), start=1):
        ends = admin.end_offsets(topics)
        admin.commit(group, {place: end - behind - place[1] for place, end in ends.items()})
