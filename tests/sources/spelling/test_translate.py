from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.sources.exposition.page import parse_exposition
from kafka_analysis.sources.spelling.detect import detect
from kafka_analysis.sources.spelling.dialects import find_dialect
from kafka_analysis.sources.spelling.families import Dialect, Family
from kafka_analysis.sources.spelling.translate import translate

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


def translated(page: str, *dialects: Dialect, broker: int | None = 1, cluster: str = "c"):
    exposition = parse_exposition((page + "\n").encode())
    return translate(
        exposition, dialects or detect(exposition), ts=TS, cluster=cluster, broker=broker, source="s"
    )


def own(**family) -> Dialect:
    return Dialect(name="own", title="Mine", kind="exporter", source="a test", families=(Family(**family),))


def values(page: str, metric: str, *labels: str):
    rows = translated(page).samples.filter(metric=metric)
    return sorted(rows.select(*labels, "value").rows(), key=str)


def accounted(counts) -> int:
    kept = (counts.stored, counts.duplicates, counts.conflicting, counts.unknown, counts.not_a_number)
    return sum(kept) + counts.not_catalogued + counts.rejected


def test_labels_in_which_conflicting_lines_differ_are_named():
    sizes = own(metrics={"size": ""}, to="log_size_bytes", topic="topik", partition="p")
    lines = [f'size{{agent="x",p="{p}",topic="{topic}"}} {ord(topic)}' for p in (0, 1) for topic in "ab"]
    done = translated("\n".join(lines), sizes)
    (reason,) = set(done.rejected["reason"])
    assert reason.endswith("different values: all are rejected; a label may not be mapped: topic")
    assert done.lines.conflicting == 4


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


def test_nothing_known_is_nothing_and_no_zero():
    done = translated("strimzi_resources 3")
    assert done.samples.is_empty()
    assert done.lines.not_catalogued == 1


def test_rejected_lines_keep_their_source():
    assert translated("broken{").rejected.row(0)[:3] == ("s", 1, "broken{")


def test_a_line_is_translated_once_by_the_first_that_knows_it():
    two = own(metrics={"kafka_log_log_size": ""}, to="log_segments", topic="topic", partition="partition")
    page = 'kafka_log_log_size{topic="a",partition="0"} 5\nkafka_server_replicamanager_leadercount 3'
    done = translated(page, find_dialect("stock"), two)
    assert sorted(done.samples["metric"]) == ["leader_count", "log_size_bytes"]
    assert done.by_dialect == {"stock": 2, "own": 0}


def test_several_dialects_share_a_page():
    page = f"{BROKER_PAGE}node_memory_MemTotal_bytes 8\nkafka_connect_mirror_MirrorSourceConnector_record_count 9\n"
    done = translated(page)
    assert {"bytes_in_total", "memory_total_bytes", "mirror_records_total"} <= set(done.samples["metric"])
    assert done.by_dialect == {"msk": 12, "mirror_maker": 1, "node_exporter": 1}


def test_of_the_same_series_in_two_dialects_the_weightier_one_counts():
    page = "kafka_server_replicamanager_leadercount 3\nleaders 4"
    done = translated(page, find_dialect("stock"), own(metrics={"leaders": ""}, to="leader_count"))
    assert done.samples["value"].to_list() == [3.0]
    assert (done.lines.duplicates, done.lines.stored) == (1, 1)


def test_a_line_may_name_its_broker():
    family = {"metrics": {"size": ""}, "to": "log_size_bytes", "broker": "id"}
    rows = translated('size{id="7"} 5\nsize 6', own(**family), broker=1).samples
    assert rows.select("broker", "value").rows() == [(7, 5.0), (1, 6.0)]


def test_an_entity_lacks_the_part_that_is_not_told():
    family = {
        "metrics": {"n": ""}, "to": "mirror_records_total", "entity": ("source", "target"), "joined_by": "->",
    }  # fmt: skip
    rows = translated('n{target="new"} 1\nn{source="old",target="new"} 2\nn 3', own(**family)).samples
    assert rows["entity"].to_list() == ["->new", "old->new", None]


@pytest.mark.parametrize(("fold", "value"), [("sum", 5.0), ("max", 3.0)])
def test_lines_that_differ_in_other_labels_are_folded(fold, value):
    family = {"metrics": {"n": ""}, "to": "leader_count", "fold": fold}
    done = translated('n{a="1"} 2\nn{a="2"} 3\nn{a="3"} NaN', own(**family))
    assert done.samples["value"].to_list() == [value]
    assert (done.lines.stored, done.lines.not_a_number) == (2, 1)


def test_a_repeated_line_is_not_folded_in_twice():
    page = 'node_cpu_seconds_total{cpu="0",mode="idle"} 5\nnode_cpu_seconds_total{cpu="1",mode="idle"} 6\n'
    done = translated(page + page.replace(" 5", " 7"))
    assert done.samples["value"].to_list() == [13.0]
    assert (done.lines.stored, done.lines.duplicates) == (2, 2)


def test_label_names_in_lower_case_are_the_same_labels():
    page = 'kafka_server_delayedoperationpurgatory_value{name="PurgatorySize",delayedoperation="Fetch"} 4'
    assert values(page, "purgatory_size", "entity") == [("Fetch", 4.0)]


def test_one_page_about_several_clusters_is_read_for_one():
    line = 'kafka_consumergroup_group_sum_lag{{cluster_name="{}",group="g"}} {}\n'
    page = line.format("old", 5) + line.format("new", 8)
    done = translated(page, cluster="new")
    assert done.samples.select("cluster", "value").rows() == [("new", 8.0)]
    assert (done.lines.stored, done.lines.not_catalogued) == (1, 1)
    assert translated(line.format("any", 5), cluster="new").samples["value"].to_list() == [5.0]


@given(st.lists(st.sampled_from([*BROKER_PAGE.splitlines(), "broken{", "m x", "# c", ""]), max_size=20))
def test_no_line_is_lost_uncounted(rows):
    counts = translated("\n".join(rows)).lines
    assert counts.read == sum(bool(row) and not row.startswith("#") for row in rows)
    assert counts.read == accounted(counts)


MIXED = [
    *BROKER_PAGE.splitlines(), 'kafka_consumergroup_lag{consumergroup="g",topic="t",partition="0"} -1',
    'kafka_consumergroup_lag{consumergroup="g",topic="t",partition="0"} 5',
    'node_cpu_seconds_total{cpu="0",mode="a"} 1',
    'node_cpu_seconds_total{cpu="1",mode="a"} NaN', "kafka_server_replicamanager_leadercount 3", "broken{", "up 1",
]  # fmt: skip


@given(st.lists(st.sampled_from(MIXED), max_size=30))
def test_no_line_of_a_mixed_page_is_lost_uncounted(rows):
    done = translated("\n".join(rows))
    assert done.lines.read == len(rows) == accounted(done.lines)
    counts = done.lines
    kept = counts.stored + counts.unknown + counts.not_a_number
    assert kept <= sum(done.by_dialect.values()) <= counts.read - rows.count("broken{") - rows.count("up 1")
    assert counts.not_catalogued >= 0
    assert len(done.rejected) == counts.in_rejected
