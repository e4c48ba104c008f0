from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.parameters.planning import ClusterSplitParameters
from kafka_analysis.plan import SplitWeights, with_cells

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
    assert note.startswith("Nothing says how many cells: 4 are planned")


def test_the_notebook_weighs_as_the_planner_does():
    assert ClusterSplitParameters(capture="c").plan_options()["weights"] == SplitWeights().model_dump()
