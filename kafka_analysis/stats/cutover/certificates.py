"""Whether certificates of brokers and clients are good for the time of the move."""

from collections.abc import Collection
from datetime import datetime

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import format_duration
from kafka_analysis.stats.cutover.rows import check_rows


def certificate_checks(
    certificates: Frame, *, clusters: Collection[str], known: Collection[str], now: datetime, margin_s: float
) -> pl.DataFrame:
    """Say of each certificate whether it does, and for how long.

    Parameters
    ----------
    certificates
        The capture's ``certificates``.
    clusters
        Clusters of the move; the others are not looked at.
    known
        Clusters that were looked at, be it that they show no certificate: of the others it is unknown.
    now
        When the check was made.
    margin_s
        A certificate that ends sooner than this many seconds after ``now`` does not do.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``certificates``; ``target``: the cluster, ``name``: the address or file; ``value``: seconds
        left. Clusters that are reached without TLS have no row.

    Examples
    --------
    >>> from datetime import UTC
    >>> rows = pl.DataFrame({"cluster": "b", "address": "h:9", "kind": ["broker"], "problem": [None],
    ...     "valid_until": [datetime(2026, 1, 2, tzinfo=UTC)]})
    >>> made = {"clusters": ["b"], "known": ["b"], "now": datetime(2026, 1, 1, 23, tzinfo=UTC)}
    >>> certificate_checks(rows, **made, margin_s=7200).select("state", "finding", "value").row(0)
    ('blocks', 'a certificate expires', 3600.0)
    """
    rows = to_polars(certificates).filter(pl.col("cluster").is_in(list(clusters)))
    left = (pl.col("valid_until") - now).dt.total_milliseconds() / 1000
    words = left.map_elements(format_duration, return_dtype=pl.String)
    is_wrong, ends = pl.col("problem").is_not_null(), left < margin_s
    judged = rows.with_columns(
        target="cluster",
        name="address",
        state=pl.when(left.is_null())
        .then(pl.lit("unknown"))
        .when(is_wrong | ends)
        .then(pl.lit("blocks"))
        .otherwise(pl.lit("ok")),
        finding=pl.when(left.is_null())
        .then(pl.lit("certificate unknown"))
        .when(left < 0)
        .then(pl.lit("a certificate has expired"))
        .when(ends)
        .then(pl.lit("a certificate expires"))
        .when(is_wrong)
        .then(pl.lit("a certificate is not valid")),
        detail=pl.when(is_wrong)
        .then(pl.format("{}: {}", "kind", "problem"))
        .when(left.is_null())
        .then(pl.format("{}: its expiry date was not seen", "kind"))
        .when(left < 0)
        .then(pl.format("{}: it expired at {}", "kind", "valid_until"))
        .otherwise(pl.format("{}: it is valid for another {}", "kind", words)),
        value=left,
        limit=pl.lit(margin_s, pl.Float64),
    )
    silent = pl.DataFrame({"target": sorted(set(clusters) - set(known) - set(rows["cluster"]))})
    return pl.concat(
        [
            check_rows("certificates", judged.sort("cluster", "kind", "address"), unit="s"),
            check_rows(
                "certificates",
                silent.select(pl.col("target").cast(pl.String)),
                state="unknown",
                finding="certificate unknown",
                detail="the certificates of its brokers were not checked",
            ),
        ]
    )
