"""The fewest bytes there can be, by a mixed-integer program that shares nothing with the planner."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp


def fewest_bytes(partitions: pl.DataFrame, brokers: pl.DataFrame, *, tolerance: float) -> float | None:
    """Return the least bytes that keep the racks and bring disk, traffic, replicas and leaders within their bands.

    None where nothing can. Variables: partition p is on broker b, partition p is led by broker b.
    """
    ids, rack = brokers["broker"].to_list(), brokers["rack"].to_list()
    rows = partitions.to_dicts()
    n, m = len(rows), len(ids)
    on, led = np.arange(n * m).reshape(n, m), np.arange(n * m, 2 * n * m).reshape(n, m)
    rules: list[tuple[np.ndarray, np.ndarray, float, float]] = []
    for p, row in enumerate(rows):
        copies = len(row["replicas"])
        rules.append((on[p], np.ones(m), copies, copies))
        rules.append((led[p], np.ones(m), 1, 1))
        rules += [(np.array([led[p, b], on[p, b]]), np.array([1, -1]), -1, 0) for b in range(m)]
        if copies <= len(set(rack)):
            for name in set(rack):
                there = [b for b in range(m) if rack[b] == name]
                rules.append((on[p, there], np.ones(len(there)), 0, 1))
    sent = [(len(r["replicas"]) - 1) * r["bytes_in_per_s"] + r["bytes_out_per_s"] for r in rows]
    copies = [len(r["replicas"]) for r in rows]
    one = [1] * n
    for amounts, times, where, is_count in (
        ([r["size_bytes"] for r in rows], copies, on, False),
        ([r["bytes_in_per_s"] for r in rows], copies, on, False),
        (sent, one, led, False),
        (one, copies, on, True),
        (one, one, led, True),
    ):
        mean = float(np.dot(amounts, times)) / m
        low, high = mean * (1 - tolerance), mean * (1 + tolerance)
        low, high = (min(low, np.floor(mean)), max(high, np.ceil(mean))) if is_count else (low, high)
        rules += [(where[:, b], np.array(amounts, float), low, high) for b in range(m)]
    cost = np.zeros(2 * n * m)
    for p, row in enumerate(rows):
        cost[on[p]] = [0 if b in row["replicas"] else row["size_bytes"] for b in ids]
    at = np.concatenate([np.full(len(columns), r) for r, (columns, *_) in enumerate(rules)])
    columns, values = (np.concatenate([rule[k] for rule in rules]) for k in (0, 1))
    matrix = sparse.csr_array((values, (at, columns)), shape=(len(rules), 2 * n * m))
    limits = LinearConstraint(matrix, [r[2] for r in rules], [r[3] for r in rules])
    solved = milp(cost, constraints=limits, integrality=np.ones(len(cost)), bounds=Bounds(0, 1))
    return None if solved.x is None else float(solved.fun)
