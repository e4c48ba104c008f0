"""What the hosts of whole clusters write to their disks over time."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind

_BUCKET = ["cluster", "window_start"]
_MAPPED = r"^(dm-|md)\d"  # volumes and arrays: what is written to them is written again to the disks below


@same_kind
def disk_writes(rates: Frame) -> Frame:
    """Add up what all disks of each cluster's hosts wrote in each bucket.

    Parameters
    ----------
    rates
        Result of ``stats.increase`` over ``disk_written_bytes_total`` with ``every``: ``cluster``, ``broker``,
        ``entity`` (the device), ``window_start``, ``rate_per_s``.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``window_start``, ``bytes_written_per_s``, ``brokers`` (how many hosts told). Logical volumes
        (``dm-0``) and arrays (``md0``) count only where a host names no other device, or every byte would count twice.
        The whole host is measured: other programs that write there are in it.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "broker": [1, 1, 2], "entity": ["sda", "dm-0", "dm-0"],
    ...     "window_start": 0, "rate_per_s": [5.0, 5.0, 7.0]})
    >>> disk_writes(rows).row(0)
    ('c', 0, 12.0, 2)
    """
    mapped = pl.col("entity").str.contains(_MAPPED).fill_null(value=False)
    host = ["cluster", "broker"]
    disks = rates.drop_nulls("rate_per_s").filter(~mapped | mapped.all().over(host))
    summed = disks.group_by(_BUCKET).agg(
        bytes_written_per_s=pl.col("rate_per_s").sum(), brokers=pl.col("broker").n_unique().cast(pl.Int64)
    )
    return summed.sort(_BUCKET)
