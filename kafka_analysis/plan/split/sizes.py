"""What brokers a cell needs and costs, and what a cell of given brokers may carry."""

import math
from collections.abc import Mapping, Sequence

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.catalogue import Catalogue, quota_of, read_catalogue
from kafka_analysis.plan.sizing.broker_options import size_cluster
from kafka_analysis.plan.sizing.ranking import rank_options
from kafka_analysis.plan.sizing.workload import Workload

SIZES = {
    "cell": pl.String, "broker_type": pl.String, "brokers": pl.Int64, "feasible": pl.Boolean,
    "binding_constraint": pl.String, "monthly_usd": pl.Float64, "shortfall": pl.String,
}  # fmt: skip
NEEDED = ("bytes_in_per_s", "bytes_out_per_s", "size_bytes", "partitions")
_COPIES = 3
_LEAST_HOURS = 0.01
_MIB, _GIB = 2**20, 2**30
_AS_CHEAP = 1.02  # times the cheapest: of those the one with the fewest brokers, which quotas count
_STORAGE_SHARE = 0.5  # AWS's sizing script keeps volumes half empty


def cell_sizes(
    loads: Frame,
    *,
    profile: str | Mapping[str, str] | None = None,
    peak_ratio: float = 1.0,
    catalogue: Catalogue | None = None,
) -> pl.DataFrame:
    """Size the brokers of each cell by AWS's script (S2), and say what they cost.

    Parameters
    ----------
    loads
        ``cell`` and what it carries: ``bytes_in_per_s``, ``bytes_out_per_s``, ``size_bytes`` (all replicas),
        ``partitions`` (replicas included).
    profile
        Broker type, of all cells or by cell; None: the one with the fewest brokers, of those within 2 % of the cheapest
        that quotas allow.
    peak_ratio
        Peak ÷ mean of the traffic.
    catalogue
        None = the package's.

    Returns
    -------
    polars.DataFrame
        A row per cell; ``monthly_usd`` with provisioned throughput. Without a row: a load is not known, or nothing
        flows. ``feasible`` false: ``shortfall`` says which quota is exceeded.

    Examples
    --------
    >>> loads = pl.DataFrame({"cell": ["a"], "bytes_in_per_s": 50e6, "bytes_out_per_s": 1e8, "size_bytes": 12e12,
    ...     "partitions": 3000})
    >>> cell_sizes(loads, profile="kafka.m7g.large").select("brokers", "feasible").row(0)
    (9, True)
    """
    rows = to_polars(loads)
    if any(name not in rows.columns for name in NEEDED):
        return pl.DataFrame(schema=SIZES)
    catalogue = catalogue or read_catalogue()
    sizes = [
        {"cell": row["cell"], **_sized(row, _type_of(profile, row["cell"]), peak_ratio, catalogue)}
        for row in rows.drop_nulls(NEEDED).iter_rows(named=True)
        if row["bytes_in_per_s"] > 0
    ]
    return pl.DataFrame(sizes, schema=SIZES)


def _sized(
    row: Mapping[str, float], broker_type: str | None, peak_ratio: float, catalogue: Catalogue
) -> dict[str, object]:
    hours = row["size_bytes"] / _COPIES / row["bytes_in_per_s"] / 3600
    workload = Workload(
        bytes_in_per_s_avg=row["bytes_in_per_s"],
        bytes_in_per_s_peak=row["bytes_in_per_s"] * peak_ratio,
        bytes_out_per_s_avg=row["bytes_out_per_s"],
        bytes_out_per_s_peak=row["bytes_out_per_s"] * peak_ratio,
        partitions=max(math.ceil(row["partitions"]), 1),
        retention_hours=max(hours, _LEAST_HOURS),
    )
    options = size_cluster(workload, catalogue=catalogue, model="S2")
    if broker_type is not None:
        options = options.filter(broker_type=broker_type)
    ranked = rank_options(options)
    if ranked.is_empty():
        near = (
            options.filter(pl.col("brokers").is_not_null()).sort("headroom_brokers", descending=True).head(1)
        )
        return near.select(
            "broker_type", "brokers", "feasible", "binding_constraint", "monthly_usd", "shortfall"
        ).row(0, named=True)
    near = ranked.filter(pl.col("total_usd") <= _AS_CHEAP * pl.col("total_usd").min())
    best = near.sort("brokers", "total_usd", "broker_type").row(0, named=True)
    kept = ("broker_type", "brokers", "feasible", "binding_constraint", "shortfall")
    return {name: best[name] for name in kept} | {"monthly_usd": best["total_usd"]}


def profile_limits(
    profile: str | Mapping[str, str],
    cells: Sequence[str],
    *,
    max_brokers: int | None = None,
    peak_ratio: float = 1.0,
    fanout: float = 1.0,
    catalogue: Catalogue | None = None,
) -> dict[str, list[float]]:
    """Return what each cell may carry when it has brokers of a type, as many as are allowed.

    Parameters
    ----------
    max_brokers
        In a cell; None: the quota of a cluster.
    fanout
        Bytes out ÷ bytes in, which Standard brokers' ingress depends on.

    Returns
    -------
    dict
        For each resource an amount per cell: mean bytes in and, with Express brokers, out (B/s), bytes stored (all
        replicas; Standard brokers' volumes half full), partitions (the recommended number). Infinite: no limit.

    Raises
    ------
    InputError
        The catalogue has no such broker type, or nothing is published about it.

    Examples
    --------
    >>> found = profile_limits("express.m7g.large", ["cell-1"], max_brokers=3)
    >>> found["partitions"], round(found["bytes_in_per_s"][0] / 1e6, 1)
    ([3000.0], 36.8)
    """
    catalogue = catalogue or read_catalogue()
    quota = int(quota_of(catalogue, "brokers_per_cluster_kraft"))
    brokers = min(max_brokers or quota, quota)
    limits: dict[str, list[float]] = {name: [] for name in NEEDED}
    for cell in cells:
        for name, amount in _limits_of(
            _type_of(profile, cell), brokers, peak_ratio, fanout, catalogue
        ).items():
            limits[name].append(amount)
    return limits


def _limits_of(
    broker_type: str | None, brokers: int, peak_ratio: float, fanout: float, catalogue: Catalogue
) -> dict[str, float]:
    """Find by size_cluster's own figures what so many brokers carry: a probe's headroom tells each limit."""
    probe = Workload(
        bytes_in_per_s_avg=_MIB, bytes_in_per_s_peak=_MIB, bytes_out_per_s_avg=fanout * _MIB,
        bytes_out_per_s_peak=fanout * _MIB, partitions=1, retention_hours=1,
    )  # fmt: skip
    rows = size_cluster(probe, catalogue=catalogue, model="S2")
    if broker_type not in rows["broker_type"].to_list():
        what = "broker type in profile"
        raise InputError.unknown(what, str(broker_type), rows["broker_type"].to_list())
    row = rows.filter(broker_type=broker_type).row(0, named=True)
    if row["brokers"] is None:
        message = f"profile {broker_type!r} has no published throughput per broker; give limits, or another broker type"
        raise InputError(message)
    return {
        "bytes_in_per_s": _capacity(row, "ingress", _MIB, brokers) / peak_ratio,
        "bytes_out_per_s": _capacity(row, "egress", fanout * _MIB, brokers) / peak_ratio,
        "size_bytes": _storage(row, brokers, catalogue),
        "partitions": _capacity(row, "partitions", 1, brokers),
    }


def _capacity(row: Mapping[str, object], name: str, used: float, brokers: int) -> float:
    left = row[f"headroom_{name}"]
    if left is None or not used:
        return math.inf
    return float(round(used / (1 - left) / row["brokers"] * brokers, 6))


def _storage(row: Mapping[str, object], brokers: int, catalogue: Catalogue) -> float:
    kinds = catalogue.brokers.filter(pl.col("broker_type") == row["broker_type"])
    largest = kinds["max_storage_gib"][0]
    if row["family"] != "standard" or largest is None:
        return math.inf
    return brokers * largest * _GIB * _STORAGE_SHARE


def _type_of(profile: str | Mapping[str, str] | None, cell: str) -> str | None:
    if not isinstance(profile, Mapping):
        return profile
    if cell not in profile:
        raise InputError(f"profile names no broker type for {cell!r}; give one for each cell, or one for all")
    return profile[cell]


def accounts_needed(sizes: pl.DataFrame, *, catalogue: Catalogue | None = None) -> int | None:
    """Return into how many accounts the cells' brokers go by quota, largest cell first; null: sizes are not known.

    Examples
    --------
    >>> accounts_needed(pl.DataFrame({"brokers": [60, 60, 30]}))
    2
    """
    if sizes.is_empty() or sizes["brokers"].null_count():
        return None
    quota = int(quota_of(catalogue or read_catalogue(), "brokers_per_account"))
    free: list[int] = []
    for brokers in sizes["brokers"].sort(descending=True):
        fits = next((number for number, left in enumerate(free) if left >= brokers), None)
        if fits is None:
            free.append(quota)
            fits = len(free) - 1
        free[fits] -= brokers
    return len(free)
