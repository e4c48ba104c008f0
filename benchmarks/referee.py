"""Judge a plan by code that shares nothing with the planner: plain Python over lists, and other solvers."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp

OWN = "replica_sizes_bytes"


def measure(
    partitions: pl.DataFrame, brokers: pl.DataFrame, assignment: pl.DataFrame, movements: pl.DataFrame
) -> dict[str, float]:
    """Count what a plan moves and how even it leaves the brokers; movements only tell which of two replicas went where.

    Returns
    -------
    dict
        ``moved`` (share of all bytes), ``rack_violations`` and ``lost_copies`` (partitions), and of every resource
        ``<name>_max`` and ``<name>_min``: the fullest and the emptiest broker ÷ the mean.
    """
    rack = dict(brokers.select("broker", "rack").iter_rows())
    after = {(t, p): row for t, p, row in assignment.iter_rows()}
    source = {(t, p, to): old for t, p, kind, old, to, _ in movements.iter_rows() if kind == "replica"}
    load = {name: Counter(dict.fromkeys(rack, 0.0)) for name in ("disk", "in", "out", "leaders", "replicas")}
    moved = total = 0.0
    broken = lost = 0
    for row in partitions.iter_rows(named=True):
        was, will = row["replicas"], after[row["topic"], row["partition"]]
        sizes = dict(zip(was, row.get(OWN) or [row["size_bytes"]] * len(was), strict=True))
        gone, come = [b for b in was if b not in will], [b for b in will if b not in was]
        moved += sum(sizes[b] for b in gone)
        total += sum(sizes.values())
        place = row["topic"], row["partition"]
        lost += sorted(source[(*place, new)] for new in come) != sorted(gone)
        sizes |= {new: sizes[source[(*place, new)]] for new in come}
        lost += len(set(will)) != len(was)
        broken += len({rack[b] for b in will}) < min(len(will), len(set(rack.values())))
        for b in will:
            load["disk"][b] += sizes[b]
            load["in"][b] += row["bytes_in_per_s"]
            load["replicas"][b] += 1
        load["leaders"][will[0]] += 1
        load["out"][will[0]] += (len(will) - 1) * row["bytes_in_per_s"] + row["bytes_out_per_s"]
    found = {"moved": moved / total if total else 0.0, "rack_violations": broken, "lost_copies": lost}
    for name, carried in load.items():
        values = np.array(list(carried.values()))
        mean = values.mean() or 1.0
        found |= {f"{name}_max": values.max() / mean, f"{name}_min": values.min() / mean}
    return found


def fewest_bytes(
    partitions: pl.DataFrame, brokers: pl.DataFrame, *, tolerance: float, seconds: float
) -> float:
    """Return a proven lower bound (share of all bytes) from a mixed-integer program: disk and traffic in within bands.

    One replica of every partition stays in each of as many racks as it has copies, so each may move in its rack only.
    """
    rack = brokers["rack"].to_numpy()
    copies = partitions.explode("replicas")
    home = copies["replicas"].to_numpy()
    one, two = np.nonzero(rack[home][:, None] == rack[None, :])
    size, bytes_in = copies["size_bytes"].to_numpy(), copies["bytes_in_per_s"].to_numpy()
    cost = np.where(two == home[one], 0.0, size[one]) / size.sum()
    columns = np.arange(len(one))
    rules = [LinearConstraint(sparse.csr_array((np.ones(len(one)), (one, columns))), 1, 1)]
    for amount in (size, bytes_in):
        share = amount / amount.sum() * len(brokers)
        rows = sparse.csr_array((share[one], (two, columns)))
        rules.append(LinearConstraint(rows, 1 - tolerance, 1 + tolerance))
    options = {"time_limit": seconds, "mip_rel_gap": 1e-4}
    solved = milp(
        cost, constraints=rules, integrality=np.ones(len(one)), bounds=Bounds(0, 1), options=options
    )
    return float(solved.mip_dual_bound)


def best_leaders(partitions: pl.DataFrame) -> tuple[int, int, int]:
    """Return the least maximum, the least sum of squares and the fewest changes, by the Hungarian method.

    Every partition is assigned to one of the steps of a broker of its replicas; a broker's k-th step costs 2 k − 1, so
    that its steps add up to the square of its leaders.
    """
    rows = partitions["replicas"].to_list()
    brokers = sorted({b for row in rows for b in row})
    most = max(Counter(b for row in rows for b in row).values())
    dear, never = len(rows) + 1, 1e9
    cost = np.full((len(rows), len(brokers) * most), never)
    for i, row in enumerate(rows):
        for b in row:
            at = brokers.index(b) * most
            cost[i, at : at + most] = dear * (2 * np.arange(most) + 1) + (b != row[0])
    chosen_rows, chosen = linear_sum_assignment(cost)
    leaders = Counter((chosen // most).tolist())
    changes = sum(brokers[c // most] != rows[i][0] for i, c in zip(chosen_rows, chosen, strict=True))
    return max(leaders.values()), sum(n * n for n in leaders.values()), changes
