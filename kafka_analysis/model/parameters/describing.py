"""Parameters of the analyses that say what is: the capture, inventory, skew, throughput."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from pydantic import ValidationError, model_validator

from kafka_analysis.model.errors import ParameterError, WindowError
from kafka_analysis.model.parameters.common import NotebookParameters
from kafka_analysis.model.parameters.replication import ReplicationRequirements
from kafka_analysis.model.parameters.values import (
    Count,
    Moment,
    Multiple,
    Ratio,
    Rows,
    Seconds,
    Share,
    option,
)

_CARRIED = "also Kafka's own topics, probes' and MirrorMaker 2's: brokers carry them too"
_FROM_EVENTS = 'UTC, such as "2026-01-31T12:00:00Z"; None = the whole capture'


class StartHereParameters(NotebookParameters):
    """Parameters of ``00_start_here``."""

    notebook: ClassVar[str] = "00_start_here"

    start: Moment | None = option(None, _FROM_EVENTS)
    include_internal: bool = option(True, "also Kafka's own topics, probes' and MirrorMaker 2's")


class InventoryParameters(NotebookParameters):
    """Parameters of ``10_inventory``: rows shown in rankings."""

    notebook: ClassVar[str] = "10_inventory"

    include_internal: bool = option(True, _CARRIED)
    top_n: Rows = option(15, "rows shown in rankings")


class PartitionSkewParameters(NotebookParameters):
    """Parameters of ``20_partition_skew``: thresholds on max ÷ mean of the load per broker, rows shown."""

    notebook: ClassVar[str] = "20_partition_skew"

    include_internal: bool = option(True, _CARRIED)
    skew_amber: Multiple = option(1.2, "max ÷ mean of the brokers from which a light is amber")
    skew_red: Multiple = option(1.5, "max ÷ mean from which it is red")
    top_n: Rows = option(10, "rows shown in rankings")

    @model_validator(mode="after")
    def _check_thresholds(self) -> Self:
        if self.skew_amber > self.skew_red:
            raise ParameterError(
                f"skew_amber {self.skew_amber:g} is above skew_red {self.skew_red:g}; "
                "give skew_amber ≤ skew_red, both max ÷ mean ≥ 1"
            )
        return self


class BeforeAndAfterParameters(NotebookParameters):
    """Parameters of analyses that compare a window before a migration with one after it."""

    start: Moment | None = option(None, _FROM_EVENTS)
    before_start: Moment | None = option(
        None, "UTC; None = the window before the migration comes from the events"
    )
    before_end: Moment | None = option(None, "UTC, not included")
    after_start: Moment | None = option(
        None, "UTC; None = the window after the migration comes from the events"
    )
    after_end: Moment | None = option(None, "UTC, not included")

    def windows(self) -> tuple[tuple[str, datetime | None, datetime | None], ...]:
        """Return the common window and the two that are compared."""
        return (
            *super().windows(),
            ("before_", self.before_start, self.before_end),
            ("after_", self.after_start, self.after_end),
        )

    @model_validator(mode="after")
    def _check_pairs(self) -> Self:
        for name, start, end in self.windows()[1:]:
            if (start is None) != (end is None):
                raise WindowError(f"only one of {name}start and {name}end is given; give both or neither")
        if self.before_end and self.after_start and self.before_end > self.after_start:
            raise WindowError("the windows overlap: before_end is later than after_start")
        return self


class ThroughputBeforeAfterParameters(BeforeAndAfterParameters):
    """Parameters of ``70_throughput_before_after``: two windows, and what counts as a loss of a topic."""

    notebook: ClassVar[str] = "70_throughput_before_after"

    include_internal: bool = option(
        True, "show the traffic of Kafka's own topics too, in a kind of its own; it is never judged"
    )
    topic_loss: Share = option(0.2, "share of its bytes that a topic lost, from which it is a finding")
    topic_share: Ratio = option(0.001, "share of all bytes below which a topic is none, unless it stopped")


class LatenessParameters(NotebookParameters):
    """Parameters of analyses that judge how far readers are behind: how late is late, what retention leaves."""

    coverage_required: Ratio = option(
        0.5,
        "share of the expected answers about offsets below which a verdict is grey; one that is missing loses nothing",
    )
    tolerance: Seconds = option(60.0, 'how far behind is in time, such as "60s"')
    retention_amber: Share = option(0.5, "share of the retention used up from which a light is amber")
    retention_red: Share = option(0.8, "share of the retention used up from which it is red")

    @model_validator(mode="after")
    def _check_retention(self) -> Self:
        if self.retention_amber > self.retention_red:
            raise ParameterError(
                f"retention_amber {self.retention_amber:g} is above retention_red {self.retention_red:g}; "
                "give retention_amber ≤ retention_red"
            )
        return self


class ConsumerLagParameters(LatenessParameters, BeforeAndAfterParameters):
    """Parameters of ``75_consumer_lag``: how far behind is late, what of a retention may be used up, rows shown."""

    notebook: ClassVar[str] = "75_consumer_lag"

    start: Moment | None = option(None, _FROM_EVENTS)
    include_internal: bool = option(
        False, "also groups of MSK's canary, and what is read of Kafka's own topics"
    )
    top_n: Rows = option(20, "rows shown in rankings")


class MirroredParameters(LatenessParameters):
    """What analyses of replicators can be told: which target, and which cluster an alias means."""

    start: Moment | None = option(None, _FROM_EVENTS)
    cluster: str | None = option(None, "one target by name; None = all")
    include_internal: bool = option(False, "also Kafka's own topics and MirrorMaker 2's, such as heartbeats")
    aliases: list[str] = option(
        [], 'clusters that MirrorMaker 2 calls by other names than the capture, such as ["old=prod-1"]'
    )

    def named_aliases(self) -> dict[str, str]:
        """Return the cluster of each alias that was given.

        Raises
        ------
        ParameterError
            A text is not an alias, ``=`` and a cluster, or an alias is given twice.
        """
        pairs = [text.partition("=") for text in self.aliases]
        for text, (alias, sign, cluster) in zip(self.aliases, pairs, strict=True):
            if not (alias.strip() and sign and cluster.strip()):
                raise ParameterError(f"aliases {text!r} is not alias=cluster; write it as old=prod-1")
        named = {alias.strip(): cluster.strip() for alias, _, cluster in pairs}
        if len(named) < len(pairs):
            raise ParameterError("aliases name one alias twice; give each once")
        return named

    @model_validator(mode="after")
    def _check_aliases(self) -> Self:
        self.named_aliases()
        return self


class ReplicationParameters(MirroredParameters):
    """Parameters of ``50_replication``: which cluster an alias means, how far behind is late, tasks, rows shown."""

    notebook: ClassVar[str] = "50_replication"

    tasks: Count | None = option(None, "tasks of the better division of topics; None = as many as there are")
    requirements: dict[str, Any] = option(
        {},
        'what is asked of a replication, such as {"rpo_s": "30s", "group_offsets": True}; the adviser judges by it',
    )
    top_n: Rows = option(20, "rows shown in rankings")

    def asked(self, **known: Any) -> ReplicationRequirements:
        """Return what is asked of a replication: ``requirements``, and what else is known, as far as it can be read.

        Raises
        ------
        ParameterError
            A requirement is unknown or wrong.
        """
        try:
            return ReplicationRequirements(**(_readable(known) | self.requirements))
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(map(str, first["loc"][:1]))
            allowed = ", ".join(ReplicationRequirements.model_fields)
            message = f"requirements {name!r}: {first['msg']}; there are {allowed}"
            raise ParameterError(message) from None

    @model_validator(mode="after")
    def _check_texts(self) -> Self:
        self.asked()
        return self


def _readable(known: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a capture says in a way that is no requirement, such as an unknown version."""

    def is_readable(name: str, value: object) -> bool:
        try:
            ReplicationRequirements(**{name: value})
        except ValidationError:
            return False
        return True

    return {name: value for name, value in known.items() if is_readable(name, value)}
