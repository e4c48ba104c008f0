"""MirrorMaker 2 as connectors of a Kafka Connect cluster of one worker."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from testbed import processes
from testbed.brokers import jvm
from testbed.errors import TestbedError
from testbed.mirror import COMMON, CONSUMER
from testbed.mirror_failures.mirror_runs import (
    HEAP_MB,
    NAME,
    SHORT,
    WITHIN_S,
    WORKER,
    folder_of,
    log_of,
    stop_mirror,
)
from testbed.mirror_failures.pair import Pair
from testbed.ports import HOST, free_ports
from testbed.waiting import wait_for

CLUSTER = "mirrormaker2-cluster"
OFFSETS = f"{CLUSTER}-offsets"
BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter"
CLASSES = {
    "source": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
    "checkpoint": "org.apache.kafka.connect.mirror.MirrorCheckpointConnector",
    "heartbeat": "org.apache.kafka.connect.mirror.MirrorHeartbeatConnector",
}
Settings = Mapping[str, str]


def worker_text(pair: Pair, port: int) -> str:
    """Return the properties of the worker, which keeps its state in the target."""
    stores = {what: f"{what}.storage.topic" for what in ("offset", "config", "status")}
    topics = {"offset": OFFSETS, "config": f"{CLUSTER}-configs", "status": f"{CLUSTER}-status"}
    lines = {
        "bootstrap.servers": pair.new.bootstrap,
        "group.id": CLUSTER,
        "listeners": f"http://{HOST}:{port}",
        "rest.advertised.host.name": HOST,
        **{stores[what]: topic for what, topic in topics.items()},
        **{f"{what}.storage.replication.factor": "1" for what in stores},
        "offset.storage.partitions": "1",
        "status.storage.partitions": "1",
        **{f"{what}.converter": BYTES for what in ("key", "value", "header")},
        **WORKER,
    }
    return "".join(f"{name} = {value}\n" for name, value in lines.items())


@contextmanager
def connect(pair: Pair) -> Iterator[str]:
    """Run the worker for the time of a block, which is given the address of its REST interface."""
    (port,) = free_ports(1)
    folder = folder_of(pair)
    folder.mkdir(exist_ok=True)
    properties = folder / "worker.properties"
    properties.write_text(worker_text(pair, port), encoding="utf-8")
    log_of(pair).unlink(missing_ok=True)
    main = ["org.apache.kafka.connect.cli.ConnectDistributed", str(properties)]
    command = [*jvm(pair.state, heap_mb=HEAP_MB), *main]
    processes.start(NAME, command, run_dir=pair.state.run_dir, log=log_of(pair), nice=processes.NICE)
    address = f"http://{HOST}:{port}"
    try:
        wait_for(lambda: _answers(address), "the start of Connect", within_s=WITHIN_S, where=log_of(pair))
        yield address
    finally:
        stop_mirror(pair)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/connectors", timeout=20).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def names(pair: Pair) -> dict[str, str]:
    """Return the names of the connectors by their kind."""
    return {kind: f"{pair.old.name}-to-{pair.new.name}-{kind}" for kind in CLASSES}


def put_connectors(
    pair: Pair,
    address: str,
    *,
    source: Settings | None = None,
    checkpoint: Settings | None = None,
    without: Collection[str] = (),
) -> None:
    """Create all three connectors, with settings of a trial's own.

    Raises
    ------
    TestbedError
        If Connect refuses one.
    """
    own: dict[str, Settings] = {"source": source or {}, "checkpoint": checkpoint or {}, "heartbeat": {}}
    for kind, name in names(pair).items():
        common = {n: v for n, v in connector_config(pair, kind).items() if n not in without}
        ask(address, "PUT", f"connectors/{name}/config", {**common, **own[kind]})


def ask(address: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """Ask Connect's REST interface, and return what it answers; None where it says nothing.

    Raises
    ------
    TestbedError
        If Connect refuses.
    """
    answer = httpx.request(method, f"{address}/{path}", json=body, timeout=60)
    if not answer.is_success:
        message = f"Connect refused {method} {path}: {' '.join(answer.text.split())[:300]}"
        raise TestbedError(message)
    return answer.json() if answer.content else None


def connector_config(pair: Pair, kind: str) -> dict[str, str]:
    """Return the settings of a connector of a kind: all that a dedicated MirrorMaker would have."""
    clusters = {"source": pair.old, "target": pair.new}
    reached = {f"{role}.cluster.bootstrap.servers": cluster.bootstrap for role, cluster in clusters.items()}
    aliases = {f"{role}.cluster.alias": cluster.name for role, cluster in clusters.items()}
    reads = {f"source.consumer.{name}": value for name, value in CONSUMER.items()}
    return {"connector.class": CLASSES[kind], **reached, **aliases, **reads, **COMMON, **SHORT}
