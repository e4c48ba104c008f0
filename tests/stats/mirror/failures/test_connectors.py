from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats import Connector, connector_failures

T0 = datetime(2026, 1, 1, tzinfo=UTC)
IDENTITY = {"replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"}
HELD = pl.DataFrame({
    "cluster": ["a", "a", "a", "b", "b"], "topic": ["orders", "clicks", "heartbeats", "orders", "stock"],
})  # fmt: skip


def connector(
    kind: str = "source",
    settings=None,
    *,
    way: str = "ab",
    aliases: str | None = None,
    name: str | None = None,
    **more,
) -> Connector:
    source, target = way
    one, other = aliases or way
    named = {"name": "x"} | (settings or {})
    return Connector(target, name or f"{kind}-{way}", kind, source, target, one, other, named, **more)


def found(*connectors: Connector, moved=None, topics=HELD) -> list[tuple]:
    rows = connector_failures(connectors, topics=topics, moved=moved)
    return rows.select("failure", "source", "target", "task").rows()


def test_what_runs_is_no_failure() -> None:
    running = connector(state="RUNNING", tasks={0: "RUNNING", 1: "RESTARTING"}, seen=T0)
    assert found(running, connector("checkpoint"), connector("heartbeat")) == []
    assert found(connector(state=None)) == []
    assert found() == []


@pytest.mark.parametrize("state", ["FAILED", "PAUSED", "STOPPED", "UNASSIGNED"])
def test_what_does_not_run_is_one(state: str) -> None:
    assert found(connector(state="RUNNING", tasks={0: "RUNNING", 1: state})) == [
        ("task_stopped", "a", "b", 1)
    ]
    assert found(connector(state=state)) == [("task_stopped", "a", "b", None)]


@pytest.mark.parametrize(("minutes", "count"), [(-1, 1), (0, 1), (1, 0)])
def test_what_was_without_a_worker_runs_if_a_position_was_stored_since(minutes: int, count: int) -> None:
    moved = {("a", "b"): T0 + timedelta(minutes=minutes)}
    assert len(found(connector(tasks={0: "UNASSIGNED"}, seen=T0), moved=moved)) == count
    assert len(found(connector(tasks={0: "FAILED"}, seen=T0), moved=moved)) == 1
    assert len(found(connector(tasks={0: "UNASSIGNED"}, seen=T0), moved={("c", "b"): moved["a", "b"]})) == 1


@pytest.mark.parametrize(
    ("before", "count"), [({}, 1), ({0: "UNASSIGNED"}, 1), ({0: "RUNNING"}, 0), ({1: "RUNNING"}, 1)]
)
def test_for_a_moment_a_task_may_have_no_worker(before, count: int) -> None:
    assert len(found(connector(tasks={0: "UNASSIGNED"}, before=before))) == count
    assert len(found(connector(tasks={0: "FAILED"}, before=before))) == 1


def test_the_trace_tells_why() -> None:
    refused = "ConnectException: x; Caused by: org.apache.kafka.common.errors.InvalidTimestampException: out of range"
    both = connector(tasks={0: "FAILED", 1: "FAILED"}, traces={0: refused, 1: "RecordTooLargeException"})
    rows = connector_failures([both], topics=HELD)
    assert rows.select("failure", "detail").rows() == [
        ("old_timestamps_refused", f"FAILED: {refused}"), ("task_stopped", "FAILED: RecordTooLargeException"),
    ]  # fmt: skip


def test_connectors_of_one_flow_name_topics_alike() -> None:
    identity = [connector(kind, IDENTITY) for kind in ("source", "checkpoint", "heartbeat")]
    assert found(*identity) == []
    assert found(*identity, connector("checkpoint", way="ac")) == []
    assert found(*identity[:2], connector("heartbeat")) == [("identity_on_one_connector", "a", "b", None)]
    unread = Connector("b", "h", "heartbeat", "a", "b", "a", "b")
    assert found(*identity[:2], unread) == []


OFF = {"emit.offset-syncs.enabled": "false"}


def test_checkpoints_need_offset_syncs() -> None:
    assert found(connector(settings=OFF)) == [("checkpoints_without_syncs", "a", "b", None)]
    assert found(connector(settings=OFF), connector("checkpoint")) == [
        ("checkpoints_without_syncs", "a", "b", None)
    ]
    for off in ("enabled", "emit.checkpoints.enabled"):
        assert found(connector(settings=OFF), connector("checkpoint", {off: "false"})) == []
    assert found(connector(), connector("checkpoint")) == []


def test_of_several_source_connectors_one_with_offset_syncs_is_enough() -> None:
    both = [connector(settings=OFF, name="history"), connector(name="live")]
    assert found(*both) == found(*both[::-1]) == []


def test_names_kept_both_ways_go_round() -> None:
    both = [connector(settings=IDENTITY), connector(settings=IDENTITY, way="ba")]
    assert found(*both) == [("loop", "a", "b", None), ("loop", "b", "a", None)]


@pytest.mark.parametrize(
    ("there", "back"),
    [
        ({"topics": "eu[.].*"}, {"topics": "us[.].*"}),
        ({"topics": "orders"}, {"topics": "stock"}),
        ({"topics": "orders"}, {"topics.exclude": "orders"}),
        ({"enabled": "false"}, {}),
        ({"topics": "heartbeats"}, {}),
        ({"topics": "(?=x)orders"}, {"topics": "(?=x)orders"}),  # it cannot be read here
    ],
)
def test_ways_without_a_topic_in_common_do_not(there, back) -> None:
    assert found(connector(settings=IDENTITY | there), connector(settings=IDENTITY | back, way="ba")) == []


def test_renamed_topics_end_their_way_where_both_call_the_clusters_the_same() -> None:
    assert found(connector(), connector(way="ba")) == []
    other = connector(way="ba", aliases="BA")
    assert found(connector(), other) == [("loop", "a", "b", None), ("loop", "b", "a", None)]
    # its pattern does not match the copies, a.orders
    plain = {"topics": "orders,clicks"}
    assert found(connector(settings=plain), connector(settings=plain, way="ba", aliases="BA")) == []


def test_one_way_or_to_another_cluster_is_no_loop() -> None:
    assert found(connector(settings=IDENTITY), connector(settings=IDENTITY, way="bc")) == []
    unknown = Connector("b", "m", "source", None, "b", None, "b", IDENTITY)
    assert found(unknown, connector(settings=IDENTITY)) == []
