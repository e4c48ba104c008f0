"""What no wave can hold, found before anything is ordered: each message says what would do."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError
from kafka_analysis.model.units import format_duration, format_quantity
from kafka_analysis.plan.common.outcome import NotRecordedError
from kafka_analysis.plan.waves.input import named
from kafka_analysis.plan.waves.options import WaveOptions

_ROUNDING = 1 + 1e-12


def check_limits(
    load: np.ndarray, clients: np.ndarray, *, group: np.ndarray, topics: pl.DataFrame, options: WaveOptions
) -> None:
    """Refuse a set of topics that is larger than a wave may be.

    Parameters
    ----------
    load
        Bytes in, topics and backfill of each set.
    clients
        How many clients each set has.
    group
        The set of each topic of ``topics``.
    topics, options
        As given to the plan.

    Raises
    ------
    GoalImpossibleError
        There is such a set; the message says what would do.
    NotRecordedError
        Shares are asked for where nothing flows.
    """
    flow, several, _ = load.T
    total = float(flow.sum())
    if total == 0 and (options.max_share_per_wave is not None or options.first_wave_share is not None):
        raise NotRecordedError(
            "the topics take in 0 B/s, so that a share of it bounds nothing; "
            "measure a window with traffic, or set max_share_per_wave and first_wave_share to None"
        )
    for option, amounts, words, unit in (
        ("max_bytes_in_per_s_per_wave", flow, "takes in {}", "B/s"),
        ("max_share_per_wave", flow / (total or 1), "takes in {} of all bytes", "%"),
        ("max_topics_per_wave", several, "counts {}", "topics"),
        ("max_clients_per_wave", clients, "has {}", "clients"),
    ):
        most = getattr(options, option)
        if most is not None and amounts.max() > most * _ROUNDING:
            largest = float(amounts.max())
            said = words.format(format_quantity(largest, unit))
            why = (
                f"{_whose(amounts, group, topics)} {said}, more than {format_quantity(most, unit)}; "
                f"give {option} = {round_up(largest):.12g} or more"
            )
            raise GoalImpossibleError(option, why)
    _check_bandwidth(flow, group, topics, options)
    _check_backfill(load, group, topics, options)


def round_up(value: float) -> float:
    """Return three significant digits that are no less; whole numbers up to 999 as they are.

    Examples
    --------
    >>> round_up(0.33341), round_up(7.0), round_up(1234567.0)
    (0.334, 7.0, 1240000.0)
    """
    if value == 0 or (value == int(value) and value < 1000):
        return value
    digits = 2 - math.floor(math.log10(value))
    return round(math.ceil(round(value * 10.0**digits, 6)) / 10.0**digits, max(digits, 0))


def _check_bandwidth(flow: np.ndarray, group: np.ndarray, topics: pl.DataFrame, options: WaveOptions) -> None:
    bandwidth = options.replication_bytes_per_s
    if bandwidth is None or flow.max() <= options.arriving_share * bandwidth * _ROUNDING:
        return
    comes, of = format_quantity(float(flow.max()), "B/s"), format_quantity(bandwidth, "B/s")
    share = format_quantity(options.arriving_share, "%")
    needs = format_quantity(round_up(float(flow.max()) / options.arriving_share), "B/s")
    why = (
        f"{_whose(flow, group, topics)} takes in {comes}, and of {of} at most {share} may go "
        f"to that (arriving_share); the smallest bandwidth that works is {needs}"
    )
    raise GoalImpossibleError("replication_bytes_per_s", why)


def _check_backfill(load: np.ndarray, group: np.ndarray, topics: pl.DataFrame, options: WaveOptions) -> None:
    counted_on, most = options.backfill_bytes_per_s_low, options.max_backfill_s
    if most is None or counted_on is None:
        return
    flow, backfill = load[:, 0], load[:, 2]
    if backfill.max() <= most * counted_on * _ROUNDING:
        return
    seconds = (backfill - most * flow) / (counted_on - flow)
    longest = math.ceil(seconds.max())
    why = (
        f"{_whose(seconds, group, topics)} takes {format_duration(longest)} to copy; "
        f"give max_backfill_s = {longest} or more, or more bandwidth"
    )
    raise GoalImpossibleError("max_backfill_s", why)


def _whose(amounts: np.ndarray, group: np.ndarray, topics: pl.DataFrame) -> str:
    names = topics.filter(pl.Series(group == int(amounts.argmax())))["topic"]
    return f"topic {names[0]}" if len(names) == 1 else f"what moves together ({named(names)})"
