"""Who owns topics and clients: the patterns of an ownership file, joined to their names."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate
from typing import Literal

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, same_kind

OWNER_COLUMNS = ("team", "criticality", "application")
_CLIENTS = ("producer", "group")
_KINDS = ("topic", "client", *_CLIENTS)


@same_kind
def with_owners(
    frame: Frame, ownership: Frame, *, name: str, kind: Literal["topic", "producer", "group", "client"]
) -> Frame:
    """Add team, criticality and application to topics or clients, by the first pattern that matches the name.

    Parameters
    ----------
    frame
        Anything with a column of names. What it knows of owners already stays; only nulls are filled.
    ownership
        ``pattern`` (a shell pattern; upper and lower case differ), ``kind`` (topic, producer, group, or client = both
        kinds of client), ``team``, ``criticality``, ``application``, in order: the first match counts.
    name
        The column of names, such as ``topic`` or ``client``.
    kind
        What the names are. ``client``: each row says it in its column ``kind`` (producer or group).

    Returns
    -------
    frame of the kind given
        ``frame`` with ``team``, ``criticality``, ``application``; null where no pattern matches.

    Raises
    ------
    InputError
        When ``kind`` is none of these.

    Examples
    --------
    >>> ownership = pl.DataFrame({"pattern": ["orders.dlq", "orders.*"], "kind": "topic", "team": ["ops", "orders"],
    ...     "criticality": "high", "application": None})
    >>> topics = pl.DataFrame({"topic": ["orders.new", "orders.dlq", "clicks"]})
    >>> with_owners(topics, ownership, name="topic", kind="topic")["team"].to_list()
    ['orders', 'ops', None]
    """
    if kind not in _KINDS:
        raise InputError.unknown("kind of owned things", kind, _KINDS)
    if kind != "client":
        return _owned(frame, ownership, name, kind)
    placed = frame.with_row_index("_row")
    parts = [_owned(placed.filter(pl.col("kind") == each), ownership, name, each) for each in _CLIENTS]
    return pl.concat(parts).sort("_row").drop("_row")


def _owned(frame: pl.DataFrame, ownership: pl.DataFrame, name: str, kind: str) -> pl.DataFrame:
    kinds = [kind, "client"] if kind in _CLIENTS else [kind]
    rules = ownership.filter(pl.col("kind").is_in(kinds)).with_row_index("_rule")
    first = _first_match(rules["pattern"].to_list())
    names = frame[name].unique().drop_nulls()
    found = pl.DataFrame(
        {name: names, "_rule": [first(text) for text in names]}, schema={name: pl.String, "_rule": pl.UInt32}
    )
    owners = found.join(rules.select("_rule", *OWNER_COLUMNS), on="_rule", how="left").drop("_rule")
    joined = frame.join(owners, on=name, how="left", suffix="_found", maintain_order="left")
    known = [column for column in OWNER_COLUMNS if column in frame.columns]
    filled = [pl.coalesce(column, f"{column}_found") for column in known]
    return joined.with_columns(filled).drop(f"{column}_found" for column in known)


def _first_match(patterns: list[str]) -> Callable[[str], int | None]:
    """Return a function that gives the number of the first pattern a name matches.

    Most names of a large file are written out: they are looked up, and only true patterns before them are tried.
    """
    plain: dict[str, int] = {}
    wild: list[tuple[int, Callable[[str], object]]] = []
    for number, pattern in enumerate(patterns):
        if re.search(r"[*?[]", pattern):
            wild.append((number, re.compile(translate(pattern)).match))
        else:
            plain.setdefault(pattern, number)

    def first(name: str) -> int | None:
        exact = plain.get(name)
        of_wild = next((number for number, matches in wild if matches(name)), None)
        return min((n for n in (exact, of_wild) if n is not None), default=None)

    return first
