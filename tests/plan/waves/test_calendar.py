from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.plan.waves.calendar import next_cutover
from kafka_analysis.plan.waves.options import DAYS, WaveOptions

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("options", "ready", "found"),
    [
        ({}, "2026-01-05T13:37", "2026-01-05T13:37"),
        ({"cutover_hours": (1, 5)}, "2026-01-05T00:00", "2026-01-05T01:00"),
        ({"cutover_hours": (1, 5)}, "2026-01-05T02:30", "2026-01-05T02:30"),
        ({"cutover_hours": (1, 5)}, "2026-01-05T03:01", "2026-01-06T01:00"),  # two hours are needed
        ({"cutover_hours": (22, 4)}, "2026-01-06T01:00", "2026-01-06T01:00"),  # Monday's night goes on
        ({"cutover_hours": (22, 4), "cutover_days": ["Tue"]}, "2026-01-06T01:00", "2026-01-06T22:00"),
        ({"cutover_days": ["Sat", "Sun"]}, "2026-01-05T00:00", "2026-01-10T00:00"),
        ({"cutover_days": ["Sat", "Sun"]}, "2026-01-10T23:00", "2026-01-10T23:00"),  # over midnight into Sunday
        ({"cutover_days": ["Sat"]}, "2026-01-10T23:00", "2026-01-17T00:00"),
        ({"freezes": [("2026-01-05T12:00", "2026-01-08")]}, "2026-01-05T10:00", "2026-01-05T10:00"),  # just before
        ({"freezes": [("2026-01-05T12:00", "2026-01-08")]}, "2026-01-05T10:01", "2026-01-08T00:00"),
        ({"freezes": [("2026-01-05", "2026-01-06"), ("2026-01-06", "2026-01-07")]},
         "2026-01-05T01:00", "2026-01-07T00:00"),
    ],
)  # fmt: skip
def test_the_next_cutover_is_the_first_that_may_be(options, ready, found):
    assert next_cutover(at(ready), WaveOptions(start="2026-01-05", **options)) == at(found)


@given(
    st.integers(0, 20_000),
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 200)), max_size=4),
    st.tuples(st.integers(0, 23), st.integers(3, 24)),
    st.sets(st.sampled_from(DAYS), min_size=1),
)
def test_it_is_never_frozen_never_closed_and_none_is_passed_over(minutes, freezes, hours, days):
    spans = [(MONDAY + timedelta(hours=a), MONDAY + timedelta(hours=a + b)) for a, b in freezes]
    hours = (hours[0], (hours[0] + hours[1] - 1) % 24 + 1)
    options = WaveOptions(
        start=MONDAY, freezes=spans, cutover_hours=hours, cutover_days=tuple(days), cutover_s=7200
    )
    ready = MONDAY + timedelta(minutes=minutes)
    found = next_cutover(ready, options)
    assert allowed(found, spans, options)
    tried = ready
    while tried < found:
        assert not allowed(tried, spans, options)
        tried += timedelta(minutes=30)


def allowed(start, spans, options):
    """Judge a cut-over minute by minute of half an hour: open hours of an allowed day, and no freeze."""
    end = start + timedelta(hours=2)
    if any(a < end and start < b for a, b in spans):
        return False
    first, last = options.open_hours
    steps = [start + timedelta(minutes=m) for m in range(0, 120, 5)] + [end - timedelta(seconds=1)]
    return all(
        any(
            first <= (step - midnight).total_seconds() / 3600 < last
            and DAYS[midnight.weekday()] in options.cutover_days
            for midnight in (day(step), day(step) - timedelta(days=1))
        )
        for step in steps
    ) and (last - first == 24 or same_window(start, end, options))


def same_window(start, end, options):
    first, last = options.open_hours
    return any(
        midnight + timedelta(hours=first) <= start and end <= midnight + timedelta(hours=last)
        and DAYS[midnight.weekday()] in options.cutover_days
        for midnight in (day(start), day(start) - timedelta(days=1))
    )  # fmt: skip


def day(moment):
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
