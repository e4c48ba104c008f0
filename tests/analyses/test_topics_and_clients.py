from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.analyses.input_files import FILES
from kafka_analysis.analyses.topics_and_clients import notes_of, topics_and_clients
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters.planning import ClusterSplitParameters
from tests.small import at, table, tables


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


def test_answers_after_the_window_tell_sizes_and_share_groups_are_noted(changed) -> None:
    place = {"topic": "extra", "partition": 0}
    extra = table("partitions", [{**place, "leader": 4, "replicas": [4], "isr": [4]}])
    log_dirs = table(
        "log_dirs", [{**place, "broker": 4, "path": "/d", "size_bytes": 700, "is_future": False}], ts=at(75)
    )
    capture = changed(
        partitions=pl.concat([tables()["partitions"], extra]),
        topics=table("topics", [{"topic": "extra", "internal": False}]),
        groups=table("groups", [{"group": "queue", "state": "STABLE", "kind": "share"}]),
        log_dirs=log_dirs,
    )
    scope, read = topics_and_clients(capture, ClusterSplitParameters(capture=str(capture.path), end=at(50)))
    assert read.topics.select("topic", "size_bytes").rows() == [("extra", 700.0)]
    assert any("share group (queue)" in note for note in notes_of(scope, read))


def test_what_an_application_of_files_reads_is_of_its_family(tmp_path) -> None:
    columns = "topic,bytes_in_per_s,bytes_out_per_s,size_bytes,partitions\n"
    (tmp_path / "t.csv").write_text(f"{columns}a,1,1,1,1\nx-sum-changelog,1,1,1,1\n")
    (tmp_path / "f.csv").write_text("client,kind,topic,bytes_per_s\nx,group,a,1\n")
    paths = {"topics": str(tmp_path / "t.csv"), "flows": str(tmp_path / "f.csv")}
    _, read = topics_and_clients(None, ClusterSplitParameters(**paths, include_internal=True))
    assert read.families["topic"].to_list() == ["a", "x-sum-changelog"]


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
