from __future__ import annotations

import json

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters.planning import ClusterSplitParameters
from kafka_analysis.plan import SplitWeights, with_cells
from kafka_analysis.plan.split.clusters import plan_source_splits
from kafka_analysis.plan.split.frames import split_files, split_frames, split_notes

TOPICS = pl.DataFrame({
    "cluster": ["c", "c", "c", "c", "d"], "topic": ["a", "b", "x", "y", "t"],
    "bytes_in_per_s": [1e6, 1e6, 1e6, 1e6, None], "bytes_out_per_s": 1e6, "size_bytes": 9e9, "partitions": 9,
    "team": ["one", "one", "two", "two", None],
})  # fmt: skip
FLOWS = pl.DataFrame({
    "cluster": "c", "client": ["p", "p", "q", "q"], "kind": "group", "topic": ["a", "b", "x", "y"], "bytes_per_s": 1e6,
    "evidence": "measured",
})  # fmt: skip
FAMILIES = pl.DataFrame({"cluster": "c", "family": "f", "kind": "streams", "topic": ["a", "x"], "why": ""})


def test_each_source_has_a_plan_or_a_reason():
    first, second = plan_source_splits(TOPICS, FLOWS, cells=2, curve=(1, 2))
    assert first.plan.summary.clients_in_extra_cells == 0
    assert first.plan.curve.select("cells", "worst_client_share").rows() == [(1, 1.0), (2, 0.5)]
    assert second.plan is None
    assert "not captured" in second.unknown


def test_topics_that_were_not_measured_are_left_out_and_said():
    unmeasured = TOPICS.with_columns(
        size_bytes=pl.when(pl.col("topic") == "y").then(None).otherwise("size_bytes")
    )
    outcomes = plan_source_splits(unmeasured, FLOWS, cells=3)
    assert outcomes[0].plan.left_out == ("y",)
    assert split_notes(outcomes)[0].startswith("c: load or size of 1 topics is unknown (y)")


def test_families_stay_whole():
    (found, _) = plan_source_splits(TOPICS, FLOWS, families=FAMILIES, cells=2)
    where = dict(found.plan.cells.iter_rows())
    assert where["a"] == where["x"]
    apart = FAMILIES.with_columns(kind=pl.lit("unheard-of"))
    (found, _) = plan_source_splits(TOPICS, FLOWS, families=apart, cells=2)
    assert found.plan.summary.clients_in_extra_cells == 0


def test_what_the_data_make_impossible_or_do_not_say():
    (found, _) = plan_source_splits(TOPICS, FLOWS, cells=2, limits={"bytes_in_per_s": 0.5e6})
    assert "500 kB/s" in found.impossible
    (found, _) = plan_source_splits(TOPICS, FLOWS.clear(), cells=2)
    assert "none of its clients is known" in found.unknown


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"cells": -2}, "cells .*got -2"),
        ({"limits": {"bytes_in_per_s": -1}}, "limits .*got -1"),
        ({"limits": {"bites": 1}}, "'bites'.*bytes_in_per_s"),
        ({"pinned": {"aa": "cell-1"}}, "'aa'.*a, b, x, y"),
        ({"together": [("a", "nobody")]}, "'nobody'"),
        ({"profile": "express.m7g.tiny"}, "'express.m7g.tiny'.*express.m7g.large"),
        ({"max_client": 3}, "unknown option 'max_client'.*max_clients"),
    ],
)
def test_a_wrong_option_is_an_error_and_no_source_is_impossible(options, named):
    with pytest.raises(InputError, match=named):
        plan_source_splits(TOPICS, FLOWS, **{"cells": 2} | options)


@pytest.mark.parametrize("options", [{"cells": 0}, {"cells": 2, "max_clients": -1}, {}])
def test_options_are_checked_even_where_nothing_can_be_planned(options):
    with pytest.raises(InputError, match=r"cells|max_clients"):
        plan_source_splits(TOPICS, FLOWS.clear(), **options)


def test_peaks_reach_the_sizes():
    (flat, _) = plan_source_splits(TOPICS, FLOWS, cells=2)
    (peaked, _) = plan_source_splits(TOPICS, FLOWS, cells=2, peak_ratios={"c": 500.0})
    assert peaked.plan.summary.brokers > flat.plan.summary.brokers


def test_frames_and_files_hold_all_of_it():
    splits = plan_source_splits(TOPICS, FLOWS, cells=2, curve=(2,))
    frames = split_frames(splits)
    assert frames["cells"].select("cluster", "topics", "clients", "client_share", "brokers").rows() == [
        ("c", 2, 1, 0.5, 3), ("c", 2, 1, 0.5, 3),
    ]  # fmt: skip
    assert frames["flows"].filter(pl.col("cell") != pl.col("home_cell")).is_empty()
    assert frames["loads"]["used"].max() == pytest.approx(1 / 1.15)
    files = split_files(splits)
    assert list(files) == ["c"]
    assert files["c"]["cells.csv"].startswith("topic,cell\na,")
    told = json.loads(files["c"]["split.json"])
    assert (told["number_of_cells"], told["brokers"], len(told["cells"])) == (2, 6, 2)


CLUSTERS = pl.DataFrame({"cluster": ["m", "a", "b"], "role": ["source", "target", "target"]})


@pytest.mark.parametrize(
    "options",
    [
        {"cells": 3},
        {"limits": {"partitions": 9}},
        {"profile": "t"},
        {"max_clients": 5},
        {"max_client_share": 0.5},
    ],
)
def test_what_says_how_many_is_left_as_it_is(options):
    assert with_cells(options, clusters=CLUSTERS) == (options, [])


def test_as_many_cells_as_targets_where_there_are_several():
    options, (note,) = with_cells({"cells": None, "limits": None}, clusters=CLUSTERS)
    assert options["cells"] == 2
    assert "as many as the capture has target clusters" in note


@pytest.mark.parametrize("rows", [1, 2])
def test_four_where_there_is_no_or_one_target(rows):
    options, (note,) = with_cells({}, clusters=CLUSTERS.head(rows))
    assert options == {"cells": 4}
    assert note.startswith("The number of cells is not given: 4 are planned")


def test_the_notebook_weighs_as_the_planner_does():
    assert ClusterSplitParameters(capture="c").plan_options()["weights"] == SplitWeights().model_dump()
