from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.metrics import METRICS
from kafka_analysis.sources.dialects import detect, dialects, translate
from kafka_analysis.sources.exposition import parse_exposition

TS = datetime(2026, 1, 1, tzinfo=UTC)
BROKER_PAGE = """\
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",} 300.0
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="a",} 100.0
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="b",} 200.0
kafka_server_BrokerTopicMetrics_OneMinuteRate{name="BytesInPerSec",topic="b",} 7.0
kafka_log_Log_Value{name="Size",topic="a",partition="0",} 1000.0
kafka_log_Log_Value{name="Size",topic="a",partition="1",is_future="true",} 9.0
kafka_network_RequestMetrics_Count{name="RequestsPerSec",request="Fetch",version="16",} 5.0
kafka_network_RequestMetrics_Count{name="RequestsPerSec",request="Fetch",version="18",} 6.0
kafka_network_RequestMetrics_Count{name="ErrorsPerSec",request="Fetch",error="NONE",} 11.0
kafka_network_RequestMetrics_Count{name="ErrorsPerSec",request="Fetch",error="X",} 1.0
kafka_network_RequestMetrics_99thPercentile{name="TotalTimeMs",request="Produce",} 4.0
kafka_network_RequestMetrics_99thPercentile{name="TotalTimeMs",request="AlterAcls",} 0.0
kafka_server_KafkaRequestHandlerPool_OneMinuteRate{name="RequestHandlerAvgIdlePercent",} 1.004
kafka_network_SocketServer_Value{name="NetworkProcessorAvgIdlePercent",} NaN
process_cpu_seconds_total 9.5
something_else 1
"""


def translated(page: str, *, broker: int | None = 1):
    exposition = parse_exposition(page.encode())
    return translate(exposition, detect(exposition), ts=TS, cluster="c", broker=broker, source="s")


def values(page: str, metric: str, *labels: str):
    rows = translated(page).samples.filter(metric=metric)
    return sorted(rows.select(*labels, "value").rows(), key=str)


def test_the_broker_s_own_total_is_a_row_without_topic():
    assert values(BROKER_PAGE, "bytes_in_total", "topic") == [("a", 100.0), ("b", 200.0), (None, 300.0)]


def test_versions_are_summed_and_no_error_is_no_error():
    assert values(BROKER_PAGE, "requests_total", "entity") == [("Fetch", 11.0)]
    assert values(BROKER_PAGE, "request_errors_total", "entity") == [("Fetch", 1.0)]


def test_percentiles_are_kept_of_client_requests_only():
    assert values(BROKER_PAGE, "request_total_ms", "entity", "stat") == [("Produce", "p99", 4.0)]


def test_a_copy_on_the_way_to_another_disk_is_not_the_log():
    assert values(BROKER_PAGE, "log_size_bytes", "topic", "partition") == [("a", 0, 1000.0)]


def test_an_idle_ratio_may_exceed_1():
    assert values(BROKER_PAGE, "request_handler_idle_ratio") == [(1.004,)]


def test_lines_are_counted_and_nan_is_no_value():
    done = translated(BROKER_PAGE)
    assert "network_idle_ratio" not in done.samples["metric"]
    counts = done.lines
    assert (counts.read, counts.not_a_number, counts.duplicates, counts.rejected) == (16, 1, 0, 0)
    assert counts.not_catalogued == 5  # a rate, a future log, no error, AlterAcls, something else
    assert counts.stored == 10


def test_rows_say_what_they_are_of():
    row = translated('kafka_server_ReplicaManager_Value{name="LeaderCount",} 5', broker=7).samples.row(
        0, named=True
    )
    assert (row["cluster"], row["broker"], row["ts"], row["metric"]) == ("c", 7, TS, "leader_count")


def test_of_two_scrapes_in_one_page_the_last_counts_and_is_counted():
    done = translated(
        'kafka_server_ReplicaManager_Value{name="LeaderCount",} 5\n' * 2
        + 'kafka_server_ReplicaManager_Value{name="LeaderCount",} 8'
    )
    assert done.samples["value"].to_list() == [8.0]
    assert (done.lines.duplicates, done.lines.stored) == (2, 1)


def test_scrapes_with_times_of_their_own_are_both_kept():
    line = 'kafka_server_ReplicaManager_Value{{name="LeaderCount",}} {} {}'
    done = translated("\n".join([line.format(5, 1700000000000), line.format(8, 1700000010000)]))
    assert done.samples["ts"].dt.epoch("ms").to_list() == [1700000000000, 1700000010000]
    assert done.lines.duplicates == 0


def test_processors_of_a_host_are_summed_by_mode():
    page = 'node_cpu_seconds_total{cpu="0",mode="idle"} 5\nnode_cpu_seconds_total{cpu="1",mode="idle"} 6\n'
    page += 'node_filesystem_size_bytes{fstype="tmpfs",mountpoint="/run"} 1\n'
    page += 'node_filesystem_size_bytes{fstype="ext4",mountpoint="/data"} 2\n'
    assert values(page, "cpu_seconds_total", "entity") == [("idle", 11.0)]
    assert values(page, "filesystem_size_bytes", "entity") == [("/data", 2.0)]


def test_a_mirror_says_from_where_to_where():
    labels = 'source="old",target="new",topic="t",partition="3",'
    page = f"kafka_connect_mirror_MirrorSourceConnector_record_count{{{labels}}} 9"
    assert values(page, "mirror_records_total", "entity", "topic", "partition") == [("old->new", "t", 3, 9.0)]


@pytest.mark.parametrize(
    ("page", "name"),
    [
        (BROKER_PAGE, "msk"),
        ("node_memory_MemAvailable_bytes 1\nprocess_cpu_seconds_total 1", "node_exporter"),
        ("strimzi_resources 3\nprocess_cpu_seconds_total 1\njvm_info 1", None),
        ("", None),
    ],
)
def test_a_page_is_known_by_what_only_its_dialect_says(page, name):
    found = detect(parse_exposition(page.encode()))
    assert (found.name if found else None) == name


def test_nothing_known_is_nothing_and_no_zero():
    done = translated("strimzi_resources 3")
    assert done.samples.is_empty()
    assert done.lines.not_catalogued == 1


def test_rejected_lines_keep_their_source():
    assert translated("broken{").rejected.row(0)[:3] == ("s", 1, "broken{")


def test_every_dialect_speaks_of_metrics_of_the_catalogue_with_labels_they_may_have():
    for dialect in dialects():
        for family in dialect.families:
            for name in [family.to] if isinstance(family.to, str) else family.to.values():
                labels = {label for label in ("topic", "partition", "group") if getattr(family, label)}
                assert labels <= set(METRICS[name].labels), name
                assert bool(family.entity) == bool(METRICS[name].entity), name
                assert any(family.metrics.values()) <= (METRICS[name].kind in ("quantile", "gauge"))


@given(st.lists(st.sampled_from([*BROKER_PAGE.splitlines(), "broken{", "m x", "# c", ""]), max_size=20))
def test_no_line_is_lost_uncounted(rows):
    counts = translated("\n".join(rows)).lines
    assert counts.read == sum(bool(row) and not row.startswith("#") for row in rows)
    parts = (counts.stored, counts.not_catalogued, counts.not_a_number, counts.duplicates, counts.rejected)
    assert counts.read == sum(parts)
