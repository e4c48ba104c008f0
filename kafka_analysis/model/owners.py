"""Who owns a name: of an ownership file's shell patterns, the first that matches it counts."""

import re
from collections.abc import Callable, Sequence
from fnmatch import translate

import polars as pl

OWNER_COLUMNS = ("team", "criticality", "application")
CLIENT_KINDS = ("producer", "group")
_SPECIAL = re.compile(r"([*?[])")


def first_owners(names: pl.Series, ownership: pl.DataFrame, *, kind: str) -> pl.DataFrame:
    """Return what the first pattern that matches says of each name.

    Parameters
    ----------
    names
        Texts, in any order and number.
    ownership
        ``pattern`` (a shell pattern; upper and lower case differ), ``kind`` (topic, producer, group, or client = both
        kinds of client), ``team``, ``criticality``, ``application``, in order.
    kind
        What the names are: topic, producer or group.

    Returns
    -------
    polars.DataFrame
        ``name``, ``team``, ``criticality``, ``application``: a row for each name that a pattern matches, no name twice.

    Examples
    --------
    >>> ownership = pl.DataFrame({"pattern": ["orders.dlq", "orders.*"], "kind": "topic", "team": ["ops", "orders"],
    ...     "criticality": "high", "application": None})
    >>> first_owners(pl.Series(["clicks", "orders.dlq"]), ownership, kind="topic").rows()
    [('orders.dlq', 'ops', 'high', None)]
    """
    kinds = [kind, "client"] if kind in CLIENT_KINDS else [kind]
    rules = ownership.filter(pl.col("kind").is_in(kinds)).with_row_index("_rule")
    first = first_match(rules["pattern"].to_list())
    texts = names.unique(maintain_order=True).drop_nulls()
    matches = pl.DataFrame(
        {"name": texts, "_rule": [first(text) for text in texts]},
        schema={"name": pl.String, "_rule": pl.UInt32},
    )
    owners = rules.select("_rule", *OWNER_COLUMNS)
    return matches.join(owners, on="_rule", how="inner", maintain_order="left").drop("_rule")


def first_match(patterns: Sequence[str]) -> Callable[[str], int | None]:
    """Return a function that gives the number of the first pattern a name matches.

    Most names of a large file are written out: they are looked up, and only true patterns before them are tried.

    Examples
    --------
    >>> first = first_match(["orders.dlq", "orders.*"])
    >>> first("orders.new"), first("orders.dlq"), first("clicks")
    (1, 0, None)
    """
    plain: dict[str, int] = {}
    wild: list[tuple[int, Callable[[str], object]]] = []
    for number, pattern in enumerate(patterns):
        if _SPECIAL.search(pattern):
            wild.append((number, re.compile(translate(pattern)).match))
        else:
            plain.setdefault(pattern, number)

    def first(name: str) -> int | None:
        exact = plain.get(name)
        of_wild = next((number for number, matches in wild if matches(name)), None)
        return min((n for n in (exact, of_wild) if n is not None), default=None)

    return first


def exact_pattern(name: str) -> str:
    """Return the shell pattern that matches a name and no other.

    Examples
    --------
    >>> exact_pattern("orders.new"), exact_pattern("what?")
    ('orders.new', 'what[?]')
    """
    return _SPECIAL.sub(r"[\1]", name)
