"""Table of the findings, worst first."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.findings import Light, Result
from kafka_analysis.tables.base import Column, Table, build

_ORDER = (Light.RED, Light.AMBER, Light.GREY, Light.GREEN)
_COLUMNS = (
    Column("light", "Light"),
    Column("cluster", "Cluster"),
    Column("title", "Finding"),
    Column("detail", "Detail"),
    Column("action", "What to do"),
)


def findings(results: Sequence[Result]) -> Table:
    """List what was found, worst first, with what to do about it.

    Parameters
    ----------
    results
        The answers of a notebook.

    Examples
    --------
    >>> "nothing to show" in findings([]).html()
    True
    """
    found = [(result.cluster, finding) for result in results for finding in result.findings]
    rows = [
        {
            "light": f"{finding.light.symbol} {finding.light.word}",
            "cluster": cluster,
            "title": finding.title,
            "detail": finding.detail,
            "action": finding.action,
        }
        for cluster, finding in sorted(found, key=lambda pair: _ORDER.index(pair[1].light))
    ]
    schema = dict.fromkeys(("light", "cluster", "title", "detail", "action"), pl.String)
    return build(
        pl.DataFrame(rows, schema=schema), _COLUMNS, function="findings", title="Findings, worst first"
    )
