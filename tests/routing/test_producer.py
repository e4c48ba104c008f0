from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError, TopicHeldError
from kafka_analysis.plan.routing.moves import move_topics
from kafka_analysis.plan.routing.table import renewed
from kafka_analysis.routing.producer import RoutedProducer


@pytest.fixture
def shop(world, held):
    """Return a function that makes the producer of the table."""

    def make(client: str = "shop", **more):
        settings = more.pop("settings", {})
        return RoutedProducer(
            client, held, settings=settings, security=lambda _: {}, make=world.producer, every_s=0, **more
        )

    return make


def test_records_go_where_the_topic_is_written(shop, world):
    producer = shop()
    assert producer.produce("orders", b"1") == "old"
    assert producer.flush() == 0
    assert world.clusters["old"].logs == {"orders": [b"1"]}
    assert producer.version == 1


def test_settings_are_safe_and_the_client_is_named(shop, world):
    seen = []
    producer = shop(settings={"linger.ms": 3})
    producer._make = lambda config: seen.append(config) or world.producer(config)
    producer.produce("orders", b"1")
    assert seen == [
        {
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 3,
            "client.id": "shop",
            "bootstrap.servers": "old:9092",
            "security.protocol": "PLAINTEXT",
        }
    ]


def test_a_pause_flushes_and_refuses_and_the_switch_comes_after(shop, world, held):
    producer = shop()
    producer.produce("orders", b"1")
    held.table = move_topics(held.table, ["orders"], paused=True)
    with pytest.raises(TopicHeldError, match="orders is on hold in version 2"):
        producer.produce("orders", b"2")
    assert world.clusters["old"].logs["orders"] == [b"1"]  # acknowledged before anyone is told that it waits
    assert (producer.version, producer.held("orders"), producer.held("clicks")) == (2, True, False)
    assert producer.produce("clicks", b"c") == "old"
    held.table = move_topics(held.table, ["orders"], state="target", paused=False)
    assert producer.produce("orders", b"2") == "one"
    assert world.happened == [
        "send orders old", "flush old", "send clicks old", "flush old", "send orders one",
    ]  # fmt: skip


def test_without_a_pause_everything_is_acknowledged_before_the_first_record_goes_to_the_other(
    shop, world, held
):
    producer = shop()
    for number in range(3):
        producer.produce("orders", b"%d" % number)
    held.table = move_topics(held.table, ["orders"], state="target")
    producer.produce("orders", b"3")
    assert world.happened == ["send orders old"] * 3 + ["flush old", "send orders one"]
    assert world.clusters["old"].logs["orders"] == [b"0", b"1", b"2"]


def test_what_is_not_acknowledged_holds_the_topic(shop, world, held):
    producer = shop()
    producer.produce("orders", b"1")
    world.clusters["old"].stuck = 2
    held.table = move_topics(held.table, ["orders"], state="target")
    for _ in range(2):
        with pytest.raises(TopicHeldError):
            producer.produce("orders", b"2")
        assert (producer.version, world.clusters["old"].logs) == (1, {})
    assert producer.produce("orders", b"2") == "one"
    assert world.clusters["old"].logs["orders"] == [b"1"]
    assert producer.version == 2


def test_a_cluster_nobody_needs_any_more_is_left_once_it_is_flushed(shop, world, held):
    left = []
    producer = shop(on_left=lambda name, client: left.append((name, len(client.queue))))
    producer.produce("orders", b"1")
    producer.produce("clicks", b"1")
    held.table = move_topics(held.table, ["orders"], state="target")
    producer.follow()
    assert left == []  # clicks is there still
    held.table = move_topics(held.table, ["clicks"], state="target")
    producer.follow()
    assert left == [("old", 0)]
    producer.produce("orders", b"2")
    assert producer.close() == 0
    assert left == [("old", 0), ("one", 0)]


def test_missed_versions_do_not_matter(shop, world, held):
    producer = shop()
    producer.produce("orders", b"1")
    for change in ({"paused": True}, {"state": "target"}, {"paused": False}):
        held.table = move_topics(held.table, ["orders"], **change)
    assert producer.produce("orders", b"2") == "one"
    assert (producer.version, world.happened) == (4, ["send orders old", "flush old", "send orders one"])


def test_the_way_back_works_the_same(shop, world, held):
    held.table = move_topics(held.table, ["orders"], state="target")
    producer = shop()
    producer.produce("orders", b"1")
    held.table = move_topics(held.table, ["orders"], state="dual")
    assert producer.produce("orders", b"2") == "old"
    assert world.happened == ["send orders one", "flush one", "send orders old"]


def test_a_producer_that_is_paused_as_a_whole_refuses_everything(shop, held):
    producer = shop()
    paused = tuple(one.model_copy(update={"paused": one.client == "shop"}) for one in held.table.clients)
    held.table = renewed(held.table, clients=paused)
    for topic in ("orders", "clicks"):
        with pytest.raises(TopicHeldError):
            producer.produce(topic, b"1")


def test_delivery_reports_name_their_cluster(shop, held):
    told = []
    producer = shop(delivered=lambda cluster, error, message: told.append((cluster, error, message.value())))
    producer.produce("orders", b"1")
    held.table = move_topics(held.table, ["orders"], state="target")
    producer.produce("orders", b"2")
    producer.produce("orders", b"3", on_delivery=lambda *_: told.append("own"))
    producer.flush()
    assert told == [("old", None, b"1"), ("one", None, b"2"), "own"]


def test_a_bad_table_changes_nothing_and_is_told(shop, held):
    producer = shop()
    held.table = renewed(held.table, cells={})
    assert producer.produce("orders", b"1") == "old"
    assert "which the table does not have" in producer.problem


@pytest.mark.parametrize(
    ("client", "topic", "message"),
    [
        ("shop", "order", "unknown topic of the producer shop 'order'; did you mean 'orders'"),
        ("hop", "orders", "unknown producer 'hop'; did you mean 'shop'"),
    ],
)
def test_who_is_not_in_the_table_is_told(shop, client, topic, message):
    with pytest.raises(InputError, match=message):
        shop(client).produce(topic, b"1")


class TestTransactions:
    @pytest.fixture
    def till(self, shop, held):
        held.table = renewed(held.table, clients=tuple(
            one.model_copy(update={"topics": one.topics[1:], "transactional": one.kind == "producer"})
            for one in held.table.clients
        ))  # fmt: skip
        return shop(settings={"transactional.id": "till"})

    def test_the_table_is_looked_at_between_them_only(self, till, world, held):
        assert till.begin_transaction() == "old"
        till.produce("orders", b"1")
        held.table = move_topics(held.table, ["orders"], state="target")
        assert till.produce("orders", b"2") == "old"
        till.commit_transaction()
        assert till.begin_transaction() == "one"
        till.produce("orders", b"3")
        till.abort_transaction()
        assert [step for step in world.happened if not step.startswith("send")] == [
            "init old", "begin old", "flush old", "commit old", "flush old", "init one", "begin one", "abort one",
        ]  # fmt: skip
        assert world.clusters["old"].logs["orders"] == [b"1", b"2"]

    def test_none_begins_while_a_topic_is_held(self, till, held):
        held.table = move_topics(held.table, ["orders"], paused=True)
        with pytest.raises(TopicHeldError, match="no transaction can begin"):
            till.begin_transaction()


def test_a_real_client_takes_the_settings(held):
    producer = RoutedProducer("shop", held, settings={"log_level": 0}, security=lambda _: {})
    assert producer.produce("orders", b"1") == "old"
    assert producer.flush(0) == 1  # nobody is there
