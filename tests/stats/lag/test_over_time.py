from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kafka_analysis.stats import group_lag

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def place(count: int, partition: int = 0) -> dict[str, object]:
    return {"cluster": ["c"] * count, "topic": ["t"] * count, "partition": [partition] * count}


@pytest.mark.parametrize(
    ("read_at", "committed", "expected"),
    [
        (5, 7, 3),  # the end read last before it, 10, counts
        (10, 7, 13),  # read at the same moment
        (25, 7, 23),
        (25, 30, 0),  # a commit that is newer than the end last read is no negative lag
        (-1, 7, None),  # no end was read before: unknown
        (5, None, None),
    ],
)
def test_a_commit_is_held_against_the_log_end_read_last_before_it(frame, rows, read_at, committed, expected):
    ends = frame({"ts": [at(0), at(10), at(20)], **place(3), "log_end_offset": [10, 20, 30]})
    commits = frame({"ts": [at(read_at)], **place(1), "group": ["g"], "committed_offset": [committed]})
    assert rows(group_lag(commits, ends), "lag_records") == [(expected,)]


def test_partitions_and_clusters_are_kept_apart(frame, rows):
    ends = frame(
        {
            "ts": [at(0), at(0)],
            "cluster": ["c", "d"],
            "topic": ["t", "t"],
            "partition": [0, 0],
            "log_end_offset": [10, 99],
        }
    )
    commits = frame({"ts": [at(1)] * 2, **place(2), "group": ["g", "h"], "committed_offset": [4, 9]})
    assert rows(group_lag(commits, ends), "group", "lag_records") == [("g", 6), ("h", 1)]


ENDS = {
    "ts": [at(0), at(10), at(20)],
    **place(3),
    "log_start_offset": [0, 0, 60],
    "log_end_offset": [50, 100, 200],
}


@pytest.mark.parametrize(
    ("committed", "seconds", "at_least", "lost"),
    [
        (200, 0.0, False, 0),
        (150, 9.95, False, 0),
        (100, 14.95, False, 0),
        (60, 22.9, False, 0),  # a fifth of the ten seconds after the first answer
        (10, 22.9, False, 50),  # retention deleted fifty of what was to be read
    ],
)
def test_seconds_are_the_age_of_the_record_that_is_read_next(frame, rows, committed, seconds, at_least, lost):
    commits = frame({"ts": [at(25)], **place(1), "group": ["g"], "committed_offset": [committed]})
    ((found, least, gone),) = rows(
        group_lag(commits, frame(ENDS)), "lag_seconds", "is_at_least", "lost_records"
    )
    assert (found, bool(least), gone) == (pytest.approx(seconds), at_least, lost)


def test_a_record_from_before_the_capture_is_at_least_as_old_as_the_capture(frame, rows):
    ends = frame({**ENDS, "log_start_offset": [0, 0, 0]})
    commits = frame({"ts": [at(25)], **place(1), "group": ["g"], "committed_offset": [10]})
    assert rows(group_lag(commits, ends), "lag_seconds", "is_at_least") == [(25.0, True)]


def test_what_exporters_write_where_nothing_was_committed_is_no_lag(frame, rows):
    commits = frame({"ts": [at(25)] * 2, **place(2), "group": ["g", "h"], "committed_offset": [-1, 150]})
    assert rows(group_lag(commits, frame(ENDS)), "group") == [("h",)]
