"""The machine-readable twin of a report page: what one notebook found, in a published JSON schema."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field

from kafka_analysis.model.findings import Coverage, Figure, Finding, Result, Verdict
from kafka_analysis.model.frozen import Frozen

SCHEMA_VERSION = 1


class SummaryCoverage(Frozen):
    """Scrapes (or answers) seen of those expected; ``ratio`` is null when none were expected."""

    expected: int = Field(ge=0)
    seen: int = Field(ge=0)
    ratio: float | None = Field(
        description="Fraction from 0 to 1, seen ÷ expected; null if nothing was expected."
    )
    required_ratio: float = Field(
        ge=0, le=1, description="Fraction from 0 to 1 that is needed for a verdict."
    )
    sufficient: bool
    worst: str = ""
    unit: Literal["scrapes", "answers"] = "scrapes"

    @classmethod
    def of(cls, coverage: Coverage) -> Self:
        """Write down a coverage with its ratio.

        Examples
        --------
        >>> SummaryCoverage.of(Coverage(expected=40, seen=39)).ratio
        0.975
        """
        return cls(**coverage.model_dump(), ratio=coverage.ratio, sufficient=coverage.sufficient)


class SummaryResult(Frozen):
    """The answer for one cluster (or pair of windows)."""

    cluster: str
    verdict: Verdict
    figures: tuple[Figure, ...] = ()
    findings: tuple[Finding, ...] = ()
    coverage: SummaryCoverage

    @classmethod
    def of(cls, result: Result) -> Self:
        """Write down a result with the ratio of its coverage."""
        return cls(**(dict(result) | {"coverage": SummaryCoverage.of(result.coverage)}))


class SummaryCapture(Frozen):
    """The evidence a summary was made from; ``name`` is the folder's name, never its path."""

    id: str
    name: str = ""
    start: datetime | None
    end: datetime | None
    sha256: str = Field(description="SHA-256 of the capture's manifest.json", pattern="^([0-9a-f]{64})?$")
    synthetic: bool = False


class SummaryTable(Frozen):
    """A table written beside the report; ``files`` are relative to the folder of the run."""

    name: str
    rows: int = Field(ge=0)
    columns: tuple[str, ...]
    files: tuple[str, ...] = ()


class Summary(Frozen):
    """One notebook's answers, the capture they were computed from, and how to compute them again."""

    schema_version: Literal[1] = SCHEMA_VERSION
    notebook: str
    title: str = ""
    question: str = ""
    created_at: datetime
    tool_version: str
    capture: SummaryCapture
    parameters: Mapping[str, Any] = Field(default_factory=dict)
    results: tuple[SummaryResult, ...] = ()
    tables: tuple[SummaryTable, ...] = ()

    @property
    def clusters(self) -> tuple[str, ...]:
        """Return the names the results speak of, in their order."""
        return tuple(result.cluster for result in self.results)

    def write(self, path: Path) -> Path:
        """Write the summary as JSON, complete or not at all."""
        unfinished = path.with_name(path.name + ".tmp")
        unfinished.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        return unfinished.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a summary back from JSON."""
        return cls.model_validate_json(path.read_text(encoding="utf-8"))


def summary_schema() -> str:
    """Return the JSON schema of a summary, as published in ``docs/summary.schema.json``.

    Examples
    --------
    >>> "capture" in json.loads(summary_schema())["required"]
    True
    """
    schema = Summary.model_json_schema(mode="serialization")
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def safe_name(text: str) -> str:
    """Return a name that is safe as part of a path: letters, digits, dot, dash, underscore.

    Examples
    --------
    >>> safe_name("../<script>"), safe_name("top_partitions")
    ('script', 'top_partitions')
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip(".-")[:80] or "unnamed"


def safe_names(texts: Iterable[str]) -> dict[str, str]:
    """Return a safe name for each text, no two the same.

    Examples
    --------
    >>> safe_names(["a b", "a-b"])
    {'a b': 'a-b', 'a-b': 'a-b-'}
    """
    names: dict[str, str] = {}
    for text in texts:
        name = safe_name(text)
        while name in names.values():
            name += "-"
        names[text] = name
    return names
