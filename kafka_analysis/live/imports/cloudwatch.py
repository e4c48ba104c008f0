"""Import history of Amazon MSK clusters from CloudWatch as a capture, before it expires there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import ProfileError, SourceError, UnreachableError
from kafka_analysis.model.manifest import ClusterInfo, Gap, LineCounts, SourceInfo
from kafka_analysis.model.profile import CloudWatch, ClusterProfile, Profile
from kafka_analysis.model.units import listed
from kafka_analysis.sources.amazon.clients import aws_client
from kafka_analysis.sources.amazon.cloudwatch import Batch, batches, list_series, read_batch
from kafka_analysis.sources.amazon.cloudwatch_names import LEVELS, Listing, Series
from kafka_analysis.sources.amazon.cloudwatch_periods import Part, Plan, plan_periods
from kafka_analysis.sources.amazon.msk import list_msk_clusters, read_msk_brokers

if TYPE_CHECKING:
    from botocore.client import BaseClient

LISTED_FOR = timedelta(days=14)
_NAMES_SHOWN = 12


@dataclass(frozen=True)
class ImportProgress:
    """How far an import is, for showing: series queried of all, in all parts of the window."""

    done: int
    total: int
    samples: int


@dataclass(frozen=True)
class _Queried:
    """A cluster that is queried, and what CloudWatch lists of it, or why it does not."""

    profile: ClusterProfile
    source: CloudWatch
    client: BaseClient
    listing: Listing | None
    error: str = ""

    def info(self) -> ClusterInfo:
        """Return the cluster's entry in the manifest."""
        listed = self.listing.flavour if self.listing else None
        return self.profile.info(flavour=self.profile.flavour or listed)


@dataclass
class _Tally:
    """What became of the series of one broker (None: of the cluster)."""

    queries: int = 0
    lines: LineCounts = field(default_factory=LineCounts)
    failed: Counter[tuple[Part, str]] = field(default_factory=Counter)


def import_cloudwatch(
    profile: Profile,
    out: str | Path,
    *,
    start: datetime,
    end: datetime,
    period_s: int = 60,
    now: datetime | None = None,
    on_progress: Callable[[ImportProgress], None] | None = None,
    notes: Iterable[str] = (),
) -> Path:
    """Import the metrics of every cluster whose profile names CloudWatch; only reads there.

    Parameters
    ----------
    profile
        Clusters; those without ``cloudwatch`` are left out.
    out
        Folder of the new capture.
    start, end
        The window [start, end), UTC.
    period_s
        The finest period wanted: 60, 300 or 3600 seconds. Older data are read as finely as CloudWatch keeps them.
    now
        The present, from which the age of data is counted; None = the clock's.
    on_progress
        Told after every call.
    notes
        Sentences a reader of any report on this capture must know, besides those on periods and monitoring levels.

    Returns
    -------
    Path
        The capture's folder. What did not answer is a gap; a series without data is absent, not 0.

    Raises
    ------
    UnreachableError
        CloudWatch answered for none of the clusters; nothing is written.
    ProfileError, InputError, CaptureExistsError
        No cluster names CloudWatch, the window or period is wrong, or the folder is taken.
    """
    present = now or datetime.now(UTC)
    plan = plan_periods(start, end, now=present, period_s=period_s)
    queried = _list_all(profile)
    clusters = [cluster.info() for cluster in queried]
    sentences = [*notes, *plan.notes, *_listing_notes(queried, start=start, now=present)]
    with CaptureWriter(out, notes=sentences) as writer:
        unread = {
            cluster.profile.name: {b: _Tally() for b in _by_broker(cluster.listing)} for cluster in queried
        }
        # should the import be killed, a repair knows which series it had not read yet
        writer.flush(clusters=clusters, sources=_sources(queried, unread, plan))
        tallies = _read_all(queried, plan, writer, on_progress)
        sources = list(_sources(queried, tallies, plan))
        if not any(source.ok for source in sources):
            raise UnreachableError(_nothing(source.gaps[0].reason for source in sources if source.gaps))
        for cluster in queried:
            _add_brokers(cluster, writer, present)
        first = plan.expired.start if plan.expired else plan.parts[0].start
        writer.finish(window=(first, plan.parts[-1].end), clusters=clusters, sources=sources)
    return Path(out)


def _list_all(profile: Profile) -> list[_Queried]:
    queried = [_listed(cluster, cluster.cloudwatch) for cluster in profile.clusters if cluster.cloudwatch]
    if not queried:
        message = "no cluster in the profile uses CloudWatch; add to one: cloudwatch = { cluster_name = …, region = … }"
        raise ProfileError(message)
    if all(cluster.listing is None for cluster in queried):
        raise UnreachableError(_nothing(f"{cluster.profile.name}: {cluster.error}" for cluster in queried))
    return queried


def _listed(cluster: ClusterProfile, source: CloudWatch) -> _Queried:
    client = aws_client("cloudwatch", region=source.region, aws_profile=source.aws_profile)
    try:
        listing = list_series(client, cluster_name=source.cluster_name, replicators=source.replicators)
        return _Queried(cluster, source, client, listing)
    except SourceError as error:
        return _Queried(cluster, source, client, None, str(error))


def _add_brokers(queried: _Queried, writer: CaptureWriter, present: datetime) -> None:
    """Write down the cluster's brokers as MSK lists them now, if the caller may ask."""
    source, name = queried.source, queried.profile.name
    client = aws_client("kafka", region=source.region, aws_profile=source.aws_profile)
    try:
        listed = list_msk_clusters(client, name_prefix=source.cluster_name)
        cluster = next((cluster for cluster in listed if cluster.name == source.cluster_name), None)
        if cluster is None:
            writer.add_notes(
                f"{name}: MSK does not list cluster {source.cluster_name!r}; broker types are unknown."
            )
        else:
            writer.add_table("brokers", read_msk_brokers(client, cluster, name=name, ts=present))
    except SourceError as error:
        writer.add_notes(
            f"{name}: MSK does not list its brokers ({error}); their types and disks are unknown."
        )


def _nothing(reasons: Iterable[str]) -> str:
    shown = "; ".join(dict.fromkeys(reasons))[:600]
    return f"CloudWatch did not answer for any cluster ({shown}); check region, cluster_name and credentials"


def _read_all(
    queried: Sequence[_Queried],
    plan: Plan,
    writer: CaptureWriter,
    on_progress: Callable[[ImportProgress], None] | None,
) -> dict[str, dict[int | None, _Tally]]:
    """Read every batch of every cluster and part into the writer, one in memory at a time."""
    tallies: dict[str, dict[int | None, _Tally]] = {
        cluster.profile.name: defaultdict(_Tally) for cluster in queried
    }
    total = len(plan.parts) * sum(len(cluster.listing.series) for cluster in queried if cluster.listing)
    done = samples = 0
    for cluster, part, batch in _questions(queried, plan):
        answer = read_batch(cluster.client, batch, part, cluster=cluster.profile.name)
        writer.add_samples(answer.samples)
        if len(answer.rejected):
            writer.add_rejected(answer.rejected)
        _count(tallies[cluster.profile.name], batch, part, answer)
        done, samples = done + len(batch), samples + len(answer.samples)
        if on_progress:
            on_progress(ImportProgress(done, total, samples))
    return tallies


def _questions(
    queried: Sequence[_Queried], plan: Plan
) -> Iterator[tuple[_Queried, Part, tuple[Series, ...]]]:
    """Yield batches of series of one broker each, so that what they brought is counted for it."""
    for cluster in queried:
        for part in plan.parts:
            for series in _by_broker(cluster.listing).values():
                for batch in batches(series, part):
                    yield cluster, part, batch


def _by_broker(listing: Listing | None) -> dict[int | None, list[Series]]:
    by_broker: dict[int | None, list[Series]] = defaultdict(list)
    for series in listing.series if listing else ():
        by_broker[series.broker].append(series)
    return by_broker


def _count(tallies: dict[int | None, _Tally], batch: Sequence[Series], part: Part, answer: Batch) -> None:
    tally = tallies[batch[0].broker]
    tally.queries += len(batch)
    tally.lines += answer.lines
    tally.failed.update((part, reason) for reason in answer.failed.values())


def _sources(
    queried: Sequence[_Queried], tallies: dict[str, dict[int | None, _Tally]], plan: Plan
) -> Iterator[SourceInfo]:
    interval_s = float(max(part.period_s for part in plan.parts))
    for cluster in queried:
        series = _by_broker(cluster.listing)
        read = [
            (broker, tally, tally.failed.total(), (*_expired(plan), *_gaps(tally, len(series[broker]))))
            for broker, tally in tallies[cluster.profile.name].items()
        ]
        if cluster.listing is None:
            whole = Gap(start=plan.parts[0].start, end=plan.parts[-1].end, reason=cluster.error)
            read.insert(0, (None, _Tally(queries=1), 1, (whole,)))
        for broker, tally, failed, gaps in read:
            yield SourceInfo(
                kind="cloudwatch",
                cluster=cluster.profile.name,
                broker=broker,
                address=f"cloudwatch {cluster.source.region} {cluster.source.cluster_name}",
                dialect="cloudwatch",
                interval_s=interval_s,
                attempts=tally.queries,
                ok=tally.queries - failed,
                failed=failed,
                gaps=gaps,
                lines=tally.lines,
            )


def _expired(plan: Plan) -> Iterator[Gap]:
    if plan.expired is not None:
        yield Gap(start=plan.expired.start, end=plan.expired.end, reason="older than CloudWatch's retention")


def _gaps(tally: _Tally, series: int) -> Iterator[Gap]:
    for (part, reason), count in tally.failed.items():
        yield Gap(start=part.start, end=part.end, reason=f"{reason} ({count} of {series} metrics)")


def _listing_notes(queried: Sequence[_Queried], *, start: datetime, now: datetime) -> Iterator[str]:
    yield "CloudWatch timestamps are the starts of periods; rates are averages over each period."
    if start < now - LISTED_FOR:
        yield (
            "CloudWatch lists only what reported within the last two weeks: topics, groups and brokers gone before "
            "are missing."
        )
    for cluster in queried:
        if cluster.listing:
            yield from _cluster_notes(cluster.profile.name, cluster.listing)


def _cluster_notes(name: str, listing: Listing) -> Iterator[str]:
    higher = LEVELS[LEVELS.index(listing.level) + 1 :]
    more = f"; what {' and '.join(higher)} would add stays unknown" if higher else ""
    yield f"{name}: CloudWatch shows monitoring level {listing.level}{more}."
    if listing.unpublished:
        yield f"{name}: Express brokers do not publish {', '.join(listing.unpublished)}: unknown, not 0."
    if listing.not_catalogued:
        yield f"{name}: not in the catalogue, not read: {listed(listing.not_catalogued, _NAMES_SHOWN)}."
