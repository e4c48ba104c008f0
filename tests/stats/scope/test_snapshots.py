from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.scope.snapshots import records_appended, snapshot_at

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


@pytest.fixture
def appended(frame, rows):
    """Return a function of log end offsets per partition, one every 10 s ('-': no row, None: no answer)."""

    def grow(*logs, start=0, end=None):
        kept = [(p, i, v) for p, log in enumerate(logs) for i, v in enumerate(log) if v != "-"]
        table = frame(
            {
                "ts": [at(10 * i) for _, i, _ in kept],
                "cluster": "c",
                "topic": "t",
                "partition": [p for p, _, _ in kept],
                "log_start_offset": 0,
                "log_end_offset": [v for _, _, v in kept],
            }
        )
        longest = 10 * (max(map(len, logs)) - 1)
        answer = records_appended(table, start=at(start), end=at(longest if end is None else end))
        return rows(answer, "partition", "records", "seconds", "records_per_s")

    return grow


def test_the_last_snapshot_before_the_moment_is_chosen(frame, rows):
    table = frame({"ts": [at(0), at(0), at(10), at(20)], "cluster": "c", "leader": [1, 2, 3, 4]})
    assert rows(snapshot_at(table, at(10)), "leader") == [(3,)]
    assert sorted(rows(snapshot_at(table, at(9)), "leader")) == [(1,), (2,)]
    assert rows(snapshot_at(table, at(99)), "leader") == [(4,)]


def test_before_the_first_snapshot_it_is_the_first(frame, rows):
    table = frame({"ts": [at(10), at(20)], "cluster": "c", "leader": [1, 2]})
    assert rows(snapshot_at(table, at(0)), "leader") == [(1,)]


def test_each_cluster_has_its_own_snapshots(frame, rows):
    table = frame({"ts": [at(0), at(10), at(5)], "cluster": ["a", "a", "b"], "leader": [1, 2, 3]})
    assert sorted(rows(snapshot_at(table, at(4)), "cluster", "leader")) == [("a", 1), ("b", 3)]


def test_records_are_the_growth_of_the_log(appended):
    assert appended([5, 25, 65], [7, 7, 7]) == [(0, 60, 20, 3), (1, 0, 20, 0)]


def test_a_window_edge_takes_its_share(appended):
    assert appended([0, 20, 60], start=5, end=15) == [(0, 30, 10, 3)]


def test_a_log_that_falls_counts_from_0(appended):
    assert appended([100, 120, 8]) == [(0, 28, 20, 1.4)]


def test_a_partition_first_seen_later_began_at_0(appended):
    assert appended([0, 0, 0], ["-", 6, 10])[1] == (1, 10, 20, 0.5)


def test_a_silent_leader_is_no_reset(appended):
    assert appended([100, None, 140], [7, 7, 7])[0] == (0, 40, 20, 2)


def test_what_came_while_the_leader_was_silent_is_spread_evenly(appended):
    assert appended([100, None, 140], [7, 7, 7], end=10)[0] == (0, 20, 10, 2)


def test_silent_at_an_edge_counts_what_was_seen(appended):
    assert appended([None, 100, 140], [7, 7, 7])[0] == (0, 40, 20, 2)
    assert appended([100, 140, None], [7, 7, 7])[0] == (0, 40, 20, 2)


def test_recreated_while_the_leader_was_silent_counts_from_0(appended):
    assert appended([100, None, 8], [7, 7, 7])[0] == (0, 8, 20, 0.4)


def test_a_partition_that_never_answered_is_absent(appended):
    assert [row[0] for row in appended([None, None], [7, 8])] == [1]


@given(steps=st.lists(st.integers(0, 1000), min_size=2, max_size=10), silent=st.sets(st.integers(1, 8)))
def test_silence_between_two_answers_loses_nothing(steps, silent):
    import polars as pl

    ends = [sum(steps[:i]) for i in range(len(steps) + 1)]
    known = [None if i in silent and i < len(steps) else v for i, v in enumerate(ends)]
    table = pl.DataFrame(
        {
            "ts": [at(i) for i in range(len(ends))],
            "cluster": "c",
            "topic": "t",
            "partition": 0,
            "log_end_offset": known,
        }
    )
    answer = records_appended(table, start=at(0), end=at(len(steps)))
    assert answer["records"].to_list() == [pytest.approx(sum(steps))]
