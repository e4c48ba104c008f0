"""Mean bytes per partition, such that brokers are even but for the hot ones, and topics but for the skewed ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.model.errors import InputError
from kafka_analysis.simulate.plan import Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
ROUNDS = 2000
CLOSE = 1e-9
NEAR_ENOUGH = 1e-4
FEWEST_PARTITIONS = 2


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
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> plan = plan_of({"brokers": 3, "partitions": 3, "topics": 1, "hot_brokers": ["1:2"], "bytes_per_s": 300})
    >>> number = np.arange(3)
    >>> partition_rates(plan, weights=np.ones(3), topic=number * 0, partition=number, leader=number).round().tolist()
    [200.0, 50.0, 50.0]
    """
    target, places = broker_targets(plan), _hot_places(plan, topic, partition)
    rates = weights * plan.mean_bytes_per_s / weights.sum()
    for _ in range(ROUNDS):
        rates = rates * (target / np.bincount(leader, weights=rates, minlength=plan.brokers))[leader]
        for hot in places:
            rates = _with_share(rates, hot)
        off = np.abs(np.bincount(leader, weights=rates, minlength=plan.brokers) / target - 1).max()
        if off < CLOSE:
            break
    if not off < NEAR_ENOUGH:
        message = "skewed_topics: the brokers cannot carry such hot partitions; give smaller shares or more partitions"
        raise InputError(message)
    return rates


@dataclass(frozen=True)
class _Hot:
    """A partition that shall take a share of the bytes of its topic's members."""

    place: int
    members: NDArray[np.bool_]
    share: float


def _hot_places(plan: Plan, topic: Ints, partition: Ints) -> list[_Hot]:
    places = []
    for hot in plan.skewed_topics:
        members = topic == plan.topic_names.index(hot.topic)
        if members.sum() < FEWEST_PARTITIONS:
            message = f"skewed_topics: {hot.topic} has a single partition; name a larger one, the first are the largest"
            raise InputError(message)
        places.append(_Hot(int(np.flatnonzero(members & (partition == 0))[0]), members, hot.share))
    return places


def broker_targets(plan: Plan) -> Floats:
    """Return the bytes in per second each broker shall lead: hot ones by their factors, the others even.

    Examples
    --------
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> plan = plan_of({"brokers": 4, "partitions": 12, "hot_brokers": ["2:2.5"], "bytes_per_s": 400})
    >>> broker_targets(plan).tolist()
    [50.0, 250.0, 50.0, 50.0]
    """
    rest = plan.brokers - sum(hot.factor for hot in plan.hot_brokers)
    factors = np.full(plan.brokers, rest / (plan.brokers - len(plan.hot_brokers)))
    for hot in plan.hot_brokers:
        factors[hot.broker - 1] = hot.factor
    return factors * plan.mean_bytes_per_s / plan.brokers


def _with_share(rates: Floats, hot: _Hot) -> Floats:
    """Give one partition its share of its topic's bytes; the topic's sum stays."""
    total = rates[hot.members].sum()
    others = max(total - rates[hot.place], np.finfo(float).tiny)
    scaled = np.where(hot.members, rates * (1 - hot.share) * total / others, rates)
    scaled[hot.place] = hot.share * total
    return scaled
