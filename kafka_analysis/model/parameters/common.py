"""What every notebook can be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kafka_analysis.model.errors import WindowError
from kafka_analysis.model.parameters.values import Moment, Ratio


class NotebookParameters(BaseModel):
    """What every notebook can be told.

    ``start`` and ``end`` bound the window [start, end) in UTC; null means from the events of the capture,
    else all of it. ``cluster`` null means every cluster. ``topics_exclude`` holds shell patterns such as
    ``"tmp-*"``. Below ``coverage_required`` (a ratio of the expected scrapes) a verdict is grey.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    capture: str = Field(min_length=1)
    cluster: str | None = None
    start: Moment | None = None
    end: Moment | None = None
    topics_exclude: list[str] = Field(default_factory=list)
    include_internal: bool = False
    coverage_required: Ratio = 0.95

    @model_validator(mode="after")
    def _check_windows(self) -> Self:
        for name, start, end in self.windows():
            if start is not None and end is not None and start >= end:
                message = (
                    f"{name}start {start.isoformat()} is not before {name}end {end.isoformat()}; "
                    f"give a {name}start earlier than {name}end"
                )
                raise WindowError(message)
        return self

    def windows(self) -> tuple[tuple[str, datetime | None, datetime | None], ...]:
        """Return each window as (prefix of the parameter names, start, end).

        Examples
        --------
        >>> NotebookParameters(capture="data/sample").windows()
        (('', None, None),)
        """
        return (("", self.start, self.end),)

    def given(self) -> dict[str, Any]:
        """Return what differs from the defaults (the capture left out), as JSON values.

        Examples
        --------
        >>> NotebookParameters(capture="data/sample", cluster="c", start="2026-01-02").given()
        {'cluster': 'c', 'start': '2026-01-02T00:00:00Z'}
        """
        values = self.model_dump(mode="json", exclude_defaults=True, exclude={"capture"})
        return {name: value for name, value in values.items() if value != []}
