"""What a lost broker, an added one and a growing volume cost: attached EBS against disks inside the host."""

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.catalogue import Catalogue, quota_of, read_catalogue
from kafka_analysis.plan.sizing.workload import GIB

RECOVERY = {
    "profile": pl.String, "family": pl.String, "storage": pl.String, "replace_bytes": pl.Float64,
    "replace_s": pl.Float64, "add_bytes": pl.Float64, "add_s": pl.Float64,
}  # fmt: skip
GROWTH = {
    "broker_type": pl.String, "volume_gib": pl.Float64, "step_gib": pl.Float64, "fill_hours": pl.Float64,
    "wait_hours": pl.Float64, "keeps_up": pl.Boolean, "steps_to_largest": pl.Int64, "hours_to_largest": pl.Float64,
}  # fmt: skip


def recovery_times(shift: Frame, *, brokers: int, catalogue: Catalogue | None = None) -> pl.DataFrame:
    """Say how much is copied, and for how long at the least, when a broker is replaced and when one is added.

    Parameters
    ----------
    shift
        Result of :func:`kafka_analysis.plan.sizing.hardware.hardware_shift`.
    brokers
        Of the cluster; an added one takes over 1 / (brokers + 1) of the bytes.
    catalogue
        Says which hosts have disks of their own.

    Returns
    -------
    polars.DataFrame
        A row per profile: ``storage`` (``attached``: the volume outlives its broker, so nothing is copied;
        ``instance``: what a lost broker held is copied again), ``replace_bytes``, ``replace_s``, ``add_bytes``,
        ``add_s``: at what disk and network leave beside the peak, infinite where they leave nothing; null: an amount
        or limit is not known (Express brokers keep their data elsewhere, and AWS does not publish it).

    Examples
    --------
    >>> from kafka_analysis.plan.sizing.hardware import hardware_shift
    >>> peaks = pl.DataFrame({"resource": ["disk", "network", "storage"], "per_broker": [0.0, 0.0, 1e12],
    ...     "unit": ["B/s", "B/s", "B"], "evidence": "measured"})
    >>> shift = hardware_shift(peaks, profiles=["i3en.2xlarge", "kafka.m7g.8xlarge"])
    >>> recovery_times(shift, brokers=3).select("profile", "replace_bytes", "replace_s").rows()
    [('i3en.2xlarge', 1000000000000.0, 2000.0), ('kafka.m7g.8xlarge', 0.0, 0.0)]
    """
    catalogue = catalogue or read_catalogue()
    inside = dict(catalogue.hosts.select("host", "storage").iter_rows())
    rows = []
    for (profile,), part in to_polars(shift).group_by(["profile"], maintain_order=True):
        kinds = {row["resource"]: row for row in part.iter_rows(named=True)}
        rows.append(_recovery(profile, kinds, inside.get(profile, "ebs"), brokers))
    return pl.DataFrame(rows, schema=RECOVERY, orient="row")


def storage_growth(
    options: Frame, *, bytes_in_per_s: float, replication_factor: int, catalogue: Catalogue | None = None
) -> pl.DataFrame:
    """Say in which steps the volumes of Standard brokers grow, and whether that is fast enough at the peak.

    Parameters
    ----------
    options
        Rows of :func:`kafka_analysis.plan.sizing.broker_options.size_cluster`; other families are left out.
    bytes_in_per_s
        Peak of the cluster, one copy.
    replication_factor
        Copies that are written.

    Returns
    -------
    polars.DataFrame
        ``broker_type``, ``volume_gib`` of each broker to begin with, ``step_gib``: the least it grows by, max(10 GiB,
        10 %), ``fill_hours`` until the peak fills such a step, were nothing deleted, ``wait_hours`` between two
        growths, ``keeps_up``: fill ≥ wait, ``steps_to_largest`` and ``hours_to_largest`` volume (16,384 GiB).

    Examples
    --------
    >>> rows = pl.DataFrame({"broker_type": ["t"], "brokers": [3], "storage_gib_per_broker": [50.0]})
    >>> found = storage_growth(rows, bytes_in_per_s=2**20, replication_factor=3)
    >>> found.select("volume_gib", "step_gib", "keeps_up").row(0)
    (50.0, 10.0, False)
    """
    catalogue = catalogue or read_catalogue()
    least, share = quota_of(catalogue, "storage_growth_least"), quota_of(catalogue, "storage_growth_share")
    wait, largest = quota_of(catalogue, "storage_growth_wait"), quota_of(catalogue, "max_storage_per_broker")
    smallest = quota_of(catalogue, "min_storage_per_broker")
    rows = []
    for row in (
        to_polars(options).filter(pl.col("storage_gib_per_broker").is_not_null()).iter_rows(named=True)
    ):
        volume = max(math.ceil(row["storage_gib_per_broker"]), smallest)
        step = max(least, share * volume)
        per_hour = bytes_in_per_s * replication_factor / row["brokers"] * 3600 / GIB
        fill = step / per_hour if per_hour else None
        steps = _steps(volume, least, share, largest)
        rows.append(
            (row["broker_type"], volume, step, fill, wait, fill is None or fill >= wait, steps, steps * wait)
        )
    return pl.DataFrame(rows, schema=GROWTH, orient="row")


def _recovery(
    profile: str, kinds: Mapping[str, Mapping[str, Any]], storage: str, brokers: int
) -> tuple[Any, ...]:
    family, held = kinds["disk"]["family"], kinds["storage"]["per_broker"]
    if family == "express":
        return (profile, family, "of the service", None, None, None, None)
    added = None if held is None else held * brokers / (brokers + 1)
    lost = held if storage == "instance" else 0.0
    words = "instance" if storage == "instance" else "attached"
    return (profile, family, words, lost, _seconds(lost, kinds), added, _seconds(added, kinds))


def _seconds(size: float | None, kinds: Mapping[str, Mapping[str, Any]]) -> float | None:
    """Return how long a copy takes at what the peak leaves of disk and network."""
    if size == 0:
        return 0.0
    ends = [kinds[name] for name in ("disk", "network")]
    if size is None or any(row["limit"] is None or row["per_broker"] is None for row in ends):
        return None
    free = min(row["limit"] - row["per_broker"] for row in ends)
    return size / free if free > 0 else math.inf


def _steps(volume: float, least: float, share: float, largest: float) -> int:
    steps = 0
    while volume < largest:
        volume += max(least, share * volume)
        steps += 1
    return steps
