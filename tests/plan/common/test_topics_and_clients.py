from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from kafka_analysis.model.samples import empty_samples
from kafka_analysis.model.tables import empty_table
from kafka_analysis.plan.common.topics_and_clients import TABLES_READ, topics_and_clients, with_settings
from kafka_analysis.stats import Window

T0 = datetime(2026, 1, 1, tzinfo=UTC)
T1 = T0 + timedelta(seconds=100)
WINDOWS = {"c": Window(T0, T1)}
OWNERS = pl.DataFrame(
    {"pattern": ["o*", "bill"], "kind": ["topic", "group"], "team": ["orders", "money"], "criticality": "high",
     "application": None},
    schema_overrides={"application": pl.String},
)  # fmt: skip
DECLARED = pl.DataFrame({"client": ["shop"], "kind": "producer", "topic": "orders", "bytes_per_s": 20.0})


def rows(table, rows):
    """Return rows of a table, with what is not given null."""
    empty = empty_table(table)
    return pl.concat([empty, pl.DataFrame(rows, schema_overrides=dict(empty.schema))], how="diagonal_relaxed")


def tables():
    place = {"cluster": "c", "topic": "orders", "partition": 0}
    told = {
        "partitions": [{"ts": T0, **place, "leader": 1, "replicas": [1, 2, 3], "isr": [1, 2, 3]}],
        "offsets": [
            {"ts": t, **place, "log_start_offset": 0, "log_end_offset": end}
            for t, end in [(T0, 0), (T1, 200)]
        ],
        "group_offsets": [
            {"ts": t, **place, "group": "bill", "committed_offset": at} for t, at in [(T0, 0), (T1, 100)]
        ],
        "topic_configs": [
            {"ts": T0, "cluster": "c", "topic": "orders", "name": "retention.ms", "value": "60000"}
        ],
    }
    return {name: rows(name, told[name]) if name in told else empty_table(name) for name in TABLES_READ}


def samples():
    series = [("bytes_in_total", T0, 0.0), ("bytes_in_total", T1, 2000.0), ("log_size_bytes", T0, 700.0)]
    told = [
        {"metric": metric, "ts": ts, "cluster": "c", "broker": 1, "topic": "orders", "value": value,
         "partition": 0 if metric == "log_size_bytes" else None}
        for metric, ts, value in series
    ]  # fmt: skip
    return pl.concat([empty_samples(), pl.DataFrame(told)], how="diagonal_relaxed")


def measured(samples, tables):
    return topics_and_clients(
        WINDOWS, topics=pl.DataFrame({"cluster": "c", "topic": ["orders"]}), tables=tables, samples=samples,
        ownership=OWNERS, declared=DECLARED,
    )  # fmt: skip


def test_topics_have_load_owner_and_settings_and_clients_have_flows():
    found = measured(samples().lazy(), tables())
    (topic,) = found.topics.to_dicts()
    told = {name: topic[name] for name in ("bytes_in_per_s", "team", "retention_ms", "replication_factor")}
    assert told == {
        "bytes_in_per_s": 20.0,
        "team": "orders",
        "retention_ms": 60000.0,
        "replication_factor": 3.0,
    }
    known = found.flows.select("client", "kind", "bytes_per_s", "evidence", "team").sort("client").rows()
    assert known == [
        ("bill", "group", 10.0, "measured", "money"),
        ("shop", "producer", 20.0, "declared", None),
    ]


def test_at_the_edges_of_a_window_groups_move_as_their_logs_do():
    late = tables()
    ends = [(T0, 0), (T0 + timedelta(seconds=90), 0), (T1, 200)]
    place = {"cluster": "c", "topic": "orders", "partition": 0}
    late["offsets"] = rows("offsets", [{"ts": t, **place, "log_end_offset": end} for t, end in ends])
    windows = {"c": Window(T0, T0 + timedelta(seconds=90))}
    found = topics_and_clients(
        windows, topics=pl.DataFrame({"cluster": "c", "topic": ["orders"]}), tables=late, samples=samples(),
        ownership=OWNERS, declared=DECLARED,
    )  # fmt: skip
    assert found.flows.filter(kind="group")["bytes_per_s"].to_list() == [0.0]


def test_pandas_and_eager_frames_do():
    eager = measured(samples(), tables())
    pandas = measured(samples().to_pandas(), {name: rows.to_pandas() for name, rows in tables().items()})
    assert pandas.topics.equals(eager.topics)


def test_a_share_group_is_said_to_read_topics_that_nobody_knows():
    given = tables()
    group = {"ts": T0, "cluster": "c", "state": "STABLE"}
    kinds = {"queue": "share", "bill": "classic"}
    given["groups"] = rows("groups", [{**group, "group": name, "kind": kind} for name, kind in kinds.items()])
    (note,) = measured(samples(), given).notes
    assert note.startswith("c: 1 share group (queue) reads topics that committed offsets do not show")
    assert measured(samples(), tables()).notes == ()


def test_producers_of_topics_without_a_declared_one_are_read_from_acls():
    entry = {"cluster": "c", "host": "*", "resource_type": "TOPIC", "permission": "ALLOW"}
    acls = [
        {
            "ts": at,
            **entry,
            "principal": who,
            "resource_name": name,
            "pattern_type": kind,
            "operation": operation,
        }
        for at in (T0, T1)  # at the start and at the end of a recording
        for who, name, kind, operation in [
            ("User:shop", "ord", "PREFIXED", "WRITE"),
            ("User:audit", "orders", "LITERAL", "READ"),
        ]
    ]
    found = topics_and_clients(
        WINDOWS, topics=pl.DataFrame({"cluster": "c", "topic": ["orders"]}), samples=samples(),
        tables=tables() | {"acls": rows("acls", acls)}, ownership=OWNERS, declared=DECLARED.clear(),
    )  # fmt: skip
    producers = found.flows.filter(kind="producer").select("client", "topic", "bytes_per_s", "evidence")
    assert producers.rows() == [("User:shop", "orders", 20.0, "estimated")]


def test_the_last_setting_counts_and_unknown_ones_are_null():
    topics = pl.DataFrame({"cluster": "c", "topic": ["b", "a", "x"]})
    configs = pl.DataFrame(
        {"ts": [2, 1, 1, 1], "cluster": "c", "topic": ["a", "a", "b", "b"],
         "name": ["retention.ms", "retention.ms", "cleanup.policy", "retention.ms"],
         "value": ["7", "5", "compact", "-1"]}
    )  # fmt: skip
    placed = pl.DataFrame({"cluster": "c", "topic": ["a", "a", "b"], "replicas": [[1, 2], [1, 2, 3, 4], [1]]})
    assert with_settings(topics, configs=configs, partitions=placed).rows() == [
        ("c", "b", -1.0, "compact", 1.0), ("c", "a", 7.0, None, 3.0), ("c", "x", None, None, None),
    ]  # fmt: skip
