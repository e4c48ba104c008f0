from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError, WindowError
from kafka_analysis.sources.amazon.cloudwatch_periods import LIVES, plan_periods

NOW = datetime(2026, 3, 1, 10, 30, 17, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_two_weeks_are_read_by_the_minute_and_without_a_note():
    plan = plan_periods(ago(14), NOW, now=NOW)
    (part,) = plan.parts
    assert (part.period_s, plan.notes, plan.expired) == (60, (), None)
    assert part.points == 14 * 24 * 60 - 1  # whole minutes: neither the one begun before nor the one not over
    assert (part.start.second, part.end.second) == (0, 0)


def test_what_is_older_is_read_as_finely_as_it_is_kept_and_that_is_said():
    plan = plan_periods(ago(100), NOW, now=NOW)
    assert [part.period_s for part in plan.parts] == [3600, 300, 60]
    assert [a.end == b.start for a, b in zip(plan.parts, plan.parts[1:], strict=False)] == [True, True]
    assert [note.split(" UTC was read in periods of ")[1].split(";")[0] for note in plan.notes] == [
        "3600 s",
        "300 s",
    ]
    assert "15 days" in plan.notes[0]


@pytest.mark.parametrize(
    ("days", "period_s"), [(14.9, 60), (15.1, 300), (62.9, 300), (63.1, 3600), (454.9, 3600)]
)
def test_ages_are_those_of_the_reference(days, period_s):
    start = ago(days)
    assert plan_periods(start, start + timedelta(hours=2), now=NOW).parts[0].period_s == period_s


def test_what_has_expired_is_a_stretch_without_data():
    plan = plan_periods(ago(500), NOW, now=NOW)
    assert plan.expired.start == ago(500)
    assert plan.expired.end == plan.parts[0].start
    assert "is unknown" in plan.notes[0]


def test_a_coarser_period_may_be_asked_for():
    assert [part.period_s for part in plan_periods(ago(20), NOW, now=NOW, period_s=3600).parts] == [3600]
    assert [part.period_s for part in plan_periods(ago(20), NOW, now=NOW, period_s=300).parts] == [300]
    assert plan_periods(ago(20), NOW, now=NOW, period_s=300).notes == ()


def test_the_future_is_left_out():
    assert plan_periods(ago(1), NOW + timedelta(days=1), now=NOW).parts[-1].end <= NOW


@pytest.mark.parametrize("period_s", [0, 1, 61, 120, 7200])
def test_other_periods_are_refused(period_s):
    with pytest.raises(InputError, match="give 60s, 5m or 1h"):
        plan_periods(ago(1), NOW, now=NOW, period_s=period_s)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (ago(1), ago(2), "not before end"),
        (ago(1), ago(1), "not before end"),
        (ago(900), ago(800), "keeps no complete period"),
        (ago(1), ago(1) + timedelta(seconds=30), "keeps no complete period"),
        (NOW + timedelta(days=1), NOW + timedelta(days=2), "keeps no complete period"),
    ],
)
def test_windows_without_data_are_refused(start, end, said):
    with pytest.raises(WindowError, match=said):
        plan_periods(start, end, now=NOW)


@given(
    start=st.integers(0, 500 * 86400),
    length=st.integers(2 * 3600, 500 * 86400),
    period_s=st.sampled_from(sorted(LIVES)),
)
def test_parts_cover_the_window_once_with_data_that_are_kept(start, length, period_s):
    begin = NOW - timedelta(seconds=start + 2 * 3600)
    try:
        plan = plan_periods(begin, begin + timedelta(seconds=length), now=NOW, period_s=period_s)
    except WindowError:
        assert begin + timedelta(seconds=length) < ago(454.9)
        return
    last = min(begin + timedelta(seconds=length), NOW)
    assert begin <= plan.parts[0].start
    assert plan.parts[-1].end <= last
    assert last - plan.parts[-1].end < timedelta(hours=1)
    for part in plan.parts:
        assert NOW - part.start <= LIVES[part.period_s]
        assert part.points * part.period_s == (part.end - part.start).total_seconds()
        assert part.start.timestamp() % part.period_s == 0
    for before, after in zip(plan.parts, plan.parts[1:], strict=False):
        assert before.end == after.start
        assert before.period_s > after.period_s >= period_s
