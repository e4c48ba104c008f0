"""Table of the clients that use the source and the target at once."""

from __future__ import annotations

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
    Column("client", "Client"),
    Column("kind", "Kind"),
    Column("team", "Team"),
    Column("criticality", "Criticality"),
    Column("waves", "Topics move in waves"),
    Column("bridged_waves", "At both ends for", "waves"),
    Column("topics_that_stay", "Topics that stay", ""),
    Column("evidence", "Evidence"),
)


def bridged_clients(frame: Any, *, top_n: int = 15) -> Table:
    """List the clients that need both ends for a while, those first that need them longest.

    Parameters
    ----------
    frame
        ``client_waves`` of a plan of waves.
    top_n
        How many at most.

    Examples
    --------
    >>> rows = pl.DataFrame({"client": ["a", "b"], "kind": "group", "waves": [[1], [1, 3]], "bridged_waves": [0, 2]})
    >>> bridged_clients(rows).cells.row(0)
    ('b', 'group', '1, 3', '2 waves')
    """
    rows = to_polars(frame).filter(pl.col("bridged_waves") > 0)
    order = rows.sort("bridged_waves", "client", "kind", descending=[True, False, False])
    note = f"{len(rows)} in all. From the first to the last of its waves, a client uses source and target."
    return build(
        order.head(top_n), _COLUMNS, function="bridged_clients", title="Clients at both ends", note=note
    )
