"""A real MirrorMaker 2 under two agents: pages of its metrics.

`python -m testbed.mirror_pages FOLDER` saves them, trimmed to what tests read.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

from testbed import mirror, processes, running
from testbed.admin import Admin, Place
from testbed.clusters import State
from testbed.jars import kafka_version
from testbed.pages import send
from testbed.profile import mirror_url
from testbed.scenario import Agent, ClusterSpec, Phases, Scenario, TopicSpec
from testbed.waiting import wait_for

AGENTS: tuple[Agent, ...] = ("msk", "lowercase")
GROUP, TOPIC = "billing", "orders.eu"
WITHIN_S = 180
_MIRROR = re.compile(r"kafka_connect_mirror_\w+\{", re.IGNORECASE)
_TOLD = (
    r"mirrorsourceconnector_record_count\{[^}]*orders",
    r"mirrorcheckpointconnector_checkpoint_latency_ms_avg\{",
)


def scenario() -> Scenario:
    """Return a source and a cell of three brokers each, and a topic with a dotted name that goes there."""
    cluster = {"brokers": 3, "controllers": 1}
    topic = {
        "name": TOPIC,
        "team": "t",
        "shape": "plain",
        "partitions": 2,
        "placement": ((1, 2, 3), (2, 3, 1)),
    }
    return Scenario(
        name="mirror-pages",
        seed=1,
        scrape_interval_s=5,
        clusters=(
            ClusterSpec(name="old", role="source", flavour="self-managed", **cluster),
            ClusterSpec(name="new", role="target", flavour="msk", **cluster),
        ),
        topics=(
            TopicSpec.model_validate(
                {**topic, "bytes_per_s": 1, "record_bytes": 100, "cell": "new", "wave": 1}
            ),
        ),
        groups=(),
        phases=Phases(warm_up_s=0, baseline_s=0, after_s=0),
    )


def record_pages(run_dir: Path, *, say: running.Say) -> Iterator[tuple[Agent, bytes]]:
    """Start both clusters, mirror under each agent in turn until all is told, and take everything down again.

    Raises
    ------
    TestbedError
        If a tool is missing, or something does not start or does not mirror.
    """
    state = running.up(scenario(), run_dir=run_dir, say=say)
    try:
        for agent in AGENTS:
            yield agent, _page(state, agent)
    finally:
        running.down(run_dir, keep=False)


def _page(state: State, agent: Agent) -> bytes:
    mirror.start_mirror(state, agent=agent)
    send(state)
    admin = Admin(state.source.bootstrap)
    ends = admin.end_offsets([TOPIC])
    # A checkpoint is told once, when the group has moved; the first commit waits for the topic of offsets.
    wait_for(lambda: _committed(admin, ends), "a commit", within_s=WITHIN_S, where=state.run_dir)
    found: list[bytes] = []

    def told() -> bool:
        mirror.check_tasks(state)
        page = httpx.get(mirror_url(state), timeout=60).raise_for_status().content
        found.append(page)
        return all(re.search(pattern, page.decode(), re.IGNORECASE) for pattern in _TOLD)

    folder = state.run_dir / mirror.NAME
    wait_for(told, f"MirrorMaker's metrics with agent {agent}", within_s=WITHIN_S, every_s=1, where=folder)
    processes.stop([child for child in processes.running(state.run_dir) if child.name == mirror.NAME])
    return found[-1]


def _committed(admin: Admin, ends: Mapping[Place, int]) -> bool:
    try:
        admin.commit(GROUP, ends)
    except TimeoutError:
        return False
    return True


def trimmed(page: bytes, *, agent: str) -> str:
    """Return the lines of a page about mirroring, with a word on where they come from."""
    kept = [line for line in page.decode().splitlines() if _MIRROR.match(line)]
    head = f"# MirrorMaker 2 of Kafka {kafka_version()} in the testbed, its agent with testbed/agents/{agent}.yml"
    return "\n".join([head, *kept, ""])


def main(folder: Path) -> None:
    """Save a trimmed page of each agent."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as run_dir:
        for agent, page in record_pages(Path(run_dir) / "run", say=lambda _: None):
            (folder / f"mirror_{agent}.prom").write_text(trimmed(page, agent=agent), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
