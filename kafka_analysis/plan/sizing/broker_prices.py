"""What the brokers of a cluster cost an hour, by list prices."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind, to_polars
from kafka_analysis.model.units import listed
from kafka_analysis.plan.catalogue import Catalogue, read_catalogue

_NAMED = 3


@same_kind
def broker_prices(brokers: Frame, *, catalogue: Catalogue | None = None) -> Frame:
    """Add up the list prices of each cluster's brokers.

    Parameters
    ----------
    brokers
        The capture's ``brokers``: ``cluster``, ``broker``, ``instance_type``; of several snapshots each broker's last
        type that is known counts.
    catalogue
        Prices; None = the package's.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``brokers``, ``usd_per_h`` (null where a price is missing), ``missing``: why it is null.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["a", "a", "b"], "broker": [1, 2, 1],
    ...     "instance_type": ["kafka.m5.large", "kafka.m5.large", None]})
    >>> broker_prices(rows).rows()
    [('a', 2, 0.42, ''), ('b', 1, None, 'its brokers have no instance type, so no price')]
    """
    prices = _prices(read_catalogue() if catalogue is None else catalogue)
    kinds = to_polars(brokers).with_columns(pl.col("instance_type").cast(pl.String))
    if "ts" in kinds.columns:
        kinds = kinds.sort("ts")
    known = kinds.group_by("cluster", "broker").agg(pl.col("instance_type").drop_nulls().last())
    priced = known.join(prices, on="instance_type", how="left").sort("cluster", "broker")
    rows = [
        (cluster, len(own), *_sum(own)) for (cluster,), own in priced.group_by("cluster", maintain_order=True)
    ]
    schema = {"cluster": pl.String, "brokers": pl.Int64, "usd_per_h": pl.Float64, "missing": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _sum(brokers: pl.DataFrame) -> tuple[float | None, str]:
    if brokers["instance_type"].null_count():
        return None, "its brokers have no instance type, so no price"
    unknown = brokers.filter(pl.col("usd_per_h").is_null())["instance_type"].unique().sort().to_list()
    if unknown:
        return None, f"the catalogue has no price of {listed(unknown, _NAMED)}"
    return float(brokers["usd_per_h"].sum()), ""


def _prices(catalogue: Catalogue) -> pl.DataFrame:
    msk = catalogue.brokers.select(
        instance_type="broker_type", usd_per_h=pl.col("usd_per_h").cast(pl.Float64)
    )
    own = catalogue.hosts.select(instance_type="host", usd_per_h=pl.col("usd_per_h").cast(pl.Float64))
    return pl.concat([msk, own]).unique("instance_type", keep="first", maintain_order=True)
