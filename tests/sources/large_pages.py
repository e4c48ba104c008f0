"""Large pages of every dialect, made from what the dialect itself says, with the samples they must become."""

from __future__ import annotations

from itertools import islice, product

import polars as pl

from kafka_analysis.sources.exposition.page import Exposition
from kafka_analysis.sources.spelling.families import NAME, Dialect, Family

_PER_TOPIC = 50
_MADE = 400  # rows of a frame that are made: the others repeat them


def labels_of(family: Family, name: str, chosen: str | None, row: int) -> dict[str, str]:
    """Return the labels of a family's row of that number, each row another series as far as the family can tell."""
    labels: dict[str, str] = {}
    if family.key not in (None, NAME):
        labels[family.key] = chosen or ""
    labels |= {label: allowed[0] for label, allowed in family.only.items()}
    if family.stat_label:
        labels[family.stat_label] = next(iter(family.stats), "p99")
    if family.topic_partition:
        labels[family.topic_partition] = f"t{row // _PER_TOPIC}-{row % _PER_TOPIC}"
    is_told_apart = family.partition or family.group or family.broker or family.entity or family.fold
    topic = row // _PER_TOPIC if is_told_apart else row
    parted = {family.partition: str(row % _PER_TOPIC), family.topic: f"t{topic}"}
    parted |= {family.group: f"g{row}", family.broker: str(row)}
    labels |= {label: value for label, value in parted.items() if label}
    free = [label for label in family.entity if label not in family.only]
    if family.fold == "sum":
        free.append("folded")
    return labels | dict.fromkeys(free, f"e{row}")


def spelled(family: Family) -> list[tuple[str, str | None, str]]:
    """Return each way a family is spelled: name on the page, value of the label ``key``, canonical metric."""
    if isinstance(family.to, str):
        return [(name, None, family.to) for name in family.names]
    if family.key == NAME:
        return [(name, None, family.to[name]) for name in family.names if name in family.to]
    return [(name, key, to) for name, (key, to) in product(family.names, family.to.items())]


def of_each_kind(dialect: Dialect) -> list[Family]:
    """Return a family for each set of fields that dialects say something in: others are read by the same code."""
    kinds = {frozenset(n for n, said in f if said) | {f.key == NAME}: f for f in dialect.families}
    return list(kinds.values())


def largest(dialect: Dialect) -> Family:
    """Return the telling family of a dialect whose rows may differ in most labels."""
    found = [family for family in dialect.families if family.telling]
    return max(found, key=lambda family: (not family.fold, len(family.columns), len(family.entity)))


def lines_of(family: Family, rows: int) -> list[str]:
    """Return lines of the first way a family is spelled; the value of each is its number."""
    name, chosen, _ = spelled(family)[0]
    found = []
    for row in range(rows):
        labels = ",".join(f'{key}="{text}"' for key, text in labels_of(family, name, chosen, row).items())
        found.append(f"{name}{{{labels}}} {row}" if labels else f"{name} {row}")
    return found


def frame_of_family(family: Family, rows: int, *, bare: bool) -> Exposition:
    """Return a page of so many rows of a family (a multiple of 400), parsed; ``bare``: without any label."""
    ways = list(islice(spelled(family), 8))
    columns = {"metric": [ways[row % len(ways)][0] for row in range(_MADE)]}
    if not bare:
        made = [labels_of(family, *ways[row % len(ways)][:2], row) for row in range(_MADE)]
        keys = sorted({key for labels in made for key in labels})
        columns |= {f"label_{key}": [labels.get(key) for labels in made] for key in keys}
    once = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    samples = pl.concat([once] * (rows // _MADE), rechunk=True).with_columns(
        value=pl.int_range(pl.len()).cast(pl.Float64),
        timestamp_ms=pl.Series([None] * rows, dtype=pl.Int64),
        line=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
    )
    rejected = pl.DataFrame(schema={"line": pl.Int64, "text": pl.String, "reason": pl.String})
    return Exposition(samples, rejected)
