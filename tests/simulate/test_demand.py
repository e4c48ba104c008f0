from __future__ import annotations

import numpy as np
import pytest

from kafka_analysis.simulate.demand import records_sent, season
from kafka_analysis.simulate.layout import draw_business
from kafka_analysis.simulate.plan import plan_of
from kafka_analysis.simulate.schedule import draw_schedule

WEEKS = {"brokers": 3, "partitions": 12, "duration": "14d", "interval": "1h"}


def sent(steps, **options):
    plan = plan_of({**WEEKS, **options})
    business = draw_business(plan)
    return records_sent(
        plan, business, draw_schedule(plan), np.array(steps)
    ), business.records_per_s * plan.interval


def test_the_mean_is_what_was_asked_for():
    drawn, mean = sent(range(1, 337), noise=0.5)
    assert drawn.mean(axis=0) == pytest.approx(mean, rel=0.12)
    assert (sent([0])[0] == 0).all()


def test_without_noise_only_rounding_is_left():
    drawn, mean = sent([5], noise=0.0)
    assert np.abs(drawn - mean).max() < 1


def test_few_records_are_not_lost_to_rounding():
    drawn, mean = sent(range(1, 337), bytes_per_s=2.0)
    assert drawn.sum() == pytest.approx(336 * mean.sum(), rel=0.1)


def test_day_week_and_trend():
    plan = plan_of({**WEEKS, "daily": 0.4, "weekly": 0.5, "growth_per_day": 0.1})
    monday, saturday = season(plan, 15), season(plan, 5 * 24 + 15)
    assert monday == pytest.approx(1.4 * (1 + 0.1 * 15 / 24))
    assert saturday == pytest.approx(1.4 * 0.5 * (1 + 0.1 * (5 + 15 / 24)))
    assert np.mean([season(plan_of({**WEEKS, "daily": 0.4}), k + 0.5) for k in range(24)]) == pytest.approx(1)


def test_an_effect_holds_in_its_phase_only():
    plan = plan_of({**WEEKS, "effects": ["baseline:bytes_in=+50%"]})
    first, last = draw_schedule(plan).baseline
    plain, changed = (
        sent(range(1, 337), noise=0.0, **o)[0].sum(axis=1) for o in ({}, {"effects": plan.effects})
    )
    ratio = changed / plain
    assert ratio[first:last] == pytest.approx(np.full(last - first, 1.5), rel=1e-3)
    assert ratio[: first - 1] == pytest.approx(np.ones(first - 1))
    assert ratio[last:] == pytest.approx(np.ones(336 - last))
