"""Put verdict, figures and findings of replication together, for each target."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import (
    Coverage,
    Evidence,
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
from kafka_analysis.model.units import counted, listed
from kafka_analysis.stats.mirror.failures.words import FAILURE_WORDS
from kafka_analysis.stats.mirror.findings import behind, bounded, replication_findings
from kafka_analysis.stats.scope.verdicts import not_covered

_LOSSES = ("retention_overtook",)
_TWICE = ("restarted_without_offsets", "mirrored_twice")
_EXACT = ("committed position", "checkpoint", "no position")
# What has failed stays so whatever was not seen: coverage is needed to call a copy complete, and to measure a pace.
_CERTAIN = tuple(
    kind for kind, words in FAILURE_WORDS.items() if words.light is Light.RED and kind != "retention_close"
)


def replication_results(
    flows: Frame,
    failures: Frame,
    *,
    coverage: Mapping[str, Coverage],
    sources: Collection[str],
) -> list[Result]:
    """Say of each target whether its copies are complete and in time, and what should be done.

    Parameters
    ----------
    flows
        ``flows`` of :func:`~kafka_analysis.stats.mirror.measure.measure_mirrors`, and what other tools report.
    failures
        Rows of failures of all flows.
    coverage
        How many of the expected answers about positions there are: one result for each of its clusters.
    sources
        Clusters that are sources: that nothing replicates to them needs no saying, unless there is nothing else to say.

    Returns
    -------
    list of Result
        Figures: records behind and seconds behind (worst flow), time to catch up, records lost, records copied twice.

    Examples
    --------
    >>> from kafka_analysis.stats.mirror.failures.rows import no_failures
    >>> none = pl.DataFrame(schema={"target": pl.String})
    >>> seen = {"b": Coverage(expected=0, seen=0, required_ratio=0.5)}
    >>> (result,) = replication_results(none, no_failures(), coverage=seen, sources=["a"])
    >>> result.verdict.light.value, result.verdict.sentence
    ('grey', 'no verdict: no replication to b was seen.')
    """
    rows, wrong = to_polars(flows), to_polars(failures)
    targets = {*rows["target"], *wrong["target"]}
    results = []
    for cluster in [name for name in coverage if name in targets or name not in sources] or coverage:
        seen = coverage[cluster]
        about = {"cluster": cluster, "coverage": seen}
        own, failed = rows.filter(target=cluster), wrong.filter(target=cluster)
        if cluster not in targets:
            results.append(Result(**about, verdict=not_judged(f"no replication to {cluster} was seen")))
            continue
        findings = tuple(replication_findings(failed, own))
        is_certain = failed["failure"].is_in(_CERTAIN).any()
        verdict = (None if is_certain else not_covered(seen)) or _verdict(own, findings)
        figures = _figures(own, failed)
        results.append(Result(**about, verdict=verdict, figures=figures, findings=findings))
    return results


def _verdict(flows: pl.DataFrame, findings: Sequence[Finding]) -> Verdict:
    judged = [finding for finding in findings if finding.light is not Light.GREY]
    is_passed = pl.col("is_at_most") & (pl.col("condition") == "keeps up")
    late = flows.filter(pl.col("lag_records") > 0, ~is_passed).sort(
        "lag_seconds", descending=True, nulls_last=True
    )
    farthest = f"; farthest behind is {behind(late.row(0, named=True))}" if len(late) else ""
    if judged:
        return Verdict(light=worst_light(judged), sentence=f"{headline(judged)}{farthest}.")
    unknown = flows.filter(condition="unknown")
    if len(unknown):
        return not_judged(listed([bounded(row) for row in unknown.iter_rows(named=True)], 2, separator="; "))
    if flows.is_empty():
        return not_judged("the position of every flow is unknown")
    topics = counted(int(flows["topics"].sum() or 0), "topic")
    verb = "keeps" if len(flows) == 1 else "keep"
    text = f"{counted(len(flows), 'flow')} with {topics} {verb} up"
    return Verdict(light=Light.GREEN, sentence=f"{text}{farthest or '; nothing is left to copy'}.")


def _figures(flows: pl.DataFrame, failures: pl.DataFrame) -> tuple[Figure, ...]:
    is_bound = bool(flows["is_at_most"].any()) if len(flows) else False
    is_exact = len(flows) > 0 and flows["known_by"].is_in(_EXACT).fill_null(value=False).all()
    bound = {"evidence": Evidence.ESTIMATED, "note": "at most"} if is_bound else {}
    lower = {"better": "lower"}
    late = flows.filter(pl.col("condition") != "keeps up")
    known = not late["seconds_to_close"].null_count()
    seconds = (_most(late, "seconds_to_close") or 0.0) if known and len(flows) else None
    note = (
        "not at this pace, or unknown"
        if not known
        else "at this pace"
        if len(late)
        else "nothing to catch up on"
    )
    pace = {"evidence": Evidence.ESTIMATED if len(late) else Evidence.MEASURED, "note": note}
    figures: tuple[tuple[str, str, float | None, str, dict[str, Any]], ...] = (
        ("lag_records", "Records behind", _sum(flows, "lag_records"), "records", lower | bound),
        ("lag_seconds_max", "Farthest behind", _most(flows, "lag_seconds"), "s", lower | bound),
        ("seconds_to_close", "Caught up in", seconds, "s", lower | pace),
        (
            "lost_records",
            "Records lost before copying",
            _of(failures, _LOSSES, is_known=is_exact),
            "records",
            lower,
        ),
        ("twice_records", "Records copied twice", _of(failures, _TWICE, is_known=is_exact), "records", lower),
    )
    return tuple(
        Figure(name=name, label=label, value=value, unit=unit, **more)
        for name, label, value, unit, more in figures
    )


def _sum(rows: pl.DataFrame, name: str) -> float | None:
    known = rows[name].drop_nulls() if name in rows.columns else pl.Series([])
    return float(known.sum()) if len(known) else None


def _most(rows: pl.DataFrame, name: str) -> float | None:
    known = rows[name].drop_nulls()
    return float(known.max()) if len(known) else None  # type: ignore[arg-type]


def _of(failures: pl.DataFrame, kinds: tuple[str, ...], *, is_known: bool) -> float | None:
    """Return how many records are concerned; none of them is not known where positions are only bounds."""
    rows = failures.filter(pl.col("failure").is_in(kinds))
    return float(rows["records"].sum()) if is_known or len(rows) else None
