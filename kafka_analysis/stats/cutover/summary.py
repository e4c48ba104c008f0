"""A checklist in short: a line for each check of a wave and cell, and what keeps it from moving."""

from collections.abc import Collection, Sequence

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.rows import CHECKS, STATES

SUMMARY = {
    "wave": pl.Int32,
    "target": pl.String,
    "check": pl.String,
    "state": pl.String,
    "looked_at": pl.Int64,
    "blocks": pl.Int64,
    "unknown": pl.Int64,
    "notes": pl.Int64,
    "finding": pl.String,
    "detail": pl.String,
}
_VERDICT = {"blocks": "no-go", "unknown": "not enough data"}


def with_waves(rows: Frame, topics: Frame, *, groups: Frame) -> pl.DataFrame:
    """Give each row of a checklist the wave of its topic; rows of no topic belong to every wave of their target.

    Parameters
    ----------
    rows
        Rows of every check.
    topics, groups
        Of :class:`~kafka_analysis.stats.cutover.moving.Moving`: a row that names a group and no topic belongs to the
        waves that the group reads topics of.

    Examples
    --------
    >>> rows = pl.DataFrame({"check": "x", "source": "a", "target": "b", "topic": ["t", None], "group": None},
    ...     schema_overrides={"group": pl.String})
    >>> topics = pl.DataFrame({"wave": [1, 2], "source": "a", "target": "b", "topic": ["t", "u"]})
    >>> none = pl.DataFrame(schema={"wave": pl.Int64} | dict.fromkeys(("source", "target", "group"), pl.String))
    >>> with_waves(rows, topics, groups=none).select("wave", "topic").rows()
    [(1, 't'), (1, None), (2, None)]
    """
    every = to_polars(rows)
    named = to_polars(topics)
    sure = every.filter(pl.col("topic").is_not_null())
    # Rows of one end only, such as a certificate's, name no source or no target.
    of_topics = named.select("wave", "source", "target", "topic").unique()
    by_topic = sure.join(of_topics, on=["source", "target", "topic"], how="left", nulls_equal=True)
    by_source = (
        sure.filter(pl.col("target").is_null())
        .drop("target")
        .join(of_topics, on=["source", "topic"], how="inner")
    )
    of_groups = to_polars(groups).select("wave", "source", "target", "group").unique()
    whole = every.filter(pl.col("topic").is_null())
    place = ["source", "target", "group"]
    by_group = whole.join(of_groups, on=place)
    rest = whole.join(of_groups, on=place, how="anti", maintain_order="left")
    waves = named.select("wave", "target").unique().sort("wave", "target")
    sources = named.select("wave", "target", "source").unique()
    of_target = rest.filter(pl.col("target").is_not_null()).join(waves, on="target", how="inner")
    of_source = rest.filter(pl.col("target").is_null()).drop("target").join(sources, on="source", how="inner")
    columns = ["wave", *every.columns]
    parts = [by_topic.filter(pl.col("target").is_not_null()), by_source, by_group, of_target, of_source]
    return pl.concat([part.select(columns) for part in parts]).sort(
        "wave",
        "target",
        pl.col("check").cast(pl.Enum([*CHECKS, *(set(every["check"]) - set(CHECKS))])),
        "source",
        "topic",
        "partition" if "partition" in columns else "topic",
        maintain_order=True,
        nulls_last=True,
    )


def summarised(rows: Frame, *, waves: Frame, asked: Sequence[str]) -> pl.DataFrame:
    """Return a line for each check that is asked: its worst state, places looked at, and the worst of them.

    Parameters
    ----------
    rows
        Checklist rows with ``wave``.
    waves
        ``wave``, ``target``: those that are judged.
    asked
        Result of :func:`~kafka_analysis.stats.cutover.stages.asked_checks`.

    Returns
    -------
    polars.DataFrame
        ``wave``, ``target``, ``check``, ``state``, ``looked_at``, ``blocks``, ``unknown``, ``notes`` (places),
        ``finding`` and ``detail`` of the worst place. A check that looked at nothing is ready.

    Examples
    --------
    >>> rows = pl.DataFrame({"wave": 1, "target": "b", "check": "replica", "state": ["ok", "blocks"],
    ...     "finding": [None, "replica behind"], "detail": None})
    >>> waves = pl.DataFrame({"wave": [1], "target": "b"})
    >>> summarised(rows, waves=waves, asked=["replica", "counts"]).select("check", "state", "looked_at").rows()
    [('replica', 'blocks', 2), ('counts', 'ok', 0)]
    """
    worst = pl.col("state").cast(pl.Enum(STATES))
    counts = (
        to_polars(rows)
        .filter(pl.col("check").is_in(list(asked)))
        .with_columns(pl.col("state").fill_null("unknown"))
        .sort(worst, descending=True, maintain_order=True)
        .group_by("wave", "target", "check", maintain_order=True)
        .agg(
            state=pl.col("state").first(),
            looked_at=pl.len().cast(pl.Int64),
            blocks=(pl.col("state") == "blocks").sum().cast(pl.Int64),
            unknown=(pl.col("state") == "unknown").sum().cast(pl.Int64),
            notes=(pl.col("state") == "note").sum().cast(pl.Int64),
            finding=pl.col("finding").first(),
            detail=pl.col("detail").first(),
        )
    )
    checks = pl.DataFrame(
        {"check": list(asked), "_order": range(len(asked))}, schema={"check": pl.String, "_order": pl.Int32}
    )
    every = (
        to_polars(waves).select(pl.col("wave").cast(pl.Int32), "target").unique().join(checks, how="cross")
    )
    joined = every.join(counts, on=["wave", "target", "check"], how="left", nulls_equal=True)
    numbers = [pl.col(name).fill_null(0) for name in ("looked_at", "blocks", "unknown", "notes")]
    return (
        joined.sort("wave", "target", "_order")
        .with_columns(*numbers, pl.col("state").fill_null("ok"))
        .select(pl.col(name).cast(kind) for name, kind in SUMMARY.items())
    )


def verdicts(summary: Frame, *, uncovered: Collection[str] = ()) -> pl.DataFrame:
    """Return the verdict on each wave and cell: ``go``, ``no-go`` or ``not enough data``.

    Parameters
    ----------
    summary
        Result of :func:`summarised`.
    uncovered
        Cells that answered too seldom for a go.

    Returns
    -------
    polars.DataFrame
        ``wave``, ``target``, ``verdict``, ``blocking`` (findings that block), ``missing`` (checks that lack data).

    Examples
    --------
    >>> rows = pl.DataFrame({"wave": 1, "target": "b", "check": ["replica", "counts"], "state": ["unknown", "ok"],
    ...     "finding": [None, None]})
    >>> verdicts(rows).row(0)
    (1, 'b', 'not enough data', [], ['replica'])
    """
    rows = to_polars(summary)
    blocks, unknown = pl.col("state") == "blocks", pl.col("state") == "unknown"
    return rows.group_by("wave", "target", maintain_order=True).agg(
        verdict=pl.when(blocks.any())
        .then(pl.lit("no-go"))
        .when(unknown.any() | pl.col("target").is_in(list(uncovered)).any())
        .then(pl.lit("not enough data"))
        .otherwise(pl.lit("go")),
        blocking=pl.col("finding").filter(blocks),
        missing=pl.col("check").filter(unknown),
    )
