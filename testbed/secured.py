"""Start a cluster whose listeners are secured: mutual TLS beside SCRAM over TLS, with Kafka's own authorizer."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from testbed import brokers, processes
from testbed.certificates import DAYS, Identity, Pem, authority, issue, write_pem, write_stores
from testbed.errors import TestbedError
from testbed.jars import ensure_jars
from testbed.ports import HOST, free_ports
from testbed.running import taken_down_on_failure
from testbed.waiting import wait_for

Listener = Literal["mtls", "scram"]
NAME = "secured"
ADMIN = "admin"
MECHANISM = "SCRAM-SHA-512"
READY_WITHIN_S = 180
PATIENCE_S = 2.0  # nothing is kept: a broker that waits for another to hand over is ended
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
_LISTENERS = {"MTLS": "SSL", "SCRAM": "SASL_SSL", "CONTROLLER": "SSL", "OPEN": "PLAINTEXT"}


@dataclass(frozen=True)
class SecuredNode:
    """A broker on a loopback address of its own; the first is the controller too."""

    id: int
    host: str
    mtls_port: int
    scram_port: int
    agent_port: int
    controller_port: int | None
    plain_port: int | None = None

    @property
    def agent_url(self) -> str:
        """Where its agent answers with metrics."""
        return f"http://{HOST}:{self.agent_port}/metrics"


@dataclass(frozen=True)
class Secured:
    """A secured cluster: where it lies, who signs, its passwords. Every user has a certificate and a password."""

    run_dir: Path
    lib: Path
    nodes: tuple[SecuredNode, ...]
    signer: Identity = field(repr=False)
    passwords: Mapping[str, str] = field(repr=False)

    @property
    def mtls(self) -> str:
        """The bootstrap servers of the listener that asks for a client's certificate."""
        return ",".join(f"{node.host}:{node.mtls_port}" for node in self.nodes)

    @property
    def scram(self) -> str:
        """The bootstrap servers of the listener that asks for a password."""
        return ",".join(f"{node.host}:{node.scram_port}" for node in self.nodes)

    def folder(self, broker: int) -> Path:
        """Return the folder of one broker."""
        return self.run_dir / NAME / str(broker)

    def pem(self, user: str) -> Pem:
        """Write the files with which a user proves itself to the mutual-TLS listener."""
        return write_pem(issue(self.signer, user), self.signer, self.run_dir / "clients", user)

    def profile(self, user: str, listener: Listener, *, name: str | None = None) -> dict[str, object]:
        """Return the cluster as a profile names it, for a user of one of the listeners.

        A password is referred to by the environment variable of :func:`password_variable`.
        """
        pem = self.pem(user)
        security: dict[str, object] = {"ca_file": str(pem.ca)}
        if listener == "mtls":
            security |= {"protocol": "SSL", "cert_file": str(pem.certificate), "key_file": str(pem.key)}
        else:
            security |= {
                "protocol": "SASL_SSL",
                "mechanism": MECHANISM,
                "username": user,
                "password": {"env": password_variable(user)},
            }
        bootstrap = self.mtls if listener == "mtls" else self.scram
        return {"name": name or user, "bootstrap_servers": bootstrap, "security": security}

    def tool_config(self) -> Path:
        """Write the properties with which Kafka's own tools reach the SCRAM listener as the administrator."""
        path = self.run_dir / "admin.properties"
        path.touch(mode=0o600)
        login = f'{_SCRAM[:-1]} username="{ADMIN}" password="{self.passwords[ADMIN]}";'
        lines = {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": MECHANISM,
            "sasl.jaas.config": login,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.pem(ADMIN).ca),
        }
        path.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        return path

    def client_config(self, user: str = ADMIN) -> dict[str, object]:
        """Return librdkafka's settings of a user of the mutual-TLS listener."""
        pem = self.pem(user)
        return {
            "bootstrap.servers": self.mtls,
            "security.protocol": "SSL",
            "ssl.ca.location": str(pem.ca),
            "ssl.certificate.location": str(pem.certificate),
            "ssl.key.location": str(pem.key),
            "log_level": 0,
        }


def password_variable(user: str) -> str:
    """Return the name of the environment variable that holds a user's password.

    Examples
    --------
    >>> password_variable("no-topics")
    'TESTBED_PASSWORD_NO_TOPICS'
    """
    return f"TESTBED_PASSWORD_{user.upper().replace('-', '_')}"


def principal(user: str) -> str:
    """Return the name of a user of the mutual-TLS listener; the SCRAM listener's is ``User:`` and the user."""
    return f"User:CN={user},O=testbed"


@contextmanager
def running_secured(
    run_dir: Path,
    *,
    users: tuple[str, ...] = (),
    count: int = 2,
    settings: Mapping[str, str] | None = None,
    days: float = DAYS,
    plain: bool = False,
) -> Iterator[Secured]:
    """Run a secured cluster for the time of a block, and take it down.

    Parameters
    ----------
    run_dir
        Its own folder, absent or empty.
    users
        Names of SCRAM users besides the administrator; none has a right.
    count
        How many brokers.
    settings
        More settings of each broker.
    days
        Days until the certificates of the brokers expire.
    plain
        Listen without TLS and login besides; nobody has a right there.

    Raises
    ------
    TestbedError
        If a tool is missing or a broker does not start.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    (run_dir / "tmp").mkdir()
    shutil.copytree(brokers.AGENTS, run_dir / "agents")
    ports = iter(free_ports((4 if plain else 3) * count + 1))
    nodes = tuple(
        SecuredNode(
            n,
            f"127.0.0.{n + 1}",
            next(ports),
            next(ports),
            next(ports),
            next(ports) if n == 1 else None,
            next(ports) if plain else None,
        )
        for n in range(1, count + 1)
    )
    passwords = {user: secrets.token_urlsafe(12) for user in (ADMIN, *users)}
    cluster = Secured(run_dir, ensure_jars(), nodes, authority(), passwords)
    try:
        with taken_down_on_failure(run_dir):
            with ThreadPoolExecutor(max_workers=2) as pool:
                list(pool.map(lambda node: _format(cluster, node, settings or {}, days), nodes))
            for node in nodes:
                start_node(cluster, node)
            wait_until_members(cluster)
        yield cluster
    finally:
        processes.stop(processes.running(run_dir), patience_s=PATIENCE_S)


def _format(cluster: Secured, node: SecuredNode, settings: Mapping[str, str], days: float) -> None:
    folder = cluster.folder(node.id)
    folder.mkdir(parents=True)
    file = folder / "server.properties"
    file.touch(mode=0o600)
    lines = _server_properties(cluster, node, days) | settings
    file.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
    users = [
        part
        for user, password in cluster.passwords.items()
        for part in ("-S", f"{MECHANISM}=[name={user},password={password}]")
    ]
    tool = [*brokers.jvm(cluster, heap_mb=128), "kafka.tools.StorageTool", "format"]
    command = [*tool, f"--cluster-id={_cluster_id(cluster)}", "-c", str(file), *users]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        message = f"broker {node.id} could not be formatted: {' '.join((done.stderr or done.stdout).split())[-300:]}"
        raise TestbedError(message)


def _cluster_id(cluster: Secured) -> str:
    """Return a Kafka cluster id of its own: two clusters that are secured are two."""
    return urlsafe_b64encode(uuid.uuid5(uuid.NAMESPACE_URL, str(cluster.run_dir)).bytes).decode().rstrip("=")


def _server_properties(cluster: Secured, node: SecuredNode, days: float) -> dict[str, str]:
    identity = issue(cluster.signer, f"broker-{node.id}", addresses=[node.host], days=days)
    folder = cluster.folder(node.id)
    first = cluster.nodes[0]
    listeners = [f"MTLS://{node.host}:{node.mtls_port}", f"SCRAM://{node.host}:{node.scram_port}"]
    if node.plain_port is not None:
        listeners.append(f"OPEN://{node.host}:{node.plain_port}")
    controller = [] if node.controller_port is None else [f"CONTROLLER://{node.host}:{node.controller_port}"]
    supers = [principal(f"broker-{n.id}") for n in cluster.nodes] + [principal(ADMIN), f"User:{ADMIN}"]
    copies = str(min(len(cluster.nodes), 3))
    return {
        "process.roles": "broker,controller" if controller else "broker",
        "node.id": str(node.id),
        "controller.quorum.voters": f"{first.id}@{first.host}:{first.controller_port}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "MTLS",
        "listeners": ",".join([*listeners, *controller]),
        "advertised.listeners": ",".join(listeners),
        "listener.security.protocol.map": ",".join(f"{name}:{kind}" for name, kind in _LISTENERS.items()),
        "listener.name.mtls.ssl.client.auth": "required",
        "listener.name.controller.ssl.client.auth": "required",
        "listener.name.scram.ssl.client.auth": "none",
        "listener.name.scram.sasl.enabled.mechanisms": MECHANISM,
        f"listener.name.scram.{MECHANISM.lower()}.sasl.jaas.config": _SCRAM,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": ";".join(supers),
        "log.dirs": f"{folder / 'data'},{folder / 'more'}",
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "share.coordinator.state.topic.replication.factor": copies,
        **brokers.COMMON_SETTINGS,
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.min.isr": "1",
        **write_stores(identity, cluster.signer, folder, secrets.token_urlsafe(12)),
    }


def start_node(cluster: Secured, node: SecuredNode) -> None:
    """Start one broker; it is not ready yet when this returns."""
    folder = cluster.folder(node.id)
    command = [
        *brokers.jvm(cluster, agent_port=node.agent_port),
        "kafka.Kafka",
        str(folder / "server.properties"),
    ]
    processes.start(f"{NAME}-{node.id}", command, run_dir=cluster.run_dir, log=folder / "server.log")


def wait_until_members(cluster: Secured) -> None:
    """Wait until all brokers are members of the cluster."""
    admin = AdminClient(cluster.client_config())
    wanted = {node.id for node in cluster.nodes}

    def ready() -> bool:
        for node in cluster.nodes:
            if processes.find(cluster.run_dir, f"{NAME}-{node.id}") is None:
                message = f"broker {node.id} ended: see {cluster.folder(node.id) / 'server.log'}"
                raise TestbedError(message)
        try:
            return wanted <= set(admin.list_topics(timeout=5).brokers)
        except KafkaException:
            return False

    wait_for(ready, "the start of the secured brokers", within_s=READY_WITHIN_S, where=cluster.run_dir / NAME)
