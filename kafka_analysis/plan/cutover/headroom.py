"""What brokers of a cell would carry once a wave has moved, beside what they can carry."""

from collections.abc import Mapping

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.catalogue import Catalogue, read_catalogue
from kafka_analysis.plan.sizing.hardware import RESOURCES, hardware_shift, measured_peaks
from kafka_analysis.plan.sizing.workload import Workload

HEADROOM = {
    "target": pl.String,
    "resource": pl.String,
    "per_broker": pl.Float64,
    "limit": pl.Float64,
    "unit": pl.String,
    "evidence": pl.String,
}

CELL_NOT_SEEN = "the load of the brokers of the cell was not seen"
SOURCE_NOT_SEEN = "what the consumers of the wave read at the source was not seen"
_IDLE_BYTES_PER_S = 1e-9  # a workload of nothing is refused; a cell that nothing is written to has room


def cell_headroom(
    load: Frame,
    *,
    brought: Mapping[str, float | None],
    broker_types: Mapping[str, str | None],
    catalogue: Catalogue | None = None,
) -> pl.DataFrame:
    """Hold what each broker of a cell carries, and what the consumers of a wave will fetch from it, against its limits.

    Parameters
    ----------
    load
        Result of ``stats.broker_load`` for the cells: what the replicator writes to them is in it already.
    brought
        For each cell the bytes per second that the wave's consumers read at the source; None: unknown.
    broker_types
        For each cell what its brokers are, such as ``kafka.m7g.large`` or ``m7g.large``; None: unknown.
    catalogue
        Limits of broker types; None = the package's.

    Returns
    -------
    polars.DataFrame
        ``target``, ``resource`` (disk, network, storage, partitions), ``per_broker``, ``limit``, ``unit``,
        ``evidence``. Null where it is unknown, and ``evidence`` says what was not seen: a cell whose broker type is
        unknown has one row, ``broker type``. Brokers are taken as even.

    Raises
    ------
    InputError
        A broker type is not in the catalogue.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "b", "broker": [1, 2, 3], "bytes_in_per_s": 1e6, "bytes_out_per_s": 1e6,
    ...     "size_bytes": 1e9, "replicas": 100, "leaders": 34})
    >>> found = cell_headroom(rows, brought={"b": 3e6}, broker_types={"b": "m7g.large"})
    >>> found.select("resource", pl.col("per_broker").cast(int)).rows()[:2]
    [('disk', 2941176), ('network', 3941176)]
    """
    known = catalogue or read_catalogue()
    parts = [pl.DataFrame(schema=HEADROOM)]
    for target, broker_type in broker_types.items():
        rows = to_polars(load).filter(cluster=target)
        if broker_type is None or rows.is_empty():
            missing = "broker type" if broker_type is None else "load"
            parts.append(
                pl.DataFrame({"target": [target], "resource": [missing]}).match_to_schema(
                    pl.Schema(HEADROOM), missing_columns="insert"
                )
            )
            continue
        peaks = _peaks(rows, brought.get(target))
        shift = hardware_shift(peaks, catalogue=known, profiles=[_named(broker_type, known)])
        limited = shift.filter(pl.col("resource").is_in([r for r in RESOURCES if r != "connections"]))
        parts.append(
            limited.filter(pl.col("limit").is_not_null()).select(
                pl.lit(target).alias("target"), *list(HEADROOM)[1:]
            )
        )
    return pl.concat(parts)


def _named(broker_type: str, catalogue: Catalogue) -> str:
    names = catalogue.brokers["broker_type"]
    return next((name for name in (broker_type, f"kafka.{broker_type}") if name in names), broker_type)


def _peaks(rows: pl.DataFrame, brought: float | None) -> pl.DataFrame:
    into, out, size = (_sum(rows, name) for name in ("bytes_in_per_s", "bytes_out_per_s", "size_bytes"))
    replicas, leaders = _sum(rows, "replicas"), _sum(rows, "leaders")
    is_known = into is not None and out is not None and brought is not None
    copies = replicas / leaders if replicas and leaders else 3.0
    moved = Workload(
        bytes_in_per_s_avg=into or _IDLE_BYTES_PER_S,
        bytes_in_per_s_peak=into or _IDLE_BYTES_PER_S,
        bytes_out_per_s_avg=(out or 0.0) + (brought or 0.0),
        bytes_out_per_s_peak=(out or 0.0) + (brought or 0.0),
        partitions=int(leaders or 1) or 1,
        retention_hours=1,
    )
    peaks = measured_peaks(
        moved,
        brokers=len(rows),
        replication_factor=copies,
        size_bytes=size,
        partitions=None if replicas is None else int(replicas),
    )
    flows = pl.col("unit") == "B/s"
    known = peaks.with_columns(per_broker=pl.when(~flows | pl.lit(is_known)).then("per_broker"))
    unseen = (
        pl.when(flows & pl.lit(brought is None))
        .then(pl.lit(SOURCE_NOT_SEEN))
        .otherwise(pl.lit(CELL_NOT_SEEN))
    )
    return known.with_columns(
        evidence=pl.when(pl.col("per_broker").is_null()).then(unseen).otherwise("evidence")
    )


def _sum(rows: pl.DataFrame, name: str) -> float | None:
    return None if rows[name].null_count() else float(rows[name].sum())
