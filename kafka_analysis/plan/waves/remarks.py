"""What a plan of waves takes for granted, and what its reader should look at: sentences."""

from collections.abc import Iterator

import polars as pl

from kafka_analysis.model.units import counted, format_duration, format_quantity, format_time
from kafka_analysis.plan.waves.input import named
from kafka_analysis.plan.waves.options import WaveOptions

_ALWAYS = (
    "Traffic is a mean over the measured window; at a peak, copies take longer and a wave risks more.",
    "The replicator reads a topic from its beginning, at the given bandwidth, whichever topics it carries.",
    "Retention is judged by time only: what retention.bytes deletes is not known here.",
    "Mirroring a wave back to the source while it soaks uses none of the bandwidth of the next copy.",
)


def assumptions_of(options: WaveOptions) -> tuple[str, ...]:
    """List what a plan takes for granted.

    Examples
    --------
    >>> from kafka_analysis.plan.waves.options import WaveOptions
    >>> assumptions_of(WaveOptions(start="2026-01-05"))[0]
    'Topics with unknown replication factor are assumed to have 3 replicas of equal size.'
    """
    replicas = counted(options.replication_factor, "replica")
    return (
        f"Topics with unknown replication factor are assumed to have {replicas} of equal size.",
        f"Each cut-over is allotted {format_duration(options.cutover_s)}.",
        *_ALWAYS,
    )


def warnings_of(
    topics: pl.DataFrame, clients: pl.DataFrame, waves: pl.DataFrame, gaps: pl.DataFrame, options: WaveOptions
) -> tuple[str, ...]:
    """List what the reader should look at before the start."""
    return (*_of_retention(topics, gaps), *_of_copies(topics, options), *_of_clients(clients),
            *_of_calendar(waves, options))  # fmt: skip


def _of_retention(topics: pl.DataFrame, gaps: pl.DataFrame) -> Iterator[str]:
    what = {
        "mirror": "Records may be deleted before the replicator has read them",
        "rollback": "Records that consumers would need after a rollback may be deleted before the soak ends",
    }
    for reason, words in what.items():
        if len(rows := gaps.filter(reason=reason)):
            needs = format_duration(rows["needed_s"].max())
            yield f"{words}, in {named(rows['topic'])}: raise the retention to more than {needs}."
    deleting = topics.filter(pl.col("cleanup_policy").fill_null("delete") != "compact")
    if len(unknown := deleting.filter(pl.col("retention_ms").is_null())):
        yield f"The retention of {named(unknown['topic'])} is unknown: whether it is long enough is not checked."


def _of_copies(topics: pl.DataFrame, options: WaveOptions) -> Iterator[str]:
    if options.replication_bytes_per_s is None:
        yield (
            "The bandwidth of the replicator is unknown, so the duration of copies is unknown and the calendar "
            "allows no time for them."
        )
    elif len(unknown := topics.filter(pl.col("stored_bytes").is_null())):
        waves = ", ".join(map(str, unknown["wave"].unique().sort()))
        yield f"The size of {named(unknown['topic'])} is unknown, and so is the duration of the copy of wave {waves}."


def _of_clients(clients: pl.DataFrame) -> Iterator[str]:
    critical = clients.filter((pl.col("bridged_waves") > 0) & (pl.col("criticality") == "critical"))
    if len(critical):
        yield f"Critical, but uses source and target at once for a while: {named(critical['client'], 'client')}."
    if len(both := clients.filter(pl.col("topics_that_stay") > 0)):
        who = named(both["client"], "client")
        yield f"Uses source and target permanently, because some topics stay at the source: {who}."
    if len(stale := clients.filter((pl.col("evidence") == "declared").fill_null(value=False))):
        who = counted(len(stale), "client")
        yield f"The topics of {who} are declared, not measured: ask the owners before the cut-over."


def _of_calendar(waves: pl.DataFrame, options: WaveOptions) -> Iterator[str]:
    for start, end in options.freezes:
        soaking = waves.filter((pl.col("cutover_end") < end) & (pl.col("soak_until") > start))
        for wave in soaking["wave"]:
            yield f"Wave {wave} soaks during the freeze from {format_time(start)}: a rollback may fall into it."
    top = waves.sort("risk_share", descending=True, nulls_last=True, maintain_order=True).row(0, named=True)
    if len(waves) > 1 and (top["risk_share"] or 0) > 0.5:
        share = format_quantity(top["risk_share"], "%")
        yield f"Wave {top['wave']} affects {share} of clients or bytes at once: limit it with max_clients_per_wave."
