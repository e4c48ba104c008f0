"""What to simulate: sizes, times and what is planted, checked strictly before anything is written."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters import Moment
from kafka_analysis.model.strict_files import load_yaml, one_line
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
    def _check(self) -> Self:
        faults = chain(_of_sizes(self), _of_teams(self), _of_times(self), _of_planted(self))
        for fault in faults:
            raise ValueError(fault)
        return self


def _of_sizes(plan: Plan) -> Iterator[str]:
    least = max(plan.brokers, plan.topics)
    nodes = min(plan.brokers, plan.cell_brokers) if plan.cells else plan.brokers
    if plan.partitions < least:
        yield f"partitions {plan.partitions} are fewer than brokers or topics; give at least {least}"
    if plan.replication_factor > nodes:
        yield f"replication_factor {plan.replication_factor} is above the {nodes} brokers of a cluster; lower it"
    if plan.cells > plan.topics:
        yield f"cells {plan.cells} are more than topics {plan.topics}; each cell needs at least one"
    if plan.lagging_groups > plan.groups:
        yield f"lagging_groups {plan.lagging_groups} are more than groups {plan.groups}; give more groups"


def _of_teams(plan: Plan) -> Iterator[str]:
    wide, groups = plan.wide_groups, plan.groups
    if plan.teams > plan.topics:
        yield f"teams {plan.teams} are more than topics {plan.topics}; each team needs at least one"
    if plan.neighbourhoods > max(plan.teams, 1):
        yield f"neighbourhoods {plan.neighbourhoods} are more than teams {plan.teams}; give more teams"
    if wide and (not plan.teams or wide >= groups):
        yield f"wide_groups {wide} need teams, and more groups than {groups}"


def _of_times(plan: Plan) -> Iterator[str]:
    if abs(plan.duration / plan.interval - plan.steps) >= 1e-9 or plan.steps < FEWEST_STEPS:
        yield (
            f"duration {plan.duration:g} s is not a whole number of intervals of {plan.interval:g} s, at least "
            f"{FEWEST_STEPS}; change one of the two"
        )
    if not FIRST_YEAR <= plan.start.year < LAST_YEAR:
        yield f"start lies outside {FIRST_YEAR} to {LAST_YEAR}; move it"
    shortest = min(plan.retentions or [plan.retention])
    if shortest < FEWEST_STEPS * plan.interval:
        yield f"retention {shortest:g} s is below {FEWEST_STEPS} intervals; raise it"
    lost_s = (1 - plan.lagging_share) * plan.duration
    if plan.lagging_groups and lost_s > shortest / 2:
        yield (
            f"lagging groups would fall {lost_s:g} s behind, which must stay below half the retention; raise "
            "lagging_share or retention"
        )


def _of_planted(plan: Plan) -> Iterator[str]:
    ids = [hot.broker for hot in plan.hot_brokers]
    total = sum(hot.factor for hot in plan.hot_brokers)
    if len(set(ids)) < len(ids):
        yield "hot_brokers names a broker twice; give each once"
    if any(broker > plan.brokers for broker in ids):
        yield f"hot_brokers {ids}: the brokers are 1 to {plan.brokers}; give one of these"
    if ids and (total >= plan.brokers or len(ids) >= plan.brokers):
        yield (
            f"factors of hot_brokers add up to {total:g}; they must stay below the number of brokers, {plan.brokers}, "
            "and at least one broker must not be named"
        )
    if plan.effects and not plan.with_phases:
        yield "effects need phases; set with_phases to true, or remove effects"
    skewed = [planted.topic for planted in plan.skewed_topics]
    if len(set(skewed)) < len(skewed):
        yield "skewed_topics names a topic twice; give each once"


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
            raise InputError.unknown("key of the plan", str(name), Plan.model_fields)
    try:
        plan = Plan.model_validate(dict(values))
    except ValidationError as error:
        raise InputError(f"plan: {'; '.join(_explain(entry) for entry in error.errors()[:3])}") from None
    named = [planted.topic for planted in (*plan.skewed_topics, *plan.effects) if planted.topic is not None]
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
        return f"{name} is unknown"
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
        content = load_yaml(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read plan {path}: {error.strerror}; give a YAML file") from None
    except ValueError as error:  # of text that is not UTF-8 too
        raise InputError(f"plan {path} cannot be read as YAML: {one_line(error)}") from None
    if not isinstance(content, dict):
        raise InputError(
            f"plan {path} must hold keys such as 'brokers' and 'partitions', got {type(content).__name__}"
        )
    return content
