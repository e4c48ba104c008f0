from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats import offsets_topic_failures
from kafka_analysis.stats.mirror.places import SCHEMA

T0 = datetime(2026, 1, 1, tzinfo=UTC)
TOPIC = "mm2-offsets.old.internal"
ALIASES = pl.DataFrame({"cluster": ["b"], "alias": "old", "means": "a"})


def at(minute: int) -> datetime:
    return T0 + timedelta(minutes=minute)


def places(*positions: int, start: int = 0, **changed) -> pl.DataFrame:
    rows = [
        (at(start + n), "MirrorMaker 2", "a", "b", "m", "t", 0, position, 0.0, "committed position")
        for n, position in enumerate(positions)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").with_columns(
        **{name: pl.lit(value) for name, value in changed.items()}
    )


def ids(*values: str | None, topic: str = TOPIC, cluster: str = "b") -> pl.DataFrame:
    columns = {"cluster": cluster, "topic": topic, "topic_id": list(values)}
    return pl.DataFrame({"ts": [at(5 * n) for n in range(len(values))], **columns})


def found(positions, topics, start: int | None = 100) -> list[int]:
    log = {"cluster": "a", "topic": "t", "partition": 0, "log_start_offset": start}
    logs = pl.DataFrame(
        {"ts": [at(0)], **log}, schema_overrides={"partition": pl.Int32, "log_start_offset": pl.Int64}
    )
    return offsets_topic_failures(positions, topics, ALIASES, logs)["records"].to_list()


def test_all_records_from_the_log_s_start_are_read_again() -> None:
    assert found(places(900, 1000), ids("x", "y")) == [800]
    assert found(places(900, 1000), ids("x", "x", "y", "y")) == [800]


def test_a_topic_without_a_name_of_a_flow_is_that_of_all() -> None:
    assert found(places(900), ids("x", "y", topic="mirrormaker2-cluster-offsets")) == [800]


@pytest.mark.parametrize(
    "topics",
    [
        ids("x", "x"),
        ids("x"),
        ids("x", None),
        ids(None, "x"),
        ids("x", "y", topic="mm2-configs.old.internal"),
        ids("x", "y", topic="mm2-offsets.other.internal"),
        ids("x", "y", topic="orders"),
        ids("x", "y", cluster="c"),
    ],
)
def test_other_topics_and_the_same_topic_are_none(topics) -> None:
    assert found(places(900, 1000), topics) == []


def test_a_mirror_that_began_afterwards_reads_nothing_again() -> None:
    assert found(places(900, 1000, start=5), ids("x", "y")) == []
    assert found(places(900, 1000, start=4), ids("x", "y")) == [800]


def test_what_is_not_stored_there_is_not_concerned() -> None:
    assert found(places(900, known_by="checkpoint"), ids("x", "y")) == []
    assert found(places(100), ids("x", "y")) == []
