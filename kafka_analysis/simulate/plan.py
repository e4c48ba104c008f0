"""What to simulate: sizes, times and what is planted, checked strictly before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters import Moment
from kafka_analysis.model.units import seconds_of
from kafka_analysis.simulate.plantable import Effect, HotBroker, SkewedTopic, StrictModel
from kafka_analysis.simulate.teams import GROUPS, TOPICS, owned_names

FEWEST_STEPS = 10
FIRST_YEAR, LAST_YEAR = 1970, 2200
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def _seconds(value: object) -> object:
    return seconds_of(value) if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(_seconds), Field(ge=1, le=4e8, allow_inf_nan=False)]
Amplitude = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]


class Plan(StrictModel):
    """Everything a simulated capture depends on: the same plan gives the same capture.

    ``partitions`` and ``topics`` count business ones; every cluster has ``__consumer_offsets`` besides. The bytes in of
    all topics together are ``bytes_per_s`` on average (10 kB/s a partition by default), times 1 + ``daily`` × a
    cosine that peaks at 15:00 UTC, times 1 − ``weekly`` on Saturday and Sunday, times 1 + ``growth_per_day`` × days.
    ``noise`` is the standard deviation of a partition's rate from scrape to scrape, as a fraction of it. With
    ``cells``, topics are mirrored to that many target clusters and cut over one cell after the other.

    With ``teams``, each topic and group is of one, and named after it; who writes and reads what is drawn in
    ``neighbourhoods`` of teams, and what their users would declare is written beside the capture. ``retentions``: each
    topic has one of these instead of ``retention``. ``with_phases``: mark steady phases before and after,
    by which analyses choose their windows. ``with_truth``: keep what happened in each step, a third of the size.
    """

    brokers: Annotated[int, Field(ge=1, le=10_000)]
    partitions: Annotated[int, Field(ge=1, le=2_000_000)]
    topics: Annotated[int, Field(ge=1, le=100_000)] = 12
    groups: Annotated[int, Field(ge=0, le=10_000)] = 6
    racks: Annotated[int, Field(ge=1, le=100)] = 3
    replication_factor: Annotated[int, Field(ge=1, le=10)] = 3
    teams: Annotated[int, Field(ge=0, le=10_000)] = 0
    neighbourhoods: Annotated[int, Field(ge=1, le=10_000)] = 1
    stray_share: Annotated[float, Field(ge=0, le=1)] = 0.1
    wide_groups: Annotated[int, Field(ge=0, le=10_000)] = 0
    wide_share: Annotated[float, Field(ge=0, le=1)] = 1.0
    cells: Annotated[int, Field(ge=0, le=1000)] = 0
    cell_brokers: Annotated[int, Field(ge=1, le=1000)] = 3
    start: Moment = MONDAY
    duration: Seconds = 7200.0
    interval: Seconds = 60.0
    retention: Seconds = 7 * 86400.0
    retentions: list[Seconds] = Field(default_factory=list)
    bytes_per_s: Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False)] | None = None
    daily: Amplitude = 0.0
    weekly: Amplitude = 0.0
    growth_per_day: Annotated[float, Field(ge=0, le=1)] = 0.0
    noise: Annotated[float, Field(ge=0, le=1)] = 0.05
    hot_brokers: list[HotBroker] = Field(default_factory=list)
    skewed_topics: list[SkewedTopic] = Field(default_factory=list)
    resets: Annotated[int, Field(ge=0, le=10_000)] = 0
    gaps: Annotated[int, Field(ge=0, le=10_000)] = 0
    gap_scrapes: Annotated[int, Field(ge=1, le=100_000)] = 5
    lagging_groups: Annotated[int, Field(ge=0)] = 0
    lagging_share: Annotated[float, Field(ge=0, lt=1)] = 0.8
    effects: list[Effect] = Field(default_factory=list)
    with_phases: bool = True
    with_truth: bool = True
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 7

    @property
    def steps(self) -> int:
        """Return how many intervals there are: one scrape more."""
        return round(self.duration / self.interval)

    @property
    def mean_bytes_per_s(self) -> float:
        """Return the mean bytes in of all business topics together."""
        return 10_000.0 * self.partitions if self.bytes_per_s is None else self.bytes_per_s

    @property
    def topic_names(self) -> list[str]:
        """Return the names of the business topics, the largest first."""
        return owned_names("topic", self.seed, TOPICS, teams=self.teams, count=self.topics)

    @property
    def group_names(self) -> list[str]:
        """Return the names of the consumer groups."""
        return owned_names("group", self.seed, GROUPS, teams=self.teams, count=self.groups)

    def moment(self, step: float) -> datetime:
        """Return when a scrape was, or a moment between two."""
        return self.start + timedelta(milliseconds=round(step * self.interval * 1000))

    @model_validator(mode="after")
    def _check_sizes(self) -> Self:
        least = max(self.brokers, self.topics)
        nodes = min(self.brokers, self.cell_brokers) if self.cells else self.brokers
        _require(
            self.partitions >= least,
            f"partitions {self.partitions} are fewer than brokers or topics; give at least {least}",
        )
        _require(
            self.replication_factor <= nodes,
            f"replication_factor {self.replication_factor} is above the {nodes} brokers of a cluster; lower it",
        )
        _require(
            self.cells <= self.topics,
            f"cells {self.cells} are more than topics {self.topics}; a cell takes one at least",
        )
        _require(
            self.lagging_groups <= self.groups,
            f"lagging_groups {self.lagging_groups} are more than groups {self.groups}; give more groups",
        )
        return self

    @model_validator(mode="after")
    def _check_teams(self) -> Self:
        _require(
            self.teams <= self.topics,
            f"teams {self.teams} are more than topics {self.topics}; a team has one at least",
        )
        _require(
            self.neighbourhoods <= max(self.teams, 1),
            f"neighbourhoods {self.neighbourhoods} are more than teams {self.teams}; give more teams",
        )
        _require(
            not self.wide_groups or (self.teams and self.wide_groups < self.groups),
            f"wide_groups {self.wide_groups} need teams and more than as many groups, of which there are {self.groups}",
        )
        return self

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        _require(
            abs(self.duration / self.interval - self.steps) < 1e-9 and self.steps >= FEWEST_STEPS,
            f"duration {self.duration:g} s is not a whole number of intervals of {self.interval:g} s, at least "
            f"{FEWEST_STEPS}; change one of the two",
        )
        _require(
            FIRST_YEAR <= self.start.year < LAST_YEAR,
            f"start lies outside {FIRST_YEAR} to {LAST_YEAR}; move it",
        )
        shortest = min(self.retentions or [self.retention])
        _require(
            shortest >= FEWEST_STEPS * self.interval,
            f"retention {shortest:g} s is below {FEWEST_STEPS} intervals; raise it",
        )
        lost_s = (1 - self.lagging_share) * self.duration
        _require(
            not self.lagging_groups or lost_s <= shortest / 2,
            f"lagging groups would fall {lost_s:g} s behind, which must stay below half the retention; raise "
            "lagging_share or retention",
        )
        return self

    @model_validator(mode="after")
    def _check_planted(self) -> Self:
        ids = [hot.broker for hot in self.hot_brokers]
        total = sum(hot.factor for hot in self.hot_brokers)
        _require(len(set(ids)) == len(ids), "hot_brokers names a broker twice; give each once")
        _require(
            all(broker <= self.brokers for broker in ids),
            f"hot_brokers {ids}: the brokers are 1 to {self.brokers}; give one of these",
        )
        _require(
            not ids or (total < self.brokers and len(ids) < self.brokers),
            f"factors of hot_brokers add up to {total:g}; they must stay below the number of brokers, {self.brokers}, "
            "of which one at least is not named",
        )
        _require(
            self.with_phases or not self.effects,
            "effects happen in a phase; leave with_phases true or plant none",
        )
        skewed = [one.topic for one in self.skewed_topics]
        _require(len(set(skewed)) == len(skewed), "skewed_topics names a topic twice; give each once")
        return self


def _require(condition: object, message: str) -> None:
    if not condition:
        raise ValueError(message)


def plan_of(values: Mapping[str, Any]) -> Plan:
    """Check what was asked for and return it as a plan.

    Raises
    ------
    InputError
        A name is unknown, a value is not of its type, or two contradict each other; one line says what is allowed.

    Examples
    --------
    >>> plan = plan_of({"brokers": 3, "partitions": 30, "duration": "1h", "hot_brokers": ["2:1.5"]})
    >>> plan.steps, plan.hot_brokers[0].factor
    (60, 1.5)
    >>> plan_of({"brokers": 3, "partition": 30})
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.InputError: unknown key of the plan 'partition'; did you mean 'partitions'? ...
    """
    for name in values:
        if name not in Plan.model_fields:
            what = "key of the plan"
            raise InputError.unknown(what, str(name), Plan.model_fields)
    try:
        plan = Plan.model_validate(dict(values))
    except ValidationError as error:
        message = f"plan: {'; '.join(_explain(entry) for entry in error.errors()[:3])}"
        raise InputError(message) from None
    named = [one.topic for one in (*plan.skewed_topics, *plan.effects) if one.topic is not None]
    names = set(plan.topic_names) if named else set()
    for topic in named:
        if topic not in names:
            raise InputError.unknown("topic", topic, plan.topic_names[:20])
    return plan


def _explain(entry: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in entry["loc"])
    if entry["type"] == "missing":
        return f"{name} is missing; give {name}"
    if entry["type"] == "extra_forbidden":
        return f"{name} is not known"
    message = entry["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{name} {message}, got {str(entry['input'])[:60]!r}" if name else message


def read_plan(path: str | Path) -> dict[str, Any]:
    """Read the values of a plan from a YAML file; :func:`plan_of` checks them.

    Raises
    ------
    InputError
        The file is missing or does not hold keys and values in YAML.

    Examples
    --------
    >>> read_plan("missing.yaml")
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.InputError: cannot read plan missing.yaml: No such file or directory; give a YAML file
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        message = f"cannot read plan {path}: {error.strerror}; give a YAML file"
        raise InputError(message) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"plan {path} is not YAML: {' '.join(str(error).split())}"
        raise InputError(message) from None
    if not isinstance(content, dict):
        message = (
            f"plan {path} must hold keys such as 'brokers' and 'partitions', got {type(content).__name__}"
        )
        raise InputError(message)
    return content
