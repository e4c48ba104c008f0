"""Two clusters of one broker each, and records for a replicator to copy from one to the other."""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka import Producer

from testbed.admin import Admin, Place
from testbed.clusters import State
from testbed.scenario import ClusterSpec, Kafka, Phases, Scenario, TopicSpec
from testbed.waiting import wait_for

TOPICS = ("orders.eu", "payments")
PARTITIONS = 2
COMMITS_WITHIN_S = 60
FLUSH_S = 60.0
_ALONE = {"min.insync.replicas": "1", "transaction.state.log.min.isr": "1"}


def scenario(*, source_kafka: Kafka = "newest", topics: Sequence[str] = TOPICS) -> Scenario:
    """Return a source of a version of Kafka, with ZooKeeper where it is an older one, and a target."""
    alone = {"brokers": 1, "settings": _ALONE}
    topic = {"team": "t", "shape": "plain", "partitions": PARTITIONS, "placement": ((1,),)}
    load = {"bytes_per_s": 1, "record_bytes": 100, "cell": "new", "wave": 1}
    controllers = 1 if source_kafka == "newest" else 0
    old = {"name": "old", "role": "source", "flavour": "self-managed", "kafka": source_kafka}
    new = {"name": "new", "role": "target", "flavour": "msk", "controllers": 1}
    return Scenario(
        name="pair",
        seed=1,
        scrape_interval_s=2,
        clusters=(
            ClusterSpec.model_validate({**old, **alone, "controllers": controllers}),
            ClusterSpec.model_validate({**new, **alone}),
        ),
        topics=tuple(TopicSpec.model_validate({"name": name, **topic, **load}) for name in topics),
        groups=(),
        phases=Phases(warm_up_s=0, baseline_s=0, after_s=0),
    )


def send(state: State, records: int, *, first: int = 0) -> dict[Place, int]:
    """Send numbered records to every topic of the source, and return the log end offsets after that.

    They have keys, and some no value; headers, and some none; and timestamps of their own.
    """
    producer = Producer({"bootstrap.servers": state.source.bootstrap, "acks": "all", "log_level": 0})
    topics = [topic.name for topic in state.scenario.topics]
    for number in range(first, first + records):
        for name in topics:
            producer.produce(
                name,
                key=b"%d" % number,
                value=None if number % 50 == 0 else b"%s %d " % (name.encode(), number) + b"x" * 80,
                headers=[] if number % 3 == 0 else [("trace", b"%d" % number), ("trace", None)],
            )
            producer.poll(0)
    if producer.flush(FLUSH_S):
        message = "not every record was acknowledged"
        raise TimeoutError(message)
    return Admin(state.source.bootstrap).end_offsets(topics)


def wait_for_commits(state: State) -> None:
    """Commit for a group once, so that there is a topic of offsets: a client that asks for it before may crash."""
    admin, (topic, *_) = Admin(state.source.bootstrap), state.scenario.topics

    def commits() -> bool:
        try:
            admin.commit("first", {(topic.name, 0): 0})
        except TimeoutError:
            return False
        return True

    wait_for(commits, "a commit", within_s=COMMITS_WITHIN_S, where=state.run_dir)
