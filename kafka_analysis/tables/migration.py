"""Tables of migration waves, and of what they touch."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import format_duration, format_interval
from kafka_analysis.tables.base import Column, Table, build, with_texts

_BRIDGED_CLIENTS = (
    Column("client", "Client"),
    Column("kind", "Kind"),
    Column("team", "Team"),
    Column("criticality", "Criticality"),
    Column("waves", "Topics move in waves"),
    Column("bridged_waves", "Uses both clusters for", "waves"),
    Column("topics_that_stay", "Topics that stay at the source", ""),
    Column("evidence", "Evidence"),
)


def bridged_clients(frame: Any, *, top_n: int = 15) -> Table:
    """List the clients that need both ends for a while, those first that need them longest.

    Parameters
    ----------
    frame
        ``client_waves`` of a plan of waves.
    top_n
        How many at most.

    Examples
    --------
    >>> rows = pl.DataFrame({"client": ["a", "b"], "kind": "group", "waves": [[1], [1, 3]], "bridged_waves": [0, 2]})
    >>> bridged_clients(rows).cells.row(0)
    ('b', 'group', '1, 3', '2 waves')
    """
    rows = to_polars(frame).filter(pl.col("bridged_waves") > 0)
    order = rows.sort("bridged_waves", "client", "kind", descending=[True, False, False])
    note = "A client uses source and target from its first to its last wave."
    title, left_out = "Clients that need source and target at once", len(rows) - top_n
    return build("bridged_clients", title, order.head(top_n), _BRIDGED_CLIENTS, note, left_out=left_out)


_SHORT_RETENTION = (
    Column("topic", "Topic"),
    Column("wave", "Wave", ""),
    Column("kept", "Retention"),
    Column("needed", "Must exceed"),
    Column("why", "For"),
)
_REASONS = {
    "mirror": "the copy, and an outage of the replicator",
    "rollback": "a rollback until the soak ends",
}


def short_retention(frame: Any, *, top_n: int = 15) -> Table:
    """List the topics whose retention must be raised before their copy begins.

    Parameters
    ----------
    frame
        ``retention`` of a plan of waves: ``topic``, ``wave``, ``reason``, ``retention_s``, ``needed_s``.
    top_n
        How many at most, those first that keep records for the shortest time.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"topic": ["a"], "wave": [1], "reason": ["mirror"], "retention_s": [3600.0],
    ...     "needed_s": [7500.0]})
    >>> short_retention(rows).cells.row(0)
    ('a', '1', '1 h 0 min', '2 h 5 min', 'the copy, and an outage of the replicator')
    """
    rows = to_polars(frame).sort("retention_s", "wave", "topic")
    shown = with_texts(rows.head(top_n), ["kept", "needed", "why"], _retention_texts)
    note = "Raise retention.ms at the source before the copy begins."
    title, left_out = "Topics that delete records too early", len(rows) - top_n
    return build("short_retention", title, shown, _SHORT_RETENTION, note, left_out=left_out)


def _retention_texts(row: dict[str, Any]) -> tuple[str, str, str]:
    return format_duration(row["retention_s"]), format_duration(row["needed_s"]), _REASONS[row["reason"]]


_WAVES = (
    Column("wave", "Wave", ""),
    Column("topics", "Topics", ""),
    Column("clients", "Clients", ""),
    Column("critical_clients", "Critical", ""),
    Column("clients_bridged", "Clients on both clusters after it", ""),
    Column("bytes_in_per_s", "Bytes in", "B/s"),
    Column("risk_share", "Risk", "%"),
    Column("stored_bytes", "To copy", "B"),
    Column("takes", "Copy time"),
    Column("cutover_start", "Cut-over begins"),
    Column("soak_until", "Soak until"),
)


def waves(frame: Any) -> Table:
    """List the waves of a plan in order.

    Parameters
    ----------
    frame
        ``waves`` of a plan of waves, or of several with ``cluster``, which stay in their order.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"wave": [1], "topics": [2], "clients": [5], "risk_share": [0.125], "backfill_s": [70.0],
    ...     "backfill_s_low": [60.0], "backfill_s_high": [90.0]})
    >>> waves(rows).cells.row(0)
    ('1', '2', '5', '12.5 %', '1 min 10 s (1 min 0 s to 1 min 30 s)')
    """
    rows = to_polars(frame)
    rows = rows if "cluster" in rows.columns else rows.sort("wave")
    note = (
        "Risk: share of bytes in or of clients that a wave affects, whichever is larger. In brackets: from a copy "
        "without new data to one with less bandwidth."
    )
    return build("waves", "Waves", with_texts(rows, ["takes"], _takes), _WAVES, note)


def _takes(row: dict[str, Any]) -> tuple[str]:
    return (format_interval(row["backfill_s"], row["backfill_s_low"], row["backfill_s_high"]),)
