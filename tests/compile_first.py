"""Compile what Numba compiles, once and on both cores, before several processes of the tests would do it side by side.

Where the machine code is on disk already, nothing is done. Run as ``python -m tests.compile_first``.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import kafka_analysis
from kafka_analysis.model.compiled import FOLDER, digest_of_sources

PACKAGE = Path(kafka_analysis.__file__).parent
LAST = ("plan/rebalance", "plan/split")


def is_done() -> bool:
    """Say whether there is machine code of these sources, for both of those that take longest."""
    folder = FOLDER + digest_of_sources(PACKAGE)
    return all(any((PACKAGE / room / "__pycache__" / folder).glob("*.nbc")) for room in LAST)


def rebalance() -> None:
    """Plan a rebalance in which leaders and replicas move, and one of leaders alone."""
    from kafka_analysis.plan.rebalance.plan import plan_rebalance
    from tests.plan.random_clusters import cluster_of

    cluster = cluster_of([[0, 1], [0, 2], [0, 1], [1, 0]] * 3, racks=["a", "b", "b"])
    plan_rebalance(*cluster)
    plan_rebalance(*cluster, leaders_only=True)


def others() -> None:
    """Split topics, add up counters, and read a page."""
    from kafka_analysis import stats
    from kafka_analysis.plan import plan_split
    from kafka_analysis.sources.exposition.page import parse_exposition
    from tests.plan.split.random_topics import estate_of
    from tests.small import counters

    plan_split(*estate_of(0, topics=6, clients=3, flows=9), cells=2)
    stats.increase(counters())
    parse_exposition(b'kafka_log_Log_Value{name="Size",topic="t",partition="0",} 5.0\n' * 3)


def main() -> None:
    """Compile, unless it is done."""
    if is_done():
        return
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for work in [pool.submit(rebalance), pool.submit(others)]:
            work.result()


if __name__ == "__main__":
    main()
