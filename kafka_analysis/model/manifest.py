"""The manifest of a capture: what it holds, where it came from, what is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from kafka_analysis.model.addresses import without_credentials
from kafka_analysis.model.rights import MissingRight, describe_missing, joined_rights

SCHEMA_VERSION = 1
Shown = Annotated[str, AfterValidator(without_credentials)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Broker = Annotated[int, Field(ge=-(2**31), lt=2**31)]


class _Part(BaseModel, frozen=True):
    """A part of a manifest; what later versions add is ignored."""


class Span(_Part):
    """A stretch of time [start, end), UTC."""

    start: datetime
    end: datetime


class Gap(_Part):
    """A stretch in which a source did not answer, and why."""

    start: datetime
    end: datetime
    reason: Shown


class ClusterInfo(_Part):
    """A cluster of the capture; ``missing_rights``: what its user may not see, null where nobody looked.

    ``has_authorizer``: false where the brokers check no rights, so that there are no ACLs; null where they did not say.
    """

    cluster: str
    role: Literal["source", "target"] | None = None
    kafka_cluster_id: str | None = None
    kafka_version: Shown | None = None
    flavour: Shown | None = None
    missing_rights: tuple[MissingRight, ...] | None = None
    has_authorizer: bool | None = None

    def joined(self, later: ClusterInfo) -> ClusterInfo:
        """Return what two recordings say of a cluster: of what changes (a version), the later counts.

        Examples
        --------
        >>> before = ClusterInfo(cluster="c", kafka_version="3.9", flavour="apache")
        >>> before.joined(ClusterInfo(cluster="c", kafka_version="4.1")).kafka_version
        '4.1'
        """
        recorded = {name: value for name, value in dict(later).items() if value is not None}
        rights = joined_rights(self.missing_rights, later.missing_rights)
        return self.model_copy(update=recorded | {"missing_rights": rights})


class LineCounts(_Part):
    """What became of the lines of a source, over all its answers.

    ``stored`` are in the samples or the table ``client_software``; ``not_catalogued`` were understood and are no
    metric the catalogue names, or a rate beside its counter; ``not_a_number`` were NaN, which is not a value;
    ``unknown`` said that they do not know (a lag of −1: no commit); ``duplicates`` repeated a series within one
    answer, with the same value or as the earlier of two scrapes in one file (the last counts); ``conflicting`` gave
    one series different values in one scrape: none of them counts; ``rejected`` were not understood, or hold what
    cannot be. The last two are in rejected.parquet.
    """

    read: Count = 0
    stored: Count = 0
    not_catalogued: Count = 0
    not_a_number: Count = 0
    unknown: Count = 0
    duplicates: Count = 0
    conflicting: Count = 0
    rejected: Count = 0

    @property
    def accounted(self) -> int:
        """Return of how many lines it is known what became of them: of all that were read.

        Examples
        --------
        >>> LineCounts(read=5, stored=2, rejected=3).accounted
        5
        """
        return sum(getattr(self, name) for name in type(self).model_fields if name != "read")

    @property
    def in_rejected(self) -> int:
        """Return how many lines are in rejected.parquet.

        Examples
        --------
        >>> LineCounts(read=5, conflicting=2, rejected=1).in_rejected
        3
        """
        return self.conflicting + self.rejected

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
    ``errors`` of the failed attempts were errors of this program, not of the target: their tracebacks are in errors.log
    beside the manifest of the recording.
    """

    kind: str
    cluster: str
    broker: Broker | None = None
    address: Shown
    dialect: str | None = None
    interval_s: float | None = None
    attempts: Count
    ok: Count
    failed: Count
    errors: Count = 0
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
    notes: tuple[Shown, ...] = ()

    @property
    def ordered_clusters(self) -> tuple[ClusterInfo, ...]:
        """Return the clusters, sources first."""
        return tuple(sorted(self.clusters, key=lambda c: (c.role != "source", c.cluster)))

    @property
    def missing_rights(self) -> tuple[str, ...]:
        """Return what the recording was not allowed to see, a sentence each."""
        return tuple(
            sentence
            for cluster in self.ordered_clusters
            for sentence in describe_missing(cluster.cluster, cluster.missing_rights or ())
        )

    @property
    def rejected(self) -> int:
        """Return how many input lines or rows were not understood, cannot be, or contradict each other."""
        return sum(source.lines.in_rejected for source in self.sources if source.lines)
