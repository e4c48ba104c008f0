"""Whether a cell has room for what a wave brings."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import format_quantity
from kafka_analysis.stats.cutover.rows import check_rows


def headroom_checks(used: Frame, *, most: float) -> pl.DataFrame:
    """Say of each cell and resource whether it has room once the wave has moved.

    Parameters
    ----------
    used
        ``target``, ``resource``, ``per_broker`` (once the wave has moved; null: unknown), ``limit`` (null: unknown),
        ``unit``, ``evidence`` (of what is unknown: what was not seen).
    most
        So much of a limit may be used, as a share.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``headroom``; ``name``: the resource; ``value`` and ``limit`` in its unit.

    Examples
    --------
    >>> rows = pl.DataFrame({"target": "cell", "resource": ["network", "storage"], "per_broker": [9e6, None],
    ...     "limit": [1e7, 1e12], "unit": ["B/s", "B"], "evidence": "measured"})
    >>> headroom_checks(rows, most=0.8).select("name", "state", "limit").rows()
    [('network', 'blocks', 8000000.0), ('storage', 'unknown', 800000000000.0)]
    """
    limit = pl.col("limit") * most
    is_unknown, is_over = (pl.col("per_broker") / limit).is_null(), pl.col("per_broker") > limit
    words = [
        pl.struct(name, "unit").map_elements(
            lambda row, n=name: format_quantity(row[n], row["unit"]), pl.String
        )
        for name in ("per_broker", "limit")
    ]
    judged = to_polars(used).with_columns(
        name="resource",
        state=pl.when(is_unknown)
        .then(pl.lit("unknown"))
        .when(is_over)
        .then(pl.lit("blocks"))
        .otherwise(pl.lit("ok")),
        finding=pl.when(is_unknown)
        .then(pl.lit("headroom unknown"))
        .when(is_over)
        .then(pl.lit("too little headroom")),
        detail=pl.when(pl.col("limit").is_null())
        .then(pl.lit("what a broker of the cell can carry is unknown"))
        .when(is_unknown)
        .then(pl.coalesce("evidence", pl.lit("it was not seen")))
        .otherwise(pl.format("{} of {} per broker, {}", *words, "evidence")),
        value="per_broker",
        limit=limit,
    )
    return check_rows("headroom", judged)
