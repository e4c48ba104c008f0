"""The small cluster of the proof: uneven on purpose, filled once, at rest afterwards; and how its state is read."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import polars as pl
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from kafka_analysis import read_capture, stats
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.sources.profiles import load_profile
from testbed.admin import TIMEOUT_S, Admin, Place
from testbed.clusters import State
from testbed.errors import TestbedError
from testbed.judges import parse_log_dirs
from testbed.profile import PROFILE
from testbed.scenario import ClusterSpec, Phases, Scenario, TopicSpec
from testbed.tools import LOG_DIRS, run_tool

RECORD_BYTES, RECORDS_PER_MB = 10_000, 100
# A fetch may end within a batch, and what it has of it comes twice and is counted twice: batches of one small record.
ONE_RECORD = {"batch.num.messages": 1, "linger.ms": 0}
INTERVAL_S = 5.0  # of the capture, and the time a page may take
# Megabytes of each partition, and replicas that its partitions take in turn. Racks: brokers 1 and 3, brokers 2 and 4.
TOPICS: Mapping[str, tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]] = {
    "orders": ((10, 9, 8, 7, 6, 5), ((1, 2),)),  # all on two brokers, one leads them all
    "clicks": ((6, 5, 4, 3), ((1, 2, 3), (2, 1, 3))),
    "audit": ((5,), ((1, 3),)),  # both replicas in one rack
}
_COPIED = re.compile(
    r'^kafka_server_BrokerTopicMetrics_Count\{name="ReassignmentBytes(In|Out)PerSec",\} (\S+)'
)


def scenario() -> Scenario:
    """Return one cluster of four brokers in two racks, one of them the controller too."""
    return Scenario(
        name="proof",
        seed=1,
        scrape_interval_s=INTERVAL_S,
        clusters=(
            ClusterSpec(
                name="proof",
                role="source",
                flavour="self-managed",
                brokers=4,
                controllers=1,
                racks=("az1", "az2"),
            ),
        ),
        topics=tuple(_topic(name, len(sizes), placement) for name, (sizes, placement) in TOPICS.items()),
        groups=(),
        phases=Phases(warm_up_s=0, baseline_s=0, after_s=0),
    )


def _topic(name: str, partitions: int, placement: tuple[tuple[int, ...], ...]) -> TopicSpec:
    return TopicSpec(
        name=name, team="proof", shape="plain", partitions=partitions, placement=placement, bytes_per_s=1.0,
        record_bytes=RECORD_BYTES,
    )  # fmt: skip


def fill(state: State) -> None:
    """Write each partition's bytes, and return when every record is acknowledged by all in sync.

    Raises
    ------
    TestbedError
        If a record is not acknowledged in time.
    """
    settings = {"bootstrap.servers": state.source.bootstrap, "acks": "all", "log_level": 0, **ONE_RECORD}
    producer = Producer(settings)
    noise = random.Random(state.scenario.seed)
    for name, (sizes, _) in TOPICS.items():
        for partition, size in enumerate(sizes):
            for _ in range(size * RECORDS_PER_MB):
                producer.produce(name, noise.randbytes(RECORD_BYTES), partition=partition)
            producer.poll(0)
    if left := producer.flush(TIMEOUT_S):
        message = f"{left} records were not acknowledged within {TIMEOUT_S} s: see {state.run_dir}"
        raise TestbedError(message)


def captured(state: State, out: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Record a short capture, and return the partitions with their loads, and the brokers, that a plan takes."""
    record_capture(load_profile(state.run_dir / PROFILE), out, duration_s=INTERVAL_S, interval_s=INTERVAL_S)
    capture = read_capture(out)
    windows = stats.choose_windows(
        capture.table("events"), clusters=capture.cluster_table, start=None, end=None,
        capture_start=capture.start, capture_end=capture.end,
    )  # fmt: skip
    partitions = stats.snapshots_in(capture.table("partitions"), windows)
    traffic = capture.samples(*stats.TRAFFIC_METRICS)
    load = stats.partition_load(
        partitions,
        rates=stats.in_windows(stats.traffic_rates, traffic, windows),
        records=stats.in_windows(stats.records_appended, capture.table("offsets"), windows),
        sizes=stats.in_windows(stats.gauge, capture.samples("log_size_bytes"), windows),
    )
    placed = load.join(partitions.select("topic", "partition", "replicas", "isr"), on=["topic", "partition"])
    return placed, stats.snapshots_in(capture.known_brokers(), windows)


@dataclass(frozen=True)
class Seen:
    """What Kafka says of the cluster at one moment; `sizes` by broker as LogDirsCommand tells them."""

    replicas: Mapping[Place, list[int]]
    leaders: Mapping[Place, int]
    in_sync: bool
    ends: Mapping[Place, int]
    sizes: Mapping[int, int]
    copied: pl.DataFrame
    throttles: tuple[str, ...]


def seen(state: State) -> Seen:
    """Ask Kafka, its tools and its brokers' metrics how things stand."""
    admin, where = Admin(state.source.bootstrap), ["--bootstrap-server", state.source.bootstrap]
    told = parse_log_dirs(run_tool(state, LOG_DIRS, [*where, "--describe"]))
    return Seen(
        replicas=admin.replicas(),
        leaders=admin.leaders(),
        in_sync=admin.in_sync(),
        ends=admin.end_offsets(TOPICS),
        sizes={
            n.id: told.filter(broker=n.id)["size_bytes"].sum() for n in state.source.nodes
        },  # none: 0 bytes
        copied=copied(state),
        throttles=throttles(state),
    )


def copied(state: State) -> pl.DataFrame:
    """Return what each broker counted of reassignments since it started: ``broker``, ``bytes_in``, ``bytes_out``."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        pages = pool.map(
            lambda node: httpx.get(node.agent_url, timeout=TIMEOUT_S, trust_env=False).text,
            state.source.nodes,
        )
        rows = [
            {"broker": node.id, **counted(page)} for node, page in zip(state.source.nodes, pages, strict=True)
        ]
    return pl.DataFrame(rows, schema={"broker": pl.Int32, "bytes_in": pl.Float64, "bytes_out": pl.Float64})


def counted(page: str) -> dict[str, float]:
    """Return what a broker's page says of the bytes of reassignments.

    Examples
    --------
    >>> counted('kafka_server_BrokerTopicMetrics_Count{name="ReassignmentBytesInPerSec",} 7.0')
    {'bytes_in': 7.0}
    """
    found = (_COPIED.match(line) for line in page.splitlines())
    return {f"bytes_{match[1].lower()}": float(match[2]) for match in found if match}


def throttles(state: State) -> tuple[str, ...]:
    """Return every setting of brokers and topics that throttles replication, as `resource: name=value`."""
    client = AdminClient({"bootstrap.servers": state.source.bootstrap, "log_level": 0})
    resources = [
        *(ConfigResource(ResourceType.BROKER, str(node.id)) for node in state.source.nodes),
        *(ConfigResource(ResourceType.TOPIC, name) for name in TOPICS),
    ]
    told = {
        asked.name: future.result(timeout=TIMEOUT_S)
        for resource in resources  # librdkafka takes one broker a call
        for asked, future in client.describe_configs([resource]).items()
    }
    return tuple(
        f"{name}: {entry.name}={entry.value}"
        for name, entries in sorted(told.items())
        for entry in entries.values()
        if "throttled" in entry.name and entry.value not in (None, "", str(2**63 - 1))
    )
