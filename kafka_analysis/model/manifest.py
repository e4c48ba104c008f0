"""The manifest of a capture: what it holds, where it came from, what is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1
Count = Annotated[int, Field(ge=0, lt=2**63)]
Broker = Annotated[int, Field(ge=-(2**31), lt=2**31)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Span(_Part):
    """A stretch of time [start, end), UTC."""

    start: datetime
    end: datetime


class Gap(_Part):
    """A stretch in which a source did not answer, and why."""

    start: datetime
    end: datetime
    reason: str


class ClusterInfo(_Part):
    """A cluster of the capture."""

    cluster: str
    role: Literal["source", "target"] | None = None
    kafka_cluster_id: str | None = None
    kafka_version: str | None = None
    flavour: str | None = None


class LineCounts(_Part):
    """What became of the lines of a source, over all its answers.

    ``stored`` are in the samples; ``not_catalogued`` were understood and are no metric the catalogue names, or a rate
    beside its counter; ``not_a_number`` were NaN, which is not a value; ``unknown`` said that they do not know (a lag
    of −1: no commit); ``duplicates`` repeated a series within one answer (the last counts); ``rejected`` were not
    understood and are in rejected.parquet.
    """

    read: Count = 0
    stored: Count = 0
    not_catalogued: Count = 0
    not_a_number: Count = 0
    unknown: Count = 0
    duplicates: Count = 0
    rejected: Count = 0

    def __add__(self, other: LineCounts) -> LineCounts:
        """Add two counts.

        Examples
        --------
        >>> (LineCounts(read=2, stored=1) + LineCounts(read=3)).read
        5
        """
        names = type(self).model_fields
        return LineCounts(**{name: getattr(self, name) + getattr(other, name) for name in names})


class SourceInfo(_Part):
    """One target that was asked again and again: a metrics endpoint, or a cluster's metadata.

    ``address`` never holds credentials. ``attempts`` = ``ok`` + ``failed``; every stretch of failures is a gap.
    """

    kind: str
    cluster: str
    broker: Broker | None = None
    address: str
    dialect: str | None = None
    interval_s: float | None = None
    attempts: Count
    ok: Count
    failed: Count
    gaps: tuple[Gap, ...] = ()
    lines: LineCounts | None = None

    @property
    def label(self) -> str:
        """Return the source in words.

        Examples
        --------
        >>> SourceInfo(kind="jmx", cluster="c", broker=1, address="http://h/", attempts=1, ok=1, failed=0).label
        'jmx of broker 1'
        """
        if self.broker is not None:
            return f"{self.kind} of broker {self.broker}"
        return f"{self.kind} at {self.address}" if self.address.startswith("http") else self.kind


class FileInfo(_Part):
    """One file of the capture; ``path`` is relative to the manifest."""

    path: str
    rows: Count
    bytes: Count
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(_Part):
    """What ``manifest.json`` says."""

    schema_version: int = Field(default=SCHEMA_VERSION, ge=1)
    capture_id: str
    created_at: datetime
    tool_version: str
    synthetic: bool = False
    window: Span
    clusters: tuple[ClusterInfo, ...] = ()
    sources: tuple[SourceInfo, ...] = ()
    files: tuple[FileInfo, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ordered_clusters(self) -> tuple[ClusterInfo, ...]:
        """Return the clusters, sources first."""
        return tuple(sorted(self.clusters, key=lambda c: (c.role != "source", c.cluster)))

    @property
    def rejected(self) -> int:
        """Return how many input lines or rows were not understood."""
        return sum(source.lines.rejected for source in self.sources if source.lines)
