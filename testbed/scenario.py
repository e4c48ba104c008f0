"""The scenario: clusters, topics, groups and phases, read from one YAML file and checked before a start."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from testbed.errors import TestbedError

SCENARIOS = Path(__file__).with_name("scenarios")

Shape = Literal["plain", "keyed", "compacted", "transactional", "bursty", "large", "idle"]
Kafka = Literal["newest", "3.9"]  # the servers' jars: a pom each
# How metrics are named: a file of testbed/agents each.
Agent = Literal["msk", "lowercase", "stock", "confluent", "bitnami", "aiven", "koperator"]


class Part(BaseModel):
    """What all parts of a scenario share: unknown names are errors, values do not change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class ClusterSpec(Part):
    """A cluster to start; brokers are numbered from 1 and take the racks, and the agents, in turn.

    Without controllers it runs with ZooKeeper, which only `kafka: "3.9"` can.
    """

    name: str
    role: Literal["source", "target"]
    flavour: str
    brokers: int = Field(ge=1, le=12)
    controllers: int = Field(ge=0)
    kafka: Kafka = "newest"
    racks: tuple[str, ...] = ("az1", "az2", "az3")
    agent: Annotated[tuple[Agent, ...], BeforeValidator(_listed), Field(min_length=1)] = ("msk",)
    settings: dict[str, str] = {}
    instance_type: str | None = None  # what its brokers stand for

    @property
    def zookeepers(self) -> int:
        """The number of ZooKeeper servers."""
        return int(self.controllers == 0)

    def rack_of(self, broker: int) -> str:
        """Return the rack of a broker."""
        return self.racks[(broker - 1) % len(self.racks)]

    def agent_of(self, broker: int) -> Agent:
        """Return the names a broker's agent gives its metrics."""
        return self.agent[(broker - 1) % len(self.agent)]


class TopicSpec(Part):
    """A topic, its traffic, where its replicas lie, and where it goes.

    `placement` is a list of replica lists that the partitions take in turn: the hand-made assignment.
    """

    name: str
    team: str
    shape: Shape
    partitions: int = Field(ge=1)
    placement: tuple[tuple[int, ...], ...]
    bytes_per_s: float = Field(gt=0)
    record_bytes: int = Field(ge=20)
    keys: int = Field(default=200, ge=1)
    configs: dict[str, str] = {}
    cell: str | None = None
    wave: int | None = None

    @property
    def replication_factor(self) -> int:
        """The number of replicas of every partition."""
        return len(self.placement[0])

    def assignment(self) -> list[list[int]]:
        """Return the replicas of each partition, preferred leader first.

        Examples
        --------
        >>> spec = TopicSpec(name="t", team="a", shape="plain", partitions=3, placement=((1, 2), (3, 1)),
        ...                  bytes_per_s=1, record_bytes=100)
        >>> spec.assignment()
        [[1, 2], [3, 1], [1, 2]]
        """
        return [list(self.placement[p % len(self.placement)]) for p in range(self.partitions)]


class GroupSpec(Part):
    """A consumer group: what it reads, with how many members, and how well.

    `behaviour` is steady, slow (reads at most `records_per_s`) or stopped (leaves after the warm-up).
    """

    name: str
    team: str
    topics: tuple[str, ...] = Field(min_length=1)
    members: int = Field(default=1, ge=1)
    behaviour: Literal["steady", "slow", "stopped"] = "steady"
    records_per_s: float | None = None


class Phases(Part):
    """How long the parts of the timeline last, in seconds; a judged window of length 0 is left out."""

    warm_up_s: float
    baseline_s: float
    fault_s: float = 0
    rebalanced_s: float = 0
    replicating_s: float = 0
    after_s: float
    cell_fault_s: float = 0
    cell_stop_s: float = 0


class Faults(Part):
    """What is killed: a broker of the source before the split; after it a broker of a cell, and then the whole cell."""

    source_broker: int
    cell: str
    cell_broker: int


class Scenario(Part):
    """A whole migration, reproducible from its seed."""

    name: str
    seed: int
    scrape_interval_s: float = Field(gt=0)
    clusters: tuple[ClusterSpec, ...]
    topics: tuple[TopicSpec, ...]
    groups: tuple[GroupSpec, ...]
    phases: Phases
    faults: Faults | None = None
    checked: bool = False  # each wave is judged by the cut-over check at each of its gates
    plan: str | None = (
        None  # file beside this one with topic, cell, wave: as planned, in place of what topics say
    )

    @property
    def source(self) -> ClusterSpec:
        """The cluster that is being split."""
        return next(spec for spec in self.clusters if spec.role == "source")

    @property
    def waves(self) -> list[int]:
        """The numbers of the cut-over waves, in order."""
        return sorted({topic.wave for topic in self.topics if topic.wave is not None})

    def topic(self, name: str) -> TopicSpec:
        """Return the topic of this name."""
        return next(topic for topic in self.topics if topic.name == name)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> list[str]:
        if [spec.role for spec in self.clusters].count("source") != 1:
            return ["exactly one cluster has role source"]
        return [
            *self._cluster_problems(),
            *self._topic_problems(),
            *self._group_problems(),
            *self._fault_problems(),
        ]

    def _cluster_problems(self) -> list[str]:
        problems = _twice("cluster", [spec.name for spec in self.clusters])
        for spec in self.clusters:
            if spec.controllers > spec.brokers:
                problems.append(f"{spec.name}: more controllers than brokers")
            if spec.zookeepers and spec.kafka == "newest":
                problems.append(f'{spec.name}: without controllers it needs ZooKeeper, so kafka: "3.9"')
        return problems

    def _topic_problems(self) -> list[str]:
        brokers = set(range(1, self.source.brokers + 1))
        cells = {spec.name for spec in self.clusters if spec.role == "target"}
        problems = _twice("topic", [topic.name for topic in self.topics])
        for topic in self.topics:
            if any(len(set(replicas)) != topic.replication_factor for replicas in topic.placement):
                problems.append(
                    f"topic {topic.name}: every placement has the same number of different brokers"
                )
            if not {broker for replicas in topic.placement for broker in replicas} <= brokers:
                problems.append(f"topic {topic.name}: placement names a broker the source does not have")
            if (topic.cell is None) != (topic.wave is None) or (
                topic.cell is not None and topic.cell not in cells
            ):
                problems.append(f"topic {topic.name}: cell (one of {sorted(cells)}) and wave go together")
        return problems

    def _group_problems(self) -> list[str]:
        topics = {topic.name for topic in self.topics}
        problems = _twice("group", [group.name for group in self.groups])
        for group in self.groups:
            unknown = sorted(set(group.topics) - topics)
            if unknown:
                problems.append(f"group {group.name} reads unknown topics {unknown}")
            if (group.behaviour == "slow") != (group.records_per_s is not None):
                problems.append(
                    f"group {group.name}: records_per_s belongs to behaviour slow, and only to it"
                )
        return problems

    def _fault_problems(self) -> list[str]:
        if self.faults is None:
            wanted = self.phases.fault_s or self.phases.cell_fault_s or self.phases.cell_stop_s
            return ["phases name a fault, but no faults are given"] if wanted else []
        sizes = {spec.name: spec.brokers for spec in self.clusters}
        known = self.faults.source_broker <= self.source.brokers and self.faults.cell_broker <= sizes.get(
            self.faults.cell, 0
        )
        return [] if known else ["faults name a broker that does not exist"]


def _twice(what: str, names: list[str]) -> list[str]:
    return [f"{what} {name} is named twice" for name in sorted(set(names)) if names.count(name) > 1]


def load_scenario(name: str) -> Scenario:
    """Read a scenario by name (`full`, `short`) or by the path of a YAML file.

    Raises
    ------
    TestbedError
        If there is no such scenario or it contradicts itself.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else SCENARIOS / f"{name}.yaml"
    if not path.exists():
        known = ", ".join(sorted(found.stem for found in SCENARIOS.glob("*.yaml")))
        message = f"no scenario {name!r}: choose one of {known}, or give the path of a YAML file"
        raise TestbedError(message)
    try:
        return Scenario.model_validate(
            _planned(yaml.safe_load(path.read_text(encoding="utf-8")), path.parent)
        )
    except (ValidationError, yaml.YAMLError) as error:
        message = f"scenario {path.name}: {_first_line(error)}"
        raise TestbedError(message) from error


def _planned(text: Any, folder: Path) -> Any:
    """Put cells and waves of the plan, where there is one, in place of what topics say."""
    if not isinstance(text, dict) or text.get("plan") is None:
        return text
    file = folder / str(text["plan"])
    try:
        with file.open(encoding="utf-8", newline="") as rows:
            places = {row["topic"]: (row["cell"], int(row["wave"])) for row in csv.DictReader(rows)}
    except (OSError, KeyError, ValueError) as error:
        message = f"the plan {file.name} cannot be read ({error}): it is CSV of topic, cell, wave"
        raise TestbedError(message) from error
    topics = [
        topic | dict(zip(("cell", "wave"), places.get(topic["name"], (None, None)), strict=True))
        for topic in text["topics"]
    ]
    return text | {"topics": topics}


def _first_line(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return " ".join(str(error).split())
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]
