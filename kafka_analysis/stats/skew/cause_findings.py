"""Findings a person can act on, from the causes of an excess: the largest part first."""

from typing import Any

import polars as pl

from kafka_analysis.model.causes import CAUSES, PREFERRED
from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import format_quantity, format_share
from kafka_analysis.stats.skew.findings import skew_light

LEAST_SHARE = 0.1
MAIN_SHARE = 1 / 3
_WORST_FIRST = (Light.RED, Light.AMBER)


@same_kind
def cause_findings(
    causes: Frame, skew: Frame, *, partitions: Frame = None, amber: float = 1.2, red: float = 1.5
) -> list[Finding]:
    """Say which causes the excess of the uneven resources has, what bears them, and what to do.

    A cause is one finding, told by the resource in which its share is largest, bytes before mere numbers of leaders and
    replicas; the others follow. Its light is that of the worst resource in which it has a third, else amber. A share
    below a tenth is left out, and so is a resource whose max ÷ mean does not reach
    ``amber``.

    Parameters
    ----------
    causes, skew
        Results of ``causes.skew_causes`` and ``stats.measure_skew`` of one cluster.
    partitions
        One snapshot of its partitions, to tell how many leaders an election of preferred leaders would move.
    amber, red
        max ÷ mean from which a resource is a finding.

    Examples
    --------
    >>> causes = pl.DataFrame({"resource": "leaders", "cause": ["replicas", "leaders"], "excess": [1.0, 3.0],
    ...     "share": [0.25, 0.75], "names": ["broker 2", "broker 1"], "evidence": "measured"})
    >>> skew = pl.DataFrame({"resource": ["leaders"], "max_over_mean": [1.6]})
    >>> [(f.light.value, f.title) for f in cause_findings(causes, skew)]
    [('red', 'unbalanced leaders: 75 % of the excess of leaders'),
     ('amber', 'unbalanced replicas: 25 % of the excess of leaders')]
    """
    ratios = skew.select("resource", "max_over_mean")
    lights = {name: skew_light(ratio, amber=amber, red=red) for name, ratio in ratios.iter_rows()}
    shown = [name for name, light in lights.items() if light in _WORST_FIRST]
    rows = causes.filter(pl.col("resource").is_in(shown) & (pl.col("share") >= LEAST_SHARE))
    number = pl.col("resource").is_in(["leaders", "replicas"])
    ranked = rows.sort(number, -pl.col("share"), maintain_order=True)
    by_cause = [part.to_dicts() for _, part in ranked.group_by("cause", maintain_order=True)]
    return [_finding(rows, lights, partitions) for rows in by_cause]


def _finding(
    rows: list[dict[str, Any]], lights: dict[str, Light], partitions: pl.DataFrame | None
) -> Finding:
    first = rows[0]
    resource = RESOURCES[first["resource"]]
    others = ", ".join(_share_of(r, f"the excess of {RESOURCES[r['resource']].words}") for r in rows[1:])
    affected = f"; affected: {first['names']}" if first["names"] else ""
    amount = f"{format_quantity(first['excess'], resource.unit)} above the mean{affected}"
    evidence = "" if first["evidence"] == "measured" else f" ({first['evidence']})"
    worst = min(
        (lights[r["resource"]] for r in rows if r["share"] >= MAIN_SHARE),
        key=_WORST_FIRST.index,
        default=None,
    )
    return Finding(
        light=worst or Light.AMBER,
        title=f"{CAUSES[first['cause']].words}: {_share_of(first, f'the excess of {resource.words}')}{evidence}",
        detail=f"{amount}."
        + (" Other causes partly offset it." if first["share"] > 1 else "")
        + (f" Also {others}." if others else ""),
        action=_action(first, partitions),
    )


def _share_of(row: dict[str, Any], whole: str) -> str:
    share = format_share(row["share"])
    return f"{share} {whole}" if share.endswith("×") else f"{share} of {whole}"


def _action(row: dict[str, Any], partitions: pl.DataFrame | None) -> str:
    names = row["names"] or "the fullest brokers"
    if row["cause"] == "leaders" and partitions is not None and len(partitions):
        n = _not_preferred(partitions, names)
        if n:
            return PREFERRED.format(n=n, names=names)
    return CAUSES[row["cause"]].action.format(names=names)


def _not_preferred(partitions: pl.DataFrame, names: str) -> int:
    """Count the partitions that the brokers named lead without being their preferred leaders."""
    leads = pl.format("broker {}", "leader").is_in(names.split(", "))
    return len(partitions.filter(leads & (pl.col("leader") != pl.col("replicas").list.first())))


@same_kind
def main_cause(causes: Frame, *, resource: str) -> str:
    """Name the largest cause of a resource's excess with its share; empty when none has a third.

    Parameters
    ----------
    causes
        Result of ``causes.skew_causes`` of one cluster.

    Examples
    --------
    >>> causes = pl.DataFrame({"resource": "leaders", "cause": ["replicas", "leaders"], "share": [0.25, 0.75],
    ...     "evidence": "measured"})
    >>> main_cause(causes, resource="leaders"), main_cause(causes, resource="replicas")
    ('75 % of the excess: unbalanced leaders', '')
    """
    rows = causes.filter(pl.col("share") >= MAIN_SHARE, resource=resource)
    if rows.is_empty():
        return ""
    row = rows.sort("share", descending=True, maintain_order=True).row(0, named=True)
    evidence = "" if row["evidence"] == "measured" else f", {row['evidence']}"
    offset = ", partly offset" if row["share"] > 1 else ""
    return f"{_share_of(row, 'the excess')}{offset}: {CAUSES[row['cause']].words}{evidence}"
