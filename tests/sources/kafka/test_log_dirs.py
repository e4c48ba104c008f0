from __future__ import annotations

import sys

import pytest

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.kafka.log_dirs import admin_client, quorum_leader, read_log_dirs

PART = {"partition_index": 0, "partition_size": 10, "offset_lag": 0, "is_future_key": False}


class Client:
    def describe_log_dirs(self, brokers):
        if brokers == [2]:
            message = "gone"
            raise OSError(message)
        return [
            {
                "broker": brokers[0],
                "log_dirs": [{"log_dir": "/d", "topics": [{"name": "t", "partitions": [PART]}]}],
            }
        ]

    def describe_metadata_quorum(self):
        return {"topics": [{"partitions": [{"leader_id": 3}]}]}


def test_sizes_of_brokers_that_answer():
    rows = (
        read_log_dirs(Client(), cluster="c", brokers=[1, 2])
        .select("broker", "path", "topic", "size_bytes")
        .rows()
    )
    assert rows == [(1, "/d", "t", 10)]


@pytest.mark.parametrize(("told", "read"), [({"is_cordoned": True}, True), ({}, None)])
def test_a_cordoned_directory_is_what_a_broker_of_4_3_says_and_unknown_before(monkeypatch, told, read):
    folder = {"log_dir": "/d", "topics": [{"name": "t", "partitions": [PART]}], **told}
    monkeypatch.setattr(Client, "describe_log_dirs", lambda *_, **__: [{"broker": 1, "log_dirs": [folder]}])
    assert read_log_dirs(Client(), cluster="c", brokers=[1])["is_cordoned"].to_list() == [read]


def test_no_broker_at_all_is_a_gap():
    with pytest.raises(SourceError, match="gone"):
        read_log_dirs(Client(), cluster="c", brokers=[2])


def test_the_quorum_names_the_controller():
    assert quorum_leader(Client()) == 3


def test_where_there_is_no_quorum_it_is_unknown(monkeypatch):
    def refuse(self):
        raise NotImplementedError

    monkeypatch.setattr(Client, "describe_metadata_quorum", refuse)
    assert quorum_leader(Client()) is None


def test_a_client_that_cannot_connect_gives_up_in_time_and_leaves_no_thread(monkeypatch):
    class Client:
        def __init__(self, **config):
            self.config, self.closed = config, 0
            made.append(self)
            message = "Unable to bootstrap"
            raise OSError(message)

        def close(self):
            if not hasattr(self, "_closed") or self._closed:
                return
            self.closed += 1

    made: list[Client] = []
    monkeypatch.setattr("kafka.KafkaAdminClient", Client)
    with (
        pytest.raises(SourceError, match="Unable to bootstrap"),
        admin_client(ClusterProfile(name="c", bootstrap_servers="127.0.0.1:1"), timeout_s=2),
    ):
        pass
    assert [(client.closed, client.config["bootstrap_timeout_ms"]) for client in made] == [(1, 2000)]


def test_without_the_library_it_is_a_gap_that_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "kafka", None)
    cluster = ClusterProfile(name="c", bootstrap_servers="127.0.0.1:1")
    with (
        pytest.raises(SourceError, match=r"install kafka-analysis\[kafka-admin\]"),
        admin_client(cluster, timeout_s=1),
    ):
        pass
