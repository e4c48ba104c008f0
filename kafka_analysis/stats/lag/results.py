"""Put verdict, figures and findings of the lag of consumer groups together."""

from collections.abc import Mapping, Sequence

import polars as pl

from kafka_analysis.model.findings import (
    Coverage,
    Figure,
    Finding,
    Light,
    Result,
    Verdict,
    headline,
    not_judged,
    worst_light,
)
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import counted, format_duration, format_quantity
from kafka_analysis.stats.lag.findings import RETENTION_AMBER, RETENTION_RED, behind, lag_findings
from kafka_analysis.stats.scope.verdicts import not_covered


def lag_results(
    groups: Frame,
    *,
    coverage: Mapping[str, Coverage],
    amber: float = RETENTION_AMBER,
    red: float = RETENTION_RED,
    tolerance_s: float = 0.0,
) -> list[Result]:
    """Say of each cluster which groups are behind, whether they catch up, and what should be done.

    Parameters
    ----------
    groups
        Result of ``stats.lag_by_group``.
    coverage
        Result of ``stats.answers_seen``: one result for each of its clusters.
    amber, red, tolerance_s
        As for :func:`~kafka_analysis.stats.lag.findings.lag_findings`.

    Returns
    -------
    list of Result
        Figures: groups whose lag is known, records not read and the farthest behind (s) of the groups that have
        members, the highest share of a retention used up, records lost.

    Examples
    --------
    >>> rows = pl.DataFrame(schema={"cluster": pl.String, "group": pl.String, "condition": pl.String})
    >>> (result,) = lag_results(rows, coverage={"c": Coverage(expected=10, seen=4, required_ratio=0.5, unit="answers")})
    >>> result.verdict.sentence
    'no verdict: only 40 % of the expected answers are there; 50 % are required.'
    """
    rows = to_polars(groups)
    results = []
    for cluster, seen in coverage.items():
        here = rows.filter(cluster=cluster)
        about = {"cluster": cluster, "coverage": seen}
        if grey := not_covered(seen):
            results.append(Result(**about, verdict=grey))
            continue
        findings = lag_findings(here, amber=amber, red=red, tolerance_s=tolerance_s)
        results.append(
            Result(
                **about, verdict=lag_verdict(here, findings), figures=_figures(here), findings=tuple(findings)
            )
        )
    return results


def lag_verdict(groups: pl.DataFrame, findings: Sequence[Finding]) -> Verdict:
    """Judge the groups of one cluster by their worst finding.

    Examples
    --------
    >>> rows = pl.DataFrame({"group": ["g"], "condition": ["keeps up"], "lag_records": [3], "lag_seconds": [1.5],
    ...     "is_at_least": [False]})
    >>> lag_verdict(rows, []).sentence
    '1 group with members keeps up; farthest behind is g: 3 records, 2 s behind.'
    """
    running = groups.filter(~pl.col("condition").is_in(["dead", "empty", "unknown"])).drop_nulls(
        "lag_seconds"
    )
    worst = running.sort("lag_seconds", "group", descending=[True, False])
    late = worst.filter(pl.col("lag_seconds") > 0)
    farthest = f"; farthest behind is {behind(late.row(0, named=True))}" if len(late) else ""
    judged = [finding for finding in findings if finding.light is not Light.GREY]
    if judged:
        return Verdict(light=worst_light(judged), sentence=f"{headline(judged)}{farthest}.")
    if running.is_empty():
        known = groups.drop_nulls("lag_records")
        if known.is_empty():
            return not_judged("the lag of every group is unknown")
        return Verdict(light=Light.GREEN, sentence="no group has members, and none has unread records.")
    verb = "keeps" if len(running) == 1 else "keep"
    return Verdict(
        light=Light.GREEN, sentence=f"{counted(len(running), 'group')} with members {verb} up{farthest}."
    )


def _figures(groups: pl.DataFrame) -> tuple[Figure, ...]:
    known = groups.drop_nulls("lag_records")
    running = known.filter(~pl.col("condition").is_in(["dead", "empty"]))
    late = running.sort("lag_seconds", descending=True, nulls_last=True)
    worst = late.row(0, named=True) if len(late) else {"group": "", "lag_seconds": None, "is_at_least": False}
    least = "at least; " if worst["is_at_least"] else ""
    by_use = groups.drop_nulls("retention_used").sort("retention_used", descending=True)
    used, user = by_use.select("retention_used", "group").row(0) if len(by_use) else (None, "")
    return (
        Figure(name="groups_known", label="Groups with known lag", value=len(known), note=f"of {len(groups)}"),
        Figure(name="lag_records", label="Unread records", value=_total(running), unit="records", better="lower",
               note="by groups with members"),
        Figure(name="lag_seconds_max", label="Farthest behind", value=worst["lag_seconds"], unit="s", better="lower",
               note=f"{least}{worst['group']}"),
        Figure(name="retention_used_max", label="Retention used", value=used, unit="%", better="lower",
               note=f"by {user}" if user else ""),
        Figure(name="lost_records", label="Records lost unread", value=_lost(groups), unit="records", better="lower"),
    )  # fmt: skip


def _total(groups: pl.DataFrame) -> float | None:
    return float(groups["lag_records"].sum()) if len(groups) else None


def _lost(groups: pl.DataFrame) -> float | None:
    known = groups["lost_records"].drop_nulls()
    return float(known.sum()) if len(known) else None


def describe_pace(over_time: Frame) -> list[str]:
    """Say over which time each cluster's pace was measured.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(3)]
    >>> print(*describe_pace(pl.DataFrame({"ts": t, "cluster": "c"})))
    c: pace over the last 2 min 0 s (3 answers)
    """
    last = (
        to_polars(over_time)
        .select("cluster", "ts")
        .unique()
        .sort("ts")
        .group_by("cluster", maintain_order=True)
    )
    sentences = []
    for cluster, moments in last.agg(pl.col("ts").tail(10)).sort("cluster").iter_rows():
        seconds = (moments[-1] - moments[0]).total_seconds()
        sentences.append(
            f"{cluster}: pace over the last {format_duration(seconds)} ({format_quantity(len(moments))} answers)"
        )
    return sentences
