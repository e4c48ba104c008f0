"""Parameters that every analysis takes."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kafka_analysis.model.errors import WindowError
from kafka_analysis.model.parameters.values import Moment, Ratio, option


class NotebookParameters(BaseModel):
    """Parameters that every analysis takes, from its notebook, the command line or a call.

    ``notebook`` is the name of the notebook whose question is answered; ``places`` are the options that are paths and
    that no summary records. Each field is an option: its description is what the parameters cell, ``--help`` and the
    docstring of the analysis say.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    notebook: ClassVar[str] = ""
    places: ClassVar[frozenset[str]] = frozenset({"capture"})

    capture: Annotated[str, Field(min_length=1)] = Field(description="folder of the capture")
    cluster: str | None = option(None, "cluster name; None = all clusters")
    start: Moment | None = option(
        None,
        'start of the window, UTC, such as "2026-01-31T12:00:00Z"; '
        "None = a steady phase of each cluster, else the whole capture",
    )
    end: Moment | None = option(None, "end of the window, UTC, exclusive; None = as for start")
    topics_exclude: list[str] = option(
        [], 'topics to exclude, as shell patterns, such as ["tmp-*"]', "--exclude-topic"
    )
    include_internal: bool = option(False, "include internal topics of Kafka, MirrorMaker 2 and probes")
    coverage_required: Ratio = option(0.95, "minimum share of expected scrapes; below it, verdicts are grey")

    @model_validator(mode="after")
    def _check_windows(self) -> Self:
        for name, start, end in self.windows():
            if start is not None and end is not None and start >= end:
                raise WindowError(
                    f"{name}start {start.isoformat()} is not before {name}end {end.isoformat()}; "
                    f"give an earlier {name}start or a later {name}end"
                )
        return self

    def windows(self) -> tuple[tuple[str, datetime | None, datetime | None], ...]:
        """Return each window as (prefix of the parameter names, start, end).

        Examples
        --------
        >>> NotebookParameters(capture="data/sample").windows()
        (('', None, None),)
        """
        return (("", self.start, self.end),)

    @property
    def not_needed(self) -> frozenset[str]:
        """Return the metrics and tables that the question does without, asked in this way."""
        return frozenset()

    def given(self) -> dict[str, Any]:
        """Return what differs from the defaults (the capture left out), as JSON values.

        Examples
        --------
        >>> NotebookParameters(capture="data/sample", cluster="c", start="2026-01-02").given()
        {'cluster': 'c', 'start': '2026-01-02T00:00:00Z'}
        """
        fields = type(self).model_fields
        return {
            name: value
            for name, value in self.model_dump(mode="json", exclude={"capture"}).items()
            if getattr(self, name) != fields[name].get_default(call_default_factory=True)
        }

    def only(self, *names: str) -> dict[str, Any]:
        """Return some of the parameters by name, to be handed on.

        Examples
        --------
        >>> NotebookParameters(capture="data/sample").only("cluster")
        {'cluster': None}
        """
        return {name: getattr(self, name) for name in names}
