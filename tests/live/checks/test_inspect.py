from __future__ import annotations

import gzip
import json

import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.checks.inspect import inspect_capture, inspect_page, read_page
from kafka_analysis.model.errors import InputError, UnreachableError
from kafka_analysis.sources.spelling.dialects import find_dialect

PAGE = b"""kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="a",} 1
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="a",} 1
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",} 1
up 1
broken{
"""


def test_a_page_is_taken_apart():
    report = inspect_page(PAGE, source="x")
    assert (report.dialect, report.metrics, report.topics) == ("msk", {"bytes_in_total": 2}, 1)
    counts = report.lines
    assert (counts.read, counts.stored, counts.not_catalogued, counts.duplicates, counts.rejected) == (
        5,
        2,
        1,
        1,
        1,
    )
    assert (report.explained["msk"], report.by_dialect) == (3, {"msk": 3})
    assert (report.rejected[0].line, report.rejected[0].text) == (5, "broken{")


def test_each_dialect_of_a_page_is_named():
    report = inspect_page(PAGE + b"node_memory_MemTotal_bytes 7\n", source="x")
    assert report.by_dialect == {"msk": 3, "node_exporter": 1}
    assert (
        report.title
        == "Amazon MSK Open Monitoring (JMX exporter without rules), and Prometheus node exporter"
    )


def test_what_a_page_is_good_for_and_what_it_covers_is_told():
    report = inspect_page(PAGE, source="x")
    assert report.lacking["sizing"] == ("bytes_out_total or bytes_out_per_s",)
    assert report.covered == {"bytes_in_total": 1.0}
    assert (report.first, report.last) == (None, None)


def test_topics_that_do_not_add_up_are_told():
    page = PAGE + b'kafka_server_BrokerTopicMetrics_Count{name="BytesOutPerSec",} 8\n'
    page += b'kafka_server_BrokerTopicMetrics_Count{name="BytesOutPerSec",topic="a",} 6\n'
    assert inspect_page(page, source="x").covered == {"bytes_in_total": 1.0, "bytes_out_total": 0.75}


def test_times_on_lines_are_told():
    page = b"".join(
        b'kafka_server_ReplicaManager_Value{name="LeaderCount",} 1 %d\n' % t
        for t in (1_700_000_009_000, 1_700_000_002_000)
    )
    report = inspect_page(page, source="x")
    assert [moment.second for moment in (report.first, report.last)] == [22, 29]


def test_times_that_cannot_be_meant_are_rejected_as_ingest_does():
    page = b'kafka_server_ReplicaManager_Value{name="LeaderCount",} 1 %d\n'
    report = inspect_page(page % 1_700_000_000 + page % 1_700_000_000_000, source="x")
    assert (report.lines.stored, report.lines.rejected) == (1, 1)
    assert "not in this century" in report.rejected[0].reason


def test_a_line_that_begins_with_a_brace_is_no_json():
    report = inspect_page(b'{"kafka.quoted"} 1\n' + PAGE, source="x")
    assert (report.dialect, report.lines.not_catalogued) == ("msk", 2)


def test_a_capture_is_told_apart_too(small_capture):
    lacking, covered = inspect_capture(read_capture(small_capture))
    assert lacking["skew"] == lacking["lag"] == ()
    assert lacking["latency"] == ("request_total_ms",)
    assert covered == {"bytes_in_total": 1.0, "bytes_out_total": 1.0, "messages_in_total": 1.0}


def test_jolokia_s_json_is_read_and_other_json_told():
    bean = "kafka.server:name=BytesInPerSec,topic=t,type=BrokerTopicMetrics"
    answer = {
        "request": {"type": "read", "mbean": bean},
        "value": {"Count": 5},
        "timestamp": 1_700_000_000,
        "status": 200,
    }
    assert inspect_page(json.dumps(answer).encode(), source="x").metrics == {"bytes_in_total": 1}
    with pytest.raises(InputError, match=r"^x"):
        inspect_page(b'{"a": 1}', source="x")


def test_gzip_is_unpacked_and_damaged_gzip_told():
    assert inspect_page(gzip.compress(PAGE), source="x").dialect == "msk"
    with pytest.raises(InputError, match="damaged gzip"):
        inspect_page(gzip.compress(PAGE)[:-9], source="x")


def test_a_page_about_something_else_has_no_dialect():
    report = inspect_page(b"strimzi_resources 3\n", source="x")
    assert (report.dialect, report.title, report.metrics) == (None, None, {})


@pytest.mark.parametrize("data", [b"", b"<html>", b"PAR1\x00\xff", b"%PDF-"])
def test_what_is_no_page_is_told(data):
    with pytest.raises(InputError, match="not a metrics page"):
        inspect_page(data, source="x")


def test_what_is_not_read_is_named():
    lines = [f"acme_kafka_{n:03} 1\n" for n in range(200)]
    report = inspect_page(PAGE + "".join(lines).encode(), source="x")
    assert (len(report.unknown), report.unknown_names) == (201, 201)
    assert next(iter(report.unknown.items())) == ("acme_kafka_000", 1)
    assert report.hint is None


def test_what_is_not_compared_has_a_reason():
    page = PAGE.replace(b'"BytesInPerSec",}', b'"BytesOutPerSec",}')
    for name, topic, value in (
        ("MessagesInPerSec", "", 0),
        ("MessagesInPerSec", 'topic="a",', 0),
        ("TotalProduceRequestsPerSec", "", 5),
        ("TotalProduceRequestsPerSec", 'topic="a",', 5),
    ):
        page += f'kafka_server_BrokerTopicMetrics_Count{{name="{name}",{topic}}} {value}\n'.encode()
    report = inspect_page(page, source="x")
    assert report.covered == {}
    assert report.not_covered == {
        "bytes_in_total": "no line of the broker's total",
        "bytes_out_total": "no topic lines",
        "messages_in_total": "the total is 0",
        "produce_requests_total": "only bytes and messages are compared",
    }
    assert inspect_page(PAGE, source="x").not_covered == {}


def test_each_metric_has_an_example_the_largest_value():
    page = PAGE + b'kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="b",} 7\n'
    page += b'kafka_network_RequestMetrics_99thPercentile{name="TotalTimeMs",request="Fetch",} 2.5\n'
    examples = inspect_page(page, source="x").examples
    assert {name: (one.series, one.value, one.unit) for name, one in examples.items()} == {
        "bytes_in_total": ("b", 7.0, "B"),
        "request_total_ms": ("Fetch, p99", 2.5, "ms"),
    }


def test_names_like_kafka_s_in_an_unknown_spelling_are_no_page_about_something_else():
    report = inspect_page(b"acme_kafka_in 1\nup 1\n", source="x")
    assert (report.dialect, report.unknown) == (None, {"acme_kafka_in": 1, "up": 1})
    assert report.hint.startswith("names look like Kafka's but match no known dialect: acme_kafka_in; write")


def test_a_dialect_that_is_given_reads_the_page_and_no_other_does():
    page = PAGE + b"node_memory_MemTotal_bytes 7\n"
    assert inspect_page(page, source="x", known=[find_dialect("node_exporter")]).by_dialect == {
        "node_exporter": 1
    }
    both = inspect_page(page, source="x", known=[find_dialect("node_exporter"), find_dialect("msk")])
    assert (both.dialect, both.by_dialect) == ("node_exporter", {"node_exporter": 1, "msk": 3})
    none = inspect_page(page, source="x", known=[find_dialect("flink")])
    assert (none.dialect, none.metrics) == (None, {})
    assert none.hint == "no line matches dialect flink; the page matches msk, node_exporter"


def test_files_and_addresses_are_read(tmp_path, pages, closed_port):
    (tmp_path / "f").write_bytes(PAGE)
    assert read_page(str(tmp_path / "f"))[1] == PAGE
    name, data = read_page(f"{pages}/metrics?token=hush")
    assert "hush" not in name
    assert data.startswith(b"kafka_")
    with pytest.raises(UnreachableError, match="did not answer: no connection"):
        read_page(f"http://127.0.0.1:{closed_port}/")
    with pytest.raises(InputError, match="cannot be read"):
        read_page(str(tmp_path / "nothing"))
