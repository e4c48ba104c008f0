"""What a cluster costs a month, item by item, as AWS's sizing script reckons (S2)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.catalogue import Catalogue, price_of, read_catalogue
from kafka_analysis.plan.sizing.workload import Demand, Workload, demand_of

CROSS_AZ_SHARE = 2 / 3  # S2: of what producers send, so much goes to a leader in another of three AZs
COSTS = {
    "item": pl.String, "quantity": pl.Float64, "unit": pl.String, "usd_per_unit": pl.Float64, "monthly_usd": pl.Float64,
    "billed": pl.Boolean,
}  # fmt: skip


class Item(NamedTuple):
    """A line of a bill; ``billed``: whether it is in the sum, as in S2."""

    item: str
    quantity: float
    unit: str
    usd_per_unit: float
    billed: bool = True

    @property
    def usd(self) -> float:
        """Return what the line costs."""
        return self.quantity * self.usd_per_unit


def cost_items(
    workload: Workload,
    *,
    broker_type: str,
    brokers: int | None = None,
    catalogue: Catalogue | None = None,
    provisioned_throughput: bool = True,
) -> pl.DataFrame:
    """List what a cluster costs a month.

    Parameters
    ----------
    workload
        What it carries; averages are billed, peaks are not.
    broker_type
        Such as ``"kafka.m7g.large"``, ``"express.m7g.large"`` or ``"serverless"``.
    brokers
        How many; None for ``serverless`` only.
    catalogue
        Prices; None = the package's.
    provisioned_throughput
        Whether volumes of broker types that can have it get provisioned throughput.

    Returns
    -------
    polars.DataFrame
        ``item``, ``quantity`` of ``unit`` a month, ``usd_per_unit``, ``monthly_usd``, ``billed``. The cluster's cost is
        the sum of the billed items. Provisioned throughput is not among them, because the script leaves it out: add it.

    Raises
    ------
    InputError
        The type is unknown, has no price, or the number of brokers is missing.

    Notes
    -----
    S2: Standard = brokers · $/h · 730 + EBS GiB · .10 + tiered GiB · .023 + ingress GiB a month · (2/3) · .02;
    Express = brokers · $/h · 730 + kept GiB, one copy, · .10 + ingress · .01 + ingress · (2/3) · .02. As in the script,
    a GiB is billed as a GB.

    Examples
    --------
    >>> one = Workload(bytes_in_per_s_avg=100 * 2**20, bytes_in_per_s_peak=500 * 2**20, partitions=1000,
    ...     bytes_out_per_s_avg=200 * 2**20, bytes_out_per_s_peak=1000 * 2**20, retention_hours=720,
    ...     primary_retention_hours=24)
    >>> costs = cost_items(one, broker_type="kafka.m5.large", brokers=108)
    >>> round(costs.filter("billed")["monthly_usd"].sum(), 2)
    30668.59
    """
    catalogue = catalogue or read_catalogue()
    matching = catalogue.brokers.filter(pl.col("broker_type") == broker_type)
    if matching.is_empty():
        raise InputError.unknown("broker type", broker_type, catalogue.brokers["broker_type"])
    row = matching.row(0, named=True)
    if row["family"] != "serverless" and (brokers is None or brokers < 1):
        raise InputError(f"brokers is {brokers!r}; give the number of {broker_type} brokers, 1 or more")
    if row["family"] != "serverless" and row["usd_per_h"] is None:
        raise InputError(f"the price of {broker_type} is unknown; give usd_per_h in a catalogue of your own")
    items = items_of(row, demand_of(workload), brokers=brokers or 0, catalogue=catalogue,
                     provisioned_throughput=provisioned_throughput)  # fmt: skip
    rows = [(*item[:4], item.usd, item.billed) for item in items]
    return pl.DataFrame(rows, schema=COSTS, orient="row")


def items_of(
    row: Mapping[str, Any],
    demand: Demand,
    *,
    brokers: int,
    catalogue: Catalogue,
    provisioned_throughput: bool,
) -> list[Item]:
    """List the items of one broker type's bill, from a demand that is worked out already."""
    price = dict(catalogue.prices.select("item", "usd").iter_rows())
    missing = [name for name in ("hours_per_month", "cross_az") if name not in price]
    if missing:
        price_of(catalogue, missing[0])
    hours, month = price["hours_per_month"], demand.in_avg * 3600 * price["hours_per_month"] / 1024
    crossing = Item("data between AZs", month * CROSS_AZ_SHARE, "GiB", price["cross_az"])
    if row["family"] == "serverless":
        return list(_serverless(demand, price, month))
    made = Item("brokers", brokers * hours, "broker-hours", row["usd_per_h"])
    if row["family"] == "express":
        kept = Item("storage", demand.kept_gib, "GiB, one copy", price["express_storage"])
        return [made, kept, Item("data in", month, "GiB", price["express_data_in"]), crossing]
    items = [made, Item("storage", demand.ebs_gib, "GiB of EBS", price["ebs_storage"])]
    if demand.tiered:
        items.append(Item("tiered storage", demand.tiered_gib, "GiB", price["tiered_storage"]))
    items.append(crossing)
    if provisioned_throughput and (more := row["provisioned_mib_per_s"]):
        usd = price["provisioned_throughput"]
        items.append(Item("provisioned throughput", brokers * more, "MiB/s", usd, billed=False))
    return items


def monthly_bill(items: Sequence[Item]) -> dict[str, float | None]:
    """Add up the items of a month.

    Returns
    -------
    dict
        ``monthly_usd``: the billed items; ``provisioned_usd``: the others, which the script leaves out. None where
        there are no such items.

    Examples
    --------
    >>> extra = Item("provisioned throughput", 250.0, "MiB/s", 0.08, billed=False)
    >>> monthly_bill([Item("brokers", 2190.0, "broker-hours", 0.2), extra])
    {'monthly_usd': 438.0, 'provisioned_usd': 20.0}
    """
    return {
        "monthly_usd": sum(item.usd for item in items if item.billed) if items else None,
        "provisioned_usd": sum(item.usd for item in items if not item.billed) or None,
    }


def _serverless(demand: Demand, price: Mapping[str, float], month: float) -> Iterator[Item]:
    hours = price["hours_per_month"]
    partitions = leader_partitions(demand.workload)
    yield Item("cluster", hours, "hours", price["serverless_cluster"])
    yield Item("partitions", partitions * hours, "partition-hours", price["serverless_partition"])
    yield Item("storage", demand.kept_gib, "GiB", price["serverless_storage"])
    yield Item("data in", month, "GiB", price["serverless_data_in"])
    yield Item("data out", demand.out_avg * 3600 * hours / 1024, "GiB", price["serverless_data_out"])


def leader_partitions(workload: Workload) -> int:
    """Return the partitions without their replicas, which is what Serverless counts."""
    return -(-workload.partitions // workload.replication_factor)
