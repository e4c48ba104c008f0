"""Findings about resources that lie unevenly on brokers: what, by how much, and what a person can do."""

import polars as pl

from kafka_analysis.model.causes import CAUSES
from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import format_quantity

_LEAST_SHARE = 0.1


def skew_light(ratio: float | None, *, amber: float, red: float) -> Light:
    """Judge a max/mean ratio.

    Examples
    --------
    >>> [skew_light(r, amber=1.2, red=1.5).value for r in (1.1, 1.2, 1.5, None)]
    ['green', 'amber', 'red', 'grey']
    """
    if ratio is None:
        return Light.GREY
    if ratio >= red:
        return Light.RED
    return Light.AMBER if ratio >= amber else Light.GREEN


@same_kind
def broker_skew_findings(
    skew: Frame,
    topics_on_brokers: Frame,
    *,
    causes: Frame = None,
    amber: float = 1.2,
    red: float = 1.5,
) -> list[Finding]:
    """Say for each resource which broker carries too much and which topics put it there.

    Parameters
    ----------
    skew
        Result of :func:`kafka_analysis.stats.skew.measures.measure_skew` of one cluster.
    topics_on_brokers
        ``resource``, ``broker``, ``topic``, ``value``: what the topics put on the brokers; may be empty.
    causes
        ``resource``, ``cause``, ``share``: result of :func:`kafka_analysis.stats.skew.causes.skew_causes`; None =
        not known.
    amber, red
        max/mean ratios from which a resource is a finding.

    Examples
    --------
    >>> skew = pl.DataFrame({"resource": ["leaders"], "top": ["3"], "max": [9.0], "mean": [5.0], "total": [15.0],
    ...     "max_over_mean": [1.8], "top_share": [0.6]})
    >>> parts = pl.DataFrame({"resource": ["leaders"], "broker": [3], "topic": ["orders"], "value": [6.0]})
    >>> finding = broker_skew_findings(skew, parts)[0]
    >>> finding.light.value, finding.title
    ('red', 'broker 3 carries 1.80 × the mean of leaders')
    """
    findings = []
    ranked = skew.sort("max_over_mean", descending=True, nulls_last=True, maintain_order=True)
    for row in ranked.iter_rows(named=True):
        light = skew_light(row["max_over_mean"], amber=amber, red=red)
        if light in (Light.GREEN, Light.GREY):
            continue
        words, unit = RESOURCES[row["resource"]]
        amounts = (
            f"{format_quantity(row['max'], unit)} against a mean of {format_quantity(row['mean'], unit)}"
        )
        topics = _top_topics(topics_on_brokers, resource=row["resource"], top=row["top"])
        why = _why(causes, row["resource"])
        findings.append(
            Finding(
                light=light,
                title=f"broker {row['top']} carries {format_quantity(row['max_over_mean'])} × the mean of {words}",
                detail=f"{amounts}.{topics}{why}",
                action=_rebalance(row["resource"], is_explained=bool(why)),
            )
        )
    return findings


def _why(causes: pl.DataFrame | None, resource: str) -> str:
    if causes is None:
        return ""
    rows = causes.filter(pl.col("share") >= _LEAST_SHARE, resource=resource)
    ranked = rows.sort("share", descending=True, maintain_order=True).select("cause", "share").iter_rows()
    parts = [f"{CAUSES[cause].words} {share:.0%}" for cause, share in ranked]
    return f" The excess of all brokers comes from {', '.join(parts)}." if parts else ""


def _rebalance(resource: str, *, is_explained: bool) -> str:
    if is_explained:
        return ""  # each cause is a finding with an action of its own
    if resource in ("leaders", "bytes_in_per_s", "bytes_out_per_s"):
        return "Plan a rebalance that moves leaders first: that copies no data."
    return "Plan a rebalance that moves replicas of the largest topics."


def _top_topics(parts: pl.DataFrame, *, resource: str, top: str) -> str:
    rows = parts.filter(pl.col("broker").cast(pl.String) == top, resource=resource).drop_nulls("value")
    total = rows["value"].sum()
    if not total:
        return ""
    top = rows.sort(["value", "topic"], descending=[True, False]).head(3)
    named = ", ".join(f"{r['topic']} {r['value'] / total:.0%}" for r in top.iter_rows(named=True))
    return f" Largest topics there: {named}."
