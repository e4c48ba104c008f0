from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.routing.table import ListenerHints, RoutedCell
from kafka_analysis.routing.settings import address_settings, client_settings


def with_cell(table, **fields):
    return table.model_copy(update={"cells": {**table.cells, "one": RoutedCell(**fields)}})


@pytest.mark.parametrize(
    ("mechanism", "of_librdkafka"), [("SCRAM-SHA-512", "SCRAM-SHA-512"), ("AWS_MSK_IAM", "OAUTHBEARER")]
)
def test_the_mechanism_is_spelled_as_librdkafka_does(routes, mechanism, of_librdkafka):
    hints = ListenerHints(protocol="SASL_SSL", mechanism=mechanism)
    table = with_cell(routes, bootstrap_servers="b-1:9096", security=hints)
    assert address_settings(table, "one") == {
        "bootstrap.servers": "b-1:9096",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": of_librdkafka,
    }


def test_a_cell_that_is_not_there_yet_is_told(routes):
    with pytest.raises(InputError, match="one has no bootstrap servers in version 1"):
        address_settings(with_cell(routes), "one")


def test_the_cluster_s_own_settings_lie_on_top(routes):
    common = {"bootstrap.servers": "elsewhere:1", "linger.ms": 5, "sasl.password": "common"}
    found = client_settings(routes, "old", settings=common, security={"sasl.password": "own"})
    assert found == {
        "bootstrap.servers": "old:9092",
        "security.protocol": "PLAINTEXT",
        "linger.ms": 5,
        "sasl.password": "own",
    }
