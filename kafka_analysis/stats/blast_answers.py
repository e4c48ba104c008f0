"""Say what a split does to the size of an outage: verdict, figures and findings."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Finding, Light, Result, Verdict
from kafka_analysis.model.frames import Frame, same_kind, to_polars
from kafka_analysis.model.units import format_quantity
from kafka_analysis.stats.blast_cells import worst_cell
from kafka_analysis.stats.verdicts import not_covered

ALL_CELLS = "all cells"
AGREE_WITHIN = (
    0.05  # of all: what a share predicted and one measured may differ by and still be called the same
)


def blast_answer(
    cells: Any, outages: Any, *, coverage: Coverage, accepted: float | None = None, cluster: str = ALL_CELLS
) -> Result:
    """Say how much smaller an outage becomes, and whether the outages on record were as predicted.

    Parameters
    ----------
    cells
        Result of :func:`blast_cells.cell_blast`.
    outages
        Result of :func:`blast_outages.compare_outages`; may be empty.
    coverage
        Of the window the flows were measured in.
    accepted
        Largest share of clients that the loss of one cell may take along; None: nobody has said.

    Examples
    --------
    >>> cells = pl.DataFrame({"cell": ["a", "b"], "what": "clients", "share": [0.75, 0.5]})
    >>> none = pl.DataFrame(schema={"effect": pl.String, "predicted": pl.Float64, "measured": pl.Float64})
    >>> blast_answer(cells, none, coverage=Coverage(expected=1, seen=1), accepted=0.5).verdict.sentence
    'the loss of the worst cell, a, takes 75 % of clients along; 50 % are accepted.'
    """
    worst = {row["what"]: row for row in worst_cell(to_polars(cells)).iter_rows(named=True)}
    told = to_polars(outages)
    clients = worst.get("clients")
    figures = (
        _figure("blast_before", "Clients hit, one cluster lost, before", clients, "before"),
        _figure("blast_worst_cell", "Clients hit, worst cell lost, after", clients, "worst"),
        _figure("blast_mean_cell", "Clients hit, mean of the cells, after", clients, "mean"),
        _figure("bytes_worst_cell", "Bytes in hit, worst cell, after", worst.get("bytes_in_per_s"), "worst"),
        Figure(name="blast_off_by", label="Predicted and measured differ by, at most", value=_off_by(told), unit="%",
               better="lower"),
    )  # fmt: skip
    verdict = not_covered(coverage) or _verdict(clients, accepted)
    findings = tuple(outage_findings(told))
    return Result(cluster=cluster, verdict=verdict, figures=figures, findings=findings, coverage=coverage)


@same_kind
def outage_findings(outages: Frame) -> list[Finding]:
    """Say of each outage on record what lost service, and whether that was predicted.

    Parameters
    ----------
    outages
        Result of :func:`blast_outages.compare_outages`.

    Examples
    --------
    >>> outages = pl.DataFrame({"outage": 1, "cluster": "c", "name": "broker killed", "effect": "loses_service",
    ...     "what": ["partitions", "producers"], "predicted": [0.1, 0.25], "measured": [0.1, 0.5]})
    >>> [(f.light.value, f.title) for f in outage_findings(outages)]
    [('amber', 'broker killed (c): 50 % of producers lost service')]
    """
    if outages.is_empty():
        return []
    lost = outages.filter(pl.col("effect") == "loses_service")
    return [_finding(rows) for rows in lost.partition_by("outage", maintain_order=True)]


def _finding(rows: pl.DataFrame) -> Finding:
    first = rows.row(0, named=True)
    shares = {row["what"]: row for row in rows.iter_rows(named=True)}
    producers = shares["producers"]
    off = _off_by(rows)
    where = f"{first['name']} ({first['cluster']})"
    if producers["measured"] is None or off is None:
        detail = f"Predicted: {_percent(producers['predicted'])} of producers."
        return Finding(light=Light.GREY, title=f"{where}: what lost service cannot be told", detail=detail)
    light = Light.GREEN if off <= AGREE_WITHIN else Light.AMBER
    title = f"{where}: {_percent(producers['measured'])} of producers lost service"
    parts = shares["partitions"]
    detail = (
        f"Predicted: {_percent(producers['predicted'])}. Partitions: {_percent(parts['measured'])} measured, "
        f"{_percent(parts['predicted'])} predicted."
    )
    action = (
        ""
        if light is Light.GREEN
        else "Look at the partitions that were not predicted before you trust the plan."
    )
    return Finding(light=light, title=title, detail=detail, action=action)


def _off_by(outages: pl.DataFrame) -> float | None:
    """Return the largest difference between shares that were predicted and measured."""
    if outages.is_empty():
        return None
    lost = outages.filter(pl.col("effect") == "loses_service")
    return lost.select((pl.col("predicted") - pl.col("measured")).abs().max()).item()


def _figure(name: str, label: str, row: dict[str, Any] | None, column: str) -> Figure:
    value = None if row is None else row[column]
    return Figure(name=name, label=label, value=value, unit="%", better="lower", evidence=Evidence.ESTIMATED)


def _verdict(clients: dict[str, Any] | None, accepted: float | None) -> Verdict:
    if clients is None or clients["worst"] is None:
        return Verdict(light=Light.GREY, sentence="not judged: no client of the cells is known.")
    worst = (
        f"the loss of the worst cell, {clients['cell']}, takes {_percent(clients['worst'])} of clients along"
    )
    if accepted is None:
        light = Light.GREEN if clients["worst"] < 1 else Light.AMBER
        return Verdict(light=light, sentence=f"{worst}; before the split, one outage takes all.")
    light = Light.GREEN if clients["worst"] <= accepted else Light.RED
    return Verdict(light=light, sentence=f"{worst}; {_percent(accepted)} are accepted.")


def _percent(share: float | None) -> str:
    return format_quantity(share, "%")
