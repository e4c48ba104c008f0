"""Tables of replication flows: their lag, what they leave out, what went wrong, settings and division of topics."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import UNKNOWN, counted, format_duration, format_quantity, listed
from kafka_analysis.tables.base import Column, Table, build, with_texts
from kafka_analysis.tables.lag import with_lag_texts, with_numbers

_RATES = "Copied / written: records per second, from the latest answers."
_AT_MOST = (
    "At most: the position is known only from an offset sync or from counts, or was not reported since."
)
_FLOW = (Column("flow", "Flow"), Column("how", "Tool, pattern"))
_LAG = (
    Column("condition", "Condition"),
    Column("records", "Lag (records)"),
    Column("behind", "Behind"),
    Column("rates", "Copied / written"),
    Column("closes", "Caught up in"),
    Column("known", "Known from"),
)
_MISSING = (
    "is_at_least", "is_at_most", "consumed_per_s", "produced_per_s", "seconds_to_close", "seconds_to_close_low",
    "seconds_to_close_high", "retention_used", "seconds_to_loss", "lost_records", "partitions_unknown",
    "position_age_s", "copied_per_s",
)  # fmt: skip


def replication_flows(flows: Any, *, top_n: int = 20) -> Table:
    """List replication flows with their pattern and lag, those most behind first.

    Parameters
    ----------
    flows
        ``flows`` of ``analyses.replication``.
    top_n
        Rows shown.

    Examples
    --------
    >>> rows = pl.DataFrame({"flow": ["a → b"], "tool": "MirrorMaker 2", "pattern": "active/passive", "topics": [2],
    ...     "partitions": [6], "condition": "keeps up", "lag_records": [0], "lag_seconds": [0.0],
    ...     "known_by": "committed position", "position_age_s": [4.0]})
    >>> replication_flows(rows).cells.row(0)[1:6]
    ('MirrorMaker 2, active/passive', '2 (6)', 'keeps up', '0', '0 s')
    """
    rows = _worded(flows)
    ranked = rows.sort(
        ["lag_seconds", "lag_records", "flow"], descending=[True, True, False], nulls_last=True
    )
    sized = with_texts(ranked.head(top_n), ["size", "how"], _size_and_tool)
    columns = (*_FLOW, Column("size", "Topics (partitions)"), *_LAG)
    note, title = " ".join([_RATES, *_bounds(rows)]), "Replication flows and their lag"
    return build("replication_flows", title, sized, columns, note, left_out=len(rows) - top_n)


def mirrored_partitions(partitions: Any, *, top_n: int = 20) -> Table:
    """List the partitions whose copies are most behind.

    Parameters
    ----------
    partitions
        ``partitions`` of ``analyses.replication``.
    top_n
        Rows shown.

    Examples
    --------
    >>> rows = pl.DataFrame({"flow": ["a → b"], "topic": "t", "partition": [3], "condition": "slow", "lag_records": [9],
    ...     "lag_seconds": [70.0], "is_at_most": True, "known_by": "offset sync", "position_age_s": [4.0]})
    >>> mirrored_partitions(rows).cells.row(0)[:5]
    ('a → b', 't-3', 'slow', 'at most 9', 'at most 1 min 10 s')
    """
    rows = _worded(partitions).with_columns(place=pl.format("{}-{}", "topic", "partition"))
    order = ["lag_seconds", "lag_records", "flow", "topic", "partition"]
    ranked = rows.sort(order, descending=[True, True, False, False, False], nulls_last=True)
    columns = (Column("flow", "Flow"), Column("place", "Partition"), *_LAG)
    note, title = " ".join([_RATES, *_bounds(rows)]), "Partitions with the most replication lag"
    return build("mirrored_partitions", title, ranked.head(top_n), columns, note, left_out=len(rows) - top_n)


def replication_failures(failures: Any, *, top_n: int = 20) -> Table:
    """List what went wrong, place by place.

    Parameters
    ----------
    failures
        ``failures`` of ``analyses.replication``.
    top_n
        Rows shown.

    Examples
    --------
    >>> where = {"source": "a", "target": "b", "connector": "m", "task": None, "topic": "t", "partition": 0}
    >>> about = {"failure": "topic_recreated", "group": None, "records": 800, "seconds": None, "detail": None}
    >>> rows = pl.DataFrame([where | about])
    >>> replication_failures(rows).cells.row(0)
    ('topic recreated', 'a → b', 't-0', '800', '')
    """
    rows = to_polars(failures).with_columns(
        pl.col("task", "records").cast(pl.Int64),  # pandas makes floats of them
        what=pl.col("failure").str.replace_all("_", " "),
        flow=pl.format("{} → {}", pl.col("source").fill_null(UNKNOWN), pl.col("target").fill_null(UNKNOWN)),
    )
    shown = with_texts(rows.head(top_n), ["place", "count", "said"], _failure_texts)
    columns = (
        Column("what", "What"),
        Column("flow", "Flow"),
        Column("place", "Where"),
        Column("count", "Records"),
        Column("said", "Detail"),
    )
    note, title = "The findings say what each means and what to do about it.", "What went wrong, and where"
    return build("replication_failures", title, shown, columns, note, left_out=len(rows) - top_n)


def not_replicated(rows: Any, *, top_n: int = 20) -> Table:
    """List topics and groups that are not replicated, and why.

    Parameters
    ----------
    rows
        ``not_replicated`` of ``analyses.replication``.
    top_n
        Names shown of each reason; there is a row for each reason.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": "a", "target": "b", "what": "topic", "name": ["t", "u"],
    ...     "reason": "not among topics"})
    >>> not_replicated(rows).cells.row(0)
    ('a → b', '2 topics', 'not among topics', 't, u')
    """
    given = to_polars(rows).with_columns(flow=pl.format("{} → {}", "source", "target"))
    groups = given.group_by("flow", "what", "reason", maintain_order=True).agg("name")
    shown = with_texts(
        groups.sort("flow", "what", "reason"),
        ["count", "names"],
        lambda row: (counted(len(row["name"]), row["what"]), listed(row["name"], top_n)),
    )
    columns = (
        Column("flow", "Flow"),
        Column("count", "How many"),
        Column("reason", "Why"),
        Column("names", "Names"),
    )
    return build(
        "not_replicated",
        "What is not replicated, and why",
        shown,
        columns,
        "Business topics and groups that read them.",
    )


def mirror_settings(settings: Any) -> Table:
    """List the settings that differ from the recommended ones, and what each costs.

    Parameters
    ----------
    settings
        ``settings`` of ``analyses.replication``.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": "a", "target": "b", "connector": "c", "setting": ["x"], "value": "60",
    ...     "is_default": [True], "recommended": "20 or less", "cost": "more is read again"})
    >>> mirror_settings(rows).cells.row(0)[2:]
    ('x', '60 (default)', '20 or less', 'more is read again')
    """
    rows = to_polars(settings).with_columns(
        flow=pl.format("{} → {}", pl.col("source").fill_null(UNKNOWN), pl.col("target").fill_null(UNKNOWN)),
        is_set=pl.when(pl.col("is_default").fill_null(value=False))
        .then(pl.format("{} (default)", "value"))
        .otherwise("value"),
    )
    columns = (
        Column("flow", "Flow"),
        Column("connector", "Connector"),
        Column("setting", "Setting"),
        Column("is_set", "Value"),
        Column("recommended", "Recommended"),
        Column("cost", "Effect"),
    )
    note = (
        "Recommended by AWS's sample of MirrorMaker 2 on MSK Connect and by MSK's best practices; "
        "offset.lag.max: Kafka's default."
    )
    return build("mirror_settings", "Settings that differ from the recommended ones", rows, columns, note)


def topic_division(division: Any, *, top_n: int = 20) -> Table:
    """List the connectors of the better division, and the topics that each would copy.

    Parameters
    ----------
    division
        ``division`` of ``analyses.replication``.
    top_n
        Connectors shown.

    Examples
    --------
    >>> rows = pl.DataFrame({"flow": "a → b", "connector": [1, 2], "tasks_max": [2, 1], "topic": ["hot", "t"],
    ...     "partitions": [4, 1], "load_records_per_s": [90.0, 40.0]})
    >>> topic_division(rows).cells.row(0)
    ('a → b', '1', '2', 'hot', '4', '90 records/s')
    """
    rows = to_polars(division)
    groups = rows.group_by("flow", "connector", "tasks_max", maintain_order=True).agg(
        "topic", pl.col("partitions").sum(), load=pl.col("load_records_per_s").sum()
    )
    ranked = groups.sort("flow", "connector")
    shown = with_texts(
        ranked.head(top_n),
        ["topics", "per_s", "number", "tasks", "size"],
        lambda row: (
            listed(row["topic"], 8),
            f"{format_quantity(row['load'])} records/s",
            str(row["connector"]),
            str(row["tasks_max"]),
            str(row["partitions"]),
        ),
    )
    columns = (
        Column("flow", "Flow"),
        Column("number", "Connector"),
        Column("tasks", "tasks.max"),
        Column("topics", "Topics"),
        Column("size", "Partitions"),
        Column("per_s", "Load"),
    )
    title = "A better division of topics among connectors"
    note = "Dividing topics needs MirrorMaker on a Connect cluster: a dedicated one has one connector per two clusters."
    return build("topic_division", title, shown, columns, note, left_out=len(ranked) - top_n)


def tool_limits(limits: Any) -> Table:
    """List what the tools seen do not carry.

    Parameters
    ----------
    limits
        ``limits`` of ``analyses.replication``: ``tool``, ``statement``, ``source``.

    Examples
    --------
    >>> tool_limits(pl.DataFrame({"tool": ["Flink"], "statement": "No offsets.", "source": "docs"})).cells.row(0)
    ('Flink', 'No offsets.', 'docs')
    """
    columns = (
        Column("tool", "Tool"),
        Column("statement", "What it does not replicate"),
        Column("source", "Source"),
    )
    return build("tool_limits", "What these tools do not replicate", to_polars(limits), columns)


def _worded(frame: Any) -> pl.DataFrame:
    rows = to_polars(frame)
    lacking = [pl.lit(None).alias(name) for name in _MISSING if name not in rows.columns]
    numbers = with_numbers(rows.with_columns(*lacking)).with_columns(
        pl.col("is_at_least", "is_at_most").cast(pl.Boolean).fill_null(value=False)
    )
    texts = with_texts(with_lag_texts(numbers), ["known"], _known)
    is_bound = pl.col("is_at_most") & (pl.col("lag_records") > 0)
    return texts.with_columns(
        pl.when(is_bound & (pl.col(name) != UNKNOWN))
        .then("at most " + pl.col(name))
        .otherwise(name)
        .alias(name)
        for name in ("records", "behind")
    )


def _known(row: dict[str, Any]) -> tuple[str]:
    age = row["position_age_s"]
    known_by = row["known_by"] or UNKNOWN
    return (known_by if age is None else f"{known_by}, {format_duration(age)} old",)


def _size_and_tool(row: dict[str, Any]) -> tuple[str, str]:
    topics, partitions = (
        UNKNOWN if row[name] is None else f"{int(row[name]):,}" for name in ("topics", "partitions")
    )
    return f"{topics} ({partitions})", f"{row['tool']}, {row['pattern']}"


def _bounds(rows: pl.DataFrame) -> list[str]:
    return [_AT_MOST] if len(rows) and rows["is_at_most"].any() else []


def _failure_texts(row: dict[str, Any]) -> tuple[str, ...]:
    place = row["group"] or row["topic"] or row["connector"] or ""
    number = row["partition"] if row["topic"] else row["task"]
    records = "" if row["records"] is None else f"{row['records']:,}"
    return (place if number is None else f"{place}-{number}", records, row["detail"] or "")
