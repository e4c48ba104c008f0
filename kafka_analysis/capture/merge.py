"""Merge captures: of several clusters, of several times, recorded in different intervals."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from kafka_analysis.capture.batches import batches, bytes_to_copy
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.join_sources import join_sources
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import CaptureConflictError, InputError
from kafka_analysis.model.manifest import ClusterInfo, SourceInfo
from kafka_analysis.model.metrics import METRICS

_ARROW = "->"
_FLOW = METRICS["mirror_records_total"].entity
_FLOW_METRICS = sorted(name for name, metric in METRICS.items() if metric.entity == _FLOW)


def merge_captures(
    paths: Sequence[str | Path], out: str | Path, *, rename: Mapping[str, str] | None = None
) -> Capture:
    """Merge captures into a new one; those given stay as they are.

    Samples and rows of tables that are in several captures are kept once; attempts of the same target add up, and the
    time in which no capture asked it is a gap. Two different values of one series at the same time are an error: then
    the captures are of different clusters of one name, and no rule could tell which is right.

    Parameters
    ----------
    paths
        Folders of at least two captures.
    out
        Folder of the new capture; absent or empty.
    rename
        New names of clusters, by the old ones. Where captures hold different clusters (by ``kafka_cluster_id``) of the
        old name, the first capture's keeps it and the others are renamed.

    Returns
    -------
    Capture
        Its window spans all; its ``interval_s`` is the longest of its sources, each of which keeps its own.

    Raises
    ------
    CaptureConflictError
        Two clusters have one name, or two samples of a series and time differ. Nothing is written.
    InputError
        Fewer than two captures, one given twice, or no capture has a cluster to be renamed.

    Examples
    --------
    >>> merge_captures(["a"], "out")
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.InputError: only 1 capture to merge; give two or more
    """
    if len(paths) < 2:
        raise InputError(f"only {len(paths)} capture to merge; give two or more")
    given = [read_capture(path) for path in paths]
    ids = [capture.id for capture in given]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise InputError(f"capture {twice[0]} is given twice; its attempts would count twice")
    pairs = list(zip(given, _new_names(given, rename or {}), strict=True))
    pairs.sort(key=lambda pair: (pair[0].start, pair[0].end, pair[0].id))
    clusters = _clusters(pairs)
    notes = [
        *(n for c, _ in pairs for n in c.manifest.notes),
        f"merged from captures {', '.join(sorted(ids))}",
    ]
    synthetic = any(capture.manifest.synthetic for capture in given)
    with CaptureWriter(
        out,
        synthetic=synthetic,
        notes=dict.fromkeys(notes),
        keep_unfinished=False,
        needed_bytes=sum(map(bytes_to_copy, given)),
    ) as writer:
        for capture, names in pairs:
            for stream, rows in batches(capture):
                writer.add(stream, _renamed(rows, names))
        writer.finish(
            window=(min(c.start for c in given), max(c.end for c in given)),
            clusters=clusters,
            sources=join_sources([(c.manifest.window, _renamed_sources(c, names)) for c, names in pairs]),
            unique=True,
        )
    return read_capture(out, verify=False)


def _new_names(captures: Sequence[Capture], rename: Mapping[str, str]) -> list[dict[str, str]]:
    """Return for each capture the new names of its clusters by the old ones."""
    clusters = [cluster for capture in captures for cluster in capture.clusters]
    names = {cluster.cluster for cluster in clusters}
    for old in rename:
        if old not in names:
            raise InputError.unknown("cluster", old, names)
    ids: dict[str, dict[str, None]] = {name: {} for name in names}  # in the order of the captures
    for cluster in clusters:
        if cluster.kafka_cluster_id:
            ids[cluster.cluster][cluster.kafka_cluster_id] = None
    kept = {name: (None, next(iter(several))) for name, several in ids.items() if len(several) > 1}
    return [
        {
            c.cluster: rename[c.cluster]
            for c in capture.clusters
            if c.cluster in rename and c.kafka_cluster_id not in kept.get(c.cluster, ())
        }
        for capture in captures
    ]


def _clusters(pairs: Sequence[tuple[Capture, Mapping[str, str]]]) -> list[ClusterInfo]:
    """Join what the captures say about their clusters; of what changes (a version), the latest counts."""
    joined: dict[str, ClusterInfo] = {}
    for capture, names in pairs:
        named: set[str] = set()
        for cluster in capture.clusters:
            name = names.get(cluster.cluster, cluster.cluster)
            earlier = joined.get(name, cluster)
            ids = {c.kafka_cluster_id for c in (earlier, cluster) if c.kafka_cluster_id}
            if len(ids) > 1 or name in named:
                raise CaptureConflictError(
                    f"two clusters are named {name!r} ({' and '.join(sorted(ids)) or 'in one capture'}); "
                    f"rename the later one with --rename {name}=NEW"
                )
            named.add(name)
            joined[name] = earlier.joined(cluster.model_copy(update={"cluster": name}))
    return list(joined.values())


def _renamed(rows: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    if not names or "cluster" not in rows.columns:
        return rows
    rows = rows.with_columns(pl.col("cluster").replace(dict(names)))
    if "entity" not in rows.columns:
        return rows
    ends = [
        pl.col("entity").str.split_exact(_ARROW, 1).struct.field(f"field_{n}").replace(dict(names))
        for n in (0, 1)
    ]
    flow = pl.col("metric").is_in(_FLOW_METRICS) & pl.col("entity").str.contains(_ARROW, literal=True)
    return rows.with_columns(
        entity=pl.when(flow).then(pl.concat_str(ends, separator=_ARROW)).otherwise("entity")
    )


def _renamed_sources(capture: Capture, names: Mapping[str, str]) -> list[SourceInfo]:
    return [
        s.model_copy(update={"cluster": names.get(s.cluster, s.cluster)}) for s in capture.manifest.sources
    ]
