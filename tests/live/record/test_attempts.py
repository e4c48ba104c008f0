from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kafka_analysis.live.record.attempts import Attempts, gaps
from kafka_analysis.model.manifest import LineCounts

T = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=10 * i) for i in range(8)]


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        ([], []),
        ([0], [(0, 1)]),
        ([1, 2], [(1, 3)]),
        ([1, 3], [(1, 2), (3, 4)]),
        ([4, 5], [(4, 7)]),  # nothing good came after: up to the end
        ([0, 1, 2, 3, 4, 5], [(0, 7)]),
    ],
)
def test_failures_in_a_row_are_one_gap(failed, expected):
    outcomes = [(T[i], f"reason {i}" if i in failed else None) for i in range(6)]
    joined = gaps(outcomes, end=T[7])
    assert [(T.index(g.start), T.index(g.end)) for g in joined] == expected
    assert [g.reason for g in joined] == [f"reason {start}" for start, _ in expected]


def test_a_late_answer_does_not_turn_time_back():
    outcomes = [
        (T[1], "previous scrape still running"),
        (T[0], None),
        (T[2], None),
    ]  # in the order they were noted
    assert [(gap.start, gap.end) for gap in gaps(outcomes, end=T[3])] == [(T[1], T[2])]


def test_a_target_s_entry_counts_its_attempts():
    attempts = Attempts(outcomes=[(T[0], None), (T[1], "down")], lines=LineCounts(read=3), dialect="msk")
    entry = attempts.info("jmx", "c", 1, "http://h/m", end=T[2], interval_s=10)
    assert entry.label == "jmx of broker 1"
    assert (entry.attempts, entry.ok, entry.failed, entry.dialect, entry.lines.read) == (2, 1, 1, "msk", 3)
    assert entry.gaps[0].end == T[2]
