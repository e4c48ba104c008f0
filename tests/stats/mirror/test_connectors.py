from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats import Connector, deleted_connectors, halted_mirrors, mirror_connectors

T0 = datetime(2026, 1, 1, tzinfo=UTC)
NAMED = pl.DataFrame({"cluster": ["b", "b"], "alias": ["a", "new"], "means": ["prod", "b"], "reason": ""})
SCHEMA = {
    "ts": pl.Datetime("ms", "UTC"), "cluster": pl.String, "peer": pl.String, "connector": pl.String, "task": pl.Int32,
    "name": pl.String, "value": pl.String, "kind": pl.String,
}  # fmt: skip


def config(name: str, value: str | None, *, connector: str = "m", minute: int = 0, **more) -> dict:
    return {"ts": T0 + timedelta(minutes=minute), "cluster": "b", "peer": "a", "connector": connector, "task": None,
            "name": name, "value": value, "kind": "config"} | more  # fmt: skip


def state(value: str, *, name: str = "state", **more) -> dict:
    return config(name, value, kind="state", **more)


def read(*rows: dict) -> list[Connector]:
    return mirror_connectors(pl.DataFrame(list(rows), schema=SCHEMA), NAMED)


KIND = "org.apache.kafka.connect.mirror.Mirror{}Connector"


@pytest.mark.parametrize("kind", ["source", "checkpoint", "heartbeat"])
def test_a_kind_is_that_of_the_class_or_of_the_name(kind: str) -> None:
    (named,) = read(config("connector.class", KIND.format(kind.title())))
    (unnamed,) = read(state("RUNNING", connector=f"Mirror{kind.title()}Connector"))
    (other,) = read(config("connector.class", "com.example.Sink", connector=f"Mirror{kind.title()}Connector"))
    assert (named.kind, unnamed.kind, other.kind) == (kind, kind, None)


def test_ends_are_what_aliases_mean() -> None:
    (one,) = read(config("source.cluster.alias", "a"), config("target.cluster.alias", "new"))
    assert (one.source, one.target, one.source_alias, one.target_alias) == ("prod", "b", "a", "new")
    (unknown,) = read(config("source.cluster.alias", "x"), config("target.cluster.alias", "y"))
    assert (unknown.source, unknown.target) == ("x", "y")
    (unread,) = read(state("RUNNING"))
    assert (unread.source, unread.target, unread.settings) == ("prod", "b", {})
    (nobody,) = read(state("RUNNING", peer=None))
    assert nobody.source is None


def test_the_last_answer_about_each_counts() -> None:
    rows = [
        state("UNASSIGNED"), state("FAILED", task=0), state("why", name="trace", task=0),
        state("RUNNING", minute=1), state("RUNNING", task=0, minute=1), state("RUNNING", peer="c"),
    ]  # fmt: skip
    of_c, of_a = read(*rows)
    assert (of_a.source, of_a.state, of_a.tasks, of_a.traces) == ("prod", "RUNNING", {0: "RUNNING"}, {})
    assert (of_c.source, of_c.state, of_c.seen) == ("c", "RUNNING", T0)
    assert (of_a.before, of_c.before) == ({None: "UNASSIGNED", 0: "FAILED"}, {})


def test_a_connect_cluster_has_several_connectors() -> None:
    found = read(config("topics", "x", connector="one"), config("topics", "y", connector="two"))
    assert [(c.name, c.settings) for c in found] == [("one", {"topics": "x"}), ("two", {"topics": "y"})]


def test_tasks_that_a_connector_had_before_do_not_count() -> None:
    rows = [state("RUNNING", task=0), state("RUNNING", task=1), state("FAILED", task=2)]
    assert read(*rows)[0].tasks == {0: "RUNNING", 1: "RUNNING", 2: "FAILED"}
    assert read(*rows, state("2", name="tasks"))[0].tasks == {0: "RUNNING", 1: "RUNNING"}
    assert read(*rows, state("0", name="tasks"))[0].tasks == {}


def test_a_secret_is_no_setting() -> None:
    (one,) = read(config("topics", "x"), config("sasl.jaas.config", None))
    assert one.settings == {"topics": "x"}


@pytest.mark.parametrize(
    ("settings", "policy", "name"),
    [
        ({}, "DefaultReplicationPolicy", "a.t"),
        ({"replication.policy.separator": "_"}, "DefaultReplicationPolicy", "a_t"),
        ({"replication.policy.class": "org.x.IdentityReplicationPolicy"}, "IdentityReplicationPolicy", "t"),
        ({"replication.policy.class": "IdentityReplicationPolicy"}, "IdentityReplicationPolicy", "t"),
        ({"replication.policy.class": "com.example.Own"}, "Own", "a.t"),
    ],
)
def test_policies(settings, policy, name) -> None:
    connector = Connector("b", "m", "source", "prod", "b", "a", "b", settings)
    assert (connector.policy, connector.remote_name("t")) == (policy, name)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, False),
        ({"consumer.auto.offset.reset": "latest"}, True),
        ({"source.consumer.auto.offset.reset": "latest"}, True),
        ({"source.consumer.auto.offset.reset": "earliest", "consumer.auto.offset.reset": "latest"}, False),
    ],
)
def test_where_a_mirror_begins(settings, expected: bool) -> None:
    assert Connector("b", "m", "source", "prod", "b", "a", "b", settings).starts_at_latest is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), (" TRUE ", True), ("false", False), ("yes", False)]
)
def test_what_is_on(text: str, expected: bool) -> None:
    connector = Connector("b", "m", "source", "prod", "b", "a", "b", {"x": text})
    assert connector.is_on("x", default=not expected) is expected
    assert connector.is_on("y", default=True) is True


def halted(*rows: dict) -> list[tuple[str, str, int]]:
    frame = halted_mirrors(pl.DataFrame(list(rows), schema=SCHEMA), NAMED)
    return [(source, target, ts.minute) for source, target, ts in frame.iter_rows()]


def test_a_mirror_is_halted_when_what_copies_records_does_not_run() -> None:
    copies, other = "MirrorSourceConnector", "MirrorHeartbeatConnector"
    rows = [
        state("RUNNING", connector=copies), state("UNASSIGNED", connector=copies, task=0),
        state("RUNNING", connector=copies, minute=1), state("RESTARTING", connector=copies, task=0, minute=1),
        state("PAUSED", connector=copies, minute=2), state("FAILED", connector=other, minute=3),
    ]  # fmt: skip
    assert halted(*rows) == [("prod", "b", 0), ("prod", "b", 2)]
    assert halted() == halted(state("RUNNING", connector=copies)) == []


def test_a_deleted_connector_leaves_settings_of_tasks_behind() -> None:
    left = [state("2", name="tasks"), config("task.assigned.partitions", "t-0", task=0)]
    frame = pl.DataFrame([*left, config("topics", "t", connector="n")], schema=SCHEMA)
    assert deleted_connectors(frame)["connector"].to_list() == ["m"]
    assert [connector.name for connector in mirror_connectors(frame, NAMED)] == ["n"]
    assert read(*left) == []


@pytest.mark.parametrize("row", [config("topics", None), state("STOPPED"), state("RUNNING", task=0)])
def test_a_connector_of_which_anything_else_is_known_is_there(row: dict) -> None:
    frame = pl.DataFrame([state("2", name="tasks"), row], schema=SCHEMA)
    assert deleted_connectors(frame).is_empty()


def test_a_connector_is_deleted_by_the_last_answer() -> None:
    before = [state("1", name="tasks"), config("topics", "t")]
    frame = pl.DataFrame([*before, state("1", name="tasks", minute=1)], schema=SCHEMA)
    assert deleted_connectors(frame)["connector"].to_list() == ["m"]
    assert deleted_connectors(frame.filter(ts=T0)).is_empty()
