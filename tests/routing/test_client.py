from __future__ import annotations

from kafka_analysis.routing import client as routing_client
from kafka_analysis.routing.client import routed_consumer, routed_producer


def test_the_factories_pass_on_what_they_are_given(held, monkeypatch):
    monkeypatch.setattr(routing_client, "RoutedProducer", lambda *words, **named: (words, named))
    monkeypatch.setattr(routing_client, "RoutedConsumer", lambda *words, **named: (words, named))
    given = {"settings": {"linger.ms": 1}, "security": lambda _: {}, "every_s": 3}
    assert routed_producer("shop", held, **given) == (("shop", held), given)
    assert routed_consumer("g", held, **given, drain_s=9) == (("g", held), {**given, "drain_s": 9})


def test_real_clients_take_the_settings(held):
    producer = routed_producer("shop", held, settings={"log_level": 0}, security=lambda _: {})
    assert producer.produce("orders", b"1") == "old"
    assert producer.flush(0) == 1  # nobody is there
    consumer = routed_consumer("billing", held, settings={"log_level": 0}, security=lambda _: {})
    assert consumer.clusters == ("old",)
    consumer.close()
