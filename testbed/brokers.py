"""Start real Kafka brokers, kill them, and bring them back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import httpx

from testbed import processes
from testbed.admin import Admin
from testbed.clusters import Cluster, Node, State
from testbed.errors import TestbedError
from testbed.jars import AGENT, java
from testbed.ports import HOST
from testbed.scenario import Agent
from testbed.waiting import wait_for

READY_WITHIN_S = 300
ZOOKEEPER = "zookeeper"
AGENTS = Path(__file__).with_name("agents")
JVM = [
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
]
COMMON_SETTINGS = {
    "auto.create.topics.enable": "false",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "log.cleaner.dedupe.buffer.size": "8388608",
    "offsets.topic.num.partitions": "9",
    "transaction.state.log.num.partitions": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.num.partitions": "3",
    "group.initial.rebalance.delay.ms": "0",
}


class Place(Protocol):
    """Where servers run: their run folder, and the folder of their jars."""

    @property
    def run_dir(self) -> Path:
        """The run folder."""

    @property
    def lib(self) -> Path:
        """The folder of the jars."""


def jvm(
    state: Place, *, heap_mb: int = 384, agent_port: int | None = None, agent: Agent = "msk"
) -> list[str]:
    """Return the start of a Java command: small heap, its temporary files in the run folder."""
    options = [java(), f"-Xmx{heap_mb}m", "-Xms64m", *JVM, f"-Djava.io.tmpdir={state.run_dir / 'tmp'}"]
    if agent_port is not None:
        rules = state.run_dir / "agents" / f"{agent}.yml"
        options.append(f"-javaagent:{state.lib / AGENT}={HOST}:{agent_port}:{rules}")
    return [*options, "-cp", f"{state.lib}/*"]


def cluster_id(cluster: Cluster) -> str:
    """Return a Kafka cluster id that is the same for the same name."""
    return urlsafe_b64encode(uuid.uuid5(uuid.NAMESPACE_URL, cluster.name).bytes).decode().rstrip("=")


def server_properties(cluster: Cluster, node: Node, *, folder: Path, settings: dict[str, str]) -> str:
    """Return a broker's server.properties."""
    copies = str(min(3, len(cluster.nodes)))
    lines = {
        **(_with_zookeeper(cluster, node) if cluster.zookeeper_port else _with_controllers(cluster, node)),
        "broker.rack": node.rack,
        "advertised.listeners": f"PLAINTEXT://{HOST}:{node.port}",
        "log.dirs": str(folder / "data"),
        "default.replication.factor": copies,
        "min.insync.replicas": "2",
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        **COMMON_SETTINGS,
        **settings,
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def _with_controllers(cluster: Cluster, node: Node) -> dict[str, str]:
    controllers = [n for n in cluster.nodes if n.controller_port is not None]
    listeners = [f"PLAINTEXT://{HOST}:{node.port}"]
    if node.controller_port is not None:
        listeners.append(f"CONTROLLER://{HOST}:{node.controller_port}")
    return {
        "process.roles": "broker,controller" if node.controller_port is not None else "broker",
        "node.id": str(node.id),
        "controller.quorum.voters": ",".join(f"{n.id}@{HOST}:{n.controller_port}" for n in controllers),
        "controller.listener.names": "CONTROLLER",
        "listeners": ",".join(listeners),
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    }


def _with_zookeeper(cluster: Cluster, node: Node) -> dict[str, str]:
    return {
        "broker.id": str(node.id),
        "zookeeper.connect": f"{HOST}:{cluster.zookeeper_port}",
        "listeners": f"PLAINTEXT://{HOST}:{node.port}",
    }


def folder_of(state: State, cluster: Cluster, broker: int) -> Path:
    """Return the folder of one broker."""
    return state.run_dir / cluster.name / str(broker)


def name_of(cluster: Cluster, broker: int) -> str:
    """Return the name of a broker's process."""
    return f"{cluster.name}-{broker}"


def prepare(state: State) -> None:
    """Write every broker's settings and format its storage (with ZooKeeper there is nothing to format)."""
    shutil.copytree(AGENTS, state.run_dir / "agents")
    (state.run_dir / "tmp").mkdir(exist_ok=True)
    everyone = [(cluster, node) for cluster in state.clusters for node in cluster.nodes]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        list(pool.map(lambda pair: _prepare(state, *pair), everyone))


def _prepare(state: State, cluster: Cluster, node: Node) -> None:
    spec = state.spec(cluster)
    folder = folder_of(state, cluster, node.id)
    folder.mkdir(parents=True)
    properties = folder / "server.properties"
    properties.write_text(server_properties(cluster, node, folder=folder, settings=spec.settings))
    if cluster.zookeeper_port is not None:
        return
    format_storage = ["format", "-t", cluster_id(cluster), "-c", str(properties)]
    tool = jvm(state.with_jars_of(spec.kafka), heap_mb=128)
    command = [*tool, "kafka.tools.StorageTool", *format_storage]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).split())[-300:]
        message = f"{name_of(cluster, node.id)} could not be formatted: {said}"
        raise TestbedError(message)


def start_broker(state: State, cluster: Cluster, broker: int) -> processes.Child:
    """Start one broker; it is not ready yet when this returns."""
    folder, spec = folder_of(state, cluster, broker), state.spec(cluster)
    place, port = state.with_jars_of(spec.kafka), cluster.node(broker).agent_port
    command = [
        *jvm(place, agent_port=port, agent=spec.agent_of(broker)),
        "kafka.Kafka",
        str(folder / "server.properties"),
    ]
    name, log = name_of(cluster, broker), folder / "server.log"
    return processes.start(name, command, run_dir=state.run_dir, log=log, nice=processes.NICE)


def _start_zookeeper(state: State, cluster: Cluster) -> None:
    """Start the ZooKeeper server of a cluster; its brokers wait for it."""
    folder = state.run_dir / cluster.name / ZOOKEEPER
    folder.mkdir(parents=True)
    lines = {
        "dataDir": str(folder / "data"),
        "clientPort": str(cluster.zookeeper_port),
        "clientPortAddress": HOST,
        "admin.enableServer": "false",
    }
    config = folder / "zoo.cfg"
    config.write_text("".join(f"{name}={value}\n" for name, value in lines.items()), encoding="utf-8")
    place = state.with_jars_of(state.spec(cluster).kafka)
    main = ["org.apache.zookeeper.server.quorum.QuorumPeerMain", str(config)]
    name, log = f"{cluster.name}-{ZOOKEEPER}", folder / "zookeeper.log"
    command = [*jvm(place, heap_mb=128), *main]
    processes.start(name, command, run_dir=state.run_dir, log=log, nice=processes.NICE)


def start_all(state: State) -> None:
    """Start every broker of every cluster, side by side, and wait until all answer."""
    for cluster in state.clusters:
        if cluster.zookeeper_port is not None:
            _start_zookeeper(state, cluster)
        for node in cluster.nodes:
            start_broker(state, cluster, node.id)
    for cluster in state.clusters:
        wait_until_ready(state, cluster, [node.id for node in cluster.nodes])


def wait_until_ready(state: State, cluster: Cluster, brokers: Sequence[int]) -> None:
    """Wait until these brokers are members of their cluster and their agents answer."""
    admin = Admin(cluster.bootstrap)

    def ready() -> bool:
        for broker in brokers:
            if processes.find(state.run_dir, name_of(cluster, broker)) is None:
                log = folder_of(state, cluster, broker) / "server.log"
                message = f"{name_of(cluster, broker)} ended while starting: see {log}"
                raise TestbedError(message)
        return set(brokers) <= admin.brokers() and all(answers(cluster.node(b).agent_url) for b in brokers)

    what = f"{cluster.name}: the start of brokers {list(brokers)}"
    wait_for(ready, what, within_s=READY_WITHIN_S, every_s=1, where=state.run_dir / cluster.name)


def answers(url: str) -> bool:
    """Tell whether an agent answers a request for metrics."""
    try:
        return httpx.get(url, timeout=20).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def kill_broker(state: State, cluster: Cluster, broker: int) -> None:
    """Kill one broker without warning, as a lost machine would go.

    Raises
    ------
    TestbedError
        If it is not running.
    """
    _kill(state, cluster, [broker])


def kill_cluster(state: State, cluster: Cluster) -> None:
    """Kill all brokers of a cluster at the same moment.

    Raises
    ------
    TestbedError
        If one of them is not running.
    """
    _kill(state, cluster, [node.id for node in cluster.nodes])


def _kill(state: State, cluster: Cluster, brokers: Sequence[int]) -> None:
    found = {broker: processes.find(state.run_dir, name_of(cluster, broker)) for broker in brokers}
    missing = [name_of(cluster, broker) for broker, child in found.items() if child is None]
    if missing:
        message = f"{', '.join(missing)} not running"
        raise TestbedError(message)
    children = [child for child in found.values() if child is not None]
    for child in children:
        processes.kill(child, signal.SIGKILL)
    names = ", ".join(child.name for child in children)
    wait_for(lambda: not any(map(_alive, children)), f"the end of {names}", within_s=20)


def _alive(child: processes.Child) -> bool:
    processes.reap(child.pid)
    return child.alive()


def return_broker(state: State, cluster: Cluster, broker: int) -> float:
    """Start a killed broker again and return the seconds until every partition's ISR is complete."""
    return _return(state, cluster, [broker])


def return_cluster(state: State, cluster: Cluster) -> float:
    """Start all brokers of a killed cluster and return the seconds until every partition's ISR is complete."""
    return _return(state, cluster, [node.id for node in cluster.nodes])


def _return(state: State, cluster: Cluster, brokers: Sequence[int]) -> float:
    began = time.monotonic()
    for broker in brokers:
        start_broker(state, cluster, broker)
    wait_until_ready(state, cluster, brokers)
    what = f"{cluster.name}: complete ISRs after the return of brokers {list(brokers)}"
    in_sync = Admin(cluster.bootstrap).in_sync
    wait_for(in_sync, what, within_s=READY_WITHIN_S, every_s=1, where=state.run_dir / cluster.name)
    return time.monotonic() - began
