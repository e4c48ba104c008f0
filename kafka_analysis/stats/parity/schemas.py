"""Schemas at both ends, where both have a registry: by subject and fingerprint, since ids do not carry over."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.parity.rows import (
    PARITY,
    Known,
    Parity,
    count_rows,
    ends_of,
    parity_rows,
    split_by_sight,
    unknown_rows,
)

_REGISTRY = "Confluent Schema Registry documentation; AWS Glue developer guide (Schema Registry)"
_WIRE = "Confluent Schema Registry documentation (wire format); AWS Glue developer guide (Schema Registry)"
_MOST_IDS = 5
_ONE_END = "Schemas were read at one end only: whether the others are there is unknown."


def schema_parity(pairs: Frame, *, schemas: Frame, known: Known) -> Parity:
    """Compare the schemas of two registries, where those of both ends were read.

    Parameters
    ----------
    pairs
        ``source``, ``source_topic``, ``target``, ``topic``.
    schemas
        One snapshot of the capture's ``schemas``. Without a row at either end nothing is said.
    known
        Pairs of a cluster and a table that was read with the right to see all.

    Returns
    -------
    Parity
        ``name`` is the subject, ``topic`` that of its name (``<topic>-key``, ``<topic>-value``) if it is of the wave.
        Counted are pairs of a subject and a schema, and compatibilities; one more row says whose ids differ.

    Examples
    --------
    >>> pair = pl.DataFrame({"source": ["a"], "source_topic": "t", "target": "b", "topic": "t"})
    >>> rows = pl.DataFrame({"cluster": ["a", "a", "b"], "subject": "t-value", "version": [1, 2, 1], "id": [1, 2, 1],
    ...     "compatibility": "FULL", "fingerprint": ["x", "y", "x"]})
    >>> found = schema_parity(pair, schemas=rows, known={("a", "schemas"), ("b", "schemas")})
    >>> found.differences.select("topic", "name", "at_source", "at_target").rows()
    [('t', 't-value', 'version 2', None)]
    """
    rows, table = to_polars(pairs), to_polars(schemas)
    held = set(table["cluster"].unique())
    ends = ends_of(rows).filter(pl.col("source").is_in(list(held)) | pl.col("target").is_in(list(held)))
    seen, unknown = split_by_sight("schema", ends, known)
    one_end = [(*end, _ONE_END) for end in seen.iter_rows() if not held.issuperset(end)]
    found: list[dict[str, Any]] = []
    counts = []
    for source, target in seen.iter_rows():
        if not held.issuperset((source, target)):
            continue
        topics = set(rows.filter(source=source, target=target)["source_topic"])
        ours, theirs = table.filter(cluster=source), table.filter(cluster=target)
        differing = [*_versions(ours, theirs), *_compatibilities(ours, theirs)]
        compared = _places(ours) | _places(theirs)
        total = len(compared) + len({subject for subject, _ in compared})
        counts.append((source, target, total, total - len(differing)))
        shown = [row | {"topic": _topic(row["name"], topics)} for row in differing]
        found += [{"source": source, "target": target, **row} for row in (*shown, *_ids(ours, theirs))]
    differences = parity_rows("schema", pl.DataFrame(found, schema=PARITY))
    return Parity(
        pl.concat([differences, unknown_rows("schema", one_end), unknown]), count_rows("schema", counts)
    )


def _places(rows: pl.DataFrame) -> set[tuple[str, str]]:
    return set(rows.select("subject", "fingerprint").iter_rows())


def _versions(ours: pl.DataFrame, theirs: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield subjects whose schemas are at one end only, or under another version."""
    place = ["subject", "fingerprint"]
    numbered = [rows.group_by(place).agg(pl.col("version").unique().sort()) for rows in (ours, theirs)]
    joined = numbered[0].join(numbered[1], on=place, how="full", coalesce=True, suffix="_target").sort(place)
    for subject, _, at_source, at_target in joined.iter_rows():
        row = {"name": subject, "at_source": _text(at_source), "at_target": _text(at_target)}
        if at_target is None:
            why = (
                "The target lacks this schema: its records cannot be read there, or the next producer "
                "registers it again."
            )
            yield row | {"kind": "must fix", "why": why, "fact_source": _REGISTRY}
        elif at_source is None:
            why = "The target has a schema that the source lacks; what the source has can be read."
            yield row | {"kind": "harmless", "why": why, "fact_source": _REGISTRY}
        elif at_source != at_target:
            why = "The same schema has another version; clients find schemas by id."
            yield row | {"kind": "harmless", "why": why, "fact_source": _REGISTRY}


def _text(versions: list[int] | None) -> str | None:
    return None if versions is None else f"version {', '.join(map(str, versions))}"


def _compatibilities(ours: pl.DataFrame, theirs: pl.DataFrame) -> Iterator[dict[str, Any]]:
    held = [
        dict(rows.sort("version").group_by("subject").agg(pl.col("compatibility").last()).iter_rows())
        for rows in (ours, theirs)
    ]
    for subject in sorted(held[0].keys() & held[1].keys()):
        at_source, at_target = held[0][subject], held[1][subject]
        if _common(at_source) != _common(at_target):
            yield {
                "name": subject,
                "at_source": at_source,
                "at_target": at_target,
                "kind": "must fix",
                "why": "Different compatibility: a new schema may be accepted at one end and refused at the other.",
                "fact_source": _REGISTRY,
            }


def _common(compatibility: str | None) -> str | None:
    """Return Glue's word for a compatibility, which Confluent calls transitive."""
    return None if compatibility is None else compatibility.upper().replace("_TRANSITIVE", "_ALL")


def _ids(ours: pl.DataFrame, theirs: pl.DataFrame) -> Iterator[dict[str, Any]]:
    place = ["subject", "fingerprint"]
    numbered = [rows.group_by(place).agg(pl.col("id").min()) for rows in (ours, theirs)]
    both = numbered[0].join(numbered[1], on=place, suffix="_target")
    other = both.filter(pl.col("id").ne_missing(pl.col("id_target"))).sort(place)
    if other.height:
        yield {
            "name": "ids",
            "at_source": _first_ids(other["id"]),
            "at_target": _first_ids(other["id_target"]),
            "kind": "must fix",
            "why": f"{other.height} of {both.height} schemas have another id, which records carry: what is copied as "
            "it is cannot be read by the target's registry alone, or is read by a wrong schema.",
            "fact_source": _WIRE,
        }


def _first_ids(ids: pl.Series) -> str:
    shown = ", ".join("none" if number is None else str(number) for number in ids[:_MOST_IDS])
    return f"{shown} …" if len(ids) > _MOST_IDS else shown


def _topic(subject: str, topics: set[str]) -> str | None:
    names = {subject.removesuffix("-key"), subject.removesuffix("-value")} - {subject}
    return next((name for name in names if name in topics), None)
