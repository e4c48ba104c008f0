"""What each question needs of a capture, so that what is promised beforehand and what a page then judges are one."""

from collections.abc import Collection
from dataclasses import dataclass

_BYTES_IN = ("bytes_in_total", "bytes_in_per_s")
_BYTES_OUT = ("bytes_out_total", "bytes_out_per_s")
_RECORDS_IN = ("messages_in_total", "messages_in_per_s")
SIZES = ("log_size_bytes", "table:log_dirs")
_PARTITIONS = ("table:partitions",)


@dataclass(frozen=True)
class Question:
    """A question and what it needs: of each of ``needs`` one of the metrics (or tables) named.

    Tables are written ``table:<name>``; only a capture has them. ``notebook`` is grey without them; None = none is:
    latency and idle are questions beside others of ``70_throughput_before_after``, which says there what is missing.
    ``across``: what is recorded of one cluster tells of others too. ``keeps_red``: what is wrong is wrong whatever else
    is not known.
    """

    name: str
    needs: tuple[tuple[str, ...], ...]
    notebook: str | None = None
    across: bool = False
    keeps_red: bool = False


QUESTIONS = (
    Question("inventory", (_PARTITIONS,), "10_inventory"),
    Question("skew", ((*_BYTES_IN, *_BYTES_OUT, *SIZES, *_PARTITIONS),), "20_partition_skew"),
    Question("rebalance", (_PARTITIONS, SIZES), "30_rebalance_plan"),
    Question("split", (_PARTITIONS, SIZES, _BYTES_IN, _BYTES_OUT), "40_cluster_split"),
    Question("sizing", (_BYTES_IN, _BYTES_OUT), "45_msk_sizing"),
    Question("waves", (_BYTES_IN,), "48_migration_waves"),
    Question("throughput", (_BYTES_IN, _BYTES_OUT), "70_throughput_before_after"),
    Question("lag", (("table:group_offsets",), ("table:offsets",)), "75_consumer_lag"),
    Question(
        "replication",
        (
            (
                "mirror_records_total",
                "link_mirror_lag_records",
                "flink_current_offset",
                "replicator_message_lag",
                "table:mirror_positions",
                "table:connectors",
                "table:offset_syncs",
            ),
        ),
        "50_replication",
        across=True,
    ),
    Question(
        "cutover",
        (("table:offsets",), ("table:partitions",)),
        "60_cutover_readiness",
        across=True,
        keeps_red=True,
    ),
    Question("health", (("under_replicated_partitions",), ("offline_partitions",), ("active_controller",))),
    Question("latency", (("request_total_ms",),)),
    Question("idle", (("request_handler_idle_seconds_total", "request_handler_idle_ratio"),)),
    Question("host", (("cpu_seconds_total",), ("disk_read_bytes_total",), ("net_received_bytes_total",))),
)
EXPECTED = (_BYTES_IN, _BYTES_OUT, _RECORDS_IN, ("log_size_bytes",))  # of any recording of brokers' metrics


def lacking(question: Question, held: Collection[str]) -> tuple[str, ...]:
    """Return what a question needs and is not held; of alternatives all are named.

    Examples
    --------
    >>> rebalance = next(question for question in QUESTIONS if question.name == "rebalance")
    >>> lacking(rebalance, {"table:partitions"})
    ('log_size_bytes or table log_dirs',)
    """
    missing = (names for names in question.needs if not set(names) & set(held))
    return tuple(" or ".join(names).replace("table:", "table ") for names in missing)


def usable_for(held: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return for each question what is lacking; nothing means that it can be answered.

    Examples
    --------
    >>> usable_for({"table:partitions"})["inventory"]
    ()
    """
    return {question.name: lacking(question, held) for question in QUESTIONS}
