"""Tables of a cut-over check: verdicts, the checklist, what blocks, what is read twice, what differs."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import UNKNOWN, counted
from kafka_analysis.tables.base import Column, Table, build, with_texts

_STATES = {
    "ok": "✔ passed",
    "note": "✔ passed, with a note",
    "unknown": "? not enough data",
    "blocks": "✖ blocks",
}
_VERDICTS = {"go": "✔ go", "no-go": "✖ no-go", "not enough data": "? not enough data"}
_EVERYTHING = "all"


def cutover_verdicts(verdicts: Any) -> Table:
    """List go or no-go for each wave and cell.

    Parameters
    ----------
    verdicts
        ``verdicts`` of ``analyses.cutover_readiness``.

    Examples
    --------
    >>> rows = pl.DataFrame({"wave": [1], "target": "cell", "verdict": "no-go", "blocking": [["replica behind"]],
    ...     "missing": [["counts"]]})
    >>> cutover_verdicts(rows).cells.row(0)
    ('1', 'cell', '✖ no-go', 'replica behind', 'counts')
    """
    rows = to_polars(verdicts).with_columns(
        wave=_wave(),
        said=pl.col("verdict").replace_strict(_VERDICTS, default=pl.col("verdict")),
        blocking=pl.col("blocking").list.join("; "),
        missing=pl.col("missing").list.join(", "),
    )
    columns = (
        Column("wave", "Wave"),
        Column("target", "Cell"),
        Column("said", "Verdict", whole=True),
        Column("blocking", "What blocks"),
        Column("missing", "Checks without data"),
    )
    return build("cutover_verdicts", "Go or no-go", rows, columns)


def cutover_checklist(summary: Any) -> Table:
    """List every check of each wave and cell, with its worst place.

    Parameters
    ----------
    summary
        ``summary`` of ``analyses.cutover_readiness``.

    Examples
    --------
    >>> rows = pl.DataFrame({"wave": [None], "target": "cell", "check": "replica", "state": "ok", "looked_at": [4],
    ...     "blocks": 0, "unknown": 0, "notes": 0, "finding": None, "detail": "every record is copied"})
    >>> cutover_checklist(rows).cells.row(0)
    ('all', 'cell', 'replica', '✔ passed', '4', '', 'every record is copied')
    """
    rows = with_texts(to_polars(summary), ["seen", "wrong", "said"], _of_check).with_columns(
        wave=_wave(), state=pl.col("state").replace_strict(_STATES)
    )
    columns = (
        Column("wave", "Wave"),
        Column("target", "Cell"),
        Column("check", "Check", whole=True),
        Column("state", "State", whole=True),
        Column("seen", "Places"),
        Column("wrong", "Not ready"),
        Column("said", "Worst place"),
    )
    note = "Places: the partitions, groups, settings … that were checked. Worst place: what was seen there."
    return build("cutover_checklist", "Checklist", rows, columns, note)


def cutover_blocking(blocking: Any, *, top_n: int = 20) -> Table:
    """List the places that are not ready, how to mend each, and how to take that back.

    Parameters
    ----------
    blocking
        ``blocking`` of ``analyses.cutover_readiness``.
    top_n
        Rows shown; a finding has a row for all of its places of one topic, or of none.

    Examples
    --------
    >>> rows = pl.DataFrame({"wave": 1, "check": "replica", "source": "a", "target": "b", "topic": "t",
    ...     "partition": [0, 1], "group": None, "name": None, "state": "blocks", "finding": "replica behind",
    ...     "detail": "9 records behind", "mend": "Wait.", "undo": "nothing was changed"})
    >>> cutover_blocking(rows).cells.row(0)
    ('✖ replica behind', 't, 2 partitions', '9 records behind', 'Wait.', 'nothing was changed')
    """
    given = to_polars(blocking)
    keys = ["state", "check", "finding", "target", "topic", "group", "name", "mend", "undo"]
    order = pl.col("state").replace_strict({"blocks": 0, "unknown": 1}, default=2, return_dtype=pl.Int8)
    rows = (
        given.group_by(keys, maintain_order=True)
        .agg(
            partition=pl.col("partition").first(),
            places=pl.col("partition").drop_nulls().len(),
            detail=pl.col("detail").first(),
        )
        .sort(order, maintain_order=True)
    )
    shown = with_texts(rows.head(top_n), ["what", "where"], _of_place)
    columns = (
        Column("what", "Finding"),
        Column("where", "Where"),
        Column("detail", "What was seen"),
        Column("mend", "How to fix it", missing=""),
        Column("undo", "How to undo that", missing=""),
    )
    return build("cutover_blocking", "What is not ready", shown, columns, left_out=len(rows) - top_n)


def records_read_twice(groups: Any, *, top_n: int = 20) -> Table:
    """List how many records each group will read twice.

    Parameters
    ----------
    groups
        ``read_twice`` of ``analyses.cutover_readiness``.
    top_n
        Rows shown.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": "a", "target": "b", "group": ["g", "h"], "partitions": 3, "unknown": [0, 1],
    ...     "is_active": [True, False], "twice_low": [0, None], "twice_high": [120, None], "skipped": [0, None]})
    >>> records_read_twice(rows).cells.row(1)
    ('g', 'b', 'still reads', '3', '0 to 120', '0')
    """
    counts = pl.col("partitions", "unknown", "twice_low", "twice_high", "skipped").cast(pl.Int64)
    rows = (
        to_polars(groups)
        .with_columns(counts)
        .sort("twice_high", descending=True, nulls_last=False, maintain_order=True)
    )
    shown = with_texts(rows.head(top_n), ["reads", "held", "twice", "lost"], _of_group)
    columns = (
        Column("group", "Group"),
        Column("target", "Cell"),
        Column("reads", "At the source"),
        Column("held", "Partitions"),
        Column("twice", "Read twice (records)"),
        Column("lost", "Skipped (records)"),
    )
    note = "A group that still reads has a range: how much it will read until it stops is not known yet."
    title, left_out = "Records that will be read twice", len(rows) - top_n
    return build("records_read_twice", title, shown, columns, note, left_out=left_out)


def end_differences(differences: Any, *, top_n: int = 20) -> Table:
    """List what differs between both ends, what must be fixed first.

    Parameters
    ----------
    differences
        ``differences`` of ``analyses.cutover_readiness``.
    top_n
        Rows shown.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": "a", "target": "b", "what": "configuration", "topic": ["t"],
    ...     "name": "retention.ms", "at_source": "9", "at_target": None, "kind": "must fix", "why": "Deleted earlier."})
    >>> end_differences(rows).cells.row(0)
    ('must fix', 't: retention.ms', 'b', '9', 'absent', 'Deleted earlier.')
    """
    rows = with_texts(to_polars(differences), ["which"], lambda row: [_which(row)])
    columns = (
        Column("kind", "Kind", whole=True),
        Column("which", "What"),
        Column("target", "Cell"),
        Column("at_source", "At the source", missing="absent"),
        Column("at_target", "At the target", missing="absent"),
        Column("why", "Why it matters"),
    )
    title = "What differs between source and target"
    return build("end_differences", title, rows.head(top_n), columns, left_out=len(rows) - top_n)


def reading_costs(reads: Any) -> Table:
    """List what reading records for the check cost each cluster.

    Parameters
    ----------
    reads
        ``reads`` of ``analyses.cutover_readiness``.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["a"], "partitions": 3, "stretches": 9, "records": 45, "bytes": 4500,
    ...     "unfinished": 1})
    >>> reading_costs(rows).cells.row(0)
    ('a', '3', '9', '45', '4.50 kB', '1')
    """
    columns = (
        Column("cluster", "Cluster"),
        Column("partitions", "Partitions", ""),
        Column("stretches", "Stretches", ""),
        Column("records", "Records read", ""),
        Column("bytes", "Bytes read", "B"),
        Column("unfinished", "Unfinished stretches", ""),
    )
    return build("reading_costs", "What the check read", reads, columns)


def _wave() -> pl.Expr:
    return pl.col("wave").cast(pl.String).fill_null(_EVERYTHING)


def _of_check(row: dict[str, Any]) -> list[str]:
    wrong = [
        f"{row[name]} {word}" for name, word in (("blocks", "block"), ("unknown", "unknown")) if row[name]
    ]
    said = ": ".join(text for text in (row["finding"], row["detail"]) if text)
    return [str(row["looked_at"] or "none"), ", ".join(wrong), said]


def _of_place(row: dict[str, Any]) -> list[str]:
    symbol = _STATES[row["state"]].split()[0]
    number = row["partition"]
    partitions = (
        ""
        if number is None
        else (f"-{number}" if row["places"] == 1 else f", {counted(row['places'], 'partition')}")
    )
    topic = f"{row['topic']}{partitions}" if row["topic"] is not None else None
    group = f"group {row['group']}" if row["group"] is not None else None
    where = [text for text in (topic, group, row["name"]) if text is not None] or [
        str(row["target"] or UNKNOWN)
    ]
    return [f"{symbol} {row['finding'] or row['check']}", ", ".join(where)]


def _of_group(row: dict[str, Any]) -> list[str]:
    low, high = row["twice_low"], row["twice_high"]
    twice = UNKNOWN if high is None else f"{high:,}" if low == high else f"{low:,} to {high:,}"
    held = str(row["partitions"]) + (f", {row['unknown']} of them unknown" if row["unknown"] else "")
    lost = UNKNOWN if row["skipped"] is None else f"{row['skipped']:,}"
    return ["still reads" if row["is_active"] else "stopped", held, twice, lost]


def _which(row: dict[str, Any]) -> str:
    name = row["name"] or row["what"]
    return f"{row['topic']}: {name}" if row["topic"] is not None else str(name)
