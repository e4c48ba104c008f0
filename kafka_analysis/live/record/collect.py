"""Record a capture from the clusters of a profile: reach them, record, and write what came."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from threading import Event

import httpx
import polars as pl
from confluent_kafka.admin import AdminClient

from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.live.record.attempts import Attempts
from kafka_analysis.live.record.children import ChildProcesses
from kafka_analysis.live.record.error_log import ErrorLog, secrets_of
from kafka_analysis.live.record.mirror_files import FileFlow, flows_of_files
from kafka_analysis.live.record.outcomes import Failure, all_outcomes
from kafka_analysis.live.record.rounds import Progress, Recording, run
from kafka_analysis.live.record.targets import Target, endpoint_targets, metadata_targets, prepare
from kafka_analysis.model.clock import begin_clock
from kafka_analysis.model.errors import InputError, UnreachableError
from kafka_analysis.model.manifest import ClusterInfo
from kafka_analysis.model.profile import Profile
from kafka_analysis.sources.http.client import http_client
from kafka_analysis.sources.kafka.client import connect
from kafka_analysis.sources.kafka.metadata import now
from kafka_analysis.sources.kafka.rights import describe_with_rights

MOST_CHILDREN = 2
SHORTEST_INTERVAL_S = 1.0
PREPARE_S = 120.0
_FIRST_QUESTIONS = 3  # in a row: what the cluster is, and which rights are missing


def record_capture(
    profile: Profile,
    out: str | Path,
    *,
    duration_s: float | None,
    interval_s: float = 15.0,
    stop: Event | None = None,
    ending_s: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    extra_tables: Callable[[], Mapping[str, pl.DataFrame]] | None = None,
    notes: Iterable[str] = (),
    resume: bool = False,
) -> Path:
    """Record a capture from the clusters of a profile; only reads from them.

    What came is put on disk every 10 seconds, or every interval where that is longer: a process that is killed loses
    no more than that.

    Parameters
    ----------
    profile
        Clusters, endpoints and how to reach them.
    out
        Folder of the new capture.
    duration_s
        Seconds to record; None = until ``stop``.
    interval_s
        Seconds between two scrapes, at least 1.
    stop
        Ends the recording early: what came so far becomes a valid, shorter capture.
    ending_s
        Seconds the last questions may take once ``stop`` is set, or three times a target's slowest answer where that is
        longer; None = up to the targets' deadlines.
    on_progress
        Told after every round.
    extra_tables
        Asked once at the end for more tables (the testbed's events).
    notes
        Sentences a reader of any report on this capture must know.
    resume
        Go on with the unfinished capture in ``out``; the time between is a gap of every target.

    Returns
    -------
    Path
        The capture's folder.

    Raises
    ------
    UnreachableError
        No cluster and no endpoint answered; nothing is written.
    CaptureExistsError, ProfileError, InputError
        The folder is taken, a secret or a file of MirrorMaker's cannot be read, or the interval is too short.
    StoppedError
        ``stop`` was set before anything could be recorded; nothing is written.
    CaptureNotFoundError, BusyError
        With ``resume``: there is no unfinished capture, or its recording still runs.
    """
    if interval_s < SHORTEST_INTERVAL_S or (duration_s is not None and duration_s <= 0):
        raise InputError(
            f"interval {interval_s:g} s, duration {duration_s} s: give an interval ≥ 1 s and a duration > 0 s"
        )
    flows = {cluster.name: flows_of_files(cluster) for cluster in profile.clusters}
    begin_clock()
    ended = stop or Event()
    workers = min(len(profile.clusters), MOST_CHILDREN)
    with (
        CaptureWriter(out, notes=notes, resume=resume) as writer,
        http_client() as client,
        ChildProcesses(workers) as children,
    ):
        admins = {cluster.name: connect(cluster) for cluster in profile.clusters}
        before = writer.state if resume else None
        log = ErrorLog(writer.path, partial(secrets_of, profile))
        clusters, targets = _reach(
            profile, client, admins, children=children, stop=ended, log=log, flows=flows
        )
        clusters = clusters if before is None else _same_clusters(before.clusters, clusters)
        attempts = {target: Attempts() for target in targets}
        recording = Recording(writer, clusters, attempts, interval_s, now(), log, before, ending_s)
        run(recording, duration_s, ended, on_progress)
        end = now()
        for name, table in (extra_tables() if extra_tables else {}).items():
            writer.add_table(name, table)
        writer.finish(window=(recording.began, end), clusters=clusters, sources=recording.sources(end))
    return Path(out)


def _same_clusters(before: Iterable[ClusterInfo], reached: Iterable[ClusterInfo]) -> tuple[ClusterInfo, ...]:
    """Return the clusters of a capture that goes on; they must be the ones it began with."""
    earlier = {cluster.cluster: cluster for cluster in before}
    now_reached = {cluster.cluster: cluster for cluster in reached}
    if earlier and earlier.keys() != now_reached.keys():
        raise InputError(
            f"the capture was started with clusters {', '.join(sorted(earlier))}, but the profile has "
            f"{', '.join(sorted(now_reached))}; resume with the original profile"
        )
    for name, cluster in now_reached.items():
        ids = {
            c.kafka_cluster_id for c in (earlier.get(name), cluster) if c is not None and c.kafka_cluster_id
        }
        if len(ids) > 1:
            raise InputError(
                f"cluster {name!r} has another cluster id than at the start of the capture "
                f"({' and '.join(sorted(ids))}); correct bootstrap_servers, or record into another folder"
            )
    return tuple(earlier.get(name, cluster).joined(cluster) for name, cluster in now_reached.items())


def _reach(
    profile: Profile,
    client: httpx.Client,
    admins: Mapping[str, AdminClient],
    *,
    children: ChildProcesses,
    stop: Event,
    log: ErrorLog,
    flows: Mapping[str, tuple[FileFlow, ...]],
) -> tuple[tuple[ClusterInfo, ...], tuple[Target, ...]]:
    """Ask every cluster and endpoint once, all at the same time; fail when none answers."""
    all_outcomes([(prepare, PREPARE_S)], stop)
    admin_s = profile.admin_timeout_s
    pages = partial(
        endpoint_targets, client=client, timeout_s=profile.scrape_timeout_s, limits=profile.page_limits
    )
    early = [target for cluster in profile.clusters for target in pages(cluster, ())]
    asks = [
        (
            partial(describe_with_rights, admins[cluster.name], cluster, timeout_s=admin_s),
            _FIRST_QUESTIONS * admin_s,
        )
        for cluster in profile.clusters
    ]
    outcomes = all_outcomes([*asks, *((target.ask, target.deadline_s) for target in early)], stop)
    names = [*admins, *(target.address for target in early)]
    failed = [(n, o) for n, o in zip(names, outcomes, strict=True) if isinstance(o, Failure)]
    for name, failure in failed:
        log.note(name, failure)
    if len(failed) == len(outcomes):
        words = "; ".join(f"{name}: {failure.reason}" for name, failure in failed[:4])
        hint = (
            "; check addresses, ports and security" if early else ""
        )  # a cluster's reason says what to change
        raise UnreachableError(f"no answer ({words}){hint}")
    clusters, targets = [], []
    for cluster, described in zip(profile.clusters, outcomes, strict=False):
        answer = None if isinstance(described, Failure) else described
        hosts = [(node.id, node.host) for node in answer.nodes] if answer is not None else []
        clusters.append(cluster.info(**(answer.recorded if answer is not None else {})))
        targets += pages(cluster, hosts)
        admin, own = admins[cluster.name], flows[cluster.name]
        targets += metadata_targets(cluster, admin, children=children, timeout_s=admin_s, flows=own)
    return tuple(clusters), tuple(targets)
