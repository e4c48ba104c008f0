"""What a cut-over moves: topics with their names at both ends, partitions, and the groups that read them."""

from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

import polars as pl

from kafka_analysis import stats
from kafka_analysis.analyses.mirrors import Observed, observed_mirrors
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.cells import waves_of
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters


def cutover_scope(
    capture: Capture, parameters: CutoverReadinessParameters
) -> tuple[stats.Moving, pl.DataFrame]:
    """Return what the waves that are asked for move, by a whole capture, and where replicators stand.

    Returns
    -------
    (moving, positions)
        ``positions``: ``source``, ``target``, ``topic`` (at the source), ``partition``, ``committed_offset``, which a
        replicator has copied up to.

    Raises
    ------
    InputError
        There is no such wave, cell or file.
    """
    observed = observed_mirrors(capture, capture, parameters)
    waves, commits = chosen_waves_of(capture, parameters), group_commits(capture, parameters)
    moving = moving_in(
        capture, observed, waves, parameters, partitions=last_partitions(capture), commits=commits
    )
    return moving, observed.mirrors.partitions.select(
        "source", "target", "topic", "partition", "committed_offset"
    )


def chosen_waves_of(capture: Capture, parameters: CutoverReadinessParameters) -> pl.DataFrame | None:
    """Return the rows of the plan of waves that are asked for, as :func:`chosen_waves`, for a capture."""
    return chosen_waves(
        waves_of(capture.path, parameters.waves), capture.cluster_table["cluster"], parameters
    )


def chosen_waves(
    waves: pl.DataFrame | None, clusters: Collection[str], parameters: CutoverReadinessParameters
) -> pl.DataFrame | None:
    """Return the rows of the plan of waves that are asked for; None: there is no plan, all that is replicated moves.

    Raises
    ------
    InputError
        A cell is none of the clusters, or there is no such wave.
    """
    if waves is None:
        if parameters.wave is not None:
            raise InputError(
                f"wave {parameters.wave} is asked for and no plan of waves is given; "
                "give waves = topic_waves.csv of plan waves"
            )
        return None
    for cell in waves["cell"].unique().sort():
        if cell not in clusters:
            raise InputError.unknown("cell", cell, clusters)
    if parameters.wave is not None and parameters.wave not in waves["wave"]:
        raise InputError.unknown("wave", str(parameters.wave), map(str, waves["wave"].unique().sort()))
    kept = waves if parameters.wave is None else waves.filter(wave=parameters.wave)
    return kept if parameters.cluster is None else kept.filter(cell=parameters.cluster)


def moving_in(
    whole: Capture,
    observed: Observed,
    waves: pl.DataFrame | None,
    parameters: CutoverReadinessParameters,
    *,
    partitions: pl.DataFrame,
    commits: pl.DataFrame,
) -> stats.Moving:
    """Return what some waves move, by the replication that was observed within a window.

    Parameters
    ----------
    whole
        The whole capture.
    observed
        The replication within the window.
    waves
        Result of :func:`chosen_waves`.
    parameters
        ``cluster`` counts.
    partitions, commits
        Results of :func:`last_partitions` and :func:`group_commits` for the window.
    """
    copied = (
        observed.remote if parameters.cluster is None else observed.remote.filter(target=parameters.cluster)
    )
    topics = stats.moving_topics(waves, copied, topics=observed.topics, sources=whole.cluster_table)
    return stats.moving(topics, partitions=partitions, commits=commits)


def last_partitions(recorded: Capture) -> pl.DataFrame:
    """Return the last snapshot of the partitions of each cluster within a window."""
    windows = dict.fromkeys(recorded.cluster_table["cluster"], stats.Window(recorded.start, recorded.end))
    return stats.snapshots_in(recorded.table("partitions"), windows)


def group_commits(recorded: Capture, parameters: CutoverReadinessParameters) -> pl.DataFrame:
    """Return the last committed offset of each group and partition within a window, and when it was read (``ts``).

    Groups that are excluded have none.
    """
    keys = ["cluster", "group", "topic", "partition"]
    inside = pl.col("ts").is_between(recorded.start, recorded.end)
    rows = recorded.scan_table("group_offsets").filter(inside).group_by(keys)
    last = rows.agg(pl.col("committed_offset").sort_by("ts").last(), pl.col("ts").max())
    return without_excluded(last.collect(engine="streaming").sort(keys), parameters.groups_exclude)


def without_excluded(rows: pl.DataFrame, patterns: Sequence[str]) -> pl.DataFrame:
    """Leave out the rows of groups whose names fit a shell pattern.

    Examples
    --------
    >>> without_excluded(pl.DataFrame({"group": ["a", "console-consumer-7"]}), ["console-*"])["group"].to_list()
    ['a']
    """
    excluded = [
        name for name in rows["group"].unique() if any(fnmatchcase(name, pattern) for pattern in patterns)
    ]
    return rows.filter(~pl.col("group").is_in(excluded))
