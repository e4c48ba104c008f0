"""Say of each field of a workload what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from kafka_analysis.plan.sizing.workload import Workload

DECLARED, ESTIMATED, MEASURED = "declared", "estimated", "measured"
_RATES = {
    "bytes_in_per_s_avg": "declared_avg_in", "bytes_in_per_s_peak": "declared_peak_in",
    "bytes_out_per_s_avg": "declared_avg_out", "bytes_out_per_s_peak": "declared_peak_out",
}  # fmt: skip


def all_declared() -> dict[str, str]:
    """Return the evidence of a workload that a person gave in full.

    Examples
    --------
    >>> set(all_declared().values())
    {'declared'}
    """
    return dict.fromkeys(Workload.model_fields, DECLARED)


def workload_evidence(
    options: Mapping[str, Any], *, retention: str, busiest: str | None = None
) -> dict[str, str]:
    """Return the evidence of each field of a workload that was measured, but for what options declare.

    Parameters
    ----------
    options
        As for :func:`kafka_analysis.plan.sizing.measured.workload_of`, with those only that a person gave.
    retention
        Evidence of the retention.
    busiest
        Evidence of the rate into the busiest partition; None: it is not known.

    Examples
    --------
    >>> found = workload_evidence({"declared_peak_in": 5e6}, retention="declared")
    >>> [found[name] for name in ("bytes_in_per_s_peak", "bytes_out_per_s_peak", "partitions", "growth")]
    ['declared', 'estimated', 'measured', 'declared']
    """
    given = {name for name, value in options.items() if value is not None}
    rates = {name: DECLARED if option in given else MEASURED for name, option in _RATES.items()}
    if "declared_peak_in" in given and "declared_peak_out" not in given:
        rates["bytes_out_per_s_peak"] = ESTIMATED  # the measured fan-out times what is declared
    measured = dict.fromkeys(("partitions", "connections", "traffic_low", "traffic_high"), MEASURED)
    measured["partition_bytes_in_per_s"] = busiest or ESTIMATED
    overridden = {name: DECLARED for name in measured if name in given}
    return all_declared() | rates | measured | {"retention_hours": retention} | overridden


def busiest_evidence(load: pl.DataFrame | None) -> str | None:
    """Return the evidence of the partition that takes most.

    Examples
    --------
    >>> busiest_evidence(pl.DataFrame({"bytes_in_per_s": [1.0, 5.0], "evidence": ["estimated", "measured"]}))
    'measured'
    """
    if load is None or "evidence" not in load.columns:
        return None
    measured = load.drop_nulls("bytes_in_per_s")
    return None if measured.is_empty() else measured.sort("bytes_in_per_s")["evidence"][-1]
