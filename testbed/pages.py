"""Four brokers whose agents name their metrics in four ways, under the same load: pages that must say the same.

`python -m testbed.pages FOLDER` saves the pages, trimmed to what tests read.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from confluent_kafka import Producer

from testbed import running
from testbed.admin import Place
from testbed.clusters import State
from testbed.jars import kafka_version
from testbed.scenario import ClusterSpec, Phases, Scenario, TopicSpec

AGENTS = ("msk", "lowercase", "stock", "confluent")
RECORDS, RECORD_BYTES = 40, 1000
FLUSH_S = 60.0
# Every partition on every broker, each broker leading as many; an acknowledged record is in all four logs.
PLACEMENT = ((1, 2, 3, 4), (2, 3, 4, 1), (3, 4, 1, 2), (4, 1, 2, 3))
ALL_IN_SYNC = {"min.insync.replicas": "4"}

_KEPT = re.compile(
    r"kafka_(?:server_(?:brokertopicmetrics|replicamanager|kafkarequesthandlerpool|fetcherlagmetrics"
    r"|delayedoperationpurgatory|socket_?server_?metrics_connection(?:_c|s))|log_(?:log_|size|numlog|log\w*offset)"
    r"|cluster_partition_"
    r"|controller_(?:kafkacontroller|controllerstats)|network_(?:requestmetrics|socketserver|requestchannel))"
    r"|java_lang_(?:memory_heap|operatingsystem_processcpu)|jvm_memory_bytes|process_cpu",
    re.IGNORECASE,
)
_OTHER_REQUEST = re.compile(r'request="(?!(?:Produce|FetchFollower|Metadata)")')
_RARE_ATTRIBUTE = re.compile(
    r"_(?:Min|StdDev|75thPercentile|98thPercentile|FifteenMinuteRate)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Pages:
    """What each agent's broker said after the same records had been sent to each of its partitions."""

    pages: Mapping[str, bytes]
    sent_bytes: Mapping[Place, int]


def scenario() -> Scenario:
    """Return one cluster of four brokers, all of them controllers, each with an agent of its own."""
    topic = {"team": "t", "shape": "plain", "partitions": 4, "placement": PLACEMENT, "configs": ALL_IN_SYNC}
    size = {"bytes_per_s": 1.0, "record_bytes": RECORD_BYTES}
    names = ("orders.eu", "payments")
    return Scenario(
        name="dialects",
        seed=1,
        scrape_interval_s=5,
        clusters=(
            ClusterSpec(
                name="quartet", role="source", flavour="self-managed", brokers=4, controllers=4, agent=AGENTS
            ),
        ),
        topics=tuple(TopicSpec.model_validate({"name": name, **topic, **size}) for name in names),
        groups=(),
        phases=Phases(warm_up_s=0, baseline_s=0, after_s=0),
    )


def record_pages(run_dir: Path, *, say: running.Say) -> Pages:
    """Start the cluster, send, ask every broker for its page, and take the cluster down again.

    Raises
    ------
    TestbedError
        If a tool is missing or a broker does not start.
    """
    state = running.up(scenario(), run_dir=run_dir, say=say)
    try:
        sent = send(state)
        nodes = zip(AGENTS, state.source.nodes, strict=True)
        pages = {
            agent: httpx.get(node.agent_url, timeout=60).raise_for_status().content for agent, node in nodes
        }
    finally:
        running.down(run_dir, keep=False)
    return Pages(pages, sent)


def send(state: State) -> dict[Place, int]:
    """Send the same records to every partition, each in a batch of its own, so that all brokers count the same."""
    settings = {"bootstrap.servers": state.source.bootstrap, "acks": "all", "linger.ms": 0, "log_level": 0}
    producer = Producer(settings)
    sent: dict[Place, int] = {}
    for topic in state.scenario.topics:
        for partition in range(topic.partitions):
            for _ in range(RECORDS):
                producer.produce(topic.name, bytes(RECORD_BYTES), partition=partition)
                if producer.flush(FLUSH_S):
                    message = f"a record of {topic.name} was not acknowledged"
                    raise TimeoutError(message)
            sent[topic.name, partition] = RECORDS * RECORD_BYTES
    return sent


def trimmed(page: bytes, *, agent: str) -> str:
    """Return the lines of a page that tests read, with a word on where they come from."""
    kept = [line for line in page.decode().splitlines() if _is_kept(line)]
    head = f"# A broker of Kafka {kafka_version()} of the testbed, its agent with testbed/agents/{agent}.yml; trimmed."
    return "\n".join([head, *kept, ""])


def _is_kept(line: str) -> bool:
    return bool(
        _KEPT.match(line)
        and not _OTHER_REQUEST.search(line)
        and not _RARE_ATTRIBUTE.search(line.split("{")[0])
    )


def main(folder: Path) -> None:
    """Save a trimmed page of each agent."""
    with tempfile.TemporaryDirectory() as run_dir:
        recorded = record_pages(Path(run_dir) / "run", say=lambda _: None)
    folder.mkdir(parents=True, exist_ok=True)
    for agent, page in recorded.pages.items():
        (folder / f"{agent}.prom").write_text(trimmed(page, agent=agent), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
