"""The rows of a page, family by family: each line once, in the columns of the samples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from kafka_analysis.model.metrics import COUNTERS
from kafka_analysis.sources.exposition.repeats import RANK, SPELLED, one_of_each
from kafka_analysis.sources.spelling.detect import ROW, Page, label, recognised
from kafka_analysis.sources.spelling.families import Dialect, Family
from kafka_analysis.sources.spelling.series_columns import columns, wrong

LINES = "_lines"
_WHY = "_why"
_TORN = "another line of its sum was rejected: the sum is unknown"


@dataclass(frozen=True)
class Part:
    """Rows of one family, one per series and time, and what became of its other lines.

    ``lines`` counts all, ``repeated`` those that say the same again. ``conflicting`` (``_row``, ``metric``) and
    ``wrong`` (``_row``, ``reason``) are by line.
    """

    dialect: str
    rows: pl.DataFrame
    lines: int
    not_a_number: int
    unknown: int
    repeated: int
    conflicting: pl.DataFrame
    wrong: pl.DataFrame


def parts_of(page: Page, chosen: Sequence[Dialect], cluster: str) -> Iterator[Part]:
    r"""Yield the rows of each family of some dialects; a line belongs to the first that knows it.

    Examples
    --------
    >>> from kafka_analysis.sources.spelling.detect import page_of
    >>> from kafka_analysis.sources.spelling.dialects import find_dialect
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> from kafka_analysis.sources.exposition.repeats import spelled
    >>> page = page_of(parse_exposition(b"kafka_server_replicamanager_leadercount 5\nup 1\n"))
    >>> page = Page(lines=page.lines.with_columns(spelled(page.lines)), names=page.names)
    >>> [part.rows["value"].to_list() for part in parts_of(page, [find_dialect("stock")], "c")]
    [[5.0]]
    """
    taken: set[int] = set()
    rank = 0
    for dialect in chosen:
        page_of_cluster = _of_cluster(page, dialect, cluster)
        for family in dialect.families:
            names = family.names.keys() & page.names
            if names and len(rows := recognised(page_of_cluster, family, but=taken)):
                taken |= set(rows[ROW])
                yield _part(rows, family, dialect.name, rank)
            rank += len(family.names)


def _of_cluster(page: Page, dialect: Dialect, cluster: str) -> Page:
    """Keep the lines about this cluster, if the exporter watches several and calls one of them so."""
    if dialect.cluster is None:
        return page
    name = label(page.lines, dialect.cluster)
    clusters = page.lines.select(name.alias("told"))["told"].drop_nulls().unique()
    if len(clusters) < 2 or cluster not in clusters:
        return page
    return Page(lines=page.lines.filter(name.fill_null(cluster) == cluster), names=page.names)


def _part(rows: pl.DataFrame, family: Family, dialect: str, rank: int) -> Part:
    number = rows.filter(pl.col("value").is_not_nan())
    valued = number.filter(~pl.col("value").is_in(family.unknown)) if family.unknown else number
    judged = valued.with_columns(wrong(valued, family).alias(_WHY))
    odd = judged.filter(pl.col(_WHY).is_not_null())
    once = one_of_each(judged.filter(pl.col(_WHY).is_null()) if len(odd) else judged)
    picked, torn = _picked(once.kept, family, rank), odd.select(ROW, reason=_WHY)
    if family.fold:
        not_counted = [rows.filter(pl.col("value").is_nan()), odd.drop(_WHY), once.conflicting.drop(_WHY)]
        picked, lacking = _folded(picked, _picked(pl.concat(not_counted), family, rank), family)
        torn = pl.concat([torn, lacking])
    return Part(
        dialect=dialect,
        rows=picked,
        lines=len(rows),
        not_a_number=len(rows) - len(number),
        unknown=len(number) - len(valued),
        repeated=len(once.repeated),
        conflicting=once.conflicting.select(ROW, metric="to"),
        wrong=torn,
    )


def _picked(rows: pl.DataFrame, family: Family, rank: int) -> pl.DataFrame:
    """Return rows in the columns of the samples, with their line, their spelling and their rank."""
    ranks = {name: rank + nth for nth, name in enumerate(family.names)}
    return rows.select(
        pl.col("metric").replace_strict(ranks, return_dtype=pl.Int64).alias(RANK),
        **columns(rows, family),
        timestamp_ms="timestamp_ms",
        **{ROW: ROW, SPELLED: SPELLED, LINES: pl.lit(1, dtype=pl.Int64)},
    )


def _folded(picked: pl.DataFrame, missing: pl.DataFrame, family: Family) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make one row of lines that differ in other labels; return the lines of sums that are not known, too.

    A counter's sum that lacked a line would fall, and look as if the broker had been restarted.
    """
    keys = [name for name in picked.columns if name not in ("value", LINES, ROW, SPELLED, RANK)]
    is_sum = pl.col("metric").is_in(sorted(COUNTERS)) if family.fold == "sum" else pl.lit(value=False)
    lacking = missing.filter(is_sum) if len(missing) else missing
    whole, torn = picked, picked.clear()
    if len(lacking):
        whole = picked.join(lacking, on=keys, how="anti", nulls_equal=True, maintain_order="left")
        torn = picked.join(lacking, on=keys, how="semi", nulls_equal=True)
    folded = whole.group_by(keys, maintain_order=True).agg(
        pl.col("value").max() if family.fold == "max" else pl.col("value").sum(),
        pl.col(LINES).sum(),
        pl.col(ROW, RANK).first(),
        pl.lit(0, dtype=pl.UInt64).alias(SPELLED),
    )
    return folded.select(picked.columns), torn.select(ROW, reason=pl.lit(_TORN))
