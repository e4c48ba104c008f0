"""Parameters of the notebooks that say what is: inventory, skew, throughput."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from kafka_analysis.model.errors import ParameterError, WindowError
from kafka_analysis.model.parameters.common import NotebookParameters
from kafka_analysis.model.parameters.values import Moment, Multiple, Ratio


class StartHere(NotebookParameters):
    """Parameters of ``00_start_here``."""


class Inventory(NotebookParameters):
    """Parameters of ``10_inventory``: rows shown in rankings."""

    top_n: Annotated[int, Field(ge=1, le=1000)] = 15


class PartitionSkew(NotebookParameters):
    """Parameters of ``20_partition_skew``: thresholds on max ÷ mean of the load per broker, rows shown."""

    skew_amber: Multiple = 1.2
    skew_red: Multiple = 1.5
    top_n: Annotated[int, Field(ge=1, le=1000)] = 10

    @model_validator(mode="after")
    def _check_thresholds(self) -> Self:
        if self.skew_amber > self.skew_red:
            message = (
                f"skew_amber {self.skew_amber:g} is above skew_red {self.skew_red:g}; "
                "give skew_amber ≤ skew_red, both max ÷ mean ≥ 1"
            )
            raise ParameterError(message)
        return self


class ThroughputBeforeAfter(NotebookParameters):
    """Parameters of ``70_throughput_before_after``: two windows, null means from the events; what counts as a loss.

    A topic is a finding from a loss of ``topic_loss`` of its bytes, if it has at least ``topic_share`` of all bytes.
    """

    before_start: Moment | None = None
    before_end: Moment | None = None
    after_start: Moment | None = None
    after_end: Moment | None = None
    topic_loss: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.2
    topic_share: Ratio = 0.001

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
                message = f"only one of {name}start and {name}end is given; give both or neither"
                raise WindowError(message)
        if self.before_end and self.after_start and self.before_end > self.after_start:
            raise WindowError("the windows overlap: before_end is later than after_start")
        return self
