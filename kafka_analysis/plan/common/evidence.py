"""Evidence of a combined figure: the weakest of its parts."""

import polars as pl

from kafka_analysis.model.findings import Evidence

_STRONGEST_FIRST = (Evidence.MEASURED, Evidence.ESTIMATED, Evidence.DECLARED)


def weakness() -> pl.Expr:
    """Rank the column ``evidence``, the weakest highest; what is not known is weakest of all.

    Examples
    --------
    >>> pl.DataFrame({"evidence": ["declared", "measured", None]}).select(weakness()).to_series().to_list()
    [2, 0, 3]
    """
    order = {evidence.value: rank for rank, evidence in enumerate(_STRONGEST_FIRST)}
    return pl.col("evidence").replace_strict(order, default=len(order), return_dtype=pl.Int8)


def weakest(rows: pl.DataFrame) -> Evidence:
    """Return the weakest of the column ``evidence``; without rows nothing weakens what is measured.

    Examples
    --------
    >>> weakest(pl.DataFrame({"evidence": ["measured", "estimated"]})).value
    'estimated'
    """
    rank = rows.select(weakness().max()).item() or 0
    return _STRONGEST_FIRST[min(rank, len(_STRONGEST_FIRST) - 1)]
