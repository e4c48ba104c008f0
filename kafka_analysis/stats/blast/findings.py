"""Say of the outages on record what lost service, and whether that was predicted."""

import polars as pl

from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.units import format_quantity

# Of all: what a share predicted and one measured may differ by and still be called the same.
AGREE_WITHIN = 0.05
_LOOK = "Check the partitions that were not predicted before you trust the plan."


@same_kind
def outage_findings(outages: Frame) -> list[Finding]:
    """Say of each outage on record what lost service, and whether that was predicted.

    Parameters
    ----------
    outages
        Result of ``stats.compare_outages``.

    Examples
    --------
    >>> outages = pl.DataFrame({"outage": 1, "cluster": "c", "name": "broker killed", "effect": "loses_service",
    ...     "what": ["partitions", "producers"], "predicted": [0.1, 0.25], "measured": [0.1, 0.5]})
    >>> [(f.light.value, f.title) for f in outage_findings(outages)]
    [('amber', 'broker killed (c): 50 % of producers lost service')]
    """
    if outages.is_empty():
        return []
    lost = outages.filter(effect="loses_service")
    return [_finding(rows) for rows in lost.partition_by("outage", maintain_order=True)]


def _finding(rows: pl.DataFrame) -> Finding:
    first = rows.row(0, named=True)
    shares = {row["what"]: row for row in rows.iter_rows(named=True)}
    producers = shares["producers"]
    off = rows.select((pl.col("predicted") - pl.col("measured")).abs().max()).item()
    where = f"{first['name']} ({first['cluster']})"
    if producers["measured"] is None or off is None:
        detail = f"Predicted: {_percent(producers['predicted'])} of producers."
        return Finding(light=Light.GREY, title=f"{where}: what lost service is unknown", detail=detail)
    light = Light.GREEN if off <= AGREE_WITHIN else Light.AMBER
    title = f"{where}: {_percent(producers['measured'])} of producers lost service"
    parts = shares["partitions"]
    detail = (
        f"Predicted: {_percent(producers['predicted'])}. Partitions: {_percent(parts['measured'])} measured, "
        f"{_percent(parts['predicted'])} predicted."
    )
    return Finding(light=light, title=title, detail=detail, action="" if light is Light.GREEN else _LOOK)


def _percent(share: float | None) -> str:
    return format_quantity(share, "%")
