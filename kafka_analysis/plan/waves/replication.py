"""How long the copy of a wave takes, while records go on arriving."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from kafka_analysis.model.errors import GoalImpossibleError
from kafka_analysis.model.units import format_quantity

_LONGEST_S = 10 * 366 * 86400.0


def backfill_s(stored_bytes: float, *, bandwidth_bytes_per_s: float, arriving_bytes_per_s: float) -> float:
    """Return how long a copy takes: what is stored ÷ (bandwidth − what arrives meanwhile).

    Parameters
    ----------
    stored_bytes
        One copy of what is stored.
    bandwidth_bytes_per_s
        What the replicator carries.
    arriving_bytes_per_s
        What producers write meanwhile; it is copied as well.

    Raises
    ------
    GoalImpossibleError
        As much arrives as can be copied, or more; or it takes more than ten years.

    Examples
    --------
    >>> backfill_s(6e12, bandwidth_bytes_per_s=80e6, arriving_bytes_per_s=20e6)
    100000.0
    """
    left = bandwidth_bytes_per_s - arriving_bytes_per_s
    if left <= 0:
        comes, goes = (format_quantity(rate, "B/s") for rate in (arriving_bytes_per_s, bandwidth_bytes_per_s))
        why = f"{comes} arrive, and {goes} are copied: the copy never ends; give more than {comes}"
        raise GoalImpossibleError("replication_bytes_per_s", why)
    if stored_bytes > left * _LONGEST_S:
        needs = format_quantity(stored_bytes / _LONGEST_S + arriving_bytes_per_s, "B/s")
        why = f"the copy takes more than ten years; give a bandwidth of at least {needs}"
        raise GoalImpossibleError("replication_bytes_per_s", why)
    return stored_bytes / left


def copied_at(
    start: datetime,
    stored_bytes: float,
    *,
    bandwidth_bytes_per_s: float,
    arriving_bytes_per_s: float,
    mirrored: Sequence[tuple[datetime, float]],
) -> datetime:
    """Return when a copy ends that shares its bandwidth with waves that are copied and not yet cut over.

    Parameters
    ----------
    start
        When the copy begins.
    stored_bytes, bandwidth_bytes_per_s, arriving_bytes_per_s
        As of :func:`backfill_s`.
    mirrored
        For each such wave: when it is cut over, and what arrives in it until then.

    Examples
    --------
    >>> from datetime import UTC
    >>> begin = datetime(2026, 1, 1, tzinfo=UTC)
    >>> end = copied_at(begin, 300.0, bandwidth_bytes_per_s=3.0, arriving_bytes_per_s=0.0,
    ...     mirrored=[(begin + timedelta(seconds=100), 1.0)])
    >>> (end - begin).total_seconds()  # 100 s at 2 B/s, the rest at 3 B/s
    133.333333
    """
    left, moment = stored_bytes, start
    for until in sorted({end for end, _ in mirrored if end > start}):
        others = sum(flow for end, flow in mirrored if end > moment)
        speed = max(bandwidth_bytes_per_s - arriving_bytes_per_s - others, 0.0)
        copied = speed * (until - moment).total_seconds()
        if copied >= left:
            return moment + timedelta(seconds=left / speed)
        left, moment = left - copied, until
    rest = backfill_s(
        left, bandwidth_bytes_per_s=bandwidth_bytes_per_s, arriving_bytes_per_s=arriving_bytes_per_s
    )
    return moment + timedelta(seconds=rest)
