"""Plan rebalances of clusters from published seeds, and have them judged by code that shares nothing with the planner.

Prints for each cluster what is moved, as a share of all bytes and as a multiple of the proven bound, how even it is
left, and the seconds of a second run in one process (the first compiles). The largest is run in a process of its own,
which tells its peak memory.

    python benchmarks/rebalance.py [--only NAME]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
from clusters import PLACEMENTS, Cluster, fleet, random_model, uneven_pairs
from referee import best_leaders, fewest_bytes, measure
from timing import peak_bytes, told_by

from kafka_analysis.plan.rebalance.plan import RebalancePlan, plan_rebalance

DISK = {"resources": ["size_bytes"], "tolerance": 0.01}
ALL = {"tolerance": 0.1}
DISK_AND_IN = {"resources": ["size_bytes", "bytes_in_per_s"], "tolerance": 0.05}
# Cruise Control's own analyzer on such clusters, moved in % of all bytes: disk goals at 1.01, its default goals.
PEER = {"uniform": (6.6, 5.7), "linear": (29.8, 28.4), "exponential": (29.2, 27.8)}
FLEETS = {"12 x 600": (12, 600), "60 x 20,000": (60, 20_000), "300 x 200,000": (300, 200_000)}
SOLVED, SEEDS = "12 x 600", (1, 2, 3, 4)
GB = 1e9


def timed(cluster: Cluster, **options: object) -> tuple[RebalancePlan, float]:
    """Plan twice; return the second plan and its seconds."""
    plan_rebalance(*cluster, **options)
    began = time.perf_counter()
    plan = plan_rebalance(*cluster, **options)
    return plan, time.perf_counter() - began


def tell(
    name: str, cluster: Cluster, plan: RebalancePlan, seconds: float, resources: tuple[str, ...]
) -> None:
    """Print one line, and stop where the referee does not find what the plan says."""
    found = measure(*cluster, plan.assignment, plan.movements)
    if found["rack_violations"] or found["lost_copies"]:
        raise SystemExit(json.dumps({name: found}))
    bytes_all = plan.summary.bytes_to_move / found["moved"]
    bound = plan.summary.lower_bound_bytes / bytes_all
    even = "  ".join(f"{r} {found[f'{r}_min']:.3f}-{found[f'{r}_max']:.4f}" for r in resources)
    ratio = found["moved"] / bound
    print(f"{name:34} moved {found['moved']:7.2%}  {ratio:.3f} x bound  {seconds:4.1f} s  {even}", flush=True)


def like_cruise_control() -> None:
    """Plan for random models: disk alone within 1 %, and every resource within 10 %."""
    for own_sizes in (True, False):
        print("every replica its own size" if own_sizes else "replicas of a partition of one size")
        for placement in PLACEMENTS:
            cluster = random_model(placement, own_sizes=own_sizes)
            for options, resources, peer in (
                (DISK, ("disk",), PEER[placement][0]),
                (ALL, ("disk", "in", "out", "leaders", "replicas"), PEER[placement][1]),
            ):
                plan, seconds = timed(cluster, **options)
                tell(f"  {placement}, peer {peer} %", cluster, plan, seconds, resources)


def large(name: str) -> None:
    """Plan for a fleet's cluster: disk and traffic in within 5 %."""
    cluster = fleet(*FLEETS[name])
    plan, seconds = timed(cluster, **DISK_AND_IN)
    tell(name, cluster, plan, seconds, ("disk", "in"))


def solved() -> None:
    """Compare plans for small clusters with what a mixed-integer solver proves."""
    for seed in SEEDS:
        cluster = fleet(*FLEETS[SOLVED], seed=seed)
        moved = measure(*cluster, *_plan_of(cluster))["moved"]
        bound = fewest_bytes(*cluster, tolerance=DISK_AND_IN["tolerance"], seconds=60)
        print(f"{SOLVED}, seed {seed:<19} {moved / bound:.4f} x the solver's proven bound", flush=True)


def _plan_of(cluster: Cluster) -> tuple[pl.DataFrame, pl.DataFrame]:
    plan = plan_rebalance(*cluster, **DISK_AND_IN)
    return plan.assignment, plan.movements


def memory() -> None:
    """Print the peak memory of planning for the largest cluster."""
    print(f"{'':34} peak {told_by(str(Path(__file__)), '--only', 'peak').strip()} GB in a process of its own")


def peak() -> None:
    """Plan for the largest cluster once and print the peak memory in GB."""
    plan_rebalance(*fleet(*FLEETS["300 x 200,000"]), **DISK_AND_IN)
    print(f"{peak_bytes() / GB:.2f}")


def leaders() -> None:
    """Plan leaders alone, and compare with the Hungarian method."""
    cluster = uneven_pairs()
    plan, seconds = timed(cluster, resources=["leaders"], leaders_only=True)
    led = Counter(row[0] for row in plan.assignment["replicas"])
    ours = (max(led.values()), sum(n * n for n in led.values()), plan.summary.leader_changes)
    best = best_leaders(cluster[0])
    print(f"leaders only: max, sum of squares, changes {ours}; Hungarian method {best}; {seconds:.2f} s")
    if ours != best:
        raise SystemExit(json.dumps({"ours": ours}))


PARTS: dict[str, Callable[[], None]] = {
    "random": like_cruise_control,
    **{name: lambda name=name: large(name) for name in FLEETS},
    "solved": solved,
    "memory": memory,
    "leaders": leaders,
    "peak": peak,
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=PARTS)
    only = parser.parse_args().only
    for part in [only] if only else [name for name in PARTS if name != "peak"]:
        PARTS[part]()
    sys.exit(0)
