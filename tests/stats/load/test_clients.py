from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.load.clients import client_load

REQUESTS = {"cluster": pl.String, "broker": pl.Int32, "entity": pl.String, "rate_per_s": pl.Float64}
CONNECTIONS = {"metric": pl.String, "cluster": pl.String, "broker": pl.Int32, "mean": pl.Float64}


@pytest.fixture
def asked(frame, rows):
    """Return a function of the requests and connections of brokers 1 and 2."""

    def compute(requests=(), connections=()):
        load = frame({"cluster": "c", "broker": [1, 2], "leaders": [3, 4]})
        told = client_load(
            load,
            requests=frame(list(requests), schema=REQUESTS, orient="row"),
            connections=frame(list(connections), schema=CONNECTIONS, orient="row"),
        )
        return rows(told, "broker", "requests_per_s", "connections")

    return compute


def test_a_fetch_is_counted_once(asked):
    requests = [("c", 1, "Fetch", 9.0), ("c", 1, "FetchConsumer", 4.0), ("c", 1, "FetchFollower", 5.0),
                ("c", 1, "Produce", 1.0), ("c", 2, "Fetch", 2.0)]  # fmt: skip
    assert asked(requests) == [(1, 10.0, None), (2, 2.0, None)]


def test_where_only_the_kinds_of_fetch_are_told_they_are_summed(asked):
    assert asked([("c", 1, "FetchConsumer", 4.0), ("c", 1, "FetchFollower", 5.0)])[0] == (1, 9.0, None)


def test_another_cluster_s_fetches_say_nothing_of_this_one(asked):
    assert asked([("other", 1, "Fetch", 4.0), ("c", 1, "FetchFollower", 5.0)])[0] == (1, 5.0, None)


def test_requests_of_no_kind_are_counted(asked):
    assert asked([("c", 1, None, 4.0), ("c", 1, "Fetch", 1.0)])[0] == (1, 5.0, None)


def test_connections_of_all_listeners_are_summed(asked):
    connections = [("connection_count", "c", 1, 2.0), ("connection_count", "c", 1, 3.0),
                   ("client_connection_count", "c", 1, 4.0)]  # fmt: skip
    assert asked(connections=connections) == [(1, None, 5.0), (2, None, None)]


def test_clients_connections_stand_in_where_there_are_no_others(asked):
    assert asked(connections=[("client_connection_count", "c", 2, 4.0)])[1] == (2, None, 4.0)
