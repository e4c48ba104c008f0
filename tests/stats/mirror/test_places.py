from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats import (
    assigned_places,
    assigned_tasks,
    best_places,
    committed_places,
    counted_places,
    synced_places,
    unmirrored_places,
)
from kafka_analysis.stats.mirror.places import SCHEMA

T0 = datetime(2026, 1, 1, tzinfo=UTC)
ALIASES = pl.DataFrame({
    "cluster": ["cell-1", "cell-2", "prod", "cell-1"], "alias": ["old", "old", "new", "x"],
    "means": ["prod", "other", "cell-1", None], "reason": "",
})  # fmt: skip
NAMES = ["a.b-c_d", "t-1", "[x](y)", "größe", "x" * 249]


def at(minute: float) -> datetime:
    return T0 + timedelta(minutes=minute)


def stored(
    cluster: str = "cell-1", source: str = "old", topic: str = "t", position: int | None = 7
) -> pl.DataFrame:
    about = {"cluster": cluster, "connector": "m", "source": source, "topic": topic, "partition": 0}
    row = {"ts": at(1), "position": position, "committed_at": at(0), **about}
    return pl.DataFrame([row], schema_overrides={"position": pl.Int64, "partition": pl.Int32})


def ends_of(places: pl.DataFrame) -> list[tuple]:
    assert dict(places.schema) == SCHEMA
    return places.select("source", "target", "topic", "partition", "position").rows()


def test_one_alias_means_at_each_target_what_it_means_there() -> None:
    rows = pl.concat([stored(), stored("cell-2"), stored(source="x")])
    assert [row[:2] for row in ends_of(committed_places(rows, ALIASES))] == [
        ("prod", "cell-1"), ("other", "cell-2"), ("x", "cell-1"),
    ]  # fmt: skip


def test_a_position_without_an_offset_stays_unknown() -> None:
    assert ends_of(committed_places(stored(position=None), ALIASES)) == [("prod", "cell-1", "t", 0, None)]


def synced(cluster: str, peer: str | None, *, at_target=()) -> list[tuple]:
    row = {"ts": at(1), "cluster": cluster, "peer": peer, "topic": "t", "partition": 0, "upstream_offset": 6,
           "downstream_offset": 3, "written_at": at(0)}  # fmt: skip
    rows = pl.DataFrame([row], schema_overrides={"peer": pl.String})
    lie = pl.DataFrame(list(at_target), schema={"cluster": pl.String, "peer": pl.String}, orient="row")
    return ends_of(synced_places(rows, ALIASES, at_target=lie))


def test_the_record_of_a_sync_was_mirrored() -> None:
    assert synced("prod", "new") == [("prod", "cell-1", "t", 0, 7)]


def test_syncs_may_lie_at_the_target() -> None:
    assert synced("cell-1", "old", at_target=[("cell-1", "old")]) == [("prod", "cell-1", "t", 0, 7)]
    assert synced("cell-1", "old", at_target=[("cell-2", "old")]) == [("cell-1", "prod", "t", 0, 7)]


def test_syncs_that_name_no_cluster_are_left_out() -> None:
    assert synced("prod", None) == []


def counted(values: list[float], *, start: int | None = 5) -> list[int]:
    about = {"entity": "a->b", "topic": "a.t", "partition": 0}
    rows = pl.DataFrame({"ts": [at(n) for n in range(len(values))], **about, "value": values})
    flows = pl.DataFrame(
        {"entity": "a->b", "topic": "a.t", "source": ["a"], "source_topic": "t", "target": "b"}
    )
    log = {"ts": [at(0)], "cluster": "a", "topic": "t", "partition": 0, "log_start_offset": start,
           "log_end_offset": 99}  # fmt: skip
    logs = pl.DataFrame(log, schema_overrides={"log_start_offset": pl.Int64})
    return counted_places(rows, flows, logs)["position"].to_list()


def test_counts_from_0_are_added_to_the_log_s_start() -> None:
    assert counted([0.0, 3.0, 9.0]) == [5, 8, 14]
    assert counted([2.0, 3.0, 9.0]) == []
    assert counted([0.0], start=None) == []


def config(
    name: str, value: str, *, task: int | None = None, kind: str = "config", peer: str | None = "old"
) -> dict:
    return {"ts": at(0), "cluster": "cell-1", "peer": peer, "connector": "m", "task": task, "name": name,
            "value": value, "kind": kind}  # fmt: skip


def assigned(*rows: dict) -> list[tuple]:
    schema = {"ts": pl.Datetime("ms", "UTC"), "task": pl.Int32, "peer": pl.String}
    frame = pl.DataFrame(list(rows), schema_overrides=schema)
    return [row[:4] for row in ends_of(assigned_places(frame, ALIASES))]


@pytest.mark.parametrize("name", NAMES)
def test_an_assignment_is_a_list_of_partitions(name: str) -> None:
    task = config("task.assigned.partitions", f"{name}-0,{name}-12", task=0)
    assert assigned(task) == [("prod", "cell-1", name, 0), ("prod", "cell-1", name, 12)]


def test_an_alias_of_the_settings_counts_before_that_of_the_topic() -> None:
    task = config("task.assigned.partitions", "t-0", task=0)
    assert assigned(task, config("source.cluster.alias", "x")) == [("x", "cell-1", "t", 0)]
    assert assigned(task | {"peer": None}) == []


def test_what_is_stored_of_tasks_that_are_gone_is_no_assignment() -> None:
    tasks = [config("task.assigned.partitions", f"t-{n}", task=n) for n in range(3)]
    count = config("tasks", "2", kind="state")
    assert [row[3] for row in assigned(*tasks, count)] == [0, 1]
    assert [row[3] for row in assigned(*tasks)] == [0, 1, 2]


def test_tasks_are_those_of_the_last_answer() -> None:
    earlier = [config("task.assigned.partitions", "t-0,t-1", task=0) | {"ts": at(-60)}]
    now = [config("task.assigned.partitions", f"t-{n}", task=n) for n in range(2)]
    frame = pl.DataFrame(
        [*earlier, *now], schema_overrides={"ts": pl.Datetime("ms", "UTC"), "task": pl.Int32}
    )
    found = assigned_tasks(frame, ALIASES).select("source", "target", "topic", "partition", "task")
    assert found.rows() == [("prod", "cell-1", "t", 0, 0), ("prod", "cell-1", "t", 1, 1)]


def test_other_settings_and_unreadable_ones_are_none() -> None:
    texts = ["", "t", "t-x", "-1"]
    rows = [config("task.assigned.partitions", text, task=n) for n, text in enumerate(texts)]
    assert assigned(*rows, config("topics", "t-0", task=9)) == []


def place(
    minute: float, partition: int = 0, position: int | None = 5, known_by: str = "committed position", **more
):
    row = {
        "ts": at(minute), "tool": "MirrorMaker 2", "source": "a", "target": "b", "connector": "m", "topic": "t",
        "partition": partition, "position": position, "age_s": 0.0, "known_by": known_by,
    }  # fmt: skip
    return pl.DataFrame([row | more], schema=SCHEMA)


def log(minute: float, partition: int, start: int = 2, topic: str = "t") -> pl.DataFrame:
    row = {"ts": at(minute), "cluster": "a", "topic": topic, "partition": partition, "log_start_offset": start,
           "log_end_offset": 9}  # fmt: skip
    return pl.DataFrame([row], schema_overrides={"partition": pl.Int32, "ts": pl.Datetime("ms", "UTC")})


def unmirrored(places: list[pl.DataFrame], logs: list[pl.DataFrame], assigned=()) -> list[tuple]:
    known = pl.concat(places) if places else place(0).clear()
    given = pl.concat(list(assigned)) if assigned else place(0).clear()
    frame = unmirrored_places(known, pl.concat(logs), assigned=given)
    assert set(frame["known_by"]) <= {"no position"}
    return sorted(
        (ts.minute, topic, p, at)
        for ts, topic, p, at in frame.select("ts", "topic", "partition", "position").iter_rows()
    )


def test_partitions_of_a_mirrored_topic_without_a_position_begin_at_the_log_s_start() -> None:
    places = [place(1), place(2)]
    assert unmirrored(places, [log(0, 0), log(0, 1)]) == [(1, "t", 1, 2), (2, "t", 1, 2)]
    assert unmirrored(places, [log(0, 1), log(2, 1, start=4)]) == [(1, "t", 1, 2), (2, "t", 1, 4)]


def test_from_its_first_position_on_a_partition_has_one() -> None:
    places = [place(1), place(2), place(2, partition=1)]
    assert unmirrored(places, [log(0, 0), log(0, 1)]) == [(1, "t", 1, 2)]


def test_before_a_partition_was_seen_it_does_not_exist() -> None:
    assert unmirrored([place(1), place(3)], [log(0, 0), log(2, 1)]) == [(3, "t", 1, 2)]


def test_topics_that_are_assigned_are_to_be_mirrored_and_others_are_not() -> None:
    logs = [log(0, 0), log(0, 0, topic="new"), log(0, 0, topic="other")]
    given = place(1, topic="new", position=None, known_by="no position", age_s=None)
    assert unmirrored([place(1)], logs, [given]) == [(1, "new", 0, 2)]
    assert unmirrored([], logs, [given]) == [(1, "new", 0, 2)]


@pytest.mark.parametrize(("start", "position"), [(2, None), (9, 9)])
def test_of_a_mirror_that_begins_at_the_end_only_an_empty_log_tells_the_position(
    start: int, position
) -> None:
    logs = pl.concat([log(0, 0), log(0, 1, start=start)])
    none = place(0).clear()
    for ends, expected in (([("a", "b")], position), ([("a", "c")], start), ([], start)):
        assert unmirrored_places(place(1), logs, assigned=none, at_latest=ends)["position"].to_list() == [
            expected
        ]


def test_the_first_part_that_knows_a_partition_counts() -> None:
    exact, sync = place(1), place(1, position=3, known_by="offset sync")
    other = place(1, partition=1, position=8, known_by="offset sync")
    best = best_places(
        exact, pl.concat([sync, other]), place(1, partition=1, position=9, known_by="record counts")
    )
    assert best.select("partition", "position").rows() == [(0, 5), (1, 8)]
    elsewhere = place(1, target="c", known_by="offset sync")
    assert len(best_places(exact, elsewhere)) == 2
