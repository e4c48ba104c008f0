from __future__ import annotations

import httpx
import pytest

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.profile import PrometheusServer
from kafka_analysis.sources.prometheus.api import connected
from kafka_analysis.sources.prometheus.targets import broker_of, discover, selector

BYTES = "kafka_server_BrokerTopicMetrics_Count"
LEADERS = "kafka_server_ReplicaManager_Value"
MIRROR = "kafka_connect_mirror_MirrorSourceConnector_record_count"
CPU = "node_cpu_seconds_total"


def server_of(**more):
    return PrometheusServer.model_validate({"url": "http://prometheus.example.org:9090", **more})


def series(metric, instance, job="kafka", **more):
    return {"__name__": metric, "instance": instance, "job": job, **more}


@pytest.fixture
def found():
    """Return a function that discovers the targets of a server with some series."""

    def of(*stored, **more):
        def answer(request):
            if "label" in request.url.path:
                data = sorted({one["__name__"] for one in stored} | {"up"})
            else:
                asked = httpx.QueryParams(request.content.decode())["match[]"]
                data = [one for one in stored if f'__name__="{one["__name__"]}"' in asked]
            return httpx.Response(200, json={"status": "success", "data": data})

        server = server_of(**more)
        with connected(server, transport=httpx.MockTransport(answer)) as api:
            return discover(api, server, start_ms=0, end_ms=60_000)

    return of


def test_series_are_sorted_by_what_was_scraped(found):
    done = found(
        series(BYTES, "k1:7071", name="BytesInPerSec"),
        series(LEADERS, "k1:7071", name="LeaderCount"),
        series(BYTES, "k2:7071", name="BytesInPerSec", topic="orders"),
        series(CPU, "k1:9100", job="node", mode="idle"),
        brokers={"k1:7071": 1, "k2:7071": 2, "k1:9100": 1},
    )
    assert [(t.broker, t.dialects[0].name, t.series) for t in done.targets] == [
        (1, "msk", 2), (2, "msk", 1), (1, "node_exporter", 1)
    ]  # fmt: skip
    names = f'__name__=~"{BYTES}|{LEADERS}"'
    assert done.targets[0].selector == f'{{job="kafka",instance="k1:7071",{names}}}'
    assert done.targets[0].words == '{job="kafka",instance="k1:7071"}'
    assert done.notes == ()


def test_a_target_that_is_no_broker_s_is_left_out_and_named(found):
    done = found(
        series(BYTES, "k1:7071", name="BytesInPerSec"),
        series(BYTES, "k9:7071", name="BytesInPerSec"),
        broker_pattern=r"^k([1-3]):",
    )
    assert [t.broker for t in done.targets] == [1]
    (note,) = done.notes
    assert "no broker number in 1 value of instance ('k9:7071')" in note


def test_a_client_needs_no_broker(found):
    done = found(series(MIRROR, "mirror:7072", topic="t", partition="0"))
    assert [(t.broker, t.dialects[0].name) for t in done.targets] == [(None, "mirror_maker")]


def test_names_a_target_s_dialect_does_not_know_are_not_asked_for(found):
    done = found(
        series(CPU, "k1:9100", mode="idle"),
        series("process_cpu_seconds_total", "k1:9100"),
        brokers={"k1:9100": 1},
    )
    assert (done.targets[0].series, "process" in done.targets[0].selector) == (1, False)


def test_another_label_may_say_the_broker(found):
    done = found(
        series(BYTES, "proxy", name="BytesInPerSec", broker_id="4"),
        series(BYTES, "proxy", name="BytesInPerSec", broker_id="5"),
        broker_label="broker_id",
    )
    assert [(t.broker, t.labels["broker_id"]) for t in done.targets] == [(4, "4"), (5, "5")]


def test_labels_are_quoted_whatever_they_hold(found):
    (target,) = found(series(MIRROR, 'a"b\\c\nd}é', topic="t")).targets
    assert 'instance="a\\"b\\\\c\\nd}é"' in target.selector


def test_an_absent_label_is_matched_as_empty(found):
    (target,) = found({"__name__": MIRROR, "topic": "t"}).targets
    assert target.selector == f'{{job="",instance="",__name__=~"{MIRROR}"}}'


def test_nothing_known_is_no_target(found):
    assert found(series("strimzi_resources", "operator")).targets == ()
    assert found().targets == ()


def test_a_server_that_does_not_answer_is_told():
    server = server_of()
    nothing = httpx.MockTransport(lambda _: httpx.Response(404))
    with connected(server, transport=nothing) as api, pytest.raises(SourceError, match="404"):
        discover(api, server, start_ms=0, end_ms=1)


def test_warnings_are_kept_once():
    answer = httpx.Response(200, json={"status": "success", "data": [], "warnings": ["store a is down"] * 2})
    server = server_of()
    with connected(server, transport=httpx.MockTransport(lambda _: answer)) as api:
        assert discover(api, server, start_ms=0, end_ms=1).notes == ("store a is down",)


@pytest.mark.parametrize(
    ("value", "more", "broker"),
    [
        ("7", {}, 7),
        ("b-7", {}, None),
        (None, {}, None),
        ("99999999999", {}, None),
        ("٣", {}, None),
        ("b-12.example.org:11001", {"broker_pattern": r"b-(\d+)\."}, 12),
        ("b-x.example.org", {"broker_pattern": r"b-(\w+)\."}, None),
        ("b", {"broker_pattern": r"b(\d+)?"}, None),
        ("k1:7071", {"brokers": {"k1:7071": 1}}, 1),
        ("2", {"brokers": {"k1:7071": 1}}, None),
        (None, {"brokers": {"k1:7071": 1}}, None),
    ],
)
def test_the_broker_of_a_label(value, more, broker):
    assert broker_of(value, server_of(**more)) == broker


@pytest.mark.parametrize(
    ("match", "joined"),
    [
        ("{}", "{a}"),
        ("{ }", "{a}"),
        ('{job="k"}', '{job="k",a}'),
        ('{ job = "k", env!~"d.*" , }', '{job = "k", env!~"d.*",a}'),
    ],
)
def test_matchers_are_joined(match, joined):
    assert selector(server_of(match=match), "a") == joined
