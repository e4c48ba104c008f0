"""Who owns topics and clients: the patterns of an ownership file, joined to their names."""

from typing import Literal

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.owners import CLIENT_KINDS, OWNER_COLUMNS, first_owners

_KINDS = ("topic", "client", *CLIENT_KINDS)


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
    parts = [_owned(placed.filter(kind=each), ownership, name, each) for each in CLIENT_KINDS]
    return pl.concat(parts).sort("_row").drop("_row")


def _owned(frame: pl.DataFrame, ownership: pl.DataFrame, name: str, kind: str) -> pl.DataFrame:
    owners = first_owners(frame[name], ownership, kind=kind).rename({"name": name})
    joined = frame.join(owners, on=name, how="left", suffix="_found", maintain_order="left")
    present = [column for column in OWNER_COLUMNS if column in frame.columns]
    filled = [pl.coalesce(column, f"{column}_found") for column in present]
    return joined.with_columns(filled).drop(f"{column}_found" for column in present)
