"""The cheapest split there is, by an integer program: shares nothing with the planner but what costs what."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp


def price(
    topics: pl.DataFrame, flows: pl.DataFrame, cells: Mapping[str, str], weights: Mapping[str, float]
) -> float:
    """Return what a split costs, counted flow by flow."""
    touched: dict[str, dict[str, float]] = {}
    for client, topic, amount in flows.select("client", "topic", "bytes_per_s").iter_rows():
        there = touched.setdefault(client, {})
        there[cells[topic]] = there.get(cells[topic], 0.0) + amount
    extra = sum(len(there) - 1 for there in touched.values())
    cross = sum(sum(there.values()) - max(there.values()) for there in touched.values())
    counts = [sum(cell in there for there in touched.values()) for cell in set(cells.values())]
    return (
        weights["colocation"] * extra / len(touched)
        + weights["cross_cell_bytes"] * cross / flows["bytes_per_s"].sum()
        + weights["blast_radius"] * max(counts) / len(touched)
    )


def cheapest(  # noqa: C901 - one block per kind of constraint
    topics: pl.DataFrame,
    flows: pl.DataFrame,
    *,
    count: int,
    limits: Mapping[str, float],
    weights: Mapping[str, float],
) -> float | None:
    """Return the least that a split within limits can cost; None: there is none.

    Variables: topic in cell, client touches cell, cell is the client's home, and the most clients of any cell.
    """
    names, clients = topics["topic"].to_list(), flows["client"].unique().sort().to_list()
    size, total = (len(names) + 2 * len(clients)) * count + 1, flows["bytes_per_s"].sum()
    inside = lambda t, k: t * count + k  # noqa: E731
    touches = lambda c, k: (len(names) + c) * count + k  # noqa: E731
    is_home = lambda c, k: (len(names) + len(clients) + c) * count + k  # noqa: E731
    cost = np.zeros(size)
    rows: list[tuple[dict[int, float], float, float]] = []
    kept: dict[tuple[int, int], dict[int, float]] = {}
    for t in range(len(names)):
        rows.append(({inside(t, k): 1.0 for k in range(count)}, 1, 1))
    for name, limit in limits.items():
        for k in range(count):
            rows.append(({inside(t, k): topics[name][t] for t in range(len(names))}, -np.inf, limit))
    extras = []
    for c, client in enumerate(clients):
        mine = flows.filter(pl.col("client") == client).group_by("topic").agg(pl.col("bytes_per_s").sum())
        rows.append(({is_home(c, k): 1.0 for k in range(count)}, 1, 1))
        for k in range(count):
            cost[touches(c, k)] = weights["colocation"] / len(clients)
            at = size + len(extras)  # bytes that the client keeps in this cell, if it is its home
            extras.append(-weights["cross_cell_bytes"] / total)
            kept[c, k] = {at: 1.0}
            there: dict[int, float] = {at: 1.0}
            for topic, amount in mine.iter_rows():
                t = names.index(topic)
                rows.append(({touches(c, k): 1.0, inside(t, k): -1.0}, 0, np.inf))
                there[inside(t, k)] = -amount
            rows.append((there, -np.inf, 0))
            rows.append(({at: 1.0, is_home(c, k): -mine["bytes_per_s"].sum()}, -np.inf, 0))
    for k in range(count):
        rows.append(({size - 1: 1.0} | {touches(c, k): -1.0 for c in range(len(clients))}, 0, np.inf))
    cost[size - 1] = weights["blast_radius"] / len(clients)
    matrix = np.zeros((len(rows), size + len(extras)))
    for number, (terms, _, _) in enumerate(rows):
        for column, factor in terms.items():
            matrix[number, column] = factor
    upper = np.concatenate([np.ones(size - 1), [len(clients)], np.full(len(extras), np.inf)])
    integral = np.concatenate([np.ones(size - 1), [0], np.zeros(len(extras))])
    found = milp(
        np.concatenate([cost, extras]),
        constraints=LinearConstraint(matrix, [row[1] for row in rows], [row[2] for row in rows]),
        bounds=Bounds(0, upper), integrality=integral,
    )  # fmt: skip
    if not found.success:
        return None
    return found.fun - weights["colocation"] + weights["cross_cell_bytes"]
