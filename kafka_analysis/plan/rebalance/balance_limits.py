"""How much of each resource every broker should carry, may carry, and may carry at most."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.rebalance.options import COUNTS, RebalanceOptions

_DISK = "disk_bytes"


@dataclass(frozen=True)
class Bands:
    """Limits of load (in shares: the mean of the brokers that stay is 1) and what brokers may do."""

    low: np.ndarray  # f64[b, r]
    high: np.ndarray
    share: np.ndarray  # what each should carry; 0 for brokers that go
    capacity: np.ndarray  # infinite where it is unknown
    takes: np.ndarray  # bool[b]
    gives: np.ndarray


def capacity(cluster: pl.DataFrame, resource: str) -> np.ndarray | None:
    """Return every broker's capacity for a resource, None where it is unknown.

    Raises
    ------
    InputError
        It is told of some brokers only, or is not above 0.

    Examples
    --------
    >>> capacity(pl.DataFrame({"broker": [1, 2], "disk_bytes": [5e12, 1e13]}), "size_bytes").tolist()
    [5000000000000.0, 10000000000000.0]
    """
    name = f"{resource}_capacity"
    if name not in cluster.columns and resource == "size_bytes":
        name = _DISK
    if name not in cluster.columns or cluster[name].null_count() == len(cluster):
        return None
    amounts = cluster[name].cast(pl.Float64)
    wrong = cluster.filter(amounts.is_null() | (amounts <= 0) | ~amounts.is_finite())["broker"]
    if len(wrong):
        raise InputError(
            f"{name} of broker {wrong[0]} is missing or not above 0; give it for every broker or for none"
        )
    return amounts.to_numpy()


def cordoned_of(cluster: pl.DataFrame, rows: int) -> np.ndarray:
    """Return for each row of the arrays whether its broker is cordoned: known to take no replica (KIP-1066).

    Examples
    --------
    >>> cordoned_of(pl.DataFrame({"broker": [1, 2], "cordoned": [True, None]}), 3).tolist()
    [True, False, False]
    """
    flags = np.zeros(rows, bool)
    if "cordoned" in cluster.columns:
        flags[: len(cluster)] = cluster["cordoned"].fill_null(value=False).to_numpy()
    return flags


def fair_shares(cluster: pl.DataFrame, resource: str, stays: Iterable[bool]) -> np.ndarray:
    """Compute how much each broker should carry: 1 on the mean, more for a larger one, 0 for one that goes.

    Examples
    --------
    >>> brokers = pl.DataFrame({"broker": [1, 2], "disk_bytes": [1e12, 3e12]})
    >>> [fair_shares(brokers, name, [True, True]).tolist() for name in ("size_bytes", "leaders")]
    [[0.5, 1.5], [1.0, 1.0]]
    """
    kept = np.asarray(list(stays))
    room = capacity(cluster, resource)
    room = np.ones(len(cluster)) if room is None else room
    return np.where(kept, room / room[kept].mean(), 0.0)


def band(share: np.ndarray, tolerance: float, *, unit: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Compute what a broker may carry; counts are rounded to whole numbers.

    Parameters
    ----------
    share
        What it should carry, 1 on the mean.
    tolerance
        Fraction of that, allowed above and below.
    unit
        For counts, one of them as a part of the mean; None for amounts.

    Examples
    --------
    >>> [limit.tolist() for limit in band(np.array([1.0]), 0.1, unit=None)]
    [[0.9], [1.1]]
    >>> [limit.round(3).tolist() for limit in band(np.array([1.0]), 0.1, unit=1 / 2.5)]  # 2.5 leaders: 2 or 3
    [[0.8], [1.2]]
    """
    low, high = share * (1 - tolerance), share * (1 + tolerance)
    if unit is None or not unit:
        return low, high
    return np.minimum(low, np.floor(share / unit) * unit), np.maximum(high, np.ceil(share / unit) * unit)


def bands_of(
    cluster: pl.DataFrame,
    stays: np.ndarray,
    load: np.ndarray,
    scale: np.ndarray,
    resources: tuple[str, ...],
    options: RebalanceOptions,
) -> Bands:
    """Compute the limits of every broker.

    Parameters
    ----------
    cluster
        The brokers of the first rows of the arrays.
    stays
        Of every row, whether the broker is there and stays.
    load, scale
        What brokers carry in shares before the plan, and how much a share is.
    resources, options
        What is planned for, and how.
    """
    low, high, shares = (np.zeros(load.shape) for _ in range(3))
    room = np.full(load.shape, np.inf)
    drains = np.zeros(len(stays), bool)
    count = len(cluster)
    for r, resource in enumerate(resources):
        shares[:count, r] = share = fair_shares(cluster, resource, stays[:count])
        share = np.concatenate([share, np.zeros(len(stays) - count)])
        unit = 1 / scale[r] if resource in COUNTS else None
        low[:, r], high[:, r] = band(share, options.tolerance_of(resource), unit=unit)
        if not load[:, r].any():
            low[:, r] = 0  # nothing to carry is even
        amounts = capacity(cluster, resource)
        if amounts is not None:
            room[:count, r] = amounts / scale[r]
        high[:, r] = np.minimum(high[:, r], room[:, r])
        if options.drain_above is not None:
            drains[stays] |= load[stays, r] > options.drain_above * share[stays]
    is_old = (
        ~np.isin(np.arange(len(stays)), _rows_of(cluster, options.add_brokers))
        if options.add_brokers
        else ~stays
    )
    return Bands(
        low=low,
        high=high,
        share=shares,
        capacity=room,
        takes=stays & ~is_old & ~drains & ~cordoned_of(cluster, len(stays)),
        gives=drains | ~stays if options.drain_above is not None else np.ones(len(stays), bool),
    )


def worst_allowed(bands: Bands, load: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute how little and how much a broker may carry so that no resource gets worse than it is.

    Returns
    -------
    tuple of arrays
        ``least``, ``most``: f64[b, r]; whoever goes is emptied, not evened out, and may carry anything.
    """
    stays = bands.share[:, 0] > 0
    ratio = load[stays] / bands.share[stays]
    least, most = np.zeros(load.shape), np.full(load.shape, np.inf)
    worst = np.maximum(bands.high[stays], ratio.max(axis=0) * bands.share[stays])
    most[stays] = np.minimum(worst, bands.capacity[stays])
    least[stays] = np.minimum(bands.low[stays], ratio.min(axis=0) * bands.share[stays])
    return least, most


def _rows_of(cluster: pl.DataFrame, brokers: Iterable[int]) -> np.ndarray:
    return np.flatnonzero(cluster["broker"].is_in(list(brokers)).to_numpy())
