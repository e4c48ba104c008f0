"""Which families of topics a plan keeps whole."""

from collections.abc import Collection

import polars as pl

ONE_CLUSTER = ("streams", "connect", "transaction")  # kinds that only work within one cluster
ONE_CELL = (*ONE_CLUSTER, "mirror", "schema", "acl")  # kinds that a split must not part


def whole_families(
    families: pl.DataFrame, topics: pl.DataFrame, *, kinds: Collection[str]
) -> list[tuple[str, ...]]:
    """Return the sets of two topics or more that stay together, each in order.

    Parameters
    ----------
    families
        Result of ``stats.internal_families`` for one cluster: ``family``, ``kind``, ``topic``.
    topics
        ``topic``: those that are planned; others of a family are passed over.
    kinds
        Which kinds of families count: :data:`ONE_CELL` or :data:`ONE_CLUSTER`.

    Examples
    --------
    >>> rows = pl.DataFrame({"family": "streams:a", "kind": "streams", "topic": ["y", "x", "gone"]})
    >>> whole_families(rows, pl.DataFrame({"topic": ["x", "y"]}), kinds=ONE_CELL)
    [('x', 'y')]
    """
    kept = families.filter(pl.col("kind").is_in(list(kinds))).join(topics, on="topic", how="semi")
    sets = kept.group_by("family", maintain_order=True).agg(pl.col("topic").unique().sort())["topic"]
    return [tuple(names) for names in sets if len(names) > 1]
