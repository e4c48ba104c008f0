"""What runs where: clusters, their brokers, ports and folders, as the run folder's state.json keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from testbed.errors import TestbedError
from testbed.ports import HOST
from testbed.scenario import ClusterSpec, Kafka, Scenario

STATE = "state.json"
MARKER = ".kafka-analysis-testbed"


class Node(BaseModel):
    """One broker: its id, rack and ports (no controller port: it is only a broker)."""

    model_config = ConfigDict(frozen=True)

    id: int
    rack: str
    port: int
    controller_port: int | None
    agent_port: int

    @property
    def agent_url(self) -> str:
        """The address of its metrics."""
        return f"http://{HOST}:{self.agent_port}/metrics"


class Cluster(BaseModel):
    """One cluster: its name, role, flavour and brokers."""

    model_config = ConfigDict(frozen=True)

    name: str
    role: str
    flavour: str
    nodes: tuple[Node, ...]
    zookeeper_port: int | None = None

    @property
    def bootstrap(self) -> str:
        """The bootstrap servers, comma-separated."""
        return ",".join(f"{HOST}:{node.port}" for node in self.nodes)

    def node(self, broker: int) -> Node:
        """Return the node with this broker id."""
        return next(node for node in self.nodes if node.id == broker)


class State(BaseModel):
    """Everything `up` decided: the scenario, the jars, the clusters, the metrics port of the replicator."""

    model_config = ConfigDict(frozen=True)

    run_dir: Path
    lib: Path
    older_lib: Path | None = None
    scenario: Scenario
    clusters: tuple[Cluster, ...]
    mirror_agent_port: int

    @property
    def source(self) -> Cluster:
        """The cluster that is being split."""
        return next(cluster for cluster in self.clusters if cluster.role == "source")

    @property
    def targets(self) -> tuple[Cluster, ...]:
        """The cells."""
        return tuple(cluster for cluster in self.clusters if cluster.role == "target")

    def cluster(self, name: str) -> Cluster:
        """Return the cluster of this name."""
        return next(cluster for cluster in self.clusters if cluster.name == name)

    def spec(self, cluster: Cluster) -> ClusterSpec:
        """Return what the scenario says of a cluster."""
        return next(spec for spec in self.scenario.clusters if spec.name == cluster.name)

    def with_jars_of(self, kafka: Kafka) -> State:
        """Return the same with the jars of a version of Kafka."""
        return self if kafka == "newest" else self.model_copy(update={"lib": self.older_lib})

    def save(self) -> None:
        """Write state.json into the run folder."""
        (self.run_dir / STATE).write_text(self.model_dump_json(indent=2), encoding="utf-8")


def load_state(run_dir: Path) -> State:
    """Read state.json.

    Raises
    ------
    TestbedError
        If nothing was started in `run_dir`.
    """
    path = run_dir / STATE
    if not path.exists():
        raise TestbedError.not_running(run_dir)
    return State.model_validate_json(path.read_text(encoding="utf-8"))


def ports_needed(scenario: Scenario) -> int:
    """Count the ports: two per broker, one per controller and ZooKeeper, one for the replicator's metrics."""
    return 1 + sum(2 * spec.brokers + spec.controllers + spec.zookeepers for spec in scenario.clusters)


def lay_out(
    scenario: Scenario, ports: Sequence[int], *, run_dir: Path, lib: Path, older_lib: Path | None = None
) -> State:
    """Give every broker its rack, folder and ports."""
    remaining = iter(ports)
    return State(
        run_dir=run_dir,
        lib=lib,
        older_lib=older_lib,
        scenario=scenario,
        mirror_agent_port=next(remaining),
        clusters=tuple(
            Cluster(
                name=spec.name,
                role=spec.role,
                flavour=spec.flavour,
                nodes=tuple(_node(spec, index, remaining) for index in range(spec.brokers)),
                zookeeper_port=next(remaining) if spec.zookeepers else None,
            )
            for spec in scenario.clusters
        ),
    )


def _node(spec: ClusterSpec, index: int, ports: Iterator[int]) -> Node:
    return Node(
        id=index + 1,
        rack=spec.rack_of(index + 1),
        port=next(ports),
        agent_port=next(ports),
        controller_port=next(ports) if index < spec.controllers else None,
    )
