"""How far the traffic of a cluster rises above its mean: what brokers of cells are sized for."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.sizing.measured import PEAKS, Peak

_FLOWS = ("bytes_in_per_s", "bytes_out_per_s")


def peak_ratios(rates: Frame, *, peak: Peak = "p99") -> dict[str, float]:
    """Return peak ÷ mean of the traffic of each cluster, of bytes in or out, whichever rises further.

    Parameters
    ----------
    rates
        Result of ``stats.cluster_rates``: ``cluster``, ``bytes_in_per_s``, ``bytes_out_per_s``, a row per interval.
    peak
        ``"p95"``, ``"p99"``: the interval's rate that 5 % or 1 % of the intervals exceed; ``"peak"``: the highest.

    Returns
    -------
    dict
        At least 1; clusters without traffic are left out.

    Raises
    ------
    InputError
        There is no such peak.

    Examples
    --------
    >>> rates = pl.DataFrame({"cluster": "c", "bytes_in_per_s": [1.0, 3.0], "bytes_out_per_s": [2.0, None]})
    >>> peak_ratios(rates, peak="peak")
    {'c': 1.5}
    """
    if peak not in PEAKS:
        raise InputError.unknown("peak", str(peak), PEAKS)
    rises = [
        pl.when(pl.col(name).mean() > 0).then(
            pl.col(name).quantile(PEAKS[peak], interpolation="higher") / pl.col(name).mean()
        ).alias(name)
        for name in _FLOWS
    ]  # fmt: skip
    highest = pl.max_horizontal(*_FLOWS).clip(lower_bound=1.0)
    ratios = to_polars(rates).group_by("cluster", maintain_order=True).agg(rises)
    return dict(ratios.select("cluster", highest.alias("ratio")).drop_nulls().iter_rows())
