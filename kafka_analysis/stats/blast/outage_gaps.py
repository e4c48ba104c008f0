"""Tell gaps in a recording that events announce from those that nobody expected."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.moments import as_time
from kafka_analysis.model.units import counted
from kafka_analysis.stats.blast.outages import find_outages


def describe_announced_gaps(gaps: Frame, events: Frame) -> list[str]:
    """Say how many gaps of each cluster fall into an outage that events announce.

    Parameters
    ----------
    gaps
        ``cluster``, ``start``, ``end`` of each gap.
    events
        The capture's ``events`` table: an outage goes from a ``fault`` to the ``recovery`` that follows.

    Returns
    -------
    list of str
        A sentence for each cluster with such gaps; a gap counts as soon as it touches an outage.

    Examples
    --------
    >>> from datetime import datetime
    >>> t = [datetime(2026, 1, 1, 0, m) for m in range(4)]
    >>> events = pl.DataFrame({"ts": t[1:3], "cluster": "c", "kind": ["fault", "recovery"], "name": ["killed", "back"],
    ...     "detail": None}, schema_overrides={"detail": pl.String})
    >>> describe_announced_gaps(pl.DataFrame({"cluster": "c", "start": [t[0], t[1]], "end": [t[1], t[3]]}), events)
    ['1 of 2 gaps of c falls within outages that events announce: killed']
    """
    missed, outages = to_polars(gaps), to_polars(find_outages(to_polars(events)))
    return [
        sentence
        for cluster in sorted(set(missed["cluster"]) & set(outages["cluster"]))
        if (sentence := _sentence(cluster, missed.filter(cluster=cluster), outages.filter(cluster=cluster)))
    ]


def _sentence(cluster: str, gaps: pl.DataFrame, outages: pl.DataFrame) -> str:
    dtype = gaps.schema["start"]
    touched = [
        gaps.select(
            (pl.col("end") > as_time(start, dtype)) & (pl.col("start") < as_time(end, dtype))
        ).to_series()
        for start, end in outages.select("start", "end").iter_rows()
    ]
    announced = sum(any(row) for row in zip(*touched, strict=True))
    if not announced:
        return ""
    names = dict.fromkeys(name for name, hit in zip(outages["name"], touched, strict=True) if hit.any())
    verb = "falls" if announced == 1 else "fall"
    return (
        f"{announced} of {counted(len(gaps), 'gap')} of {cluster} {verb} within outages that events announce: "
        f"{', '.join(names)}"
    )
