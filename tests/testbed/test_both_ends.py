"""Both ends of real replications: the same records are found, what differs is seen, and reading keeps to its limits."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from kafka_analysis.live.checks.both_ends import BothEnds, empty_committed, read_both_ends
from kafka_analysis.live.checks.end_of_pair import End
from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.stretches import Stretch
from testbed import processes
from testbed.admin import Admin
from testbed.brokers import name_of
from testbed.clusters import Cluster
from testbed.mirror_failures import orders
from testbed.mirror_failures.mirror_runs import mirror, mirror_text
from testbed.mirror_failures.pair import NEW, OLD, Pair, running_pair
from testbed.waiting import wait_for

pytestmark = [pytest.mark.testbed, pytest.mark.timeout(600)]
Record = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]] | None]
AGO_MS = 3_600_000
ODD: tuple[Record, ...] = (
    (None, b"", None),
    (b"", None, None),
    (b"", b"", None),
    (None, b"x", []),
    (b"x", None, [("h", None)]),
    (b"x", None, [("h", b"")]),
    (b"x", None, [("h", b""), ("h", b"")]),
    (b"x", b"", [("", b"h")]),
    (b"k", b"v" * 20_000, [("ü", b"\xff\x00")]),
)
MANY = 200
BATCH_BYTES = 90  # what a batch and a record of it add to a value
FAST = CutoverReads(transactions=False, certificates=False)


@pytest.fixture(scope="module")
def pair(tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    run_dir = tmp_path_factory.mktemp("both-ends") / "run"
    with running_pair(run_dir) as found:
        yield found
    assert processes.running(run_dir) == []


def send(
    cluster: Cluster, topic: str, records: Sequence[Record], *, partition: int = 0, **settings: Any
) -> None:
    """Send records that are a second apart, the first an hour old."""
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "acks": "all", "log_level": 0, **settings})
    first = round(time.time()) * 1000 - AGO_MS
    for number, (key, value, headers) in enumerate(records):
        at = first + number * 1000
        producer.produce(topic, value, key, partition, timestamp=at, headers=headers or [])
    assert producer.flush(60) == 0


def numbered(count: int, size: int = 10) -> list[Record]:
    return [(b"%d" % number, b"%d" % number * size, None) for number in range(count)]


def read(pair: Pair, *topics: str, committed: pl.DataFrame | None = None, **options: Any) -> BothEnds:
    pairs = pl.DataFrame({"source": OLD, "source_topic": topics, "target": NEW, "topic": topics})
    chosen = FAST.model_copy(update=options)
    return read_both_ends(pair.profile(), pairs, committed=committed, options=chosen)


def only_at(found: BothEnds, cluster: str, **equal: Any) -> pl.DataFrame:
    """Return the records of one end that the other end's stretch of the same number lacks."""
    checks = found.tables["record_checks"].filter(**equal)
    here, there = checks.filter(cluster=cluster), checks.filter(pl.col("cluster") != cluster)
    return here.join(there, on=["stretch", "record_hash"], how="anti")


def ends_of(found: BothEnds, cluster: str) -> set[str]:
    return set(found.tables["record_reads"].filter(cluster=cluster)["ended"])


@pytest.fixture(scope="module")
def mirrored(pair: Pair) -> Pair:
    """Have MirrorMaker copy odd records, a compacted topic, and one of transactions, some of them aborted."""
    for topic in ("odd", "paid"):
        orders.create_topic(pair.old, topic)
    orders.create_topic(pair.old, "state", cleanup_policy="compact")
    send(pair.old, "odd", [*ODD, *numbered(30)])
    send(pair.old, "state", [(b"%d" % (number % 5), b"%d" % number, None) for number in range(40)])
    transactions(pair.old, "paid", [True, False, True, False, True])
    with mirror(pair, mirror_text(pair, settings={"sync.topic.configs.enabled": "true"})):
        for topic, records in (("odd", len(ODD) + 30), ("state", 40), ("paid", 9)):
            wait_for(
                lambda topic=topic, records=records: sum(orders.ends(pair.new, topic).values()) >= records,
                f"the mirror of {topic}",
                within_s=90,
                where=pair.state.run_dir,
            )
    return pair


def transactions(cluster: Cluster, topic: str, committed: Sequence[bool]) -> None:
    """Write transactions of three records each."""
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "transactional.id": "payer", "log_level": 0})
    producer.init_transactions(30)
    first = round(time.time()) * 1000 - AGO_MS
    for number, commits in enumerate(committed):
        producer.begin_transaction()
        for part in range(3):
            value = b"%s-%d-%d" % (b"kept" if commits else b"aborted", number, part)
            producer.produce(topic, value, b"k", 0, timestamp=first + number * 1000 + part)
        producer.flush(30)
        producer.commit_transaction(30) if commits else producer.abort_transaction(30)


def test_a_mirror_s_records_have_the_same_hashes_whatever_is_null_or_empty(mirrored: Pair) -> None:
    found = read(mirrored, "odd", "state", records=20)
    checks = found.tables["record_checks"].filter(cluster=OLD, topic="odd")
    assert checks["offset"].unique().len() == len(ODD) + 30
    assert checks["record_hash"].n_unique() == len(ODD) + 30
    assert checks.filter(pl.col("key_hash").is_null())["offset"].unique().sort().to_list() == [0, 3]
    assert only_at(found, OLD).is_empty()
    assert ends_of(found, OLD) == {"enough"}
    assert ends_of(found, NEW) <= {"enough", "end of log"}
    assert found.tables["record_checks"]["time_kind"].unique().to_list() == ["CreateTime"]
    settings = found.tables["topic_configs"].filter(topic="state", name="cleanup.policy")
    assert dict(settings.select("cluster", "value").iter_rows()) == {OLD: "compact", NEW: "compact"}


def test_nothing_is_written_joined_or_committed(mirrored: Pair) -> None:
    def state() -> tuple[Any, ...]:
        clients = [orders.client_of(cluster) for cluster in mirrored.clusters]
        names = [sorted(orders.topics(client)) for client in clients]
        groups = [set(orders.groups(client)) for client in clients]
        return names, groups, [orders.ends(cluster, "odd") for cluster in mirrored.clusters]

    before = state()
    read(mirrored, "odd", transactions=True, certificates=True)
    assert state() == before
    assert all("kafka-analysis" not in groups for groups in before[1])


def test_aborted_records_are_read_where_it_is_asked_for(mirrored: Pair) -> None:
    whole = {
        "records": 20,
        "seal_s": 0.0,
    }  # markers have the time of the broker, and the records are an hour old
    committed = read(mirrored, "paid", **whole)
    assert committed.tables["record_checks"].filter(cluster=OLD).height == 9
    assert only_at(committed, OLD).is_empty()
    found = read(mirrored, "paid", **whole, isolation="read_uncommitted")
    # at the source six records of two transactions that were aborted; the mirror reads what was committed
    assert only_at(found, OLD)["offset"].unique().sort().to_list() == [4, 5, 6, 12, 13, 14]
    assert only_at(found, NEW).is_empty()


def test_the_record_at_a_committed_offset_is_found_at_the_target(mirrored: Pair) -> None:
    committed = pl.DataFrame(
        {
            "source": OLD,
            "group": ["a", "b", "at end", "none"],
            "source_topic": ["paid", "paid", "paid", "no such topic"],
            "partition": 0,
            "committed_offset": [8, 8, 20, 1],
        },
        schema=empty_committed().schema,
    )
    found = read(mirrored, "paid", committed=committed, positions=0)
    reads = found.tables["record_reads"].filter(purpose="committed offset")
    rows = reads.filter(cluster=OLD).sort("group").select("group", "wanted_offset").rows()
    assert rows == [("a", 8), ("at end", 20), ("b", 8)]
    assert reads.filter(pl.col("group").is_in(["a", "b"]))["stretch"].n_unique() == 1
    (stretch,) = reads.filter(cluster=OLD, group="a")["stretch"]
    checks = found.tables["record_checks"].filter(stretch=stretch)
    wanted = checks.filter(cluster=OLD, offset=8)["record_hash"].item()
    # at the source 3 records and a marker, twice; at the target 3 committed records before it
    assert checks.filter(cluster=NEW, record_hash=wanted)["offset"].to_list() == [3]
    (last,) = reads.filter(cluster=OLD, group="at end")["stretch"]
    assert only_at(found, OLD, stretch=last).is_empty()
    assert found.tables["record_checks"].filter(stretch=last, cluster=NEW)["offset"].max() == 8


def test_records_that_are_changed_or_missing_at_the_target_are_seen(pair: Pair) -> None:
    there = numbered(60)
    for cluster in pair.clusters:
        orders.create_topic(cluster, "differs")
    send(pair.old, "differs", there)
    producer = Producer({"bootstrap.servers": pair.new.bootstrap, "acks": "all", "log_level": 0})
    at = times_of(pair, "differs", 60)
    for number, (key, value, _) in enumerate(there):
        changed = b"other" if number == 52 else value
        if number != 55:
            producer.produce("differs", changed, key, 0, timestamp=at[number])
    assert producer.flush(30) == 0
    found = read(pair, "differs", records=10, positions=4)
    assert only_at(found, OLD)["offset"].to_list() == [52, 55]
    # the record after the last one that is wanted proves that nothing is to come
    late = read(pair, "differs", committed=around(50), positions=0, records=3)
    assert only_at(late, OLD)["offset"].to_list() == [52]
    assert ends_of(late, NEW) == {"enough"}
    of_keys = late.tables["record_checks"].filter(cluster=NEW)["key_hash"].to_list()
    assert only_at(late, OLD)["key_hash"].item() in of_keys


def megabytes(found: BothEnds) -> float:
    """Return what the notes say was received, in MB."""
    return sum(
        float(note.split(" MB received")[0].split()[-1]) for note in found.notes if "MB received" in note
    )


def around(offset: int) -> pl.DataFrame:
    row = {"source": OLD, "group": "g", "source_topic": "differs", "partition": 0, "committed_offset": offset}
    return pl.DataFrame([row], schema=empty_committed().schema)


def times_of(pair: Pair, topic: str, count: int) -> list[int]:
    """Return the times of the source's first records."""
    stretch = Stretch(topic, 0, 0, count)
    reading = End.of(pair.profile().clusters[0]).read(
        [stretch], isolation="read_committed", most_bytes=10**7, deadline=Deadline.after(20)
    )
    return [record.written_ms or 0 for record in reading.reads[0].records]


def test_times_of_the_target_s_own_are_not_compared(pair: Pair) -> None:
    orders.create_topic(pair.old, "stamped")
    orders.create_topic(pair.new, "stamped", message_timestamp_type="LogAppendTime")
    for cluster in pair.clusters:
        send(cluster, "stamped", numbered(20))
    found = read(pair, "stamped")
    assert [found.tables[name].height for name in ("offsets_at", "record_reads", "record_checks")] == [
        0,
        0,
        0,
    ]
    assert [note for note in found.notes if "LogAppendTime" in note and "stamped" in note]


def test_large_records_do_not_break_the_limit_of_bytes(pair: Pair) -> None:
    for cluster in pair.clusters:
        orders.create_topic(cluster, "large", 4, max_message_bytes="4000000")
        for partition in range(4):
            records = [(b"k", os.urandom(1_500_000), None) for _ in range(6)]
            send(cluster, "large", records, partition=partition, **{"message.max.bytes": 4_000_000})
    found = read(pair, "large", bytes_at_most=10e6)
    reads = found.tables["record_reads"]
    assert "too many bytes" in reads["ended"]
    received = megabytes(found)
    assert (
        1.5 <= received <= 10 + 3 * 3 * 1.6
    )  # what is under way at each of three limits: up to three batches
    whole = read(pair, "large", positions=1, records=1)
    assert set(whole.tables["record_reads"].filter(cluster=OLD)["ended"]) == {"too many bytes"}
    assert whole.tables["record_checks"].filter(cluster=OLD).height == 4
    assert only_at(whole, OLD).height == 4  # they are random at both ends


def test_two_hundred_partitions_take_seconds_and_a_few_megabytes(pair: Pair) -> None:
    for cluster in pair.clusters:
        new = NewTopic("many", num_partitions=MANY, replication_factor=1)
        client = orders.client_of(cluster)  # kept: its answers end with it
        client.create_topics([new])["many"].result(60)
    first = round(time.time()) * 1000 - AGO_MS
    for cluster in pair.clusters:
        producer = Producer({"bootstrap.servers": cluster.bootstrap, "log_level": 0})
        for number in range(100):
            for partition in range(MANY):
                producer.produce(
                    "many", b"v" * 200, b"%d" % number, partition, timestamp=first + number * 1000
                )
            producer.poll(0)
        assert producer.flush(60) == 0
    began = time.monotonic()
    found = read(pair, "many")
    took = time.monotonic() - began
    assert found.tables["record_reads"].height == MANY * 3 * 2
    assert ends_of(found, OLD) == {"enough"}
    assert only_at(found, OLD).is_empty()
    received = megabytes(found)
    assert took < 60
    # at each of three positions at most all that follows, and that is largest with a record to a batch
    assert received < 3 * len(pair.clusters) * MANY * 100 * (200 + BATCH_BYTES) / 1e6
    fewer = read(pair, "many", partitions_at_most=10, positions=1)
    assert fewer.tables["record_reads"].select("topic", "partition").n_unique() == 10
    assert any("10 of 200 partitions" in note and "seed 1" in note for note in fewer.notes)


def test_a_topic_that_is_deleted_meanwhile_is_gone(pair: Pair) -> None:
    orders.create_topic(pair.old, "brief")
    send(pair.old, "brief", numbered(10))
    orders.delete_topics(AdminClient({"bootstrap.servers": pair.old.bootstrap}), ["brief"])
    end, deadline = End.of(pair.profile().clusters[0]), Deadline.after(15)
    stretches = [Stretch("brief", 0, 0, 5), Stretch("brief", 0, 5, 5)]
    reading = end.read(stretches, isolation="read_committed", most_bytes=10**6, deadline=deadline)
    assert [read.ended for read in reading.reads] == ["gone", "gone"]
    assert deadline.left > 5


def test_open_transactions_and_their_producers_are_listed(pair: Pair) -> None:
    orders.create_topic(pair.old, "open")
    producer = Producer(
        {"bootstrap.servers": pair.old.bootstrap, "transactional.id": "open-tx", "log_level": 0}
    )
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce("open", b"v", b"k", 0)
    assert producer.flush(30) == 0
    found = read(pair, "open", transactions=True)
    rows = found.tables["transactions"].filter(cluster=OLD, transactional_id="open-tx")
    assert rows.select("state", "topic", "partition").rows() == [("Ongoing", "open", 0)]
    assert rows["started_at"].item() is not None
    assert rows["timeout_ms"].item() > 0
    producers = found.tables["active_producers"].filter(cluster=OLD, topic="open")
    assert producers["open_since_offset"].to_list() == [0]
    assert producers["producer_id"].to_list() == rows["producer_id"].to_list()
    producer.abort_transaction(30)


def test_a_target_that_is_silent_does_not_hold_the_check(pair: Pair) -> None:
    (child,) = [
        c for c in processes.running(pair.state.run_dir) if c.name == name_of(pair.new, pair.new.nodes[0].id)
    ]
    os.kill(child.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        found = read(pair, "many", seconds=6.0, transactions=True)
        took = time.monotonic() - began
    finally:
        os.kill(child.pid, signal.SIGCONT)
    assert took < 6 + 2.5
    assert any(note.startswith(f"{NEW}: ") and "nothing of it is compared" in note for note in found.notes)
    assert found.tables["record_reads"].is_empty()
    wait_for(
        lambda: Admin(pair.new.bootstrap).brokers() != set(), "the target", within_s=60, where=child.name
    )
