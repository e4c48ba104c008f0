"""Better, same, worse or cannot tell: every question about a migration in one table, none left out."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.stats.effect.rows import SCHEMA


@same_kind
def question_verdicts(effects: Frame, *answers: Frame) -> Frame:
    """Put the answers to all questions below one another: traffic first.

    Parameters
    ----------
    effects
        Result of ``stats.traffic_effects``.
    *answers
        Results of ``stats.request_effects``, ``stats.lag_effects``, ``stats.utilisation_effects``,
        ``stats.cost_effect``.

    Returns
    -------
    frame of the kind given
        ``question``, ``what``, ``unit``, ``verdict`` and the other columns of ``stats.traffic_effects``.

    Examples
    --------
    >>> from kafka_analysis.stats.effect.rows import AMOUNTS, Asked, cannot_tell
    >>> traffic = pl.DataFrame([dict.fromkeys(AMOUNTS) | {"verdict": "same"}], schema=AMOUNTS)
    >>> lag = pl.DataFrame([cannot_tell(Asked("lag", "Lag", "s"), "no answers")], schema=SCHEMA)
    >>> both = question_verdicts(traffic.with_columns(flow=pl.lit("bytes_in_per_s")), lag)
    >>> both.select("what", "verdict").rows()
    [('Business bytes in', 'same'), ('Lag', 'cannot tell')]
    """
    words = {flow: f"Business {resource.words}" for flow, resource in RESOURCES.items()}
    units = {flow: resource.unit for flow, resource in RESOURCES.items()}
    flow = pl.col("flow")
    traffic = effects.with_columns(
        question=flow,
        what=flow.replace_strict(words, return_dtype=pl.String),
        unit=flow.replace_strict(units, return_dtype=pl.String),
    )
    columns = [pl.col(name).cast(kind) for name, kind in SCHEMA.items()]
    return pl.concat(rows.select(columns) for rows in (traffic, *answers))
