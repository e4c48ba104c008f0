from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.traffic import kinds as tp
from kafka_analysis.stats.traffic.comparison import compare_windows

SCHEMA = {"cluster": pl.String, "topic": pl.String, **dict.fromkeys((*tp.FLOWS, "uncovered_s"), pl.Float64)}
MIRRORED = {"source": pl.String, "target": pl.String, "topic": pl.String, "records_per_s": pl.Float64}
TRAFFIC = {
    "cluster": pl.String,
    "kind": pl.String,
    **dict.fromkeys(tp.FLOWS, pl.Float64),
    "evidence": pl.String,
}


@pytest.fixture
def split(frame, rows):
    """Return a function of (cluster, topic, bytes in, bytes out, messages in) and mirrored flows, by kind."""

    def kinds(*topics, mirrored=None):
        table = frame([(*t, 0.0) for t in topics], schema=SCHEMA, orient="row")
        flows = None if mirrored is None else frame(mirrored, schema=MIRRORED, orient="row")
        answer = tp.traffic_by_kind(table, mirrored=flows)
        return rows(answer, "cluster", "kind", *tp.FLOWS, "evidence")

    return kinds


def test_kafka_s_own_topics_are_internal(split):
    assert split(("c", "__consumer_offsets", 1.0, 2.0, 3.0), ("c", "orders", 4.0, None, 6.0)) == [
        ("c", "internal", 1, 2, 3, "measured"),
        ("c", "business", 4, None, 6, "measured"),
    ]


@pytest.mark.parametrize("topic", ["__amazon_msk_canary", "mm2-offset-syncs.new.internal", "heartbeats"])
def test_so_are_probes_and_mirror_maker_s(split, topic):
    assert split(("c", topic, 1.0, 1.0, 1.0))[0][1] == "internal"


def test_on_the_target_what_the_replicator_wrote_is_migration(split):
    assert split(("new", "t", 100.0, 30.0, 10.0), mirrored=[("old", "new", "t", 4.0)]) == [
        ("new", "business", 60, 30, 6, "estimated"),
        ("new", "migration", 40, 0, 4, "estimated"),
    ]


def test_on_the_source_what_the_replicators_read_is_migration(split):
    flows = [("old", "new-a", "t", 4.0), ("old", "new-b", "t", 1.0)]  # 5 records/s of 10 B each
    assert split(("old", "t", 100.0, 200.0, 10.0), mirrored=flows) == [
        ("old", "business", 100, 150, 10, "estimated"),
        ("old", "migration", 0, 50, 0, "estimated"),
    ]


def test_a_replicator_that_says_more_than_the_counters_has_it_all(split):
    assert split(("new", "t", 100.0, 0.0, 10.0), mirrored=[("old", "new", "t", 11.0)])[0][2:5] == (0, 0, 0)


@pytest.mark.parametrize(
    "topic", [("new", "t", None, None, None), ("new", "t", 0.0, 0.0, 0.0), ("new", "other", 5.0, 5.0, 5.0)]
)
def test_nothing_is_migration_where_the_counters_do_not_show_it(split, topic):
    assert split(topic, mirrored=[("old", "new", "t", 4.0)]) == [("new", "business", *topic[2:], "measured")]


def test_a_replicator_at_rest_makes_nothing_an_estimate(split):
    assert split(("new", "t", 9.0, 9.0, 9.0), mirrored=[("old", "new", "t", 0.0)])[0][-1] == "measured"
    assert split(("new", "t", 9.0, 9.0, 9.0), mirrored=[])[0][-1] == "measured"


def test_no_topics_no_traffic(split):
    assert split() == []


RATE = st.integers(0, 10**9).map(float)


@given(
    st.lists(
        st.tuples(st.sampled_from(["old", "new"]), st.just("t"), RATE, RATE, RATE), unique_by=lambda t: t[0]
    ),
    RATE,
)
def test_kinds_add_up_to_the_counters(topics, mirrored):
    table = pl.DataFrame([(*t, 0.0) for t in topics], schema=SCHEMA, orient="row")
    flows = pl.DataFrame([("old", "new", "t", mirrored)], schema=MIRRORED, orient="row")
    answer = tp.traffic_by_kind(table, mirrored=flows)
    for flow in tp.FLOWS:
        assert answer[flow].sum() == pytest.approx(table[flow].sum())
        assert answer[flow].min() is None or answer[flow].min() >= 0


def test_throughput_sums_topics_and_keeps_the_weaker_evidence(frame, rows):
    table = frame(
        {
            "cluster": "c",
            "topic": ["a", "b", "x"],
            "kind": ["business", "business", "internal"],
            "bytes_in_per_s": [1.0, 2.0, 9.0],
            "bytes_out_per_s": [1.0, None, None],
            "messages_in_per_s": [None, None, 9.0],
            "evidence": ["measured", "estimated", "measured"],
        },
        schema_overrides={"messages_in_per_s": pl.Float64},
    )
    assert rows(tp.sum_by_kind(table)) == [
        ("c", "business", 3, 1, None, "estimated"),
        ("c", "internal", 9, None, 9, "measured"),
    ]


@pytest.fixture
def compared(frame, rows):
    """Return a function of two windows' (cluster, kind, bytes in) that compares bytes in."""

    def compare(before, after, **options):
        sides = [
            frame([(c, k, b, 0.0, None, "measured") for c, k, b in side], schema=TRAFFIC, orient="row")
            for side in (before, after)
        ]
        return rows(compare_windows(*sides, **options))

    return compare


def test_all_clusters_together_are_compared(compared):
    after = [("new-a", "business", 6.0), ("new-b", "business", 3.0), ("new-b", "migration", 50.0)]
    assert compared([("old", "business", 10.0), ("old", "internal", 1.0)], after) == [
        ("bytes_in_per_s", 10, 9, pytest.approx(-0.1)),
        ("bytes_out_per_s", 0, 0, None),
        ("messages_in_per_s", None, None, None),
    ]


def test_another_kind_can_be_compared(compared):
    assert compared([("c", "internal", 4.0)], [("c", "internal", 5.0)], kind="internal")[0][1:] == (
        4,
        5,
        0.25,
    )


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [(None, 5.0, None), (5.0, None, None), (0.0, 5.0, None), (5.0, 0.0, -1), (5.0, 5.0, 0)],
)
def test_a_change_needs_both_sides(compared, before, after, change):
    answer = compared([("c", "business", before)], [("c", "business", after)])
    assert answer[0] == ("bytes_in_per_s", before, after, change)


def test_a_side_without_rows_is_unknown_not_0(compared):
    assert compared([("c", "business", 5.0)], [])[0] == ("bytes_in_per_s", 5, None, None)
