from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.flows import group_progress as module
from kafka_analysis.stats.flows.group_progress import group_progress

T0 = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def commits(answers: dict[int, int], *, group: str = "g", partition: int = 0) -> dict[str, list]:
    return {
        "ts": [at(s) for s in answers],
        "cluster": ["c"] * len(answers),
        "group": [group] * len(answers),
        "topic": ["t"] * len(answers),
        "partition": [partition] * len(answers),
        "committed_offset": list(answers.values()),
    }


def both(*parts: dict[str, list]) -> dict[str, list]:
    return {name: [value for part in parts for value in part[name]] for name in parts[0]}


def test_progress_is_what_the_offset_grew_by(frame, rows):
    answer = group_progress(frame(commits({0: 100, 60: 160, 120: 190})), start=at(0), end=at(120))
    assert rows(answer) == [("c", "g", "t", 0, 90.0, 120.0, 0.75, 0)]


def test_an_edge_takes_its_share_of_what_lies_between_two_answers(frame, rows):
    answer = group_progress(frame(commits({0: 0, 60: 60, 120: 180})), start=at(30), end=at(90))
    assert rows(answer, "records", "seconds") == [(30 + 60, 60.0)]


def test_nothing_is_made_up_beyond_the_answers(frame, rows):
    answer = group_progress(frame(commits({60: 10, 120: 70})), start=at(0), end=at(600))
    assert rows(answer, "records", "seconds", "records_per_s") == [(60.0, 60.0, 1.0)]


def test_an_offset_set_back_counts_nothing_and_is_told(frame, rows):
    answer = group_progress(frame(commits({0: 100, 60: 160, 120: 40, 180: 50})), start=at(0), end=at(180))
    assert rows(answer, "records", "resets") == [(60 + 0 + 10, 1)]


def test_a_group_that_stands_still_moved_on_by_0_and_one_seen_once_is_unknown(frame, rows):
    still, once = commits({0: 7, 60: 7}), commits({60: 9}, group="new")
    answer = group_progress(frame(both(still, once)), start=at(0), end=at(90))
    assert rows(answer, "group", "records", "records_per_s", "resets") == [
        ("g", 0.0, 0.0, 0),
        ("new", None, None, 0),
    ]


def test_a_reset_that_is_over_when_the_window_begins_is_none_of_it(frame, rows):
    answer = group_progress(frame(commits({0: 100, 60: 40, 120: 50})), start=at(60), end=at(120))
    assert rows(answer, "records", "resets") == [(10.0, 0)]


def test_an_answer_on_the_edge_is_one_answer_and_no_progress(frame, rows):
    table = frame(commits({0: 0, 60: 60}))
    assert rows(group_progress(table, start=at(60), end=at(120)), "records") == [(None,)]
    assert rows(group_progress(frame(commits({60: 0, 120: 60})), start=at(0), end=at(60)), "records") == []


def test_a_group_that_began_later_is_spread_over_the_time_the_cluster_was_asked(frame, rows):
    early, late = commits({0: 0, 60: 10, 120: 20}), commits({60: 0, 120: 60}, group="late")
    answer = group_progress(frame(both(early, late)), start=at(0), end=at(120))
    assert rows(answer, "group", "records_per_s") == [("g", 20 / 120), ("late", 0.5)]


def test_a_partition_only_seen_outside_the_window_is_absent(frame, rows):
    answer = group_progress(frame(commits({0: 1, 60: 2})), start=at(120), end=at(180))
    assert rows(answer) == []


def ends(answers: dict[int, int]) -> dict[str, list]:
    rows = commits(answers)
    return {
        **{k: rows[k] for k in ("ts", "cluster", "topic", "partition")},
        "log_end_offset": list(answers.values()),
    }


def test_at_an_edge_a_group_moves_as_records_come_where_the_log_tells(frame, rows):
    stood_still_until_50 = frame(ends({0: 0, 50: 0, 60: 60, 70: 70, 120: 120}))
    progress = frame(commits({0: 0, 60: 60, 120: 120}))
    answer = group_progress(progress, start=at(30), end=at(65), offsets=stood_still_until_50)
    assert rows(answer, "records") == [(60 + 5,)]


def test_where_the_log_tells_nothing_time_does(frame, rows):
    progress = frame(commits({0: 0, 60: 60}))
    elsewhere = frame({**ends({0: 0, 60: 60}), "topic": ["other", "other"]})
    still, early = frame(ends({0: 9, 60: 9})), frame(ends({40: 0, 60: 60}))
    for offsets in (elsewhere, still, early):
        answer = group_progress(progress, start=at(30), end=at(90), offsets=offsets)
        assert rows(answer, "records", "seconds") == [(30.0, 30.0)]


def test_a_log_that_was_cut_short_gives_no_more_than_the_whole_and_no_less_than_nothing(frame, rows):
    progress, cut = frame(commits({0: 0, 60: 60})), frame(ends({0: 0, 30: 100, 60: 50}))
    for window, records in (((0, 30), 60.0), ((30, 60), 0.0)):
        answer = group_progress(progress, start=at(window[0]), end=at(window[1]), offsets=cut)
        assert rows(answer, "records") == [(records,)]


def test_each_partition_moves_by_its_own_log(frame, rows):
    both_move = both(commits({0: 0, 60: 60}), commits({0: 0, 60: 60}, partition=1))
    first, second = ends({0: 0, 40: 0, 60: 60}), {**ends({50: 500, 60: 600}), "partition": [1, 1]}
    answer = group_progress(frame(both_move), start=at(0), end=at(45), offsets=frame(both(first, second)))
    assert rows(answer, "partition", "records") == [(0, 15.0), (1, 45.0)]  # of the second, time alone tells


def test_minus_one_is_no_position(frame, rows):
    answer = group_progress(frame(commits({0: -1, 60: 5000, 120: 5060})), start=at(0), end=at(120))
    assert rows(answer, "records", "seconds", "resets") == [(60.0, 120.0, 0)]


def test_a_single_answer_of_the_cluster_tells_no_rate(frame, rows):
    answer = group_progress(frame(commits({30: 1})), start=at(0), end=at(60))
    assert rows(answer, "records", "seconds", "records_per_s") == [(None, 0.0, None)]


@given(
    steps=st.lists(st.integers(-50, 100), min_size=1, max_size=8),
    edge=st.integers(0, 480),
)
def test_two_windows_hold_what_one_holds(steps, edge):
    offsets = [1000]
    for step in steps:
        offsets.append(max(offsets[-1] + step, 0))
    table = pl.DataFrame(commits({60 * i: value for i, value in enumerate(offsets)}))
    end = 60 * len(steps)
    parts = [(0, min(edge, end)), (min(edge, end), end), (0, end)]
    early, late, whole = (
        group_progress(table, start=at(a), end=at(b))["records"].sum() or 0.0 for a, b in parts
    )
    assert early + late == pytest.approx(whole, abs=1e-6)
    assert whole >= 0


def test_a_group_that_the_last_snapshot_lacks_keeps_the_rate_it_was_seen_at(frame, rows):
    there = commits({0: 0, 60: 60, 120: 120}, group="there")
    moving = commits({0: 0, 60: 60}, group="moving")
    answer = group_progress(frame(both(there, moving)), start=at(0), end=at(120))
    assert rows(answer, "group", "records", "seconds", "records_per_s") == [
        ("moving", 60.0, 60.0, 1.0),
        ("there", 120.0, 120.0, 1.0),
    ]


def test_progress_is_the_same_in_parts_of_whole_topics(monkeypatch):
    tables = [
        pl.DataFrame(commits({0: 100, 60: 160, 120: 190 + n, 180: 10})).with_columns(topic=pl.lit(f"t{n}"))
        for n in range(5)
    ]
    table = pl.concat(tables)
    whole = group_progress(table, start=at(30), end=at(150))
    monkeypatch.setattr(module, "_PART_ROWS", 3)
    assert group_progress(table.sample(fraction=1, shuffle=True, seed=1), start=at(30), end=at(150)).equals(
        whole
    )
