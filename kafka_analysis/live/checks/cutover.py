"""Record what a cut-over check needs: both clusters for a short while, then the same records at both ends."""

import shutil
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from threading import Event

from kafka_analysis.analyses.cutover_scope import chosen_waves, cutover_scope
from kafka_analysis.capture.cells import waves_of
from kafka_analysis.capture.merge import merge_captures
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.live.checks.both_ends import BothEnds, read_both_ends
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.live.record.rounds import Progress
from kafka_analysis.model.clock import now
from kafka_analysis.model.manifest import ClusterInfo, Gap, SourceInfo
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters
from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from kafka_analysis.model.profile import Profile

_OF_RECORDER = ("offsets", "topic_configs")  # the recording has them of every topic
_KINDS = {
    "records": ("record_reads", "record_checks", "offsets_at"),
    "transactions": ("transactions", "active_producers"),
    "certificates": ("certificates",),
}


def record_for_cutover(
    profile: Profile,
    out: Path,
    *,
    parameters: CutoverReadinessParameters,
    reads: CutoverReads | None = None,
    duration_s: float = 20.0,
    interval_s: float = 5.0,
    stop: Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Path:
    """Record a capture for a cut-over check; nothing is changed at any cluster.

    Parameters
    ----------
    profile
        Source and cells.
    out
        Folder of the new capture.
    parameters
        ``waves``, ``wave``, ``cluster`` and ``aliases`` say what moves; ``capture`` is not looked at.
    reads
        What is read at both ends, and how much of it.
    duration_s, interval_s
        Of the recording: at least two answers, so that a log that still grows is seen to.
    stop, on_progress
        As for :func:`~kafka_analysis.live.record.collect.record_capture`.

    Returns
    -------
    Path
        The capture's folder.

    Raises
    ------
    UnreachableError, ProfileError, InputError, CaptureExistsError
        As for :func:`~kafka_analysis.live.record.collect.record_capture`; also where a wave or cell is unknown. Nothing
        is left behind then.
    """
    names = [cluster.name for cluster in profile.clusters]
    chosen_waves(waves_of(out, parameters.waves), names, parameters)  # before anything is recorded
    place = out.parent / f".{out.name}.parts"
    is_new = not out.parent.exists()
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        recorded = record_capture(
            profile,
            place / "recorded",
            duration_s=duration_s,
            interval_s=interval_s,
            stop=stop,
            on_progress=on_progress,
        )
        scope, positions = cutover_scope(read_capture(recorded), parameters)
        pairs = scope.topics.drop_nulls(["source", "target", "remote_topic"]).select(
            "source", "target", source_topic="topic", topic="remote_topic"
        )
        committed = scope.groups.select(
            "source", "group", "partition", "committed_offset", source_topic="topic"
        ).unique()
        moving = {*scope.topics["source"].drop_nulls(), *scope.topics["target"].drop_nulls()}
        both = read_both_ends(
            profile,
            pairs,
            committed=committed,
            positions=positions,
            clusters=moving.intersection(names),
            options=reads,
        )
        _written(both, place / "read", clusters=read_capture(recorded).manifest.clusters)
        merge_captures([recorded, place / "read"], out)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        if is_new and not any(out.parent.iterdir()):
            out.parent.rmdir()
        raise
    shutil.rmtree(place, ignore_errors=True)
    return out


def _written(both: BothEnds, out: Path, *, clusters: Iterable[ClusterInfo]) -> None:
    """Write what was read at both ends as a capture of its own, to be merged with the recording."""
    kept = {name: table for name, table in both.tables.items() if name not in _OF_RECORDER}
    start = min([now(), *(table["ts"].min() for table in kept.values() if len(table))])  # type: ignore[type-var]
    end = now() + timedelta(milliseconds=1)
    with CaptureWriter(out, notes=both.notes) as writer:
        for name, table in kept.items():
            writer.add_table(name, table)
        writer.finish(
            window=(start, end),
            clusters=clusters,
            sources=list(_sources(both, clusters, start=start, end=end)),
        )


def _sources(both: BothEnds, clusters: Iterable[ClusterInfo], **span: object) -> Iterable[SourceInfo]:
    """Say of each cluster what was read: an answer without rows is none, and no answer is unknown."""
    for cluster in clusters:
        for kind, tables in _KINDS.items():
            name = cluster.cluster
            answered = all(
                name in both.answered.get(table, ())
                or (table in both.tables and name in both.tables[table]["cluster"])
                for table in tables
            )
            lacking = _lacking(both, kind, name)
            reason = lacking or (None if answered else f"{kind} not read")
            yield SourceInfo(
                kind=kind,
                cluster=name,
                address="both ends",
                attempts=1,
                ok=int(reason is None),
                failed=int(reason is not None),
                gaps=() if reason is None else (Gap(reason=reason, **span),),  # type: ignore[arg-type]
            )


def _lacking(both: BothEnds, kind: str, cluster: str) -> str | None:
    """Say what is missing of a cluster's transactions: an id that is hidden may tie topics together."""
    if kind != "transactions":
        return None
    of_ids, of_producers = (both.lacking.get(table, {}).get(cluster) for table in _KINDS[kind])
    rows = both.tables.get("transactions")
    has_ids = rows is not None and cluster in rows["cluster"]
    # Without a transactional id there is nothing that producers could tie together.
    return "; ".join(text for text in (of_ids, of_producers if has_ids else None) if text) or None
