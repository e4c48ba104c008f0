"""What a capture holds of some waves at the moment at which they are judged: every check looks at this."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from kafka_analysis import stats
from kafka_analysis.analyses.cutover_scope import group_commits, moving_in
from kafka_analysis.analyses.mirrors import Observed, observed_mirrors
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters

OF_CHECKS = (
    "record_reads",
    "record_checks",
    "offsets_at",
    "transactions",
    "active_producers",
    "certificates",
)


@dataclass(frozen=True)
class Moment:
    """What a capture holds of some waves within a window.

    ``whole``: the whole capture; ``recorded``: narrowed to the window. ``tables``: the last snapshot of each table that
    parity compares. ``commits``: the last committed offsets. ``logs``: every answer about the logs of what moves.
    ``answered``: the tables of a check at both ends, and ``read`` the last answers of those. ``groups``: the
    latest row of each group; ``members`` by the last answer.
    """

    whole: Capture
    recorded: Capture
    parameters: CutoverReadinessParameters
    observed: Observed
    moving: stats.Moving
    tables: Mapping[str, pl.DataFrame]
    commits: pl.DataFrame
    logs: pl.DataFrame
    answered: Mapping[str, pl.DataFrame]
    read: Mapping[str, pl.DataFrame]
    groups: pl.DataFrame
    members: pl.DataFrame

    @property
    def windows(self) -> dict[str, stats.Window]:
        """Return the window, for each cluster."""
        return windows_of(self.whole, self.recorded)

    @property
    def is_quiet(self) -> bool:
        """Tell whether producers are stopped."""
        return self.parameters.stage != "prepared"

    @property
    def clusters(self) -> list[str]:
        """Return the clusters that something moves from or to."""
        ends = pl.concat([self.moving.topics["source"], self.moving.topics["target"]])
        return ends.drop_nulls().unique().sort().to_list()

    @cached_property
    def newest(self) -> pl.DataFrame:
        """Return the last answer about each log, and by how much it has grown since the one before."""
        end = pl.col("log_end_offset")
        grown = (end.last() - end.slice(-2, 1).first()).alias("log_grown")
        return self.logs.sort("ts").group_by("cluster", "topic", "partition").agg(pl.all().last(), grown)

    @cached_property
    def flows(self) -> pl.DataFrame:
        """Return every replication that was seen: ``source``, ``target``."""
        reported = stats.reported_flows(self.observed.reported)
        ends = [rows.select("source", "target") for rows in (self.observed.mirrors.flows, reported)]
        return pl.concat(ends).unique()


def moment_of(
    whole: Capture, recorded: Capture, waves: pl.DataFrame | None, parameters: CutoverReadinessParameters
) -> Moment:
    """Put together what a capture holds of some waves within a window.

    Parameters
    ----------
    whole
        The whole capture: earlier answers about logs date old records.
    recorded
        The same narrowed to the window.
    waves
        ``topic``, ``cell``, ``wave``; None: everything that is replicated.
    """
    observed = observed_mirrors(whole, recorded, parameters)
    inside = pl.col("ts").is_between(recorded.start, recorded.end)
    windows = windows_of(whole, recorded)
    tables = {name: stats.snapshots_in(recorded.table(name), windows) for name in stats.PARITY_TABLES}
    commits = group_commits(recorded, parameters)
    moving = moving_in(whole, observed, waves, parameters, partitions=tables["partitions"], commits=commits)
    answered = {name: recorded.table(name).filter(inside) for name in OF_CHECKS}
    return Moment(
        whole=whole,
        recorded=recorded,
        parameters=parameters,
        observed=observed,
        moving=moving,
        tables=tables,
        commits=commits,
        logs=_log_ends(recorded, moving.topics, inside),
        answered=answered,
        read={name: _latest(rows) for name, rows in answered.items()},
        groups=stats.groups_in(recorded.table("groups"), windows),
        members=_latest(recorded.table("group_members").filter(inside)),
    )


def windows_of(whole: Capture, recorded: Capture) -> dict[str, stats.Window]:
    """Return the window of a narrowed capture, for each cluster."""
    return dict.fromkeys(whole.cluster_table["cluster"], stats.Window(recorded.start, recorded.end))


def _latest(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the last answer of each cluster: an earlier check of the same capture is another moment."""
    return rows.filter(pl.col("ts") == pl.col("ts").max().over("cluster"))


def _log_ends(recorded: Capture, topics: pl.DataFrame, inside: pl.Expr) -> pl.DataFrame:
    """Return every answer about the logs of what moves, at both ends."""
    places = (
        pl.concat(
            [
                topics.select("topic", cluster="source"),
                topics.select(topic="remote_topic", cluster="target"),
            ]
        )
        .drop_nulls()
        .unique()
    )
    rows = (
        recorded.scan_table("offsets").filter(inside).join(places.lazy(), on=["cluster", "topic"], how="semi")
    )
    return rows.collect(engine="streaming")
