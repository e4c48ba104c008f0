"""Which metrics each analysis needs, so that one can say beforehand what a page or a capture is good for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Analysis:
    """An analysis and what it needs: all of ``needs``, and of each one of the metrics (or tables) named.

    Tables are written ``table:<name>``; only a capture has them.
    """

    name: str
    needs: tuple[tuple[str, ...], ...]


_TRAFFIC = tuple((f"{name}_total", f"{name}_per_s") for name in ("bytes_in", "bytes_out", "messages_in"))
ANALYSES = (
    Analysis("inventory", (("log_size_bytes",),)),
    Analysis("skew", (*_TRAFFIC[:2], ("log_size_bytes",))),
    Analysis("throughput", _TRAFFIC),
    Analysis("lag", (("group_lag_records", "group_lag_sum_records", "table:group_offsets"),)),
    Analysis(
        "replication",
        (
            (
                "mirror_records_total",
                "link_mirror_lag_records",
                "flink_current_offset",
                "replicator_message_lag",
            ),
        ),
    ),
    Analysis("health", (("under_replicated_partitions",), ("offline_partitions",), ("active_controller",))),
    Analysis("latency", (("request_total_ms",),)),
    Analysis("idle", (("request_handler_idle_seconds_total", "request_handler_idle_ratio"),)),
    Analysis("host", (("cpu_seconds_total",), ("disk_read_bytes_total",), ("net_received_bytes_total",))),
)


def lacking(analysis: Analysis, found: Collection[str]) -> tuple[str, ...]:
    """Return what an analysis needs and was not found; of alternatives all are named.

    Examples
    --------
    >>> skew = next(one for one in ANALYSES if one.name == "skew")
    >>> lacking(skew, {"bytes_in_total", "bytes_out_total"})
    ('log_size_bytes',)
    """
    missing = (names for names in analysis.needs if not set(names) & set(found))
    return tuple(" or ".join(names).replace("table:", "table ") for names in missing)


def usable_for(found: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return for each analysis what it lacks; nothing means that it can be done.

    Examples
    --------
    >>> usable_for({"log_size_bytes"})["inventory"]
    ()
    """
    return {analysis.name: lacking(analysis, found) for analysis in ANALYSES}
