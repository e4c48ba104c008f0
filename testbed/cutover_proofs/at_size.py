"""The check of a wave of thousands of topics, read live: do differences stand out, and how long does it take?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from confluent_kafka.admin import NewTopic

from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from testbed.admin import TIMEOUT_S
from testbed.clusters import Cluster
from testbed.cutover_proofs.checking import check, judged
from testbed.cutover_proofs.clusters import measured_profile
from testbed.mirror_failures.orders import client_of, topics
from testbed.mirror_failures.pair import Pair
from testbed.waiting import wait_for

CONFIGS = {"retention.ms": "86400000", "max.message.bytes": "2000000", "segment.bytes": "104857600"}
OTHER = {"retention.ms": "3600000"}
EVERY = 100  # each hundredth topic differs
AT_ONCE = 250
WITHIN_S = 120


@dataclass(frozen=True)
class AtSize:
    """What a check of many topics cost, and whether it found what differs."""

    topics: int
    read_s: float
    judged_s: float
    planted: int
    found: int
    others: int  # topics whose configuration was said to differ, and does not


def checked_at_size(pair: Pair, count: int, folder: Path) -> AtSize:
    """Create topics at both ends, every hundredth with another setting at the target, and check all as one wave."""
    names = [f"at-size.{number:05}" for number in range(count)]
    wrong = set(names[::EVERY])
    create(pair.old, names, differing=())
    create(pair.new, names, differing=wrong)
    folder.mkdir(parents=True, exist_ok=True)
    plan = folder / "topic_waves.csv"
    plan.write_text(
        "topic,cell,wave\n" + "".join(f"{name},{pair.new.name},1\n" for name in names), encoding="utf-8"
    )
    reads = CutoverReads(positions=0, transactions=False)
    began = time.monotonic()
    check(measured_profile(pair), folder / "checked", waves=str(plan), reads=reads, duration_s=0.5)
    whole_s = time.monotonic() - began
    began = time.monotonic()
    answer = judged(folder / "checked", waves=str(plan))
    judged_s = time.monotonic() - began
    differ = set(answer.blocking.filter(finding="configuration differs")["topic"].drop_nulls())
    return AtSize(count, whole_s - judged_s, judged_s, len(wrong), len(differ & wrong), len(differ - wrong))


def create(cluster: Cluster, names: Sequence[str], *, differing: Sequence[str] | set[str]) -> None:
    """Create topics of one partition, and wait until the cluster names all of them."""
    client = client_of(cluster)
    for some in _batches(names):
        new = [NewTopic(name, 1, 1, config=CONFIGS | (OTHER if name in differing else {})) for name in some]
        for future in client.create_topics(new, request_timeout=TIMEOUT_S).values():
            future.result(TIMEOUT_S)
    wait_for(lambda: set(names) <= set(topics(client)), f"topics of {cluster.name}", within_s=WITHIN_S)


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE))


def size_table(rows: Sequence[AtSize]) -> pl.DataFrame:
    """Return a row per size."""
    return pl.DataFrame(
        {
            "topics": f"{row.topics:,}",
            "read both clusters": f"{row.read_s:.1f} s",
            "judged": f"{row.judged_s:.1f} s",
            "differ": row.planted,
            "found": row.found,
            "found and do not differ": row.others,
        }
        for row in rows
    )
