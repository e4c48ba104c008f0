"""What a search returns."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from kafka_analysis.stats.change_points.results import Change, Changes

HOUR = timedelta(hours=1)
UNKNOWN = Changes.unknown("too short", step=HOUR, samples=3, missing=1)


def test_an_answer_that_cannot_be_given_is_neither_yes_nor_no():
    assert UNKNOWN.rejects_no_change is None
    assert UNKNOWN.p_value is None


def test_no_change_is_rejected_where_there_is_one():
    at = datetime(2026, 1, 1, tzinfo=UTC)
    none = dataclasses.replace(UNKNOWN, cannot_tell=None)
    one = dataclasses.replace(none, changes=(Change(at, at, at, 1.0, 2.0, 2.0, 0.01),))
    assert (none.rejects_no_change, one.rejects_no_change) == (False, True)


def test_values_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        UNKNOWN.samples = 4
