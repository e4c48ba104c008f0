"""Say of rights to a prefix which topics they are about: pseudonyms have no prefixes in common."""

from __future__ import annotations

import polars as pl

_WRITES = ("WRITE", "ALL")


def with_topics_of_prefixes(acls: pl.DataFrame, topics: pl.DataFrame) -> pl.DataFrame:
    """Add to rights to write to a prefix one entry for each topic it is about, so that flows read from ACLs stay.

    Parameters
    ----------
    acls
        Rows of the table ``acls``, names not yet redacted.
    topics
        ``cluster``, ``topic``: the topics of the capture.

    Returns
    -------
    polars.DataFrame
        The rows, then those added: LITERAL, and the same but for that. Which topics share a prefix is lost otherwise.

    Examples
    --------
    >>> acls = pl.DataFrame({"cluster": "c", "principal": "User:a", "resource_type": "TOPIC",
    ...     "resource_name": ["orders."], "pattern_type": "PREFIXED", "operation": "WRITE"})
    >>> topics = pl.DataFrame({"cluster": "c", "topic": ["orders.new", "clicks"]})
    >>> with_topics_of_prefixes(acls, topics).select("resource_name", "pattern_type").rows()
    [('orders.', 'PREFIXED'), ('orders.new', 'LITERAL')]
    """
    writes = pl.col("operation").is_in(_WRITES) & (pl.col("resource_type") == "TOPIC")
    prefixed = acls.filter(writes, pl.col("pattern_type") == "PREFIXED")
    names = topics.select("cluster", "topic").unique()
    prefixes = prefixed.select("cluster", "resource_name").unique().join(names, on="cluster")
    about = prefixes.filter(pl.col("topic").str.starts_with(pl.col("resource_name")))
    added = prefixed.join(about, on=["cluster", "resource_name"], maintain_order="left").with_columns(
        resource_name=pl.col("topic"), pattern_type=pl.lit("LITERAL")
    )
    return pl.concat([acls, added.select(acls.columns)])
