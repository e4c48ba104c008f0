"""Differences between both ends as rows of the checklist."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.rows import State, check_rows

_STATES: dict[str, State] = {
    "must fix": "blocks",
    "MSK decides": "note",
    "harmless": "note",
    "unknown": "unknown",
}


def parity_checks(differences: Frame, compared: Frame) -> pl.DataFrame:
    """Return what differs between both ends, and for each kind of thing how many were compared and equal.

    Parameters
    ----------
    differences, compared
        Of :class:`~kafka_analysis.stats.parity.rows.Parity`.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``parity``; ``finding``: what differs; ``name``: its name; ``value``: things that are equal, of
        ``limit``.

    Examples
    --------
    >>> differs = pl.DataFrame({"source": ["a"], "target": "b", "what": "configuration", "topic": "t",
    ...     "name": "retention.ms", "at_source": "9", "at_target": "5", "kind": "must fix", "why": "Gone earlier."})
    >>> counts = pl.DataFrame({"source": ["a"], "target": "b", "what": "configuration", "compared": 7, "equal": 6})
    >>> rows = parity_checks(differs, counts)
    >>> rows.select("state", "finding").rows()
    [('blocks', 'configuration differs'), ('ok', None)]
    >>> rows["detail"][0]
    'retention.ms is 9 at the source and 5 at the target. Gone earlier.'
    """
    rows = to_polars(differences)
    is_unknown = pl.col("kind") == "unknown"
    absent = pl.lit("absent")
    values = pl.format(
        "{} is {} at the source and {} at the target. {}",
        pl.col("name").fill_null("it"),
        pl.col("at_source").fill_null(absent),
        pl.col("at_target").fill_null(absent),
        "why",
    )
    differing = rows.with_columns(
        state=pl.col("kind").replace_strict(_STATES, return_dtype=pl.String),
        finding=pl.when(is_unknown)
        .then(pl.format("{} unknown", "what"))
        .otherwise(pl.format("{} differs", "what")),
        detail=pl.when(is_unknown).then("why").otherwise(values),
    )
    counted = to_polars(compared).with_columns(
        name="what",
        detail=pl.format("{}: {} of {} are equal", "what", "equal", "compared"),
        value=pl.col("equal").cast(pl.Float64),
        limit=pl.col("compared").cast(pl.Float64),
    )
    return pl.concat([check_rows("parity", differing), check_rows("parity", counted, state="ok")])
