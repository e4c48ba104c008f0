"""How many records producers send to each partition in each step: seasons, trend, effects and noise."""

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.simulate.layout import Business
from kafka_analysis.simulate.plan import Plan
from kafka_analysis.simulate.plantable import Effect
from kafka_analysis.simulate.schedule import Schedule

DAY_S = 86400.0
PEAK_HOUR = 15.0
MONDAY_OF_EPOCH = 4  # 1970-01-01 was a Thursday: day 4 is a Monday
SATURDAY = 5
STREAM = 1000


def records_sent(
    plan: Plan, business: Business, schedule: Schedule, steps: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Draw the records sent to each business partition in some steps; none in step 0.

    Each step has random numbers of its own, so that the result does not depend on how steps are put together.

    Examples
    --------
    >>> from kafka_analysis.simulate.layout import draw_business
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> from kafka_analysis.simulate.schedule import draw_schedule
    >>> plan = plan_of({"brokers": 3, "partitions": 30})
    >>> drawn = plan, draw_business(plan), draw_schedule(plan)
    >>> both, second = records_sent(*drawn, np.array([1, 2])), records_sent(*drawn, np.array([2]))
    >>> bool((both[1] == second[0]).all()), both.shape
    (True, (2, 30))
    """
    mean = business.records_per_s * plan.interval
    rows = [_one_step(plan, mean * _effects(plan, business, schedule, int(k)), int(k)) for k in steps]
    return np.stack(rows)


def _one_step(plan: Plan, mean: NDArray[np.float64], step: int) -> NDArray[np.int64]:
    if step == 0:
        return np.zeros(len(mean), dtype=np.int64)
    rng = np.random.default_rng([plan.seed, STREAM + step])
    noisy = 1 + plan.noise * rng.standard_normal(len(mean))
    expected = mean * season(plan, step - 0.5) * np.maximum(noisy, 0)
    return np.floor(expected + rng.random(len(mean))).astype(np.int64)


def season(plan: Plan, step: float) -> float:
    """Return what the time of day, the day of the week and the trend multiply the traffic by.

    Examples
    --------
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> seasons = {"daily": 0.5, "weekly": 0.2, "interval": "1h", "duration": "14d"}
    >>> plan = plan_of({"brokers": 3, "partitions": 30, **seasons})
    >>> [round(season(plan, hour), 3) for hour in (3, 15, 5 * 24 + 15)]
    [0.5, 1.5, 1.2]
    """
    seconds = plan.moment(step).timestamp()
    hour = seconds % DAY_S / 3600
    weekday = (seconds // DAY_S - MONDAY_OF_EPOCH) % 7
    day = 1 + plan.daily * np.cos(2 * np.pi * (hour - PEAK_HOUR) / 24)
    week = 1 - plan.weekly * (weekday >= SATURDAY)
    return float(day * week * (1 + plan.growth_per_day * step * plan.interval / DAY_S))


def _effects(plan: Plan, business: Business, schedule: Schedule, step: int) -> NDArray[np.float64]:
    factor = np.ones(len(business.topic))
    for effect in plan.effects:
        first, last = steps_of(effect, schedule)
        if first < step <= last:
            chosen = (
                slice(None)
                if effect.topic is None
                else business.topic == plan.topic_names.index(effect.topic)
            )
            factor[chosen] *= 1 + effect.change
    return factor


def steps_of(effect: Effect, schedule: Schedule) -> tuple[int, int]:
    """Return the scrapes between which an effect holds: those of its phase.

    Examples
    --------
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> from kafka_analysis.simulate.schedule import draw_schedule
    >>> plan = plan_of({"brokers": 3, "partitions": 30, "effects": ["after:bytes_in=+10%"]})
    >>> steps_of(plan.effects[0], draw_schedule(plan))
    (74, 118)
    """
    return schedule.baseline if effect.phase == "baseline" else schedule.after
