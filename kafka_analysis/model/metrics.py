"""The canonical metrics: what each is called, what kind it is, and how brokers' values add up."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kafka_analysis.model.errors import InputError

_FLOW = "source->target"
Kind = Literal["counter", "rate", "gauge", "quantile"]
OverBrokers = Literal["sum", "max", "max on leader", "never"]


@dataclass(frozen=True)
class Metric:
    """One canonical metric; the unit is in its name.

    ``labels`` are those a series may carry besides cluster and broker; ``entity`` says what that label holds.
    ``over_brokers`` tells how the values of several brokers become one: ``max on leader`` means only the row of
    the partition's leader says anything. ``of_host``: the node exporter's, a page of its own beside the broker's.
    ``signed``: may be below 0, because two clocks or two readings are compared; every other metric is a size, a count
    or a share.
    """

    name: str
    kind: Kind
    over_brokers: OverBrokers
    labels: tuple[str, ...] = ()
    entity: str = ""
    of_host: bool = False
    signed: bool = False

    @property
    def unit(self) -> str:
        """Return the unit as the report writes it.

        Examples
        --------
        >>> METRICS["bytes_in_total"].unit, METRICS["log_size_bytes"].unit, METRICS["request_total_ms"].unit
        ('B', 'B', 'ms')
        """
        stem = self.name.removesuffix("_total")
        per_second = "/s" if stem.endswith("_per_s") else ""
        stem = stem.removesuffix("_per_s")
        starts = {
            "bytes_": "B",
            "replication_bytes_": "B",
            "reassignment_bytes_": "B",
            "messages_": "records",
        }
        ends = {"_bytes": "B", "_seconds": "s", "_ms": "ms", "_records": "records"}
        units = [unit for start, unit in starts.items() if stem.startswith(start)]
        units += [unit for end, unit in ends.items() if stem.endswith(end)]
        return f"{units[0]}{per_second}" if units else per_second


def _define(
    kind: Kind,
    over: OverBrokers,
    names: str,
    *labels: str,
    entity: str = "",
    of_host: bool = False,
    signed: bool = False,
) -> list[Metric]:
    return [Metric(name, kind, over, labels, entity, of_host, signed) for name in names.split()]


_ALL: Iterable[Metric] = (
    *_define("counter", "sum", "bytes_in_total bytes_out_total messages_in_total", "topic"),
    *_define(
        "counter",
        "sum",
        "produce_requests_total fetch_requests_total failed_produce_requests_total failed_fetch_requests_total "
        "bytes_rejected_total",
        "topic",
    ),
    *_define(
        "counter",
        "sum",
        "replication_bytes_in_total replication_bytes_out_total reassignment_bytes_in_total "
        "reassignment_bytes_out_total isr_shrinks_total isr_expands_total",
    ),
    *_define("rate", "sum", "bytes_in_per_s bytes_out_per_s messages_in_per_s", "topic"),
    *_define("rate", "sum", "replication_bytes_in_per_s replication_bytes_out_per_s"),
    *_define("gauge", "sum", "log_size_bytes log_segments", "topic", "partition"),
    *_define("gauge", "never", "log_start_offset log_end_offset", "topic", "partition"),
    *_define(
        "gauge",
        "max on leader",
        "partition_under_replicated partition_under_min_isr partition_isr_count partition_replicas",
        "topic",
        "partition",
    ),
    *_define(
        "gauge",
        "sum",
        "leader_count partition_count under_replicated_partitions under_min_isr_partitions offline_replicas "
        "active_controller",
    ),
    *_define("counter", "max", "unclean_leader_elections_total"),
    *_define(
        "gauge", "max", "offline_partitions global_partition_count global_topic_count preferred_replica_imbalance"
    ),
    *_define(
        "quantile",
        "never",
        "request_total_ms request_queue_ms request_local_ms request_remote_ms response_queue_ms response_send_ms "
        "request_throttle_ms request_bytes",
        entity="request type",
    ),
    *_define("counter", "sum", "requests_total request_errors_total", entity="request type"),
    *_define("gauge", "never", "network_idle_ratio request_handler_idle_ratio"),
    *_define("counter", "never", "request_handler_idle_seconds_total"),  # grows by 1 a second while all are idle
    *_define("gauge", "sum", "request_queue_size"),
    *_define("gauge", "sum", "purgatory_size", entity="delayed operation"),
    *_define("gauge", "sum", "connection_count", entity="listener and network processor"),
    *_define("counter", "sum", "connection_creations_total", entity="listener and network processor"),
    *_define("gauge", "sum", "client_connection_count", entity="authentication"),
    *_define("gauge", "sum", "client_software_connections", entity="client software, version and listener"),
    *_define("rate", "sum", "connection_creations_per_s connection_closes_per_s"),
    *_define("gauge", "max", "replica_fetcher_lag_records", "topic", "partition", entity="fetcher"),
    *_define(
        "gauge",
        "never",
        "group_lag_records group_lag_seconds group_lag_max_records group_lag_max_seconds group_lag_sum_records",
        "group",
        "topic",
        "partition",
        signed=True,
    ),
    *_define("gauge", "never", "group_committed_offset", "group", "topic", "partition"),
    *_define("counter", "sum", "mirror_records_total mirror_bytes_total", "topic", "partition", entity=_FLOW),
    *_define("rate", "sum", "mirror_bytes_per_s", "topic", "partition", entity=_FLOW),
    *_define(
        "gauge", "never", "mirror_replication_latency_ms mirror_record_age_ms", "topic", "partition", entity=_FLOW,
        signed=True,
    ),
    *_define(
        "gauge", "never", "mirror_checkpoint_latency_ms", "topic", "partition", "group", entity=_FLOW, signed=True
    ),
    *_define("gauge", "max", "link_mirror_lag_records", "topic", "partition", entity="link", signed=True),
    *_define("gauge", "max", "link_state link_mirror_topics", "topic", "partition", entity="link"),
    *_define("rate", "sum", "link_mirror_bytes_per_s", "topic", entity="link"),
    *_define(
        "gauge",
        "sum",
        "flink_current_offset flink_committed_offset",
        "topic",
        "partition",
        entity="job/operator",
    ),
    *_define(
        "gauge",
        "sum",
        "flink_pending_records flink_emit_lag_ms",
        "topic",
        "partition",
        entity="job/operator",
        signed=True,
    ),
    *_define(
        "gauge", "never", "replicator_latency_ms replicator_message_lag", "topic", entity="replicator", signed=True
    ),
    *_define("rate", "sum", "replicator_bytes_per_s", "topic", entity="replicator"),
    *_define(
        "counter",
        "sum",
        "canary_produced_records_total canary_consumed_records_total canary_failed_records_total "
        "canary_produce_ms_total canary_end_to_end_ms_total",
        "partition",
    ),
    *_define("counter", "sum", "process_cpu_seconds_total"),
    *_define("gauge", "never", "process_cpu_load_ratio"),
    *_define("gauge", "sum", "heap_used_bytes heap_max_bytes"),
    *_define("gauge", "never", "heap_after_gc_ratio"),
    *_define("gauge", "never", "cpu_ratio", entity="mode"),
    *_define("gauge", "never", "disk_used_ratio", entity="disk"),
    *_define("gauge", "sum", "storage_used_bytes memory_used_bytes memory_free_bytes"),
    *_define("rate", "sum", "net_received_bytes_per_s net_sent_bytes_per_s"),
    *_define("counter", "sum", "cpu_seconds_total", entity="mode", of_host=True),
    *_define("gauge", "sum", "filesystem_size_bytes filesystem_avail_bytes", entity="mount", of_host=True),
    *_define("counter", "sum", "disk_read_bytes_total disk_written_bytes_total", entity="device", of_host=True),
    *_define("counter", "sum", "net_received_bytes_total net_sent_bytes_total", entity="device", of_host=True),
    *_define("gauge", "sum", "memory_available_bytes memory_total_bytes", of_host=True),
)  # fmt: skip

METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
HOST_METRICS = frozenset(name for name, entry in METRICS.items() if entry.of_host)
COUNTERS = frozenset(name for name, entry in METRICS.items() if entry.kind == "counter")
RATES = frozenset(name for name, entry in METRICS.items() if entry.kind == "rate")
SIGNED_METRICS = frozenset(name for name, entry in METRICS.items() if entry.signed)


def metric(name: str) -> Metric:
    """Return a canonical metric by its name.

    Raises
    ------
    InputError
        When the catalogue has no metric of that name; the nearest one is suggested.

    Examples
    --------
    >>> metric("bytes_in_total").kind, metric("offline_partitions").over_brokers
    ('counter', 'max')
    """
    if name not in METRICS:
        raise InputError.unknown("metric", name, METRICS)
    return METRICS[name]
