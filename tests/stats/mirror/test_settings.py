from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats import Connector, settings_beside_recommended, task_counts, tasks_beside_recommended

GOOD = {
    "checkpoint": {
        "sync.group.offsets.enabled": "true", "emit.checkpoints.interval.seconds": "20",
        "sync.group.offsets.interval.seconds": "15",
    },
    "source": {"replication.factor": "3", "offset.lag.max": "100"},
}  # fmt: skip


def connector(kind: str, settings: dict[str, str], **more) -> Connector:
    return Connector("b", kind, kind, "a", "b", "a", "b", settings, **more)


def differing(kind: str, **changed: str) -> list[tuple[str, str, bool]]:
    settings = GOOD[kind] | {name.replace("_", "."): value for name, value in changed.items()}
    return (
        settings_beside_recommended([connector(kind, settings)])
        .select("setting", "value", "is_default")
        .rows()
    )


@pytest.mark.parametrize("kind", GOOD)
def test_what_is_recommended_differs_in_nothing_and_each_other_value_does(kind: str) -> None:
    assert differing(kind) == []
    for name in GOOD[kind]:
        without = {key: value for key, value in GOOD[kind].items() if key != name}
        rows = settings_beside_recommended([connector(kind, without | {"x": "y"})])
        is_bad_default = name != "offset.lag.max"
        assert rows["setting"].to_list() == [name] * is_bad_default
        assert rows["is_default"].all()


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("checkpoint", "emit.checkpoints.interval.seconds", "21"),
        ("checkpoint", "emit.checkpoints.interval.seconds", "-1"),  # switched off
        ("checkpoint", "emit.checkpoints.interval.seconds", "often"),
        ("checkpoint", "sync.group.offsets.enabled", "false"),
        ("source", "replication.factor", "1"),
        ("source", "replication.factor", "-1"),
        ("source", "offset.lag.max", "101"),
    ],
)
def test_each_value_that_differs_is_listed(kind: str, name: str, value: str) -> None:
    assert differing(kind, **{name: value}) == [(name, value, False)]


def test_connectors_whose_settings_were_not_read_are_left_out() -> None:
    assert settings_beside_recommended([connector("source", {}), connector("checkpoint", {})]).is_empty()
    assert settings_beside_recommended([connector("heartbeat", {"x": "y"})]).is_empty()


@pytest.mark.parametrize(
    ("partitions", "tasks", "count"), [(100, 10, 0), (101, 10, 1), (3, 10, 0), (40, 1, 1), (9, 0, 0)]
)
def test_tasks_have_ten_partitions_at_most(partitions: int, tasks: int, count: int) -> None:
    ends = {"source": ["a"], "target": "b", "connector": "c"}
    flows = pl.DataFrame(ends | {"tool": "m", "partitions": partitions})
    assert len(tasks_beside_recommended(flows, pl.DataFrame(ends | {"tasks": tasks}))) == count


def test_tasks_of_source_connectors_are_counted() -> None:
    tasks = {0: "RUNNING", 3: "FAILED"}
    every = [connector(kind, {}, tasks=tasks) for kind in ("source", "checkpoint")]
    assert task_counts([*every, connector("source", {})]).rows() == [("a", "b", "source", 2)]
