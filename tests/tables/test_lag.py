from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.tables import group_lag, lag_phases, partition_lag

KNOWN = {
    "cluster": "c", "group": "g", "kind": "classic", "state": "STABLE", "condition": "catching up",
    "lag_records": 1200, "lag_seconds": 200.0, "is_at_least": False, "peak_lag_records": 2000,
    "consumed_per_s": 30.0, "produced_per_s": 20.0, "seconds_to_close": 120.0, "seconds_to_close_low": 60.0,
    "seconds_to_close_high": 240.0, "retention_used": 0.25, "seconds_to_loss": None, "lost_records": 0,
    "partitions": 3, "partitions_unknown": 0,
}  # fmt: skip
NAMES = ("cluster", "group", "kind", "state", "condition")
NUMBERS = [name for name in KNOWN if name not in (*NAMES, "is_at_least")]
SCHEMA = dict.fromkeys(NAMES, pl.String) | {"is_at_least": pl.Boolean} | dict.fromkeys(NUMBERS, pl.Float64)


def groups(*changes):
    return pl.DataFrame([KNOWN | change for change in changes], schema=SCHEMA)


def shown(heading, **changes):
    return group_lag(groups(changes)).cells[heading][0]


def test_a_group_in_words():
    assert group_lag(groups({})).cells.rows(named=True) == [
        {
            "Cluster": "c", "Group": "g", "Kind": "classic", "Condition": "catching up",
            "Lag (records)": "1,200", "Behind": "3 min 20 s", "Read / written": "30 / 20",
            "Caught up in": "2 min (1 to 4 min)", "Retention used": "25 %", "Records lost": "not at this pace",
        }
    ]  # fmt: skip


def test_the_most_urgent_come_first():
    table = group_lag(
        groups(
            {"group": "unknown", "retention_used": None, "lag_seconds": None, "lag_records": None},
            {"group": "fresh", "retention_used": 0.1},
            {"group": "old", "retention_used": 0.9},
            {"group": "behind", "retention_used": 0.1, "lag_seconds": 900.0},
            {"group": "lost", "retention_used": 0.0, "lost_records": 5},
            {"group": "perhaps lost", "retention_used": 0.05, "lost_records": None},
        )
    )
    assert table.cells["Group"].to_list() == ["lost", "old", "behind", "fresh", "perhaps lost", "unknown"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "3 min 20 s"),
        ({"is_at_least": True}, "at least 3 min 20 s"),
        ({"is_at_least": None}, "3 min 20 s"),
        ({"partitions_unknown": 2}, "at least 3 min 20 s"),
        ({"lag_seconds": 0.0}, "0 s"),
        ({"lag_seconds": None, "is_at_least": True}, "unknown"),
    ],
)
def test_how_far_it_is_behind(changes, text):
    assert shown("Behind", **changes) == text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"seconds_to_close_low": None, "seconds_to_close_high": None}, "2 min"),
        ({"lag_records": 0}, "caught up"),
        ({"seconds_to_close": None, "condition": "keeps up"}, "caught up"),
        ({"seconds_to_close": None, "condition": "slow"}, "not at this pace"),
        ({"seconds_to_close": None, "consumed_per_s": None}, "unknown"),
        ({"seconds_to_close": None, "produced_per_s": None}, "unknown"),
        ({"lag_records": None, "seconds_to_close": None}, "unknown"),
        ({"lag_records": 0, "partitions_unknown": 1}, "unknown"),
    ],
)
def test_when_it_has_caught_up(changes, text):
    assert shown("Caught up in", **changes) == text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "not at this pace"),
        ({"seconds_to_loss": 10_800.0}, "in 3 h at this pace"),
        ({"seconds_to_loss": 10_800.0, "lost_records": 7}, "7 records lost"),
        ({"lost_records": 1_234_567}, "1.23 M records lost"),
        ({"retention_used": None}, "unknown"),
        ({"lost_records": None}, "not at this pace"),
    ],
)
def test_from_when_records_are_lost(changes, text):
    assert shown("Records lost", **changes) == text


def test_records_of_a_group_with_unknown_partitions_are_a_lower_bound_and_the_note_says_so():
    table = group_lag(groups({"partitions_unknown": 1}))
    assert table.cells["Lag (records)"].to_list() == ["at least 1,200"]
    assert "or offsets of some partitions are unknown." in table.html()
    assert "some partitions" not in group_lag(groups({})).html()


def test_the_note_says_how_to_read_it_and_why_a_share_group_has_no_lag():
    assert "age of the record to be read next" in group_lag(groups({})).html()
    assert "share group" not in group_lag(groups({})).html()
    assert "keeps no committed offsets" in group_lag(groups({"kind": "share"})).html()


def test_the_kind_is_shown_where_one_is_known():
    assert group_lag(groups({}, {"kind": None})).cells["Kind"].to_list() == ["classic", "unknown"]
    assert "Kind" not in group_lag(groups({"kind": None})).cells


def test_what_is_unknown_is_a_word_and_never_0():
    nulls = pl.DataFrame({name: [None] for name in KNOWN}).with_columns(
        cluster=pl.lit("c"), group=pl.lit("g")
    )
    (row,) = group_lag(nulls).cells.rows()
    assert row == ("c", "g", *["unknown"] * (len(group_lag(nulls).cells.columns) - 2))


def test_names_are_text():
    html = group_lag(groups({"group": "a$b$c<script>"})).html()
    assert "a$b$c&lt;script&gt;" in html
    assert "<script>" not in html
    assert "mathjax_ignore" in html


def test_of_two_thousand_groups_twenty_are_shown_and_the_rest_is_counted():
    table = group_lag(groups(*({"group": f"g{i:04}", "retention_used": i / 2000} for i in range(2000))))
    assert table.cells["Group"].to_list() == [f"g{1999 - i:04}" for i in range(20)]
    assert "1,980 more rows: see the table file of the report." in table.html()


def partitions(**columns):
    rows = {name: [value] for name, value in KNOWN.items()} | {"topic": ["t"], "partition": [0]} | columns
    length = max(len(values) for values in rows.values())
    full = {name: values * (length if len(values) == 1 else 1) for name, values in rows.items()}
    return pl.DataFrame(full, schema=SCHEMA | {"topic": pl.String, "partition": pl.Int32}).drop(
        "kind", "state", "peak_lag_records", "seconds_to_close_low", "seconds_to_close_high", "partitions",
        "partitions_unknown",
    )  # fmt: skip


def test_partitions_most_behind_come_first_in_the_same_words():
    table = partition_lag(
        partitions(
            partition=[0, 1, 2, 3], lag_seconds=[5.0, 65.0, None, 65.0], lag_records=[9, 4, 8, 7],
            is_at_least=[False, True, False, False], lost_records=[0, 0, 0, 3],
        ),
        top_n=3,
    )  # fmt: skip
    assert table.cells.select("Partition", "Behind", "Caught up in", "Records lost").rows() == [
        ("t-3", "1 min 5 s", "2 min", "3 records lost"),
        ("t-1", "at least 1 min 5 s", "2 min", "not at this pace"),
        ("t-0", "5 s", "2 min", "not at this pace"),
    ]
    assert "1 more row: see the table file" in table.html()


PHASES = {
    "cluster": "c", "group": ["g", "g", "g", "h"], "phase": ["before", "during", "after", "before"],
    "lag_records_median": [0, 50, None, 7], "lag_records_max": [10, 9000, None, 8],
    "lag_seconds_median": [0.0, 60.0, None, 1.0], "lag_seconds_max": [1.0, 130.0, None, 2.0],
    "is_at_least": [False, True, True, None],
}  # fmt: skip


def test_lag_before_during_and_after():
    table = lag_phases(pl.DataFrame(PHASES))
    assert table.cells.rows() == [
        (
            "c",
            "g",
            "0 s (1 s)",
            "at least 1 min 0 s (2 min 10 s)",
            "unknown",
            "0 (10)",
            "50 (9,000)",
            "unknown",
        ),
        ("c", "h", "1 s (2 s)", "unknown", "unknown", "7 (8)", "unknown", "unknown"),
    ]
    assert table.cells.columns[2:5] == ["Behind before", "Behind during", "Behind after"]
    assert "the maximum in brackets" in table.html()


def test_groups_of_one_name_in_two_clusters_are_two():
    rows = pl.concat([pl.DataFrame(PHASES), pl.DataFrame(PHASES).with_columns(cluster=pl.lit("d"))])
    assert lag_phases(rows).cells.select("Cluster", "Group").rows() == [
        ("c", "g"), ("d", "g"), ("c", "h"), ("d", "h"),
    ]  # fmt: skip


def test_phases_without_any_lag_are_unknown():
    rows = pl.DataFrame(PHASES).with_columns(
        pl.lit(None).alias(name) for name in PHASES if name not in ("cluster", "group", "phase")
    )
    assert lag_phases(rows).cells.rows() == [("c", name, *["unknown"] * 6) for name in "gh"]


def test_of_many_groups_those_furthest_behind_are_shown():
    many = pl.DataFrame(
        {"cluster": "c", "group": [f"g{i}" for i in range(2000)], "phase": "during", "is_at_least": False}
    ).with_columns(
        pl.int_range(2000).alias(f"lag_{unit}_{which}")
        for unit in ("records", "seconds")
        for which in ("median", "max")
    )
    table = lag_phases(many, top_n=2)
    assert table.cells["Group"].to_list() == ["g1999", "g1998"]
    assert "1,998 more" in table.html()
