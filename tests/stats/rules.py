"""What counters grew by, told sample by sample in plain Python: slow, and the judge of ``stats.reduce``."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import polars as pl

from kafka_analysis.model.metrics import HOST_METRICS
from kafka_analysis.model.samples import SERIES


def increase_by_rules(
    samples: pl.DataFrame, *, low: int, high: int, step: int
) -> dict[tuple, tuple[float, int, float, float]]:
    """Return increase, resets, uncovered seconds and seconds observed for each series and bucket."""
    points: dict[tuple, dict[int, float]] = defaultdict(dict)
    for row in samples.with_columns(pl.col("ts").dt.timestamp("ms")).iter_rows(named=True):
        points[tuple(row[key] for key in SERIES)][row["ts"]] = row["value"]
    target = {key: (key[1], key[2], key[0] in HOST_METRICS) for key in points}
    scrapes, restarts = defaultdict(set), set()
    for key, seen in points.items():
        scrapes[target[key]] |= set(seen)
        for before, now in pairwise(sorted(seen)):
            if key[3] is None and seen[now] < seen[before]:
                restarts.add((target[key], now))
    found: dict[tuple, list[float]] = {}
    for key, seen in points.items():
        last_value = None
        for before, now in pairwise([None, *sorted(scrapes[target[key]])]):
            if before is not None and now in seen and before in seen:
                reset = seen[now] < last_value or (target[key], now) in restarts
                grown = seen[now] if reset else seen[now] - seen[before]
                _share(found, key, before, now, (grown, reset), (low, high, step))
            elif before is not None and now in seen:
                _share(found, key, before, now, (seen[now], False), (low, high, step))
            elif before is not None and before in seen:
                _share(found, key, before, now, (0.0, True), (low, high, step))
            last_value = seen.get(now, last_value)
    return {
        (*key, bucket): (*told, _observed(sorted(scrapes[target[key]]), bucket, (low, high, step)))
        for (key, bucket), told in found.items()
    }


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
