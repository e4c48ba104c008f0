"""A recording that asks a small Jolokia-like server: reads only, and what is not there is missing."""

from __future__ import annotations

import base64
import json
import threading
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.live.record.targets import endpoint_targets
from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.profile import ClusterProfile, Profile
from kafka_analysis.sources.http.client import http_client

BEANS = {
    "kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec": {"Count": 300, "OneMinuteRate": 2.5},
    "kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec,topic=orders": {
        "Count": 300,
        "OneMinuteRate": 2.5,
    },
    "kafka.server:type=ReplicaManager,name=LeaderCount": {"Value": 5},
    "java.lang:type=Memory": {"HeapMemoryUsage": {"used": 10, "max": 20, "init": 1, "committed": 15}},
}
PASSWORD = "hush-hush"


def answer(question: dict) -> dict:
    mbean, wanted = question["mbean"], question["attribute"]
    found = {
        name: {key: value for key, value in bean.items() if key in wanted}
        for name, bean in BEANS.items()
        if fnmatch(f"{name},", mbean.removesuffix("*") + "*") and set(bean) & set(wanted)
    }
    # As a real agent does: it repeats a list of one attribute as that attribute, yet answers with a map.
    repeated = wanted[0] if len(wanted) == 1 else wanted
    told = {"request": {"type": "read", "mbean": mbean, "attribute": repeated}, "timestamp": 1}
    if not found:
        return told | {"status": 404, "error": "javax.management.InstanceNotFoundException"}
    return told | {"status": 200, "value": found if "*" in mbean else found[mbean]}


@pytest.fixture
def agent():
    """Return the address of a server that answers reads, and all it was asked; `/denied` answers 403 to each."""
    asked: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            questions = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append({"questions": questions, "authorization": self.headers.get("Authorization")})
            told = {"/jolokia": answer, "/denied": denied, "/other": lambda _: {"up": True}}[
                self.path.rstrip("/")
            ]
            body = json.dumps([told(question) for question in questions]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def denied(question: dict) -> dict:
    return {
        "request": {"type": "read", "mbean": question["mbean"]},
        "status": 403,
        "error": "java.lang.Exception: No",
    }


def ask(url: str):
    cluster = ClusterProfile.model_validate(
        {"name": "c", "bootstrap_servers": "b:1", "endpoints": [{"url": url, "kind": "jolokia", "broker": 1}]}
    )
    with http_client() as client:
        (target,) = endpoint_targets(cluster, (), client=client, timeout_s=5)
        return target, target.ask()


def test_the_catalogue_s_mbeans_are_read(agent):
    address, asked = agent
    target, told = ask(f"{address}/jolokia/")
    assert (target.kind, target.broker, told.dialect) == ("jmx", 1, "msk")
    assert sorted(told.samples.select("metric", "topic", "value").rows(), key=str) == [
        ("bytes_in_total", "orders", 300.0),
        ("bytes_in_total", None, 300.0),
        ("heap_max_bytes", None, 20.0),
        ("heap_used_bytes", None, 10.0),
        ("leader_count", None, 5.0),
    ]
    assert told.samples["ts"].unique().to_list() == [told.ts]
    assert told.lines.rejected == 0
    assert {question["type"] for request in asked for question in request["questions"]} == {"read"}


def test_an_agent_that_denies_all_is_no_answer(agent):
    with pytest.raises(SourceError, match=r"status 403: java.lang.Exception: No"):
        ask(f"{agent[0]}/denied")
    with pytest.raises(SourceError, match="JSON, but not from Jolokia"):
        ask(f"{agent[0]}/other")


def test_it_is_recorded_and_credentials_are_nowhere(agent, closed_port, tmp_path):
    address, asked = agent
    url = f"{address}/jolokia/".replace("http://", f"http://ann:{PASSWORD}@")
    profile = Profile.model_validate(
        {
            "clusters": [
                {
                    "name": "c",
                    "bootstrap_servers": f"127.0.0.1:{closed_port}",
                    "endpoints": [{"url": url, "kind": "jolokia", "broker": 1}],
                }
            ],
            "admin_timeout_s": 0.5,
        }
    )
    capture = read_capture(record_capture(profile, tmp_path / "c", duration_s=1, interval_s=1))
    assert capture.expected_brokers.rows() == [("c", 1)]
    assert capture.metrics()["metric"].to_list() == [
        "bytes_in_total",
        "heap_max_bytes",
        "heap_used_bytes",
        "leader_count",
    ]
    token = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()
    assert asked[0]["authorization"] == f"Basic {token}"
    for file in (tmp_path / "c").rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes()
