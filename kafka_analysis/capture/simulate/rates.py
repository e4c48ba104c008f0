"""Mean bytes per partition, such that brokers are even but for the hot ones, and topics but for the skewed ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.capture.simulate.plan import Plan
from kafka_analysis.model.errors import InputError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
ROUNDS = 2000
CLOSE = 1e-9
NEAR_ENOUGH = 1e-4


def partition_rates(plan: Plan, *, weights: Floats, topic: Ints, partition: Ints, leader: Ints) -> Floats:
    """Scale weights to bytes per second that hold what is planted, by iterative proportional fitting.

    Parameters
    ----------
    weights
        Relative bytes of each partition before.
    topic, partition, leader
        Numbers of each partition's topic, of itself in it, and of its leading broker (from 0).

    Returns
    -------
    array
        Bytes per second; they add up to the plan's mean.

    Raises
    ------
    InputError
        When what is planted cannot be had together: a hot key too heavy for its broker, say.

    Notes
    -----
    Deming and Stephan, On a least squares adjustment of a sampled frequency table (1940): scale to one margin (the
    brokers' loads), then to the other (the shares of hot partitions), until both hold.

    Examples
    --------
    >>> from kafka_analysis.capture.simulate.plan import plan_of
    >>> plan = plan_of({"brokers": 3, "partitions": 3, "topics": 1, "hot_brokers": ["1:2"], "bytes_per_s": 300})
    >>> number = np.arange(3)
    >>> partition_rates(plan, weights=np.ones(3), topic=number * 0, partition=number, leader=number).round().tolist()
    [200.0, 50.0, 50.0]
    """
    target = broker_targets(plan)
    skewed = [(plan.topic_names.index(one.topic), one.share) for one in plan.skewed_topics]
    places = [(np.flatnonzero((topic == t) & (partition == 0))[0], topic == t, share) for t, share in skewed]
    rates = weights * plan.mean_bytes_per_s / weights.sum()
    for _ in range(ROUNDS):
        rates = rates * (target / np.bincount(leader, weights=rates, minlength=plan.brokers))[leader]
        off = max((abs(rates[p] / rates[t].sum() - share) for p, t, share in places), default=0.0)
        if off < CLOSE:
            break
        for place, members, share in places:
            rates = _with_share(rates, place, members, share)
    off = max((abs(rates[p] / rates[t].sum() - share) for p, t, share in places), default=0.0)
    if not off < NEAR_ENOUGH:
        message = "skewed_topics: their brokers have no room for such hot partitions; plant less or give more partitions"
        raise InputError(message)
    return rates


def broker_targets(plan: Plan) -> Floats:
    """Return the bytes in per second each broker shall lead: hot ones by their factors, the others even.

    Examples
    --------
    >>> from kafka_analysis.capture.simulate.plan import plan_of
    >>> plan = plan_of({"brokers": 4, "partitions": 12, "hot_brokers": ["2:2.5"], "bytes_per_s": 400})
    >>> broker_targets(plan).tolist()
    [50.0, 250.0, 50.0, 50.0]
    """
    rest = plan.brokers - sum(hot.factor for hot in plan.hot_brokers)
    factors = np.full(plan.brokers, rest / (plan.brokers - len(plan.hot_brokers)))
    for hot in plan.hot_brokers:
        factors[hot.broker - 1] = hot.factor
    return factors * plan.mean_bytes_per_s / plan.brokers


def _with_share(rates: Floats, place: int, members: NDArray[np.bool_], share: float) -> Floats:
    """Give one partition its share of its topic's bytes; the topic's sum stays."""
    total, others = rates[members].sum(), rates[members].sum() - rates[place]
    scaled = np.where(members, rates * (1 - share) * total / max(others, np.finfo(float).tiny), rates)
    scaled[place] = share * total
    return scaled
