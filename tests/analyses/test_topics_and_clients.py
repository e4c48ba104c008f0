from __future__ import annotations

import pytest

from kafka_analysis.analyses.input_files import FILES
from kafka_analysis.analyses.topics_and_clients import notes_of, topics_and_clients
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters.planning import ClusterSplitParameters


def test_topics_and_clients_of_a_capture(recorded, files) -> None:
    parameters = ClusterSplitParameters(
        capture=str(recorded.path), flows=files.declared, ownership=files.owners
    )
    scope, read = topics_and_clients(recorded, parameters)
    assert scope.names == ["old"]
    orders = read.topics.filter(topic="orders").row(0, named=True)
    assert (orders["bytes_in_per_s"], orders["team"]) == (200.0, "checkout")
    assert ("shop", "orders") in set(read.flows.select("client", "topic").iter_rows())
    assert "__consumer_offsets" not in set(read.flows["topic"])
    assert "Made up by a test." in notes_of(scope, read)


def test_topics_and_clients_of_files(files) -> None:
    scope, read = topics_and_clients(None, ClusterSplitParameters(topics=files.topics, flows=files.flows))
    assert scope.names == [FILES]
    assert read.topics["topic"].to_list() == ["a", "b"]
    assert sorted(read.flows["client"]) == ["p", "q"]
    assert notes_of(scope, read) == read.notes


def test_topics_that_files_leave_out_take_their_flows_along(files) -> None:
    parameters = ClusterSplitParameters(topics=files.topics, flows=files.flows, topics_exclude=["a"])
    _, read = topics_and_clients(None, parameters)
    assert (read.topics["topic"].to_list(), read.flows["client"].to_list()) == (["b"], ["q"])


def test_a_file_that_is_not_there_is_named(files) -> None:
    with pytest.raises(InputError, match=r"nowhere\.csv"):
        topics_and_clients(None, ClusterSplitParameters(topics="nowhere.csv", flows=files.flows))
