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

_CARRIED = "include internal topics of Kafka, MirrorMaker 2 and probes: they load the brokers too"
_FROM_EVENTS = 'start of the window, UTC, such as "2026-01-31T12:00:00Z"; None = the whole capture'


class StartHereParameters(NotebookParameters):
    """Parameters of ``00_start_here``."""

    notebook: ClassVar[str] = "00_start_here"

    start: Moment | None = option(None, _FROM_EVENTS)
    include_internal: bool = option(True, "include internal topics of Kafka, MirrorMaker 2 and probes")


class InventoryParameters(NotebookParameters):
    """Parameters of ``10_inventory``: rows shown in rankings."""

    notebook: ClassVar[str] = "10_inventory"

    include_internal: bool = option(True, _CARRIED)
    top_n: Rows = option(15, "number of rows in rankings")


class PartitionSkewParameters(NotebookParameters):
    """Parameters of ``20_partition_skew``: thresholds on max ÷ mean of the load per broker, rows shown."""

    notebook: ClassVar[str] = "20_partition_skew"

    include_internal: bool = option(True, _CARRIED)
    skew_amber: Multiple = option(1.2, "amber from this max ÷ mean of the brokers")
    skew_red: Multiple = option(1.5, "red from this max ÷ mean of the brokers")
    top_n: Rows = option(10, "number of rows in rankings")

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
        None, "start of the window before the migration, UTC; None = from the recorded events"
    )
    before_end: Moment | None = option(
        None, "end of the window before the migration, UTC, exclusive; None = from the recorded events"
    )
    after_start: Moment | None = option(
        None, "start of the window after the migration, UTC; None = from the recorded events"
    )
    after_end: Moment | None = option(
        None, "end of the window after the migration, UTC, exclusive; None = from the recorded events"
    )

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
            raise WindowError(
                "the windows overlap: before_end is later than after_start; give before_end ≤ after_start"
            )
        return self


class ThroughputBeforeAfterParameters(BeforeAndAfterParameters):
    """Parameters of ``70_throughput_before_after``: two windows, and what counts as a loss of a topic."""

    notebook: ClassVar[str] = "70_throughput_before_after"

    include_internal: bool = option(True, "also show internal topics, as a separate kind without a verdict")
    topic_loss: Share = option(0.2, "a topic that lost this share of its bytes is a finding")
    topic_share: Ratio = option(
        0.001, "topics below this share of all bytes are not a finding, unless they stopped"
    )


class LatenessParameters(NotebookParameters):
    """Parameters of analyses that judge lag: how much lag is late, and how much retention it may use up."""

    coverage_required: Ratio = option(
        0.5,
        "minimum share of expected offset answers; below it, verdicts are grey (offsets add up, so gaps lose nothing)",
    )
    tolerance: Seconds = option(60.0, 'lag that still counts as on time, such as "60s"')
    retention_amber: Share = option(0.5, "amber from this share of the retention used up")
    retention_red: Share = option(0.8, "red from this share of the retention used up")

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
    include_internal: bool = option(False, "include internal topics, and groups of MSK's canary")
    top_n: Rows = option(20, "number of rows in rankings")


class MirroredParameters(LatenessParameters):
    """Parameters of analyses of replicators: which target, and which cluster an alias means."""

    start: Moment | None = option(None, _FROM_EVENTS)
    cluster: str | None = option(None, "name of the target cluster; None = all targets")
    include_internal: bool = option(
        False, "include internal topics of Kafka and MirrorMaker 2, such as heartbeats"
    )
    aliases: list[str] = option(
        [], 'aliases of MirrorMaker 2 that differ from the names in the capture, such as ["old=prod-1"]'
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
                raise ParameterError(f"aliases {text!r} is not alias=cluster; write it like old=prod-1")
        named = {alias.strip(): cluster.strip() for alias, _, cluster in pairs}
        if len(named) < len(pairs):
            raise ParameterError("aliases lists the same alias twice; list each once")
        return named

    @model_validator(mode="after")
    def _check_aliases(self) -> Self:
        self.named_aliases()
        return self


class ReplicationParameters(MirroredParameters):
    """Parameters of ``50_replication``: which cluster an alias means, how far behind is late, tasks, rows shown."""

    notebook: ClassVar[str] = "50_replication"

    tasks: Count | None = option(None, "tasks to distribute the topics over; None = as many as now")
    requirements: dict[str, Any] = option(
        {},
        'requirements for the replication tool, such as {"rpo_s": "30s", "group_offsets": True}',
    )
    top_n: Rows = option(20, "number of rows in rankings")

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
            message = f"requirements {name!r}: {first['msg']}; allowed: {allowed}"
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
