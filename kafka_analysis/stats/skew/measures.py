"""Measures of how unevenly a load lies on brokers, racks or partitions."""

from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind

MEASURES = (
    *("n", "total", "mean", "max", "max_over_mean", "cv", "gini", "top_share", "top"),
    *("net_imbalance", "net_imbalance_share"),
)


_CURVE = dict.fromkeys(("share_of_keys", "share_of_load"), pl.Float64)


def gini(values: Sequence[float]) -> float | None:
    """Compute the Gini coefficient: 0 when all carry the same, (n − 1) / n when one carries everything.

    Parameters
    ----------
    values
        Loads, none negative.

    Returns
    -------
    float or None
        None when there is no value or all are 0: evenness of nothing is not known.

    Notes
    -----
    G = 2·Σ i·x_i / (n·Σ x) − (n + 1) / n with x ascending, i from 1 (Sen, On Economic Inequality, 1973).

    Examples
    --------
    >>> gini([1, 1, 1, 1]), gini([0, 0, 0, 4])
    (0.0, 0.75)
    >>> gini([]) is None
    True
    """
    ordered = sorted(values)
    total, n = sum(ordered), len(ordered)
    if n == 0 or total <= 0:
        return None
    weighted = sum(rank * value for rank, value in enumerate(ordered, start=1))
    return max(2 * weighted / (n * total) - (n + 1) / n, 0.0)


@same_kind
def measure_skew(
    load: Frame, *, resources: Sequence[str], key: str = "broker", by: Sequence[str] = ("cluster",)
) -> Frame:
    """Measure how unevenly each resource lies on the keys (brokers, racks, partitions).

    Parameters
    ----------
    load
        A row per key: ``by`` columns, ``key`` and a column per resource. Keys without load must be there with 0;
        a null is unknown and left out (and ``n`` says how many were counted, 0 when none was).
    resources
        Names of the columns to measure.
    key, by
        What carries the load, and within what it is compared.

    Returns
    -------
    frame of the kind given
        A row per group and resource: ``n``, ``total``, ``mean``, ``max`` in the resource's unit;
        ``max_over_mean`` (1 = even; 1.5 = the fullest carries half more than its share), ``cv`` (standard deviation
        of the population / mean), ``gini``, ``top_share`` (the fullest key's part of the total), ``top`` (its name);
        ``net_imbalance``, in the resource's unit: what lies above the mean, summed over the keys, which is the least
        that must move to make all equal; and its part of the total, ``net_imbalance_share`` (0 = even; half of the
        relative mean deviation, known as the Hoover index). The ratios are null when the total is 0.

    Examples
    --------
    >>> load = pl.DataFrame({"cluster": "c", "broker": [1, 2, 3], "leaders": [6, 3, 3]})
    >>> measure_skew(load, resources=["leaders"]).select("mean", "max_over_mean", "gini", "top_share", "top").row(0)
    (4.0, 1.5, 0.16666666666666674, 0.5, '1')
    >>> measure_skew(load, resources=["leaders"]).select("net_imbalance", "net_imbalance_share").row(0)
    (2.0, 0.16666666666666666)
    """
    long = load.unpivot(
        list(resources), index=[*by, key], variable_name="resource", value_name="value"
    ).with_columns(pl.col("value").cast(pl.Float64))
    value = pl.col("value").drop_nulls()
    n, total, some = value.len(), value.sum(), value.sum() > 0
    above = (value - value.mean()).clip(0.0).sum()
    fullest = (
        pl.col(key).cast(pl.String).sort_by("value", key, descending=[True, False], nulls_last=True).first()
    )
    measured = long.group_by(*by, "resource").agg(
        n=n,
        total=pl.when(n > 0).then(total),
        mean=value.mean(),
        max=value.max(),
        max_over_mean=pl.when(some).then((value.max() / value.mean()).clip(1.0)),
        cv=pl.when(some).then(value.std(ddof=0) / value.mean()),
        gini=_gini_expression(value),
        top_share=pl.when(some).then(value.max() / total),
        top=pl.when(some).then(fullest),
        net_imbalance=pl.when(n > 0).then(above),
        net_imbalance_share=pl.when(some).then(above / total),
    )
    order = pl.DataFrame({"resource": list(resources)}, schema={"resource": pl.String}).with_row_index(
        "_order"
    )
    return measured.join(order, on="resource").sort(*by, "_order").select(*by, "resource", *MEASURES)


def _gini_expression(value: pl.Expr) -> pl.Expr:
    n, total = value.len(), value.sum()
    weighted = (value.sort() * pl.int_range(1, value.len() + 1)).sum()
    return pl.when(total > 0).then((2 * weighted / (n * total) - (n + 1) / n).clip(0.0))


@same_kind
def lorenz(load: Frame, *, resource: str) -> Frame:
    """Compute the Lorenz curve: which share of the load the least loaded share of keys carries.

    Returns
    -------
    frame of the kind given
        ``share_of_keys`` and ``share_of_load`` from (0, 0) to (1, 1); no rows when the total is 0. The further the
        curve sags below the diagonal, the more uneven.

    Examples
    --------
    >>> lorenz(pl.DataFrame({"leaders": [1, 3]}), resource="leaders").rows()
    [(0.0, 0.0), (0.5, 0.25), (1.0, 1.0)]
    """
    values = load[resource].drop_nulls().cast(pl.Float64).sort()
    total = sum(values)
    if total <= 0:
        return pl.DataFrame(schema=_CURVE)
    of_keys = [i / len(values) for i in range(len(values) + 1)]
    of_load = [0.0, *(values / total).cum_sum()[:-1], 1.0]
    return pl.DataFrame({"share_of_keys": of_keys, "share_of_load": of_load})


@same_kind
def lorenz_by_cluster(load: Frame, *, resources: Sequence[str]) -> Frame:
    """Compute the Lorenz curves of several resources, cluster by cluster.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``resource``, ``share_of_keys``, ``share_of_load``.

    Examples
    --------
    >>> load = pl.DataFrame({"cluster": "c", "leaders": [1, 3], "replicas": [2, 2]})
    >>> lorenz_by_cluster(load, resources=["leaders"]).row(1)
    ('c', 'leaders', 0.5, 0.25)
    """
    schema = {"cluster": pl.String, "resource": pl.String, **_CURVE}
    parts = [
        lorenz(part, resource=resource).select(
            pl.lit(cluster).alias("cluster"), pl.lit(resource).alias("resource"), pl.all()
        )
        for (cluster,), part in load.group_by("cluster", maintain_order=True)
        for resource in resources
    ]
    return pl.concat([pl.DataFrame(schema=schema), *parts])
