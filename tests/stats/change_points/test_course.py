"""What may go on beside changes."""

from __future__ import annotations

import numpy as np

from kafka_analysis.stats.change_points.course import bends, courses, straight_line

DAY_S = 86_400.0
SATURDAY = 2 * DAY_S  # 3 January 1970


def test_weekends_begin_on_saturday_by_utc():
    weekends = next(c for c in courses(14, start_s=SATURDAY, step_s=DAY_S) if c.name == "weekends")
    assert weekends.columns[0].tolist() == [1.0, 1.0, 0, 0, 0, 0, 0, 1.0, 1.0, 0, 0, 0, 0, 0]


def test_each_day_but_monday_has_a_level_of_its_own():
    days = next(c for c in courses(14, start_s=SATURDAY, step_s=DAY_S) if c.name == "days of the week")
    assert days.columns.sum(axis=1).tolist() == [2.0] * 6
    assert np.flatnonzero(days.columns.sum(axis=0) == 0).tolist() == [2, 9]


def test_less_than_two_weeks_and_longer_steps_know_no_week():
    assert [c.name for c in courses(13, start_s=0.0, step_s=DAY_S)] == ["straight line"]
    assert [c.name for c in courses(99, start_s=0.0, step_s=2 * DAY_S)] == ["straight line"]


def test_a_bend_goes_on_from_the_line():
    bent = next(iter(bends(straight_line(9), 9))).columns
    assert bent[0].tolist() == straight_line(9).columns[0].tolist()
    assert bent[1][0] == 0.0
    assert (np.diff(bent[1]) >= 0).all()
