from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.routing.moves import move_groups, move_topics
from kafka_analysis.routing.consumer import RoutedConsumer


@pytest.fixture
def billing(world, held):
    """Return a function that makes a member of the group of the table."""

    def make(group: str = "billing", **more):
        return RoutedConsumer(
            group,
            held,
            settings={},
            security=lambda _: {},
            make=world.consumer,
            every_s=0,
            clock=world.clock,
            **more,
        )

    return make


@pytest.fixture
def full(world):
    """Fill the source: three orders and one click, replicated."""
    for name, topics in (("old", ("orders", "clicks")), ("one", ("orders",)), ("two", ("clicks",))):
        cluster = world.cluster({"bootstrap.servers": f"{name}:9092"})
        for topic in topics:
            cluster.logs[topic] += [b"1", b"2", b"3"] if topic == "orders" else [b"c"]
    return world.clusters


def values(received) -> list[tuple[str, bytes]]:
    return [(one.cluster, one.message.value()) for one in received]


def moved(table, state: str):
    """Return the next table, its writers moved, and the group's state for orders another."""
    if table.topic("orders").state != "target":
        table = move_topics(table, ["orders"], state="target")
    return move_groups(table, ["billing"], topics=["orders"], state=state)


def test_it_reads_the_source_and_commits_what_was_processed(billing, full):
    consumer = billing()
    assert values(consumer.consume(10)) == [("old", b"c"), ("old", b"1"), ("old", b"2"), ("old", b"3")]
    consumer.close()
    assert full["old"].committed == {("billing", "orders"): 3, ("billing", "clicks"): 1}


def test_what_was_handed_out_last_is_not_committed_before_the_next_call(billing, full):
    consumer = billing()
    consumer.consume(10)
    (membership,) = consumer._memberships.values()
    membership.commit()
    assert full["old"].committed == {}
    consumer.follow()
    membership.commit()
    assert full["old"].committed == {("billing", "orders"): 3, ("billing", "clicks"): 1}


def test_a_move_in_order_reads_every_record_once(billing, full, world, held):
    consumer = billing()
    consumer.consume(2)  # one click, two orders
    held.table = moved(held.table, "dual")
    assert values(consumer.consume(10)) == [("old", b"3")]
    assert consumer.version == 1  # the last record has not been processed
    assert values(consumer.consume(10)) == []
    assert consumer.version == held.table.version
    assert full["old"].committed["billing", "orders"] == 3
    assert world.happened == ["join clicks,orders old", "leave clicks,orders old", "join clicks old"]
    full["one"].committed["billing", "orders"] = 3  # translated
    full["one"].logs["orders"].append(b"4")
    held.table = moved(held.table, "target")
    assert values(consumer.consume(10)) == [("one", b"4")]
    assert consumer.clusters == ("old", "one")
    consumer.close()
    assert full["one"].committed["billing", "orders"] == 4


def test_a_commit_that_is_refused_keeps_the_member_where_it_is(billing, full, held):
    consumer = billing()
    consumer.consume(10)
    (membership,) = consumer._memberships.values()
    membership._consumer.refuses = 1
    held.table = moved(held.table, "dual")
    consumer.follow()
    assert (consumer.version, consumer.clusters) == (1, ("old",))
    assert "REBALANCE" in consumer.problem
    consumer.follow()
    assert consumer.version == 3
    assert full["old"].committed["billing", "orders"] == 3


def test_a_member_does_not_leave_before_it_knows_its_partitions(billing, full, held):
    consumer = billing()
    held.table = moved(held.table, "dual")
    consumer.follow()
    assert consumer.version == 1
    consumer.consume(10)
    consumer.consume(10)
    assert consumer.version == 3
    membership = next(iter(consumer._memberships.values()))
    membership._revoked(None, [])
    assert not membership.at_end(frozenset(["clicks"]))


def test_a_member_that_starts_late_drains_too(billing, full, held):
    held.table = moved(held.table, "dual")
    consumer = billing()
    assert ("old", b"3") in values(consumer.consume(10))
    consumer.consume(10)
    assert (consumer.version, full["old"].committed["billing", "orders"]) == (3, 3)


def test_one_that_never_catches_up_leaves_when_its_time_is_over(billing, full, held, world):
    consumer = billing(drain_s=5)
    consumer.consume(1)
    held.table = moved(held.table, "dual")
    consumer.follow()
    assert consumer.version == 1
    world.seconds = 5
    consumer.follow()
    assert (consumer.version, full["old"].committed["billing", "orders"]) == (3, 1)
    assert consumer._memberships["old"].topics == {"clicks"}


def test_without_time_to_drain_it_does_not_even_join(billing, full, held, world):
    held.table = moved(held.table, "dual")
    assert billing(drain_s=0).version == 3
    assert world.happened == ["join clicks old"]


def test_missed_versions_lead_straight_to_the_cell(billing, full, held, world):
    consumer = billing()
    consumer.consume(1)
    held.table = moved(held.table, "target")
    assert values(consumer.consume(2)) == [
        ("one", b"1"),
        ("one", b"2"),
    ]  # no offset was translated: from the start
    assert full["old"].committed["billing", "orders"] == 1
    assert world.happened[1:] == ["leave clicks,orders old", "join clicks old", "join orders one"]


def test_a_group_that_is_paused_leaves_every_cluster_and_comes_back(billing, full, held):
    consumer = billing()
    consumer.consume(10)
    held.table = move_groups(held.table, ["billing"], paused=True)
    assert consumer.consume(10, timeout=0) == []
    assert (consumer.clusters, consumer.version) == ((), 2)
    assert full["old"].committed["billing", "orders"] == 3
    held.table = move_groups(held.table, ["billing"], paused=False)
    full["old"].logs["orders"].append(b"4")
    assert values(consumer.consume(10)) == [("old", b"4")]


def test_a_topic_that_comes_back_is_drained_again_when_it_leaves_again(billing, full, held):
    consumer = billing()
    held.table = moved(held.table, "dual")
    for _ in range(2):
        consumer.consume(10)
    assert consumer.version == held.table.version
    held.table = moved(held.table, "source")
    consumer.consume(10)
    full["old"].logs["orders"].append(b"4")
    held.table = moved(held.table, "dual")
    assert values(consumer.consume(10)) == [("old", b"4")]
    assert consumer.version < held.table.version
    consumer.consume(10)
    assert consumer.version == held.table.version


def test_clusters_take_turns(billing, full, held):
    held.table = moved(held.table, "target")
    consumer = billing()
    first = [consumer.poll(0).cluster for _ in range(2)]
    assert sorted(first) == ["old", "one"]


def test_a_group_that_is_not_in_the_table_is_told(billing):
    with pytest.raises(InputError, match="unknown group 'filling'; did you mean 'billing'"):
        billing("filling")


def test_a_real_client_takes_the_settings(held):
    consumer = RoutedConsumer("billing", held, settings={"log_level": 0}, security=lambda _: {})
    assert consumer.clusters == ("old",)
    consumer.close()
