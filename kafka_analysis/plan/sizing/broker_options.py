"""Size a cluster: how many brokers of each type carry a workload, whether quotas allow it, and what it costs."""

from collections.abc import Mapping
from typing import Any, Literal

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.catalogue import Catalogue, quota_of, read_catalogue
from kafka_analysis.plan.sizing.broker_count import Setting, brokers_for, headroom, limits_of, needs_of
from kafka_analysis.plan.sizing.costs import items_of, monthly_bill
from kafka_analysis.plan.sizing.shortfall import serverless_option, shortfall_of
from kafka_analysis.plan.sizing.workload import Demand, Workload, demand_of

MODELS = ("S1", "S2")
HEADROOM = ("ingress", "egress", "partitions", "storage", "connections", "brokers")
OPTIONS: dict[str, pl.DataType] = {
    "model": pl.String(), "broker_type": pl.String(), "family": pl.String(), "brokers": pl.Int64(),
    "feasible": pl.Boolean(), "binding_constraint": pl.String(), "monthly_usd": pl.Float64(),
    **{f"headroom_{name}": pl.Float64() for name in HEADROOM},
    "throughput_limit": pl.String(), "storage_gib_per_broker": pl.Float64(), "provisioned_usd": pl.Float64(),
    "brokers_script_egress": pl.Int64(), "clusters_by_quota": pl.Int64(), "accounts_by_quota": pl.Int64(),
    "shortfall": pl.String(), "brokers_low": pl.Int64(), "brokers_high": pl.Int64(),
    "monthly_usd_low": pl.Float64(), "monthly_usd_high": pl.Float64(),
    "provisioned_usd_low": pl.Float64(), "provisioned_usd_high": pl.Float64(), "evidence": pl.String(),
}  # fmt: skip


def size_cluster(
    workload: Workload,
    *,
    catalogue: Catalogue | None = None,
    model: Literal["S1", "S2"] | None = None,
    availability_zones: int = 3,
    metadata: Literal["kraft", "zookeeper"] = "kraft",
    authentication: Literal["iam", "scram"] = "iam",
    provisioned_throughput: bool = True,
) -> pl.DataFrame:
    """Size a cluster for a workload with every broker type, by both models.

    Parameters
    ----------
    workload
        What is to be carried and stood.
    catalogue
        Broker types, prices and quotas; None = the package's.
    model
        ``"S1"`` or ``"S2"``; None = both, as checks of each other.
    availability_zones
        Brokers are as many in each; Express brokers need 3.
    metadata
        ``"kraft"`` or ``"zookeeper"``, which have different quotas of brokers.
    authentication
        ``"iam"`` or ``"scram"`` (also mutual TLS): how many connections a broker takes.
    provisioned_throughput
        Whether volumes get provisioned throughput where the type can have it; S2 takes it for granted.

    Returns
    -------
    polars.DataFrame
        A row per model and broker type: ``model``, ``broker_type`` as AWS writes it, ``family`` (standard, express,
        serverless), ``brokers`` (null: the service's business, or throughput not published), ``feasible`` within quotas
        (null: unknown), ``binding_constraint``: what the number of brokers comes from (ingress, egress, partitions,
        storage, connections, or minimum: one in each AZ), ``monthly_usd`` without provisioned throughput,
        ``headroom_*``: share of each limit that is left, 0 to 1, below 0 where it is exceeded, null where there is none
        or nothing is known; ``throughput_limit``: which of disk and network limits the ingress; ``provisioned_usd`` a
        month besides; ``brokers_script_egress``: Express brokers with the script's own cap of egress (2.5 × ingress;
        the published table says 2.0 ×); ``clusters_by_quota``, ``accounts_by_quota``: into how many quotas of brokers
        force it; ``shortfall``: which quota is exceeded, and by how much; ``brokers_low`` … ``provisioned_usd_high``
        for ``traffic_low`` and ``traffic_high``; ``evidence`` of the catalogue's row.

    Raises
    ------
    InputError
        An option is none of those allowed.

    Notes
    -----
    S1: AWS Big Data blog, at 80 %; partitions, storage and connections as in S2. S2: AWS's MSK sizing script. MiB/s as
    there: Express's published MB/s are taken for MiB/s.

    Examples
    --------
    >>> one = Workload(bytes_in_per_s_avg=50 * 2**20, bytes_in_per_s_peak=100 * 2**20, partitions=3000,
    ...     bytes_out_per_s_avg=100 * 2**20, bytes_out_per_s_peak=200 * 2**20, retention_hours=24)
    >>> rows = size_cluster(one, model="S2").filter(broker_type="kafka.m5.large")
    >>> rows.select("brokers", "binding_constraint", pl.col("monthly_usd").round(2)).row(0)
    (21, 'ingress', 7461.49)
    """
    catalogue = catalogue or read_catalogue()
    for name, value, allowed in (
        ("model", model, (None, *MODELS)),
        ("metadata", metadata, ("kraft", "zookeeper")),
        ("authentication", authentication, ("iam", "scram")),
    ):
        if value not in allowed:
            raise InputError.unknown(name, str(value), [word for word in allowed if word])
    if not 2 <= availability_zones <= 6:
        raise InputError(f"availability_zones is {availability_zones}; give 2 to 6")
    setting = Setting(
        availability_zones=availability_zones,
        brokers_per_cluster=int(quota_of(catalogue, f"brokers_per_cluster_{metadata}")),
        brokers_per_account=int(quota_of(catalogue, "brokers_per_account")),
        connections_per_broker=int(quota_of(catalogue, f"connections_per_broker_{authentication}")),
        default_volume_mib_per_s=quota_of(catalogue, "default_volume_throughput"),
        express_partition_mb_per_s=quota_of(catalogue, "express_partition_in"),
        provisioned_throughput=provisioned_throughput,
    )
    demands = [demand_of(workload, factor=f) for f in (1.0, workload.traffic_low, workload.traffic_high)]
    rows = [
        _with_interval(*(_option(row, demand, which, setting, catalogue) for demand in demands))
        for which in MODELS
        if model in (None, which)
        for row in catalogue.brokers.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=OPTIONS)


def _with_interval(point: dict[str, Any], low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    ends = {
        f"{name}_{end}": option[name]
        for end, option in (("low", low), ("high", high))
        for name in ("brokers", "monthly_usd", "provisioned_usd")
    }
    return point | ends


def _option(
    row: Mapping[str, Any], demand: Demand, model: str, setting: Setting, catalogue: Catalogue
) -> dict[str, Any]:
    base = dict.fromkeys(OPTIONS) | {
        name: row[name] for name in ("broker_type", "family", "evidence")
    } | {"model": model}  # fmt: skip
    if row["family"] == "serverless":
        return base | serverless_option(row, demand, catalogue)
    limits = limits_of(row, demand, model=model, setting=setting)
    if limits is None:
        return base | {"shortfall": "its throughput is not published; give it in a catalogue of your own"}
    needs = needs_of(limits, demand, setting)
    brokers, binding = brokers_for(needs, setting)
    items = [] if row["usd_per_h"] is None else items_of(
        row, demand, brokers=brokers, catalogue=catalogue, provisioned_throughput=setting.provisioned_throughput,
    )  # fmt: skip
    short = shortfall_of(row, demand.workload, setting, brokers=brokers)
    script = None
    if limits.egress_script is not None:
        other = needs | {"egress": needs["egress"] * limits.egress / limits.egress_script}
        script, _ = brokers_for(other, setting)
    return base | headroom(row, limits, demand, setting, brokers=brokers, model=model) | {
        "brokers": brokers,
        "feasible": not short,
        "binding_constraint": binding,
        **monthly_bill(items),
        "throughput_limit": limits.throughput,
        "storage_gib_per_broker": None if limits.storage_gib is None else demand.ebs_gib / brokers,
        "brokers_script_egress": script,
        "clusters_by_quota": -(-brokers // setting.brokers_per_cluster),
        "accounts_by_quota": -(-brokers // setting.brokers_per_account),
        "shortfall": short,
    }  # fmt: skip
