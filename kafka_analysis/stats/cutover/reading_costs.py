"""What the check itself cost each cluster."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars


def reading_costs(reads: Frame) -> pl.DataFrame:
    """Add up what reading records cost each cluster.

    Parameters
    ----------
    reads
        The capture's ``record_reads``.

    Returns
    -------
    polars.DataFrame
        ``cluster``, ``partitions``, ``stretches``, ``records``, ``bytes`` (keys, values and headers), ``unfinished``
        stretches.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "a", "topic": "t", "partition": [0, 0], "stretch": [0, 1], "records": [5, 2],
    ...     "bytes": [50, 20], "ended": ["enough", "out of time"]})
    >>> reading_costs(rows).row(0)
    ('a', 1, 2, 7, 70, 1)
    """
    # Groups that stand at one offset share a stretch, and each has a row of it.
    rows = to_polars(reads).unique(
        ["cluster", "topic", "partition", "stretch"], keep="first", maintain_order=True
    )
    return (
        rows.group_by("cluster")
        .agg(
            partitions=pl.struct("topic", "partition").n_unique().cast(pl.Int64),
            stretches=pl.len().cast(pl.Int64),
            records=pl.col("records").sum(),
            bytes=pl.col("bytes").sum(),
            unfinished=(~pl.col("ended").is_in(["enough", "end of log"])).sum().cast(pl.Int64),
        )
        .sort("cluster")
    )
