"""Answers as Jolokia's reference manual describes them; tests/testbed holds them against a real agent's."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.page_limits import PageLimits
from kafka_analysis.sources.exposition.page import parse_exposition
from kafka_analysis.sources.jolokia.answers import is_json, read_jolokia
from kafka_analysis.sources.spelling.detect import detect
from kafka_analysis.sources.spelling.translate import translate

T = 1_700_000_000
BYTES_IN = "kafka.server:name=BytesInPerSec,type=BrokerTopicMetrics"
LEAVES = st.none() | st.booleans() | st.floats() | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
PATTERN = "kafka.server:type=BrokerTopicMetrics,*"


def answer(value, *, mbean=BYTES_IN, attribute=None, status=200, timestamp=T, **more):
    request = {"type": "read", "mbean": mbean} | ({"attribute": attribute} if attribute else {})
    return {"request": request, "value": value, "status": status, "timestamp": timestamp} | more


def read(*answers):
    return read_jolokia(json.dumps(answers[0] if len(answers) == 1 else answers).encode())


def rows(page, *columns):
    return page.samples.select("metric", *columns, "value").rows()


def test_a_single_attribute():
    page = read(answer(5, attribute="Count"))
    assert rows(page, "label_name", "timestamp_ms", "line") == [
        ("kafka_server_BrokerTopicMetrics_Count", "BytesInPerSec", T * 1000, 1, 5.0)
    ]
    assert page.rejected.is_empty()


def test_all_attributes_of_one_mbean_numbers_only():
    value = {
        "Count": 5,
        "OneMinuteRate": 0.5,
        "RateUnit": "SECONDS",
        "Names": ["a"],
        "On": True,
        "Off": False,
    }
    assert rows(read(answer(value))) == [
        ("kafka_server_BrokerTopicMetrics_Count", 5.0),
        ("kafka_server_BrokerTopicMetrics_OneMinuteRate", 0.5),
        ("kafka_server_BrokerTopicMetrics_On", 1.0),
        ("kafka_server_BrokerTopicMetrics_Off", 0.0),
    ]


def test_a_pattern_gives_a_map_of_names_with_sorted_keys():
    value = {
        "kafka.server:name=BytesInPerSec,topic=t.a,type=BrokerTopicMetrics": {"Count": 3},
        "kafka.server:name=BytesInPerSec,type=BrokerTopicMetrics": {"Count": 5},
    }
    page = read(answer(value, mbean=PATTERN, attribute="Count"))
    assert rows(page, "label_topic") == [
        ("kafka_server_BrokerTopicMetrics_Count", "t.a", 3.0),
        ("kafka_server_BrokerTopicMetrics_Count", None, 5.0),
    ]


def test_composite_values_and_a_path_into_one():
    memory = "java.lang:type=Memory"
    whole = read(answer({"used": 10, "max": 20}, mbean=memory, attribute="HeapMemoryUsage"))
    question = {"type": "read", "mbean": memory, "attribute": "HeapMemoryUsage", "path": "used"}
    part = read(answer(10, request=question))
    listed = read(
        answer({"HeapMemoryUsage": {"used": 10, "max": 20}}, mbean=memory, attribute="HeapMemoryUsage")
    )
    whole_path = read(answer(10, request={"type": "read", "mbean": memory, "path": "HeapMemoryUsage/used"}))
    assert rows(listed) == rows(whole)
    assert rows(whole_path) == rows(part)
    assert rows(whole) == [
        ("java_lang_Memory_HeapMemoryUsage_used", 10.0), ("java_lang_Memory_HeapMemoryUsage_max", 20.0),
    ]  # fmt: skip
    assert rows(part) == rows(whole)[:1]


def test_what_is_not_there_is_missing_and_not_zero():
    gone = {"request": {"type": "read", "mbean": "kafka.consumer.group:type=ConsumerLagMetrics,*"},
            "status": 404, "error": "javax.management.InstanceNotFoundException : No MBean"}  # fmt: skip
    page = read(answer(5, attribute="Count"), gone)
    assert len(page.samples) == 1
    assert page.rejected.is_empty()
    assert page.missing == ("kafka.consumer.group:type=ConsumerLagMetrics,*",)


def test_other_errors_are_rejected_with_their_reason():
    forbidden = answer(None, status=403, error="java.lang.Exception : No access\nallowed")
    listed = {"request": {"type": "list"}, "value": {"a": {}}, "status": 200, "timestamp": T}
    unread = answer({"Count": "ERROR: java.lang.IllegalStateException: closed (class x)", "MeanRate": 1})
    page = read(
        forbidden, listed, unread, answer(3, mbean=PATTERN), answer(3, mbean="nonsense", attribute="Count")
    )
    assert page.rejected.rows() == [
        (1, BYTES_IN, "status 403: java.lang.Exception : No access allowed"),
        (2, "(not told)", "the answer to 'list', not to a read request"),
        (3, f"{BYTES_IN} Count", "ERROR: java.lang.IllegalStateException: closed (class x)"),
        (4, PATTERN, "not a map of MBeans and their attributes"),
        (5, "nonsense Count", "'nonsense' is not an MBean name, <domain>:<key>=<value>,…"),
    ]
    assert rows(page) == [("kafka_server_BrokerTopicMetrics_MeanRate", 1.0)]


def test_what_the_agent_left_out_is_rejected_and_the_rest_counts():
    name = "kafka.log:name=Size,partition={},topic=t,type=Log"
    cut = "[Object limit exceeded]"
    page = read(answer({name.format(0): {"Value": 5}, name.format(1): {"Value": cut}, name.format(2): cut},
                       mbean="kafka.log:*"))  # fmt: skip
    assert rows(page) == [("kafka_log_Log_Value", 5.0)]
    assert page.rejected["reason"].to_list() == [cut, f"not a map of attributes: {cut}"]


def test_null_and_not_a_number():
    page = read(answer({"Count": None, "Mean": "NaN", "Max": "Infinity", "Min": "-Infinity"}))
    values = page.samples["value"].to_list()
    assert [math.isnan(v) for v in values] == [True, True, False, False]
    assert values[2:] == [math.inf, -math.inf]
    done = translate(page, detect(page), ts=datetime.fromtimestamp(T, UTC), cluster="c", broker=1, source="s")
    assert (done.lines.not_a_number, done.lines.stored) == (1, 0)


def test_quoted_values_are_what_they_stand_for():
    name = r'kafka.consumer.group:groupId="a:b,\"c\"=\*",name=SumOffsetLag,type=ConsumerLagMetrics'
    page = read(answer({name: {"Value": 7}}, mbean="kafka.consumer.group:*"))
    assert rows(page, "label_groupId") == [
        ("kafka_consumer_group_ConsumerLagMetrics_Value", 'a:b,"c"=*', 7.0)
    ]


def test_answers_of_one_scrape_share_a_time_and_a_repeated_question_begins_another():
    one, other = "kafka.server:type=A", "kafka.server:type=B"
    times = [(one, T), (other, T + 1), (one, T + 60), (other, T + 60)]
    page = read(*(answer(1, mbean=mbean, attribute="Value", timestamp=time) for mbean, time in times))
    assert [t // 1000 - T for t in page.samples["timestamp_ms"]] == [1, 1, 60, 60]


def test_several_documents_follow_each_other_and_a_cut_off_one_is_rejected():
    whole = json.dumps(answer(1, attribute="Count"))
    page = read_jolokia(f"{whole}\n{whole}\n{whole[:40]}".encode())
    assert len(page.samples) == 2
    assert page.rejected.select("line", "reason").rows() == [(3, "not JSON, or cut off")]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{}", b"[1, 2]", b'{"a": 1}', b"<html>", b'{"status": "up"}', b"[" * 100_000]
)
def test_what_is_not_jolokia_s_says_so(data):
    with pytest.raises(SourceError, match="JSON"):
        read_jolokia(data)


def test_a_time_that_makes_no_sense_is_no_time():
    for time in (None, -1, 0, 1e300, "now", float("nan")):
        assert read(answer(1, attribute="Count", timestamp=time)).samples["timestamp_ms"].to_list() == [None]


def test_beyond_128_keys_labels_are_kept_aside():
    value = {f"d:type=T,k{n}=v": {"Value": n} for n in range(130)}
    page = read(answer(value, mbean="d:*"))
    assert sum(c.startswith("label_") for c in page.samples.columns) == 128
    aside = [pairs for pairs in page.samples["labels_other"].to_list() if pairs]
    assert len(aside) == 2
    assert aside[0][0]["value"] == "v"


def test_one_set_of_names_with_the_exporter():
    """What the JMX exporter writes without rules, and the same MBeans from Jolokia, become the same samples."""
    text = b"""\
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="t",} 3
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",} 5
kafka_log_Log_Value{name="Size",topic="t",partition="0",} 9
kafka_network_RequestMetrics_99thPercentile{name="TotalTimeMs",request="Produce",} 1.5
kafka_server_socket_server_metrics_connection_count{listener="PLAINTEXT",networkProcessor="1",} 2
java_lang_Memory_HeapMemoryUsage_used 8
"""
    value = {
        "kafka.server:name=BytesInPerSec,topic=t,type=BrokerTopicMetrics": {"Count": 3},
        "kafka.server:name=BytesInPerSec,type=BrokerTopicMetrics": {"Count": 5},
        "kafka.log:name=Size,partition=0,topic=t,type=Log": {"Value": 9},
        "kafka.network:name=TotalTimeMs,request=Produce,type=RequestMetrics": {"99thPercentile": 1.5},
        "kafka.server:listener=PLAINTEXT,networkProcessor=1,type=socket-server-metrics": {
            "connection-count": 2
        },
        "java.lang:type=Memory": {"HeapMemoryUsage": {"used": 8}},
    }
    ts = datetime.fromtimestamp(T, UTC)
    told = [
        translate(page, detect(page), ts=ts, cluster="c", broker=1, source="s").samples.sort(
            "metric", "value"
        )
        for page in (parse_exposition(text), read(answer(value, mbean="*:*")))
    ]
    assert len(told[0]) == 6
    assert told[0].equals(told[1])


@given(VALUES)
def test_whatever_a_value_is_nothing_breaks(value):
    page = read(answer(value, mbean=PATTERN), answer(value), answer(value, attribute="Value"))
    assert set(page.samples["line"]) | set(page.rejected["line"]) <= {1, 2, 3}


def test_json_is_known_by_its_first_letter():
    assert is_json(b"\xef\xbb\xbf {")
    assert not is_json(b"kafka 1")
    assert not is_json(b"")


def one_answer(topic: str, value: str) -> str:
    mbean = f"kafka.server:name=BytesInPerSec,topic={topic},type=BrokerTopicMetrics"
    return (
        f'{{"status": 200, "value": {{"Count": {value}}}, "request": {{"type": "read", "mbean": "{mbean}"}}}}'
    )


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (one_answer("\\ud800", "1"), "half of a surrogate pair"),
        (one_answer("t", "9" * 1000), "out of range"),
        (one_answer("t", '{"a":' * 800 + "1" + "}" * 800), "nested deeper"),
        ('{"status": 500, "error": "\\udfff", "request": {"mbean": "a:b=c"}}', "status 500"),
    ],
)
def test_what_no_figure_can_be_made_of_is_rejected_alone(odd, reason):
    page = read_jolokia(f"[{odd},{one_answer('good', '7')}]".encode())
    assert page.samples["value"].to_list() == [7.0]
    assert reason in page.rejected["reason"].item()


def test_json_too_deep_or_too_large_is_told():
    with pytest.raises(SourceError, match="nested too deeply"):
        read_jolokia(b"[" * 100_000)
    with pytest.raises(SourceError, match="more than 20 values"):
        read_jolokia(b"[" + b"{}," * 50 + b"{}]", limits=PageLimits(most_lines=10))
