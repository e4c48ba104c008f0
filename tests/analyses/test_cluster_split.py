from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.analyses import cluster_split
from kafka_analysis.model.manifest import ClusterInfo
from tests.small import at, table


def test_files_are_split(files) -> None:
    answer = cluster_split(topics=files.topics, flows=files.flows, cells=2)
    assert answer.topics["cell"].n_unique() == 2
    assert set(answer.files["files"]) == {
        "cells.csv",
        "clients.csv",
        "flows.csv",
        "reasons.csv",
        "split.json",
    }
    assert answer.outages.is_empty()


def test_without_a_number_it_says_what_it_took(files) -> None:
    answer = cluster_split(topics=files.topics, flows=files.flows)
    given = cluster_split(topics=files.topics, flows=files.flows, cells=4)
    assert answer.files == given.files
    assert len(set(answer.notes) - set(given.notes)) == 1


@pytest.mark.parametrize(("include", "topics"), [(False, 2), (True, 3)])
def test_internal_topics_are_placed_when_asked(recorded, files, include, topics) -> None:
    answer = cluster_split(recorded, flows=files.declared, cells=1, include_internal=include)
    assert answer.topics.height == topics


def test_owners_of_a_file_count(recorded, files) -> None:
    plain, owned = (
        cluster_split(recorded, flows=files.declared, cells=1, ownership=ownership)
        for ownership in (None, files.owners)
    )
    assert plain.topics.filter(topic="orders")["team"].to_list() == [None]
    assert owned.topics.filter(topic="orders")["team"].to_list() == ["checkout"]


def test_there_are_as_many_cells_as_targets(changed, files) -> None:
    clusters = [ClusterInfo(cluster="old", role="source")]
    clusters += [ClusterInfo(cluster=name, role="target") for name in ("n1", "n2")]
    answer = cluster_split(changed(clusters=clusters), flows=files.declared, curve=[])
    assert answer.cells.height == 2
    assert any("as many as the capture has target clusters" in note for note in answer.notes)


def test_topics_of_one_application_share_a_cell(families) -> None:
    answer = cluster_split(**families, cells=2, curve=[], include_internal=True)
    assert answer.topics["cell"].n_unique() == 1
    assert answer.load["topic"].to_list() == ["x-sum-changelog", "x-sum-repartition"]


def test_outages_on_record_are_held_against_their_prediction_and_are_findings(changed, files) -> None:
    marks = [("broker killed", "fault", 40, "broker 1 of old got SIGKILL"), ("back", "recovery", 60, None)]
    events = pl.concat(
        table("events", [{"name": name, "kind": kind, "detail": detail}], ts=at(seconds))
        for name, kind, seconds, detail in marks
    )
    answer = cluster_split(changed(events=events), flows=files.declared, cells=1, curve=[])
    assert answer.outages["name"].unique().to_list() == ["broker killed"]
    assert any(finding.title.startswith("broker killed (old)") for finding in answer.results[0].findings)


def test_the_plan_before_is_kept(files) -> None:
    answer = cluster_split(
        topics=files.topics, flows=files.flows, cell_names=["cell-1", "cell-2"], previous=files.cells
    )
    assert dict(answer.topics.select("topic", "cell").iter_rows()) == {"a": "cell-1", "b": "cell-2"}


def test_a_peak_that_is_given_decides_what_brokers_are_sized_for(recorded, files) -> None:
    once, often = (
        cluster_split(recorded, flows=files.declared, cells=1, peak_ratio=ratio) for ratio in (1.0, 3.0)
    )
    assert once.notes != often.notes
    assert any("3.00" in note for note in often.notes)
