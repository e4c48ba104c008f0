"""Say in findings what is wrong with replication, and what to do about it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import polars as pl

from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import counted, format_duration, format_quantity, listed
from kafka_analysis.stats.mirror.failures.words import FAILURE_WORDS, FailureWords

_NAMED, _IN_TITLE = 5, 3
_ORDER = {Light.RED: 0, Light.AMBER: 1, Light.GREY: 2, Light.GREEN: 3}
_WHOLE_FLOW = ("loop", "identity_on_one_connector", "checkpoints_without_syncs")
_PASSED = (
    "Check whether producers of these topics abort transactions: a mirror copies committed records only. If not, check "
    "that all tasks run."
)
Row = dict[str, Any]


class _Words(NamedTuple):
    light: Light
    one: str
    many: str
    action: str


_CONDITIONS = {
    "stuck": _Words(
        Light.RED, "mirrors nothing in some partitions although records are waiting",
        "mirror nothing in some partitions although records are waiting",
        "Check whether the workers run, and look at their logs and the states of the tasks.",
    ),
    "slow": _Words(
        Light.AMBER, "falls behind", "fall behind",
        "Divide the topics better among tasks, raise tasks.max, or give the workers more resources.",
    ),
    "catching up": _Words(
        Light.AMBER, "is catching up", "are catching up", "Wait until it has caught up before cutting over anything.",
    ),
    "unknown": _Words(
        Light.GREY, "has partitions with unknown lag", "have partitions with unknown lag",
        "Check whether a replicator that stopped reporting still runs, and whether a Flink job makes checkpoints. "
        "Let the recording read MirrorMaker's committed offsets (Read on mm2-offsets.….internal at the target), and "
        "name the aliases (parameter aliases) where a source is unknown.",
    ),
}  # fmt: skip


def replication_findings(failures: Frame, flows: Frame) -> list[Finding]:
    """Say of one target what is wrong with its replication, the worst first.

    Parameters
    ----------
    failures
        Rows of ``failures`` of ``analyses.replication`` of that target.
    flows
        Rows of ``flows`` of ``stats.measure_mirrors`` of that target.

    Examples
    --------
    >>> from kafka_analysis.stats.mirror.failures.rows import failure_rows
    >>> lost = failure_rows("retention_overtook", pl.DataFrame({"topic": ["t"], "partition": [0], "records": [9]}))
    >>> finding = replication_findings(lost, pl.DataFrame(schema={"flow": pl.String, "condition": pl.String}))[0]
    >>> finding.title, finding.detail
    ('1 partition lost records: the source deleted them before they were mirrored (t-0)', 't-0: 9 records.')
    """
    rows = to_polars(failures)
    kinds = ((words, rows.filter(failure=kind)) for kind, words in FAILURE_WORDS.items())
    found = [_finding(words, of) for words, of in kinds if len(of)]
    of_flows = [*_conditions(to_polars(flows)), *_passed(to_polars(flows))]
    return sorted([*found, *of_flows], key=lambda finding: _ORDER[finding.light])


def _finding(words: FailureWords, rows: pl.DataFrame) -> Finding:
    named = [(_name(row), row) for row in rows.iter_rows(named=True)]
    names = [*dict.fromkeys(name for name, _ in named)]
    texts = [_text(name, row) for name, row in named]
    return Finding(
        light=words.light,
        title=f"{counted(len(names), words.of)} {words.title} ({listed(names, _IN_TITLE)})",
        detail=f"{listed(texts, _NAMED, separator='; ')}.",
        action=words.action,
    )


def _name(row: Row) -> str:
    if row["group"] is not None:
        return str(row["group"])
    if row["topic"] is not None:
        return str(row["topic"]) if row["partition"] is None else f"{row['topic']}-{row['partition']}"
    if row["failure"] in _WHOLE_FLOW:
        return f"{row['source']} → {row['target']}"
    return str(row["connector"]) if row["task"] is None else f"{row['connector']}-{row['task']}"


def _text(name: str, row: Row) -> str:
    parts = [format_quantity(row["records"], "records")] if row["records"] else []
    if row["seconds"] is not None:
        parts.append(format_duration(row["seconds"]))
    if row["detail"]:
        parts.append(row["detail"])
    return f"{name}: {', '.join(parts)}" if parts else name


def _conditions(flows: pl.DataFrame) -> Iterator[Finding]:
    for condition, words in _CONDITIONS.items():
        rows = flows.filter(condition=condition)
        if len(rows):
            said = bounded if condition == "unknown" else _closing
            yield Finding(
                light=words.light,
                title=f"{counted(len(rows), 'flow')} {words.one if len(rows) == 1 else words.many} "
                f"({listed(rows['flow'].to_list(), _IN_TITLE)})",
                detail=f"{listed([said(row) for row in rows.iter_rows(named=True)], _NAMED, separator='; ')}.",
                action=words.action,
            )


def _passed(flows: pl.DataFrame) -> Iterator[Finding]:
    if "partitions_at_most" not in flows.columns:
        return
    rows = flows.filter(pl.col("partitions_at_most") > 0, condition="keeps up")
    if len(rows):
        yield Finding(
            light=Light.GREY,
            title=f"{counted(len(rows), 'flow')} skipped records, most likely of aborted transactions "
            f"({listed(rows['flow'].to_list(), _IN_TITLE)})",
            detail=f"{listed([bounded(row) for row in rows.iter_rows(named=True)], _NAMED, separator='; ')}.",
            action=_PASSED,
        )


def bounded(row: Row) -> str:
    """Say of a flow in how many partitions the lag is bounded, or unknown.

    Examples
    --------
    >>> row = {"flow": "a → b", "partitions": 9, "partitions_at_most": 2, "lag_records": 7, "known_by": "offset sync"}
    >>> bounded(row)
    'a → b: at most 7 records behind in 2 of 9 partitions, according to offset sync'
    >>> bounded({**row, "lost_records": 5})[-54:]
    'sync (at most 5 records of them already deleted there)'
    """
    at_most, unknown = row.get("partitions_at_most") or 0, row.get("partitions_unknown") or 0
    parts, partitions = [], counted(row["partitions"], "partition")
    if at_most:
        records = format_quantity(row["lag_records"], "records")
        parts.append(
            f"at most {records} behind in {at_most:,} of {partitions}, according to {row['known_by']}"
        )
        if row.get("lost_records"):
            parts[0] += (
                f" (at most {format_quantity(row['lost_records'], 'records')} of them already deleted there)"
            )
    if unknown:
        parts.append(f"unknown in {unknown:,} of {partitions}")
    if not parts and row.get("known_by") == "record read last":
        parts.append("records that were read may not be at the target yet: no checkpoint was seen")
    return f"{row['flow']}: {' and '.join(parts) or 'no log end offset of the source was read'}"


def behind(row: Row) -> str:
    """Say how far a flow is behind, in records and in time.

    Examples
    --------
    >>> behind({"flow": "a → b", "lag_records": 5, "lag_seconds": 90.0, "is_at_least": True})
    'a → b: 5 records, at least 1 min 30 s behind'
    """
    least = "at least " if row["is_at_least"] else ""
    age = "" if row["lag_seconds"] is None else f", {least}{format_duration(row['lag_seconds'])}"
    return f"{row['flow']}: {format_quantity(row['lag_records'], 'records')}{age} behind"


def _closing(row: Row) -> str:
    seconds = row["seconds_to_close"]
    return behind(row) if seconds is None else f"{behind(row)}, caught up in {format_duration(seconds)}"
