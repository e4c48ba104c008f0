from __future__ import annotations

import pytest

from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.kafka.client import (
    connect,
    connect_consumer,
    kafka_python_config,
    librdkafka_config,
)

SECURITY = {
    "protocol": "SASL_SSL",
    "mechanism": "SCRAM-SHA-512",
    "username": "ann",
    "password": {"env": "KA_TEST_PW"},
    "ca_file": "/ca.pem",
}


@pytest.fixture
def cluster(monkeypatch):
    monkeypatch.setenv("KA_TEST_PW", "hush")
    return ClusterProfile.model_validate(
        {
            "name": "c",
            "bootstrap_servers": "b:1,b:2",
            "security": SECURITY,
            "client_options": {"client.id": "mine"},
        }
    )


def test_librdkafka_gets_its_names(cluster):
    config = librdkafka_config(cluster)
    assert config["sasl.password"] == "hush"
    assert config["ssl.ca.location"] == "/ca.pem"
    assert config["client.id"] == "kafka-analysis"  # what the project says goes before
    assert "ssl.key.location" not in config


def test_kafka_python_gets_its_names(cluster):
    config = kafka_python_config(cluster, timeout_s=2.5)
    assert config["bootstrap_servers"] == ["b:1", "b:2"]
    assert (config["sasl_plain_password"], config["request_timeout_ms"]) == ("hush", 2500)


@pytest.mark.parametrize(
    "make", [librdkafka_config, lambda cluster: kafka_python_config(cluster, timeout_s=1)]
)
def test_the_entry_whose_secret_cannot_be_read_is_named(cluster, monkeypatch, make):
    monkeypatch.delenv("KA_TEST_PW")
    with pytest.raises(
        ProfileError, match=r"^cluster c: security\.password: environment variable KA_TEST_PW is not"
    ):
        make(cluster)


def test_no_secret_is_in_the_profile_s_own_text(cluster):
    assert "hush" not in repr(cluster) + cluster.model_dump_json()


def test_a_setting_that_librdkafka_refuses_is_one_line():
    cluster = ClusterProfile.model_validate(
        {"name": "c", "bootstrap_servers": "b:1", "client_options": {"no.such.option": 1}}
    )
    with pytest.raises(ProfileError, match=r"cluster c: .*no\.such\.option"):
        connect(cluster)


def test_a_cluster_without_addresses_cannot_be_connected_to():
    source = {"cluster_name": "c", "region": "eu-west-1"}
    cluster = ClusterProfile.model_validate({"name": "c", "cloudwatch": source})
    with pytest.raises(ProfileError, match="cluster c has no bootstrap_servers; add them"):
        connect(cluster)
    with pytest.raises(ProfileError, match="no bootstrap_servers"):
        kafka_python_config(cluster, timeout_s=1)


def test_a_setting_that_a_consumer_does_not_know_is_told_without_the_value():
    cluster = ClusterProfile(
        name="c", bootstrap_servers="b:1", client_options={"socket.timeout.ms": "hunter2"}
    )
    with pytest.raises(ProfileError, match=r"cluster c: .*; correct the profile") as refused:
        connect_consumer(cluster, {"group.id": "g"})
    assert "hunter2" not in str(refused.value)


def test_what_is_asked_of_a_consumer_counts_more_than_options_of_the_profile():
    cluster = ClusterProfile(name="c", bootstrap_servers="b:1", client_options={"no.such.option": 1})
    with pytest.raises(ProfileError, match=r"cluster c: .*no\.such\.option"):
        connect_consumer(cluster, {"group.id": "g"})
    options = {"enable.auto.commit": "no such value"}
    cluster = ClusterProfile(name="c", bootstrap_servers="b:1", client_options=options)
    consumer = connect_consumer(cluster, {"group.id": "g", "enable.auto.commit": False})
    assert consumer.close() is None
