"""Say in findings which groups lost records, will lose some, stand still, fall behind or are read by nobody."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import polars as pl

from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.units import counted, format_duration, format_quantity, listed

RETENTION_AMBER, RETENTION_RED = 0.5, 0.8
_NAMED, _IN_TITLE = 5, 3


class _Words(NamedTuple):
    light: Light
    one: str
    many: str
    action: str


_LATE = {
    "stuck": _Words(
        Light.RED, "reads nothing although records are waiting", "read nothing although records are waiting",
        "Look at the members' logs: a record that cannot be processed, a paused consumer, or slow processing.",
    ),
    "slow": _Words(
        Light.AMBER, "falls behind", "fall behind",
        "Add members, up to one per partition, or make each of them faster.",
    ),
    "rebalancing": _Words(
        Light.AMBER, "keeps rebalancing", "keep rebalancing",
        "Look for members that leave and rejoin: session timeouts, poll timeouts, deployments.",
    ),
    "empty": _Words(
        Light.AMBER, "has unread records and no members", "have unread records and no members",
        "Find out whether it has moved or was stopped; start it before retention deletes the records, or delete it.",
    ),
}  # fmt: skip


@same_kind
def lag_findings(
    groups: Frame, *, amber: float = RETENTION_AMBER, red: float = RETENTION_RED, tolerance_s: float = 0.0
) -> list[Finding]:
    """Say which groups of a cluster need somebody to act, the worst first.

    Parameters
    ----------
    groups
        Rows of ``stats.lag_by_group`` of one cluster.
    amber, red
        Shares of the retention that the oldest unread record has used up, from which a finding is amber, red.
    tolerance_s
        Seconds behind up to which a group without members is no finding.

    Examples
    --------
    >>> rows = pl.DataFrame({"group": ["g"], "condition": "stuck", "lag_records": [90], "lag_seconds": [600.0],
    ...     "is_at_least": False, "retention_used": [0.01], "seconds_to_loss": [None], "lost_records": [0]})
    >>> finding = lag_findings(rows)[0]
    >>> finding.light.value, finding.title, finding.detail
    ('red', '1 group reads nothing although records are waiting (g)', 'g: 90 records, 10 min 0 s behind.')
    """
    rows = groups.sort("lag_seconds", "group", descending=[True, False], nulls_last=True)
    return [*_lost(rows), *_nearly_lost(rows, amber, red), *_late(rows, tolerance_s), *_unknown(rows)]


def _lost(rows: pl.DataFrame) -> Iterator[Finding]:
    lost = rows.filter(pl.col("lost_records") > 0)
    if len(lost):
        texts = [
            f"{name} {format_quantity(count, 'records')}"
            for name, count in lost.select("group", "lost_records").iter_rows()
        ]
        yield Finding(
            light=Light.RED,
            title=f"{_groups(lost)} lost records: they were deleted before they were read ({_names(lost)})",
            detail=f"{listed(texts, _NAMED)}. The committed offset is before the log start offset.",
            action="Find out where the group goes on (auto.offset.reset), read the records again from their origin, "
            "and raise retention.ms of the topic.",
        )


def _nearly_lost(rows: pl.DataFrame, amber: float, red: float) -> Iterator[Finding]:
    near = rows.filter(pl.col("retention_used") >= amber, pl.col("lost_records").fill_null(0) == 0)
    near = near.sort("retention_used", "group", descending=[True, False])
    if len(near):
        texts = [
            f"{name}: {format_quantity(used, '%')} of retention used, {_loss(seconds)}"
            for name, used, seconds in near.select("group", "retention_used", "seconds_to_loss").iter_rows()
        ]
        worst = near["retention_used"][0]
        verb = "is" if len(near) == 1 else "are"
        yield Finding(
            light=Light.RED if worst >= red else Light.AMBER,
            title=f"{_groups(near)} {verb} close to losing records ({_names(near)})",
            detail=f"{listed(texts, _NAMED, separator='; ')}. Kafka deletes whole segments, so this is the earliest.",
            action="Raise retention.ms (or retention.bytes) of the topics until the group has caught up.",
        )


def _loss(seconds: float | None) -> str:
    return (
        "no loss at this pace"
        if seconds is None
        else f"records will be lost in {format_duration(seconds)} at this pace"
    )


def _late(rows: pl.DataFrame, tolerance_s: float) -> Iterator[Finding]:
    for condition, words in _LATE.items():
        found = rows.filter(pl.col("lag_records") > 0, condition=condition)
        if condition in ("empty", "rebalancing"):
            found = found.filter(pl.col("lag_seconds") > tolerance_s)
        if len(found):
            yield Finding(
                light=words.light,
                title=f"{_groups(found)} {words.one if len(found) == 1 else words.many} ({_names(found)})",
                detail=f"{listed([behind(row) for row in found.iter_rows(named=True)], _NAMED, separator='; ')}.",
                action=words.action,
            )


def _unknown(rows: pl.DataFrame) -> Iterator[Finding]:
    unknown = rows.filter(condition="unknown")
    if len(unknown):
        yield Finding(
            light=Light.GREY,
            title=f"the lag of {_groups(unknown)} is unknown ({_names(unknown)})",
            detail="No committed offset or no log end offset was read. Kafka keeps no committed offsets for share "
            "groups.",
            action="Grant Describe on groups and topics, or ask the owners what the group reads.",
        )


def behind(row: dict[str, Any]) -> str:
    """Say how far a group is behind, in records and in time.

    Examples
    --------
    >>> behind({"group": "g", "lag_records": 5, "lag_seconds": 90.0, "is_at_least": True})
    'g: 5 records, at least 1 min 30 s behind'
    """
    least = "at least " if row["is_at_least"] else ""
    return (
        f"{row['group']}: {format_quantity(row['lag_records'], 'records')}, "
        f"{least}{format_duration(row['lag_seconds'])} behind"
    )


def _groups(rows: pl.DataFrame) -> str:
    return counted(len(rows), "group")


def _names(rows: pl.DataFrame) -> str:
    return listed(rows["group"].to_list(), _IN_TITLE)
