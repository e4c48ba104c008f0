from __future__ import annotations

import pytest

from kafka_analysis.sources.mirroring.shown_values import MOST_CHARACTERS, is_sensitive, shown_value


@pytest.mark.parametrize(
    "name",
    [
        "source.cluster.sasl.jaas.config",
        "ssl.keystore.password",
        "target.cluster.ssl.key.password",
        "ssl.keystore.key",
        "aws.secret.access.key",
        "apiKey",
        "oauth.bearer.TOKEN",
        "key.converter.basic.auth.user.info",
        "basic.auth.credentials.source",
        "sasl.oauthbearer.client.id",
    ],
)
def test_what_may_hold_a_secret_is_not_shown(name):
    assert is_sensitive(name)
    assert shown_value(name, "hunter2") is None


@pytest.mark.parametrize(
    "name",
    [
        "key.converter",
        "task.key.converter",
        "producer.key.serializer",
        "ssl.keystore.type",
        "topics",
        "offset.lag.max",
    ],
)
def test_other_settings_are(name):
    assert shown_value(name, "x") == "x"


@pytest.mark.parametrize(
    "value",
    [
        "org.apache.kafka…PlainLoginModule required username='u' password='p';",
        "Endpoint=sb://x;SharedAccessKey=abc",
        "-----BEGIN PRIVATE KEY-----",
        "x" * (MOST_CHARACTERS + 1),
        "http://a:b@h " * 400,
    ],
)
def test_values_that_hold_secrets_or_are_too_long_to_tell_are_not_shown(value):
    assert shown_value("rest.extension", value) is None


def test_a_login_in_an_address_is_cut_out():
    assert shown_value("bootstrap.servers", "ann:secret@h:9092") == "…@h:9092"
    assert shown_value("url", "https://ann:secret@h/x?token=abc") is None
    assert shown_value("bootstrap.servers", "h1:9092,h2:9092") == "h1:9092,h2:9092"
