"""A plan's frames: what moves in which wave, when, and how much of the whole that is."""

from collections.abc import Sequence

import polars as pl

from kafka_analysis.plan.common.evidence import weakness
from kafka_analysis.plan.waves.input import CLIENT
from kafka_analysis.plan.waves.options import LEVELS, WaveOptions
from kafka_analysis.plan.waves.schedule import Amount, Slot

TIME = pl.Datetime("ms", "UTC")
TOPIC_WAVES = {"topic": pl.String, "cell": pl.String, "wave": pl.Int32}
CLIENT_WAVES = {
    "client": pl.String, "kind": pl.String, "wave": pl.Int32, "waves": pl.List(pl.Int32), "bridged_waves": pl.Int32,
    "topics_that_stay": pl.Int64, "criticality": pl.String, "team": pl.String, "application": pl.String,
    "evidence": pl.String,
}  # fmt: skip
WAVES = {
    "wave": pl.Int32, "topics": pl.Int64, "clients": pl.Int64, "clients_bridged": pl.Int64,
    "critical_clients": pl.Int64, "bytes_in_per_s": pl.Float64, "bytes_out_per_s": pl.Float64,
    "stored_bytes": pl.Float64, "share_of_bytes_in": pl.Float64, "share_of_clients": pl.Float64,
    "risk_share": pl.Float64, "replication_start": TIME, "backfill_s": pl.Float64, "backfill_s_low": pl.Float64,
    "backfill_s_high": pl.Float64, "cutover_start": TIME, "cutover_end": TIME, "soak_until": TIME,
}  # fmt: skip
STEPS = {
    "wave": pl.Int32, "phase": pl.String, "start": TIME, "end": TIME, "end_low": TIME, "end_high": TIME,
}  # fmt: skip
GROUP_CELLS = {"wave": pl.Int32, "cell": pl.String, "group": pl.String}
RETENTION = {
    "topic": pl.String, "wave": pl.Int32, "reason": pl.String, "retention_s": pl.Float64, "needed_s": pl.Float64,
}  # fmt: skip


def client_waves(flows: pl.DataFrame, topic_waves: pl.DataFrame) -> pl.DataFrame:
    """Say for each client of a topic that moves in which waves its topics do.

    Parameters
    ----------
    flows
        Result of :func:`kafka_analysis.plan.waves.input.check_flows`, of all topics.
    topic_waves
        ``topic``, ``wave``.

    Returns
    -------
    polars.DataFrame
        ``wave``: the last; ``bridged_waves``: for how many waves it uses source and target at once;
        ``topics_that_stay`` at the source; ``evidence``: the weakest of its flows; ``criticality``: the gravest.

    Examples
    --------
    >>> flows = pl.DataFrame({"client": "g", "kind": "group", "topic": ["a", "b"], "evidence": "measured",
    ...     "criticality": ["low", "high"], "team": None, "application": None})
    >>> waves = pl.DataFrame({"topic": ["a", "b"], "wave": [1, 3]}, schema_overrides={"wave": pl.Int32})
    >>> client_waves(flows, waves).select("wave", "waves", "bridged_waves", "criticality").rows()
    [(3, [1, 3], 2, 'high')]
    """
    rank = pl.col("criticality").replace_strict(
        {level: at for at, level in enumerate(LEVELS)}, default=None, return_dtype=pl.Int8
    )
    rows = flows.join(topic_waves.select("topic", "wave"), on="topic", how="left").with_columns(rank=rank)
    grouped = rows.group_by(*CLIENT, maintain_order=True).agg(
        waves=pl.col("wave").drop_nulls().unique().sort(),
        topics_that_stay=pl.col("wave").null_count().cast(pl.Int64),
        criticality=pl.col("criticality").sort_by("rank", descending=True, nulls_last=True).first(),
        evidence=pl.col("evidence").sort_by(weakness()).last(),
        **{name: pl.col(name).drop_nulls().first() for name in ("team", "application")},
    )
    moved = grouped.filter(pl.col("waves").list.len() > 0)
    first, last = pl.col("waves").list.first(), pl.col("waves").list.last()
    return moved.with_columns(wave=last, bridged_waves=last - first).select(*CLIENT_WAVES).sort(CLIENT)


def group_cells(flows: pl.DataFrame, topic_waves: pl.DataFrame) -> pl.DataFrame:
    """Return in which cells each group finds topics of each wave: it is known there and in no other.

    Parameters
    ----------
    flows
        ``client``, ``kind``, ``topic``.
    topic_waves
        ``topic``, ``cell``, ``wave``.

    Returns
    -------
    polars.DataFrame
        ``wave``, ``cell``, ``group``: each once.

    Examples
    --------
    >>> flows = pl.DataFrame({"client": "g", "kind": "group", "topic": ["a", "b", "c"]})
    >>> waves = pl.DataFrame({"topic": ["a", "b"], "cell": ["cell-1", "cell-2"], "wave": 1})
    >>> group_cells(flows, waves).rows()
    [(1, 'cell-1', 'g'), (1, 'cell-2', 'g')]
    """
    moved = flows.filter(kind="group").join(topic_waves.select("topic", "cell", "wave"), on="topic")
    rows = moved.rename({"client": "group"}).select(*GROUP_CELLS).unique().sort(*GROUP_CELLS)
    return rows.select(pl.col(name).cast(kind) for name, kind in GROUP_CELLS.items())


def wave_rows(topics: pl.DataFrame, clients: pl.DataFrame, slots: Sequence[Slot]) -> pl.DataFrame:
    """Compute the topics, clients, bytes and risk share of each wave; risk: the larger share of bytes or clients.

    Parameters
    ----------
    topics
        ``wave``, ``bytes_in_per_s``, ``bytes_out_per_s``, ``stored_bytes``; a sum with an unknown part is unknown.
    clients
        Result of :func:`client_waves`.
    slots
        Times of each wave, in order.
    """
    amounts = topics.group_by("wave").agg(
        pl.len().cast(pl.Int64).alias("topics"),
        *(known_sum(name) for name in ("bytes_in_per_s", "bytes_out_per_s", "stored_bytes")),
    )
    numbers = pl.DataFrame({"wave": range(1, len(slots) + 1)}, schema={"wave": pl.Int32})
    counted = _clients_in(numbers, clients)
    rows = numbers.join(amounts, on="wave", how="left").join(counted, on="wave", how="left").sort("wave")
    total, everyone = float(topics["bytes_in_per_s"].sum()), len(clients)
    shares = rows.with_columns(
        share_of_bytes_in=pl.col("bytes_in_per_s") / total if total else pl.lit(None, pl.Float64),
        share_of_clients=pl.col("clients") / everyone if everyone else pl.lit(None, pl.Float64),
    ).with_columns(risk_share=pl.max_horizontal("share_of_bytes_in", "share_of_clients"))
    return pl.concat([shares, _times(slots)], how="horizontal").select(
        pl.col(name).cast(kind) for name, kind in WAVES.items()
    )


def known_sum(name: str) -> pl.Expr:
    """Return the sum of a column, null where a part of it is.

    Examples
    --------
    >>> pl.DataFrame({"a": [1.0, None], "b": [1.0, 2.0]}).select(known_sum("a"), known_sum("b")).row(0)
    (None, 3.0)
    """
    return pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name)


def amounts_of(topics: pl.DataFrame) -> list[Amount]:
    """Return what each wave copies, in order of the waves.

    Examples
    --------
    >>> amounts_of(pl.DataFrame({"wave": [1, 1], "stored_bytes": [5.0, None], "bytes_in_per_s": [1.0, 2.0]}))
    [Amount(stored_bytes=None, arriving_bytes_per_s=3.0)]
    """
    rows = topics.group_by("wave").agg(known_sum("stored_bytes"), pl.col("bytes_in_per_s").sum()).sort("wave")
    return [Amount(*row) for row in rows.select("stored_bytes", "bytes_in_per_s").iter_rows()]


def steps_of(slots: Sequence[Slot]) -> pl.DataFrame:
    """Return the phases of every wave: rows of a Gantt chart.

    Returns
    -------
    polars.DataFrame
        ``wave``, ``phase`` (``backfill``, ``catch-up``, ``cut-over``, ``soak``), ``start``, ``end``; ``end_low`` and
        ``end_high`` where the end is uncertain. A copy whose duration is unknown has no rows.
    """
    rows: list[tuple[object, ...]] = []
    for wave, slot in enumerate(slots, start=1):
        if slot.backfill_end is not None:
            ends = (slot.backfill_end, slot.backfill_low, slot.backfill_high)
            rows.append((wave, "backfill", slot.replication_start, *ends))
            rows.append((wave, "catch-up", slot.backfill_end, slot.cutover_start, None, None))
        rows.append((wave, "cut-over", slot.cutover_start, slot.cutover_end, None, None))
        rows.append((wave, "soak", slot.cutover_end, slot.soak_until, None, None))
    return pl.DataFrame(rows, schema=STEPS, orient="row")


def retention_gaps(topics: pl.DataFrame, waves: pl.DataFrame, options: WaveOptions) -> pl.DataFrame:
    """Return the topics that delete records before the move is done with them.

    Parameters
    ----------
    topics
        ``topic``, ``wave``, ``retention_ms`` (null: unknown, −1: without end), ``cleanup_policy``.
    waves
        Result of :func:`wave_rows`.

    Returns
    -------
    polars.DataFrame
        ``topic``, ``wave``, ``retention_s``, ``needed_s`` and ``reason``. ``mirror``: a record that arrives as the copy
        begins is read when the copy ends at the latest, or by ``holding_s`` later if the replicator stands still.
        ``rollback``: consumers that go back to the source need what was there at the cut-over until the soak ends.
        A topic that is only compacted deletes nothing by age.
    """
    rows = topics.filter(
        (pl.col("retention_ms") >= 0) & (pl.col("cleanup_policy").fill_null("delete") != "compact")
    ).join(waves.select("wave", "backfill_s_high"), on="wave")
    back = options.cutover_s + options.soak_s
    mirror = (pl.col("backfill_s_high") + options.holding_s).fill_null(0.0)
    needed = pl.max_horizontal(mirror, pl.lit(back))
    reason = pl.when(mirror >= back).then(pl.lit("mirror")).otherwise(pl.lit("rollback"))
    gaps = rows.select(
        "topic", "wave", reason.alias("reason"), retention_s=pl.col("retention_ms") / 1000, needed_s=needed
    )
    return gaps.filter(pl.col("needed_s") >= pl.col("retention_s")).select(*RETENTION).sort("wave", "topic")


def _clients_in(numbers: pl.DataFrame, clients: pl.DataFrame) -> pl.DataFrame:
    """Count clients by wave: with a topic in it, critical ones, and those between their first and last wave."""
    each = clients.explode("waves").group_by(wave="waves").agg(
        clients=pl.len().cast(pl.Int64),
        critical_clients=(pl.col("criticality") == "critical").sum().cast(pl.Int64),
    )  # fmt: skip
    spans = clients.select(first=pl.col("wave") - pl.col("bridged_waves"), last="wave")
    between = numbers.join_where(
        spans, pl.col("first") <= pl.col("wave"), pl.col("last") > pl.col("wave")
    ).group_by("wave").agg(clients_bridged=pl.len().cast(pl.Int64))  # fmt: skip
    joined = numbers.join(each, on="wave", how="left").join(between, on="wave", how="left")
    return joined.with_columns(pl.col("clients", "critical_clients", "clients_bridged").fill_null(0))


def _times(slots: Sequence[Slot]) -> pl.DataFrame:
    rows = [
        (
            slot.replication_start,
            *(
                None if end is None else (end - slot.replication_start).total_seconds()
                for end in (slot.backfill_end, slot.backfill_low, slot.backfill_high)
            ),
            slot.cutover_start, slot.cutover_end, slot.soak_until,
        )
        for slot in slots
    ]  # fmt: skip
    names = ("replication_start", "backfill_s", "backfill_s_low", "backfill_s_high", "cutover_start", "cutover_end",
             "soak_until")  # fmt: skip
    return pl.DataFrame(rows, schema={name: WAVES[name] for name in names}, orient="row")
