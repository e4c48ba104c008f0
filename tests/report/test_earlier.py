from __future__ import annotations

from datetime import timedelta

from kafka_analysis.report.earlier import Earlier, earlier_of
from kafka_analysis.report.history import SCHEMA, rows_of


def test_course_change_and_whether_the_run_before_can_be_opened(made) -> None:
    rows = rows_of(made.run("before", 0), {"nb": made.summary(made.answer(light="green", skew=1.1))})
    moment, now = made.began + timedelta(days=1), made.answer(skew=1.6)
    earlier = earlier_of(rows, made.summary(now), made_at=moment, kept={"before"})
    assert earlier.course(now).figures["skew"].values == (1.1, 1.6)
    change = earlier.change(now)
    assert (change.since, change.light_changed, earlier.is_kept) == ("before", True, True)
    assert earlier.change(made.answer("another")) is None
    assert not earlier_of(rows, made.summary(now), made_at=moment).is_kept


def test_a_first_run_has_nothing_before_it(made) -> None:
    now = made.answer()
    earlier = earlier_of(SCHEMA.to_frame(), made.summary(now), made_at=made.began)
    assert earlier == Earlier(made.began)
    assert earlier.change(now) is None
