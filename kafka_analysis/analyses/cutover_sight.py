"""What the recording of a cut-over check was allowed to see: an empty answer without the right is unknown, not none."""

from collections.abc import Mapping

import polars as pl

from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.join_sources import NOT_RECORDED
from kafka_analysis.model.units import counted

_READ_BY = {"acls": "access", "quotas": "access", "users": "access"}
_REFUSED = "(?i)no right|authorization failed"
_OFFSETS_NOT_READ = r"offsets of \d+ of \d+ groups not read"
_HIDDEN = {"cluster": pl.String, "why": pl.String}


def known_tables(recorded: Capture, tables: Mapping[str, pl.DataFrame]) -> set[tuple[str, str]]:
    """Return the clusters and tables that were read with the right to see all: without it, no answer is none."""
    asked = recorded.targets.filter(pl.col("ok") > 0).select("cluster", "kind").rows()
    refused = recorded.gaps.filter(pl.col("target") == "access").select("cluster", "reason").rows()
    found = {
        (cluster, name)
        for name, kind in _READ_BY.items()
        for cluster, of in asked
        if of == kind
        and not any(cluster == c and (name in reason or "right" in reason) for c, reason in refused)
    }
    return found | {(cluster, name) for name, rows in tables.items() for cluster in rows["cluster"].unique()}


def answered(recorded: Capture, kind: str) -> list[str]:
    """Return the clusters that answered a question, be it that there is nothing."""
    return recorded.targets.filter(pl.col("kind") == kind, pl.col("ok") > 0)["cluster"].to_list()


def without_offsets(recorded: Capture) -> pl.DataFrame:
    """Return the clusters of which committed offsets were never read: ``cluster``, ``why``.

    A cluster that was asked and has no group has none. One that lists groups without members has committed offsets:
    Kafka keeps such a group for their sake.
    """
    having = set(recorded.scan_table("group_offsets").select("cluster").unique().collect()["cluster"])
    asked = set(answered(recorded, "groups"))
    is_stopped = (pl.col("state").str.to_uppercase() == "EMPTY") & pl.col("kind").ne_missing("share")
    stopped = recorded.scan_table("groups").filter(is_stopped)
    listed = dict(stopped.group_by("cluster").agg(pl.col("group").n_unique()).collect().iter_rows())
    rows = []
    for name in recorded.cluster_table["cluster"]:
        if name in having or (name in asked and name not in listed):
            continue
        groups = f", of {counted(listed[name], 'group')} listed" if name in listed else ""
        rows.append((name, f"no committed offset was recorded{groups}"))
    return pl.DataFrame(rows, schema=_HIDDEN, orient="row")


def hiding(recorded: Capture, target: str) -> pl.DataFrame:
    """Return the clusters that refused to show something of a kind: ``cluster``, ``why``."""
    refused = recorded.gaps.filter(pl.col("reason").str.contains(_REFUSED), pl.col("target") == target)
    lacking = [
        (info.cluster, f"no right to {right.name}")
        for info in recorded.manifest.clusters
        for right in info.missing_rights or ()
        if right.resource == target
    ]
    named = pl.DataFrame(lacking, schema=_HIDDEN, orient="row")
    return pl.concat([named, refused.select("cluster", why="reason")]).unique(
        "cluster", keep="first", maintain_order=True
    )


def never_whole(recorded: Capture) -> pl.DataFrame:
    """Return the clusters of which every answer within the window lacks the offsets of some groups.

    ``cluster``, ``why``. A group whose offsets one answer lacked is known by the answer before or after.
    """
    inside = pl.col("ts").is_between(recorded.start, recorded.end)
    times = recorded.scan_table("groups").filter(inside).group_by("cluster")
    spans = times.agg(first=pl.col("ts").min(), last=pl.col("ts").max()).collect()
    partial = recorded.gaps.filter(
        pl.col("target") == "groups", pl.col("reason").str.contains(_OFFSETS_NOT_READ)
    )
    lasting = partial.join(spans, on="cluster").filter(
        pl.col("start") <= pl.col("first"), pl.col("end") >= pl.col("last")
    )
    return lasting.select("cluster", why="reason").unique("cluster", keep="first", maintain_order=True)


def transactions_lacking(recorded: Capture, read: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Return why the transactions of a cluster were not read, or not all of them, at its last answer."""
    last = pl.concat([read[name].select("cluster", "ts") for name in ("transactions", "active_producers")])
    is_answer = pl.col("reason") != NOT_RECORDED  # before and after a reading of both ends nobody was asked
    gaps = recorded.gaps.filter(is_answer, pl.col("target") == "transactions").sort("end")
    newest = gaps.group_by("cluster", maintain_order=True).last()
    joined = newest.join(last.group_by("cluster").agg(pl.col("ts").max()), on="cluster", how="left")
    lacking = joined.filter((pl.col("end") >= pl.col("ts")).fill_null(value=True))
    return dict(lacking.select("cluster", "reason").iter_rows())


def transactions_known(recorded: Capture, read: Mapping[str, pl.DataFrame]) -> list[str]:
    """Return the clusters of which all transactional ids, and the producers of partitions, were read."""
    having = (set(read[table]["cluster"].unique()) for table in ("transactions", "active_producers"))
    seen = set.intersection(*having).union(answered(recorded, "transactions"))
    return sorted(seen.difference(transactions_lacking(recorded, read)))
