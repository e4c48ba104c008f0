"""Rows of a comparison of two ends, and the count of what was compared: one schema for all of them."""

import json
from collections.abc import Collection, Iterable
from typing import Literal, NamedTuple, get_args

import polars as pl

What = Literal[
    "topic", "configuration", "broker configuration", "access control entry", "quota", "user", "schema"
]
Kind = Literal["must fix", "MSK decides", "harmless", "unknown"]
WHATS: tuple[What, ...] = get_args(What)
KINDS: tuple[Kind, ...] = get_args(Kind)
END = ["source", "target"]
PARITY = {
    "source": pl.String, "target": pl.String, "what": pl.String, "topic": pl.String, "remote_topic": pl.String,
    "name": pl.String, "at_source": pl.String, "at_target": pl.String, "kind": pl.String, "why": pl.String,
    "fact_source": pl.String, "entity": pl.String,
}  # fmt: skip
"""``topic`` is the name at the source, ``remote_topic`` that at the target; ``at_source`` and ``at_target`` are values
as text, null where absent; ``entity`` is JSON: what a command must know of the row besides its other columns."""
COMPARED = {
    "source": pl.String,
    "target": pl.String,
    "what": pl.String,
    "compared": pl.Int64,
    "equal": pl.Int64,
}
TABLE_OF: dict[What, str] = {
    "topic": "partitions",
    "configuration": "topic_configs",
    "broker configuration": "broker_configs",
    "access control entry": "acls",
    "quota": "quotas",
    "user": "users",
    "schema": "schemas",
}
"""The table that each is read from: an end of which it was not read with the right to see all is unknown."""
Known = Collection[tuple[str, str]]


class Parity(NamedTuple):
    """What differs between two ends, a row each (``PARITY``), and how many were compared (``COMPARED``).

    An end that was not seen has a row of kind ``unknown``, and nothing of it is compared. ``equal`` is said of what was
    compared, and of nothing else.
    """

    differences: pl.DataFrame
    compared: pl.DataFrame


def joined(parts: Iterable[Parity]) -> Parity:
    """Put several comparisons together, what must be fixed first.

    Examples
    --------
    >>> joined([]).differences.columns == list(PARITY)
    True
    """
    given = [Parity(pl.DataFrame(schema=PARITY), pl.DataFrame(schema=COMPARED)), *parts]
    order = [pl.col("kind").cast(pl.Enum(KINDS)), pl.col("what").cast(pl.Enum(WHATS))]
    rows = pl.concat([part.differences for part in given]).sort(
        *order, *END, "topic", "name", "at_source", "at_target", "entity", nulls_last=False
    )
    counts = pl.concat([part.compared for part in given]).sort(*END, order[1])
    return Parity(rows, counts)


def parity_rows(what: What, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows as those of a comparison; columns that are missing are null.

    Examples
    --------
    >>> parity_rows("topic", pl.DataFrame({"topic": ["t"]})).select("what", "topic", "kind").row(0)
    ('topic', 't', None)
    """
    named = rows.with_columns(what=pl.lit(what, pl.String))
    return named.select(
        (pl.col(name) if name in named.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in PARITY.items()
    )


def counted(what: What, counts: pl.DataFrame) -> pl.DataFrame:
    """Return counts as those of a comparison: ``source``, ``target``, ``compared``, ``equal`` are given.

    Examples
    --------
    >>> given = pl.DataFrame({"source": ["a"], "target": ["b"], "compared": [3], "equal": [2]})
    >>> counted("quota", given).row(0)
    ('a', 'b', 'quota', 3, 2)
    """
    named = counts.with_columns(what=pl.lit(what, pl.String))
    return named.select(pl.col(name).cast(dtype) for name, dtype in COMPARED.items())


def with_equal(compared: pl.DataFrame, differing: pl.DataFrame) -> pl.DataFrame:
    """Return ``source``, ``target``, ``compared`` and ``equal``: how many rows, and how many that do not differ.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": "a", "target": "b", "name": ["x", "y"]})
    >>> with_equal(rows, rows[:1]).row(0)
    ('a', 'b', 2, 1)
    """
    counts = compared.group_by(END).agg(compared=pl.len().cast(pl.Int64))
    lost = differing.group_by(END).agg(differ=pl.len().cast(pl.Int64))
    equal = pl.col("compared") - pl.col("differ").fill_null(0)
    return counts.join(lost, on=END, how="left").select(*END, "compared", equal=equal).sort(END)


def count_rows(what: What, counts: Iterable[tuple[str, str, int, int]]) -> pl.DataFrame:
    """Return counts as those of a comparison, from rows of ``source``, ``target``, ``compared`` and ``equal``.

    Examples
    --------
    >>> count_rows("quota", [("a", "b", 3, 2)]).row(0)
    ('a', 'b', 'quota', 3, 2)
    """
    schema = {name: dtype for name, dtype in COMPARED.items() if name != "what"}
    return counted(what, pl.DataFrame(list(counts), schema=schema, orient="row"))


def entity(**known: object) -> str:
    """Return what a command must know of a row, as JSON.

    Examples
    --------
    >>> entity(user="a", client_id=None)
    '{"user": "a", "client_id": null}'
    """
    return json.dumps(known, ensure_ascii=False)


def ends_of(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of clusters among pairs of topics: ``source``, ``target``, each once.

    Examples
    --------
    >>> ends_of(pl.DataFrame({"source": ["a", "a"], "target": ["b", "b"], "topic": ["t", "u"]})).rows()
    [('a', 'b')]
    """
    return pairs.select(END).drop_nulls().unique().sort(END)


def split_by_sight(what: What, ends: pl.DataFrame, known: Known) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split pairs of clusters into those seen at both ends, and a row ``unknown`` for each of the others.

    Parameters
    ----------
    ends
        Result of :func:`ends_of`.
    known
        Pairs of a cluster and a table that was read with the right to see all.

    Examples
    --------
    >>> pair = pl.DataFrame({"source": ["a"], "target": ["b"]})
    >>> seen, unknown = split_by_sight("quota", pair, {("a", "quotas")})
    >>> len(seen), unknown.select("kind", "why").row(0)
    (0, ('unknown', 'Quotas of b were not read with the right to see all: what is absent there is unknown, not none.'))
    """
    table = TABLE_OF[what]
    unseen = [
        (source, target, [end for end in (source, target) if (end, table) not in known])
        for source, target in ends.iter_rows()
    ]
    seen = [(source, target) for source, target, where in unseen if not where]
    pairs = pl.DataFrame(seen, schema=dict.fromkeys(END, pl.String), orient="row")
    said = [(source, target, unseen_sentence(what, where)) for source, target, where in unseen if where]
    return pairs, unknown_rows(what, said)


def unknown_rows(what: What, said: Iterable[tuple[str, str, str]]) -> pl.DataFrame:
    """Return rows of kind ``unknown``: ``source``, ``target`` and why, of each.

    Examples
    --------
    >>> unknown_rows("user", [("a", "b", "Not read.")]).select("kind", "why", "fact_source").row(0)
    ('unknown', 'Not read.', 'the capture')
    """
    schema = dict.fromkeys([*END, "why"], pl.String)
    rows = pl.DataFrame(list(said), schema=schema, orient="row")
    return parity_rows(what, rows.with_columns(kind=pl.lit("unknown"), fact_source=pl.lit("the capture")))


_WORDS: dict[What, str] = {
    "topic": "Topics",
    "configuration": "Configurations of topics",
    "broker configuration": "Configurations of brokers",
    "access control entry": "Access control entries",
    "quota": "Quotas",
    "user": "SCRAM users",
    "schema": "Schemas",
}


def unseen_sentence(what: What, where: Iterable[str]) -> str:
    """Say which clusters were not seen.

    Examples
    --------
    >>> unseen_sentence("user", ["b"])
    'SCRAM users of b were not read with the right to see all: what is absent there is unknown, not none.'
    """
    return (
        f"{_WORDS[what]} of {' and '.join(dict.fromkeys(where))} were not read with the right to see all: "
        "what is absent there is unknown, not none."
    )
