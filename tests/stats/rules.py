"""What samples come to, told sample by sample in plain Python: slow, and the judge of ``stats.reduce``.

Neither NumPy nor Polars: the rules are those of the docstrings there, on lists and dictionaries.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from kafka_analysis.model.metrics import METRICS

KEYS = ("metric", "cluster", "broker", "topic", "partition", "group", "entity", "stat")
Row = dict[str, Any]


def can_be(metric: str, value: float | None) -> bool:
    """Tell whether a metric may have a value."""
    if value is None or math.isnan(value) or math.isinf(value) or abs(value) > 2**63:
        return False
    return value >= 0 or (metric in METRICS and METRICS[metric].signed)


def increase_by_rules(
    rows: Iterable[Row], *, low: int, high: int, step: int
) -> dict[tuple, tuple[float, int, float, float]]:
    """Return increase, resets, uncovered seconds and seconds observed for each series and bucket.

    ``rows`` are samples with times in milliseconds.
    """
    points: dict[tuple, dict[int, float]] = defaultdict(dict)
    for row in rows:
        if can_be(row["metric"], row["value"]):
            points[tuple(row[key] for key in KEYS)][row["ts"]] = row["value"]
    target = {key: (key[1], key[2], key[0] in METRICS and METRICS[key[0]].of_host) for key in points}
    scrapes, restarts = defaultdict(set), set()
    for key, seen in points.items():
        scrapes[target[key]] |= set(seen)
        for before, now in pairwise(sorted(seen)):
            if key[3] is None and seen[now] < seen[before]:
                restarts.add((target[key], now))
    times = {one: sorted(seen) for one, seen in scrapes.items()}
    found: dict[tuple, list[float]] = {}
    for key, seen in points.items():
        for since, until, told in _stretches(
            seen, times[target[key]], (target[key], restarts), is_total=key[3] is None
        ):
            _share(found, key, since, until, told, (low, high, step))
    observed = _Observed(times, (low, high, step))
    return {(*key, bucket): (*told, observed[target[key], bucket]) for (key, bucket), told in found.items()}


class _Observed(dict):
    """Seconds observed, computed when asked for."""

    def __init__(self, times, window) -> None:
        self._times, self._window = times, window

    def __missing__(self, key):
        self[key] = _observed(self._times[key[0]], key[1], self._window)
        return self[key]


def _stretches(seen, times, restarted, *, is_total):
    """Yield since, until, and growth with whether some may have been lost, from sample to sample."""
    one, restarts = restarted
    number = {time: n for n, time in enumerate(times)}
    previous = None
    for now in sorted(seen):
        at = number[now]
        if previous is None:
            if at > 0:
                yield times[at - 1], now, (seen[now], False)
        else:
            before = number[previous]
            again = any((one, time) in restarts for time in times[before + 1 : at + 1])
            lower = seen[now] < seen[previous] or again
            missed = at > before + 1
            if not lower:
                yield previous, now, (seen[now] - seen[previous], missed and not is_total)
            elif missed:
                yield previous, times[before + 1], (0.0, True)
                yield times[at - 1], now, (seen[now], False)
            else:
                yield previous, now, (seen[now], True)
        previous = now
    if previous is not None and number[previous] + 1 < len(times):
        yield previous, times[number[previous] + 1], (0.0, True)


def _share(found, key, since, until, told, window) -> None:
    low, high, step = window
    grown, is_lost = told
    for bucket, edge in enumerate(range(low, max(high, low + 1), step)):
        begin, stop = max(since, edge), min(until, edge + step, high)
        if begin < stop:
            row = found.setdefault((key, bucket), [0.0, 0, 0.0])
            row[0] += grown * (stop - begin) / (until - since)
            row[1] += is_lost and stop == until
            row[2] += is_lost * (stop - begin) / 1000


def _observed(scrapes, bucket, window) -> float:
    low, high, step = window
    edge = low + bucket * step
    return sum(max(min(b, edge + step, high) - max(a, edge), 0) for a, b in pairwise(scrapes)) / 1000


def gauge_by_rules(
    rows: Iterable[Row], *, low: int, high: int, step: int
) -> dict[tuple, tuple[float, float, float, float, int]]:
    """Return mean, min, max, last and number of samples for each series and bucket of a window."""
    seen: dict[tuple, list[tuple[int, float]]] = defaultdict(list)
    for row in rows:
        if low <= row["ts"] < high and can_be(row["metric"], row["value"]):
            seen[(*(row[key] for key in KEYS), (row["ts"] - low) // step)].append((row["ts"], row["value"]))
    told = {}
    for key, points in seen.items():
        values = [value for _, value in points]
        told[key] = (math.fsum(values) / len(values), min(values), max(values), max(points)[1], len(values))
    return told
