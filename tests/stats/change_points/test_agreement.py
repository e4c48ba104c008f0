"""Changes beside stated events."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats.change_points.agreement import agreement
from kafka_analysis.stats.change_points.results import Change, Changes

T0, HOUR = datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1)
NONE = dataclasses.replace(Changes.unknown("too short", step=HOUR, samples=99, missing=0), cannot_tell=None)


def changes(*hours, wide=1):
    found = [
        Change(T0 + h * HOUR, T0 + (h - wide) * HOUR, T0 + (h + wide) * HOUR, 1.0, 2.0, 2.0, 0.01)
        for h in hours
    ]
    return dataclasses.replace(NONE, changes=tuple(found))


def events(*hours):
    times = [T0 + h * HOUR for h in hours]
    schema = {"ts": pl.Datetime("ms", "UTC"), "name": pl.String}
    return pl.DataFrame({"ts": times, "name": [f"wave-{i + 1}" for i in range(len(hours))]}, schema=schema)


@pytest.mark.parametrize(
    ("found", "stated", "verdict"),
    [
        ([20], [20], "within interval"),
        ([20], [18.0], "within interval"),  # within the sample before the earliest place
        ([20], [21.9], "within interval"),
        ([20], [17.9], "later"),
        ([20], [22.0], "earlier"),
        ([], [20], "none found"),
        ([20], [], "no event"),
        ([20, 60], [20, 60], "within interval"),
        ([20, 60], [20], "several"),
        ([20, 60], [40], "several"),
        ([20], [20, 60], "earlier"),
    ],
)
def test_verdicts(found, stated, verdict):
    answer = agreement(changes(*found), events(*stated))
    assert answer.verdict == verdict
    assert len(answer.matches) == len(stated)


def test_a_series_that_cannot_tell_agrees_with_nothing():
    answer = agreement(dataclasses.replace(NONE, cannot_tell="too short"), events(20))
    assert (answer.verdict, answer.matches[0].verdict) == ("cannot tell", "cannot tell")
    assert answer.sentence == "Whether the level changed is unknown: too short."


def test_what_no_event_explains_is_listed():
    answer = agreement(changes(20, 60), events(21))
    assert [change.time for change in answer.unexplained] == [T0 + 60 * HOUR]
    assert "1 change of these cannot be explained" in answer.sentence


def test_each_event_is_told_how_far_off_its_change_is():
    assert [m.off for m in agreement(changes(20), events(18.5, 30)).matches] == [1.5 * HOUR, -10 * HOUR]


def test_pandas_and_times_without_a_zone():
    stated = events(20).with_columns(pl.col("ts").dt.replace_time_zone(None)).to_pandas()
    assert agreement(changes(20), stated).verdict == "within interval"
