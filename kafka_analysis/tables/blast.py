"""Tables of what outages took along."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_BLAST_RADIUS = (
    Column("outage", "Outage", ""),
    Column("cluster", "Cluster"),
    Column("name", "What happened"),
    Column("effect", "Effect"),
    Column("what", "Share of total"),
    Column("predicted", "Predicted", "%"),
    Column("measured", "Measured", "%"),
    Column("evidence", "Evidence"),
    Column("unknown", "Not measured", ""),
)
_EFFECTS = {
    "loses_service": "loses service",
    "unavailable": "no leader",
    "not_writable": "not writable",
    "interrupted": "interrupted",
}
_SUBJECTS = {
    "starved_groups": "groups without new records",
    "bytes_in_per_s": "bytes in",
    "bytes_out_per_s": "bytes out",
}
_DEFAULT = ("loses_service", "interrupted")


def blast_radius(frame: Any, *, effects: tuple[str, ...] = _DEFAULT) -> Table:
    """List for each outage which share of partitions, clients and bytes was hit.

    Parameters
    ----------
    frame
        Result of ``stats.compare_outages``.
    effects
        Which to list, of ``loses_service``, ``unavailable``, ``not_writable``, ``interrupted``.

    Examples
    --------
    >>> rows = pl.DataFrame({"outage": [1], "cluster": ["c"], "name": ["broker killed"], "effect": ["loses_service"],
    ...     "what": ["partitions"], "predicted": [0.125], "measured": [None], "unknown": [3], "evidence": ["measured"]})
    >>> blast_radius(rows).cells.row(0)
    ('1', 'c', 'broker killed', 'loses service', 'partitions', '12.5 %', 'unknown', 'measured', '3')
    """
    rows = to_polars(frame).filter(pl.col("effect").is_in(list(effects)))
    named = rows.with_columns(pl.col("effect").replace(_EFFECTS), pl.col("what").replace(_SUBJECTS))
    note = (
        "Shares are of all clusters together. Loses service: a partition has no leader, or cannot be written to. "
        "Interrupted: until the loss of the broker is detected; the prediction is a lower bound. Not "
        "measured: partitions or "
        "clients with too few records to measure."
    )
    return build("blast_radius", "Effect of outages, predicted and measured", named, _BLAST_RADIUS, note)
