"""Match names with the lists of patterns that MirrorMaker 2 takes, such as ``topics.exclude``."""

from collections.abc import Iterable

import polars as pl
from polars.exceptions import ComputeError

# Apache Kafka, DefaultTopicFilter and DefaultGroupFilter.
TOPICS_EXCLUDE = r"mm2.*\.internal,.*[\-\.]internal,.*\.replica,__.*"
GROUPS_EXCLUDE = r"console-consumer-.*,connect-.*,__.*"
ALL = ".*"


def matching(names: Iterable[str], patterns: str) -> frozenset[str] | None:
    """Return the names that one of the patterns matches as a whole; None where a pattern cannot be read.

    Patterns are those of a user: they are matched in linear time, by an engine that lacks a few of Java's.

    Examples
    --------
    >>> sorted(matching(["orders", "orders-dlq", "clicks"], "orders.*, audit"))
    ['orders', 'orders-dlq']
    >>> matching(["orders"], "(?=x)orders")
    """
    given = [pattern.strip() for pattern in patterns.split(",") if pattern.strip()]
    if not given:
        return frozenset()
    rows = pl.DataFrame({"name": list(names)}, schema={"name": pl.String})
    one_of = "|".join(f"(?:{pattern})" for pattern in given)
    try:
        found = rows.filter(pl.col("name").str.contains(f"(?s)^(?:{one_of})$"))
    except ComputeError:
        return None
    return frozenset(found["name"])
