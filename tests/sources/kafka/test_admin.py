from __future__ import annotations

from confluent_kafka import KafkaError

from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.kafka.admin import Heard
from kafka_analysis.sources.kafka.client import connect


def test_a_refused_login_is_kept_without_where_and_when():
    heard = Heard()
    text = "sasl_ssl://b:1/bootstrap: SASL authentication error: no (after 3ms in state AUTH_REQ)"
    heard.hear(KafkaError(KafkaError._AUTHENTICATION, text))
    assert (heard.authentication, heard.of_brokers, heard.count) == ("SASL authentication error: no", {}, 1)


def test_errors_of_brokers_are_kept_by_address_and_those_of_bootstrap_servers_are_counted():
    heard = Heard()
    for text in (
        "h:1/bootstrap: refused",
        "1/1 brokers are down",
        "[::1]:2/7: gone",
        "[::1]:2/7: gone again",
    ):
        heard.hear(KafkaError(KafkaError._TRANSPORT, text))
    assert (heard.of_brokers, heard.count) == ({"[::1]:2": "gone"}, 4)


def test_what_is_kept_stays_small():
    heard = Heard()
    for number in range(1000):
        heard.hear(KafkaError(KafkaError._TRANSPORT, f"b-{number}:9092/{number}: {'x' * 5000}\ny"))
    assert len(heard.of_brokers) == 5
    assert all(len(words) <= 300 and "\n" not in words for words in heard.of_brokers.values())
    heard.forget()
    assert heard == Heard()


def test_a_client_knows_its_cluster_and_hears_librdkafka():
    cluster = ClusterProfile(name="c", bootstrap_servers="no.such.host.invalid:9092")
    admin = connect(cluster)
    for _ in range(600):
        admin.poll(0.1)
        if admin.heard.count:
            break
    assert admin.cluster is cluster
    assert admin.heard.count
