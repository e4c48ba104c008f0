"""Tables of consumer lag: groups and partitions that are behind, and lag before, during and after a change."""

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import UNKNOWN, format_duration, format_estimate, format_quantity
from kafka_analysis.tables.base import Column, Table, build, with_texts

_READING = (
    "Behind: age of the record to be read next, interpolated between successive log end offsets. "
    "At least: that record was written before the capture began"
)
_RATES = "Read / written: records per second, by the group and by producers."
_SHARE_GROUPS = "The lag of a share group is unknown, because Kafka keeps no committed offsets for it."
_LAG = (
    Column("condition", "Condition"),
    Column("records", "Lag (records)"),
    Column("behind", "Behind"),
    Column("rates", "Read / written"),
    Column("closes", "Caught up in"),
    Column("retention_used", "Retention used", "%"),
    Column("loss", "Records lost"),
)
_NUMBERS = (
    "lag_records", "lag_seconds", "consumed_per_s", "produced_per_s", "seconds_to_close", "seconds_to_close_low",
    "seconds_to_close_high", "retention_used", "seconds_to_loss", "lost_records", "partitions_unknown",
)  # fmt: skip
_GROUP_LAG = (Column("group", "Group"), Column("kind", "Kind"), *_LAG)


def group_lag(groups: Any, *, top_n: int = 20) -> Table:
    """List the groups with their lag, most urgent first: those that lost records, then by retention used up and lag.

    Parameters
    ----------
    groups
        A row per group: ``kind``, ``state``, ``condition``, ``lag_records``, ``lag_seconds``, ``is_at_least``,
        ``consumed_per_s``, ``produced_per_s``, ``seconds_to_close`` with ``_low`` and ``_high``, ``retention_used``,
        ``seconds_to_loss``, ``lost_records``, ``partitions_unknown``.
    top_n
        Rows shown.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "group": ["g"], "kind": "classic", "state": "STABLE",
    ...     "condition": "catching up", "lag_records": [1200], "lag_seconds": [200.0], "is_at_least": True,
    ...     "consumed_per_s": [30.0], "produced_per_s": [20.0], "seconds_to_close": [120.0],
    ...     "seconds_to_close_low": [60.0], "seconds_to_close_high": [240.0], "retention_used": [0.25],
    ...     "seconds_to_loss": [None], "lost_records": [0], "partitions_unknown": [0]})
    >>> group_lag(rows).cells.row(0)[4:]
    ('1,200', 'at least 3 min 20 s', '30 / 20', '2 min (1 to 4 min)', '25 %', 'not at this pace')
    """
    rows = with_numbers(groups)
    if "kind" in rows.columns and rows["kind"].null_count() == len(rows):
        rows = rows.drop("kind")
    lost, names = pl.col("lost_records").fill_null(0) > 0, ["cluster", "group"]
    ranked = rows.sort(
        [lost, "retention_used", "lag_seconds", "lag_records", *names],
        descending=[True, True, True, True, False, False],
        nulls_last=True,
    )
    has_unknown = "partitions_unknown" in rows.columns and (rows["partitions_unknown"] > 0).any()
    has_share = "kind" in rows.columns and (rows["kind"].cast(pl.String) == "share").any()
    reading = _READING + (", or offsets of some partitions are unknown." if has_unknown else ".")
    note = " ".join([_RATES, reading, *([_SHARE_GROUPS] if has_share else [])])
    shown, title = with_lag_texts(ranked.head(top_n)), "Consumer groups, by urgency"
    return build("group_lag", title, shown, _GROUP_LAG, note, left_out=len(rows) - top_n)


_PARTITION_LAG = (Column("group", "Group"), Column("place", "Partition"), *_LAG)


def partition_lag(partitions: Any, *, top_n: int = 20) -> Table:
    """List the partitions that groups are most behind in.

    Parameters
    ----------
    partitions
        A row per group and partition: ``topic``, ``partition``, ``condition``, ``lag_records``, ``lag_seconds``,
        ``is_at_least``, ``consumed_per_s``, ``produced_per_s``, ``seconds_to_close``, ``retention_used``,
        ``seconds_to_loss``, ``lost_records``.
    top_n
        Rows shown.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "group": "g", "topic": "t", "partition": [0], "condition": "stuck",
    ...     "lag_records": [7], "lag_seconds": [60.0], "is_at_least": False, "consumed_per_s": [0.0],
    ...     "produced_per_s": [1.0], "seconds_to_close": [None], "retention_used": [0.5], "seconds_to_loss": [1e4],
    ...     "lost_records": [0]})
    >>> partition_lag(rows).cells.row(0)[2:5] + partition_lag(rows).cells.row(0)[7:]
    ('t-0', 'stuck', '7', 'not at this pace', '50 %', 'in 3 h at this pace')
    """
    rows = with_numbers(partitions).with_columns(place=pl.format("{}-{}", "topic", "partition"))
    ranked = rows.sort(
        ["lag_seconds", "lag_records", "cluster", "group", "topic", "partition"],
        descending=[True, True, False, False, False, False],
        nulls_last=True,
    )
    note = f"{_RATES} {_READING}."
    shown, title = with_lag_texts(ranked.head(top_n)), "Partitions with the most lag"
    return build("partition_lag", title, shown, _PARTITION_LAG, note, left_out=len(rows) - top_n)


_PHASES = ("before", "during", "after")
_LAG_PHASES = (
    Column("group", "Group"),
    *(Column(f"{phase}_seconds", f"Behind {phase}") for phase in _PHASES),
    *(Column(f"{phase}_records", f"Records {phase}") for phase in _PHASES),
)


def lag_phases(phases: Any, *, top_n: int = 20) -> Table:
    """List the lag of each group before, during and after a change: the median, and the highest in brackets.

    Parameters
    ----------
    phases
        A row per cluster, group and ``phase`` (``before``, ``during``, ``after``): ``lag_records_median``,
        ``lag_records_max``, ``lag_seconds_median``, ``lag_seconds_max``, ``is_at_least``.
    top_n
        Groups shown: those that were furthest behind in any phase.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "group": "g", "phase": ["before", "during"],
    ...     "lag_records_median": [0, 50], "lag_records_max": [10, 900], "lag_seconds_median": [0.0, 60.0],
    ...     "lag_seconds_max": [1.0, 130.0], "is_at_least": [False, True]})
    >>> lag_phases(rows).cells.row(0)[2:]
    ('0 s (1 s)', 'at least 1 min 0 s (2 min 10 s)', 'unknown', '0 (10)', '50 (900)', 'unknown')
    """
    rows = with_numbers(phases, _PHASE_NUMBERS)
    highest = rows.group_by("cluster", "group").agg(pl.col("lag_seconds_max", "lag_records_max").max())
    ranked = highest.sort(
        ["lag_seconds_max", "lag_records_max", "cluster", "group"],
        descending=[True, True, False, False],
        nulls_last=True,
    )
    shown = ranked.head(top_n).select("cluster", "group")
    for phase in _PHASES:
        names = [f"{phase}_seconds", f"{phase}_records"]
        texts = with_texts(rows.filter(phase=phase), names, _phase_texts).select("cluster", "group", *names)
        shown = shown.join(texts, on=["cluster", "group"], how="left", maintain_order="left")
    note = (
        "Median, with the maximum in brackets; unknown where the lag of a group in a phase is unknown. "
        f"{_READING}."
    )
    left_out = len(ranked) - top_n
    return build("lag_phases", "Lag before, during and after", shown, _LAG_PHASES, note, left_out=left_out)


_PHASE_NUMBERS = ("lag_records_median", "lag_records_max", "lag_seconds_median", "lag_seconds_max")


def with_numbers(frame: Any, names: Sequence[str] = _NUMBERS) -> pl.DataFrame:
    """Return a frame with numbers as such: a column without any has no type of its own.

    Examples
    --------
    >>> with_numbers(pl.DataFrame({"lag_records": [None]})).schema["lag_records"]
    Float64
    """
    rows = to_polars(frame)
    numbers = [pl.col(name).cast(pl.Float64).fill_nan(None) for name in names if name in rows.columns]
    return rows.with_columns(*numbers)


def with_lag_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the texts of a reader that may be behind: ``records``, ``behind``, ``rates``, ``closes``, ``loss``.

    Examples
    --------
    >>> row = {"condition": "keeps up", "lag_records": 0.0, "lag_seconds": 0.0, "is_at_least": False,
    ...     "consumed_per_s": 1.0, "produced_per_s": 1.0, "seconds_to_close": None, "retention_used": 0.0,
    ...     "seconds_to_loss": None, "lost_records": 0.0}
    >>> with_lag_texts(pl.DataFrame([row])).select("records", "behind", "rates", "closes", "loss").row(0)
    ('0', '0 s', '1 / 1', 'caught up', 'not at this pace')
    """
    return with_texts(rows, ["records", "behind", "rates", "closes", "loss"], _lag_texts)


def _lag_texts(row: dict[str, Any]) -> tuple[str, ...]:
    return _records(row), _behind(row), _rates(row), _closes(row), _loss(row)


def _has_unknown_partitions(row: dict[str, Any]) -> bool:
    return (row.get("partitions_unknown") or 0) > 0


def _at_least(text: str, *, is_bound: bool) -> str:
    return f"at least {text}" if is_bound and text != UNKNOWN else text


def _records(row: dict[str, Any]) -> str:
    return _at_least(_count(row["lag_records"]), is_bound=_has_unknown_partitions(row))


def _count(records: float | None) -> str:
    return UNKNOWN if records is None else f"{round(records):,}"


def _behind(row: dict[str, Any]) -> str:
    is_bound = bool(row["is_at_least"]) or _has_unknown_partitions(row)
    return _at_least(format_duration(row["lag_seconds"]), is_bound=is_bound)


def _rates(row: dict[str, Any]) -> str:
    rates = [row["consumed_per_s"], row["produced_per_s"]]
    return UNKNOWN if rates == [None, None] else " / ".join(map(format_quantity, rates))


def _closes(row: dict[str, Any]) -> str:
    """Write when the group has caught up; without an estimate, the pace is too low only if both rates are known."""
    if row["lag_records"] is None or _has_unknown_partitions(row):
        return UNKNOWN
    if row["lag_records"] <= 0:
        return "caught up"
    if row["seconds_to_close"] is not None:
        limits = (row.get(f"seconds_to_close_{limit}") for limit in ("low", "high"))
        return format_estimate(row["seconds_to_close"], *limits)
    if row["condition"] == "keeps up":
        return "caught up"
    return UNKNOWN if None in (row["consumed_per_s"], row["produced_per_s"]) else "not at this pace"


def _loss(row: dict[str, Any]) -> str:
    """Write what retention has taken, or when it begins to; the latter is unknown without a share of the retention."""
    if (row["lost_records"] or 0) > 0:
        return f"{format_quantity(row['lost_records'], 'records')} lost"
    if row["seconds_to_loss"] is not None:
        return f"in {format_estimate(row['seconds_to_loss'])} at this pace"
    return UNKNOWN if row["retention_used"] is None else "not at this pace"


def _phase_texts(row: dict[str, Any]) -> tuple[str, str]:
    seconds = _median_and_highest(row["lag_seconds_median"], row["lag_seconds_max"], format_duration)
    return (
        _at_least(seconds, is_bound=bool(row["is_at_least"])),
        _median_and_highest(row["lag_records_median"], row["lag_records_max"], _count),
    )


def _median_and_highest(
    median: float | None, highest: float | None, write: Callable[[float | None], str]
) -> str:
    return UNKNOWN if median is None and highest is None else f"{write(median)} ({write(highest)})"
