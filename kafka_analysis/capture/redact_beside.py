"""Redact the files beside a capture with it: the same pseudonyms, and each name's owner in place of patterns."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import polars as pl

from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.cells import cells_of, waves_of
from kafka_analysis.capture.ownership import FLOWS, OWNERSHIP, file_beside, flows_of, ownership_of
from kafka_analysis.capture.pseudonyms import Pseudonyms
from kafka_analysis.capture.redact_rows import Rules, redact_rows
from kafka_analysis.model.errors import CaptureExistsError
from kafka_analysis.model.owners import OWNER_COLUMNS, exact_pattern, first_owners
from kafka_analysis.model.places import PRIVATE_FILE
from kafka_analysis.model.whole_files import write_atomically

_READERS = {"ownership": ownership_of, "flows": flows_of, "cells": cells_of, "waves": waves_of}
_GROUPS = ("groups", "group_members", "group_offsets")


def read_beside(capture: str | Path) -> dict[str, pl.DataFrame]:
    """Read the files that lie beside a capture, by what they say: ownership, flows, cells, waves.

    Raises
    ------
    InputError
        When one of them is not what it should be.

    Examples
    --------
    >>> read_beside("no/such/capture")
    {}
    """
    return {what: read(capture) for what, read in _READERS.items() if file_beside(capture, what).exists()}


def files_beside(capture: str | Path) -> list[Path]:
    """Return the paths of the files that may lie beside a capture and are redacted with it.

    Examples
    --------
    >>> [path.name for path in files_beside("data/sample")]
    ['sample.ownership.csv', 'sample.flows.csv', 'sample.cells.csv', 'sample.waves.csv']
    """
    return [file_beside(capture, what) for what in _READERS]


def refuse_beside(out: str | Path) -> None:
    """Refuse a place beside which such a file lies already: it would be taken for one of the redacted capture.

    Raises
    ------
    CaptureExistsError
        When there is one.

    Examples
    --------
    >>> refuse_beside("no/such/folder")
    """
    for file in files_beside(out):
        if file.exists():
            raise CaptureExistsError(
                f"{file} exists and would be taken for part of {out}; choose another folder or remove it"
            )


def redact_beside(
    beside: Mapping[str, pl.DataFrame], capture: Capture, names: Pseudonyms
) -> dict[str, pl.DataFrame]:
    """Redact what was read beside a capture.

    Parameters
    ----------
    beside
        Result of :func:`read_beside`.
    capture
        The capture, not yet redacted: it knows the names that the patterns of owners speak of.
    names
        The pseudonyms of the capture.

    Returns
    -------
    dict
        The same files. Their rows are in the order of the pseudonyms, for that of the names would tell of them.

    Examples
    --------
    >>> redact_beside({}, None, Pseudonyms(b"0123456789abcdef"))
    {}
    """
    redacted = {}
    if "ownership" in beside:
        declared = beside.get("flows", pl.DataFrame(schema=FLOWS))
        redacted["ownership"] = redact_ownership(beside["ownership"], _named(capture, declared), names)
    if "flows" in beside:
        flows = redact_rows(beside["flows"], _flow_rules(names), names)
        redacted["flows"] = flows.sort("client", "kind", "topic")
    for what in [name for name in ("cells", "waves") if name in beside]:
        clusters = {cluster.cluster for cluster in capture.clusters}
        redacted[what] = _redact_cells(beside[what], clusters, names)
    return redacted


def redact_ownership(
    ownership: pl.DataFrame, named: Mapping[str, pl.Series], names: Pseudonyms
) -> pl.DataFrame:
    """Give each name, by its pseudonym, the owner that the first pattern that matches it names.

    Parameters
    ----------
    ownership
        As ``capture.ownership.read_ownership`` reads it.
    named
        The names by their kind: topic, producer, group. An empty one is passed over: no line of the file could hold it.

    Returns
    -------
    polars.DataFrame
        The columns of ``ownership``; no pattern of it matches more than one name, and what nobody owns has no row.

    Examples
    --------
    >>> ownership = pl.DataFrame({"pattern": ["orders.*"], "kind": "topic", "team": "orders", "criticality": "high",
    ...     "application": [None]}, schema=OWNERSHIP)
    >>> topics = pl.Series(["orders.new", "clicks"])
    >>> redact_ownership(ownership, {"topic": topics}, Pseudonyms(b"0123456789abcdef")).rows()
    [('topic-...', 'topic', 'team-...', 'high', None)]
    """
    kinds = [
        first_owners(texts, ownership, kind=kind).select(
            pl.col("name").alias("pattern"), pl.lit(kind).alias("kind"), *OWNER_COLUMNS
        )
        for kind, texts in named.items()
    ]
    rows = pl.concat([pl.DataFrame(schema=OWNERSHIP), *kinds])
    redacted = redact_rows(rows, _owner_rules(names) | {("pattern", "kind"): partial(_exact, names)}, names)
    return (
        redacted.filter(pl.col("pattern") != "")
        .unique(["pattern", "kind"], keep="first")
        .sort("kind", "pattern")
    )


def _exact(names: Pseudonyms, name: str, kind: str) -> str:
    """Return the pattern of one pseudonym: that of a group may end with the ``*`` of its name."""
    return exact_pattern(names.topic(name) if kind == "topic" else names.client(name, kind))


def _named(capture: Capture, declared: pl.DataFrame) -> dict[str, pl.Series]:
    """Return the names that somebody may own: of topics, of groups, and of producers as far as anything tells them."""
    flows = pl.concat(frame.select("client", "kind") for frame in (declared, capture.table("flows")))
    groups = [capture.table(name)["group"] for name in _GROUPS]
    entitled = capture.table("acls")["principal"]
    return {
        "topic": capture.known_topics()["topic"],
        "group": pl.concat([flows.filter(kind="group")["client"], *groups]),
        "producer": pl.concat([flows.filter(kind="producer")["client"], entitled]),
    }


def _owner_rules(names: Pseudonyms) -> Rules:
    return {
        ("team",): partial(names.of, "team"),
        ("application",): partial(names.of, "application"),
        ("criticality",): str,
        ("kind",): str,
    }


def _flow_rules(names: Pseudonyms) -> Rules:
    return _owner_rules(names) | {
        ("client", "kind"): names.client,
        ("topic",): names.topic,
        ("transactional_id",): partial(names.of, "transaction"),
        ("evidence",): str,
    }


def _redact_cells(cells: pl.DataFrame, clusters: set[str], names: Pseudonyms) -> pl.DataFrame:
    def place(cell: str) -> str:
        return names.cluster(cell) if cell in clusters else names.of("cell", cell)

    rules = {("topic",): names.topic, ("cell",): place}
    return redact_rows(cells, rules, names).sort("topic", maintain_order=True)


@contextmanager
def written_beside(out: str | Path, tables: Mapping[str, pl.DataFrame]) -> Iterator[None]:
    """Write tables as the files beside a capture; when that or what follows fails, none of them is left.

    Examples
    --------
    >>> with written_beside("no/such/capture", {}):
    ...     pass
    """
    files = {file_beside(out, what): table for what, table in tables.items()}
    try:
        for file, table in files.items():
            write_atomically(file, table.write_csv(), mode=PRIVATE_FILE)
        yield
    except BaseException:
        for file in files:
            with suppress(OSError):  # the error on its way out says more
                file.unlink()
        raise
