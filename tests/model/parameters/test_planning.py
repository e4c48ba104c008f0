from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kafka_analysis.model.errors import ParameterError
from kafka_analysis.model.parameters import NotebookParameters, validate_parameters
from kafka_analysis.model.parameters.planning import (
    ClusterSplitParameters,
    MigrationWavesParameters,
    MskSizingParameters,
    RebalanceParameters,
)

REBALANCE, SPLIT, SIZE, WAVES = (
    "30_rebalance_plan",
    "40_cluster_split",
    "45_msk_sizing",
    "48_migration_waves",
)
DECLARED = {
    "declared_avg_in": "1 MB/s",
    "declared_peak_in": "2 MB/s",
    "declared_avg_out": "1 MB/s",
    "declared_peak_out": "2 MB/s",
    "declared_retention_hours": "1d",
    "partitions": 9,
}


def check(notebook: str, **values: object) -> NotebookParameters:
    return validate_parameters(notebook, {"capture": "c"} | values)


def refused(notebook: str, values: dict[str, object], names: list[str]) -> None:
    with pytest.raises(ParameterError) as caught:
        check(notebook, **values)
    assert [name for name in names if name not in str(caught.value)] == []
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"max_moved_bytes": "lots"}, ["'max_moved_bytes'", "'lots'"]),
        ({"max_moved_bytes": -1}, ["'max_moved_bytes'"]),
        ({"throttle_bytes_per_s": "0"}, ["'throttle_bytes_per_s'"]),
        ({"tolerance": 1.5}, ["'tolerance'"]),
        ({"time_limit": "0s"}, ["'time_limit'"]),
        ({"remove_brokers": ["1"]}, ["'remove_brokers.0'"]),
        ({"remove_brokers": [1]}, ["remove_brokers", "cluster"]),
        ({"add_brokers": [1], "cluster": "c", "leaders_only": True}, ["leaders_only", "add_brokers"]),
        ({"remove_brokers": [2, 1], "add_brokers": [1], "cluster": "c"}, ["broker 1", "add_brokers"]),
        ({"pinned": ["t"]}, ["pinned", "'t'"]),
        ({"pinned": [":3"]}, ["pinned", "':3'"]),
        ({"replication_factor": {"t": 0}}, ["'replication_factor.t'"]),
        ({"flavour": "msk"}, ["'flavour'", "'msk'"]),
        ({"capture": None}, ["assignment", "loads"]),
        ({"capture": None, "assignment": "a"}, ["loads"]),
        ({"assignment": "a", "loads": "l"}, ["assignment", "capture"]),
    ],
)
def test_a_rebalance_that_makes_no_sense_is_refused(values: dict[str, object], names: list[str]) -> None:
    refused(REBALANCE, values, names)


def test_a_rebalance_hands_on_what_the_planner_takes() -> None:
    options = RebalanceParameters(
        capture="c", pinned=["a:b:3"], max_moved_bytes="20 GB", time_limit="1m"
    ).plan_options()
    assert options["pinned"] == [("a:b", 3)]
    assert (options["max_moved_bytes"], options["time_limit"]) == (2e10, 60.0)
    assert (options["resources"], options["include_topics"], options["replication_factor"]) == (
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"peak": "p50"}, ["'peak'", "'p95'", "'p50'"]),
        ({"declared_peak_in": "0"}, ["'declared_peak_in'"]),
        ({"declared_retention_hours": "0h"}, ["'declared_retention_hours'"]),
        ({"tolerates": "rack"}, ["'tolerates'", "'az'"]),
        ({"growth": 0.0}, ["'growth'"]),
        ({"availability_zones": 1}, ["'availability_zones'"]),
        ({"partitions": 5}, ["partitions", "capture"]),
        ({"capture": None}, ["partitions"]),
        *(
            ({"capture": None} | {k: v for k, v in DECLARED.items() if k != name}, [name])
            for name in DECLARED
        ),
    ],
)
def test_a_sizing_that_makes_no_sense_is_refused(values: dict[str, object], names: list[str]) -> None:
    refused(SIZE, values, names)


def test_a_sizing_hands_on_what_is_no_common_parameter() -> None:
    parameters = MskSizingParameters(capture="c", declared_peak_in="150 MB/s", catalogue="ours.csv")
    options = parameters.plan_options()
    assert options["declared_peak_in"] == 150e6
    assert parameters.include_internal
    assert not {"capture", "include_internal", "catalogue", "top_n", "partitions"} & set(options)


def test_plain_numbers_stand_in_place_of_a_capture() -> None:
    assert MskSizingParameters(**DECLARED).declared_retention_hours == 24.0


def test_a_split_hands_on_limits_weights_and_the_rest() -> None:
    options = ClusterSplitParameters(
        capture="c",
        cells=3,
        max_bytes_in_per_s="50 MB/s",
        max_partitions=400,
        weight_cost=0.5,
        pinned={"t": "a"},
    ).plan_options()
    assert options["limits"] == {"bytes_in_per_s": 50e6, "partitions": 400}
    assert options["weights"] == {
        "colocation": 1.0,
        "cross_cell_bytes": 8.0,
        "blast_radius": 4.0,
        "cost": 0.5,
    }
    assert (options["cells"], options["pinned"], options["curve"]) == (3, {"t": "a"}, [1, 2, 3, 4, 6, 8])
    assert not {"capture", "peak", "previous", "top_n"} & set(options)
    assert ClusterSplitParameters(capture="c").plan_options()["limits"] is None
    assert ClusterSplitParameters(capture="c", cell_names=["n", "s"]).plan_options()["cells"] == ("n", "s")


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"cells": 0}, ["'cells'"]),
        ({"cells": 2, "cell_names": ["a"]}, ["cells", "cell_names"]),
        ({"cell_names": ["a,b"]}, ["'a,b'", "--cell a --cell b"]),
        ({"max_client_share": 5.0}, ["'max_client_share'"]),
        ({"max_bytes_in_per_s": "0"}, ["'max_bytes_in_per_s'"]),
        ({"curve": [0]}, ["'curve.0'"]),
        ({"together": ["a"]}, ["'together.0'"]),
        ({"max_brokers": 6}, ["max_brokers", "profile"]),
        ({"capture": None, "topics": "t"}, ["flows"]),
        ({"topics": "t", "flows": "f"}, ["topics", "capture"]),
    ],
)
def test_a_split_that_makes_no_sense_is_refused(values: dict[str, object], names: list[str]) -> None:
    refused(SPLIT, values, names)


def test_flows_may_be_given_with_a_capture() -> None:
    assert ClusterSplitParameters(capture="c", flows="f.csv").flows == "f.csv"


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"freezes": ["christmas"]}, ["freezes", "'christmas'"]),
        ({"freezes": ["a/b"]}, ["freezes", "'a/b'"]),
        ({"cutover_hours": [22]}, ["cutover_hours"]),
        ({"cutover_hours": [22, 25]}, ["'cutover_hours.1'"]),
        ({"move_last": ["huge"]}, ["'move_last.0'", "'huge'"]),
        ({"first_copy": "soon"}, ["'first_copy'", "'soon'"]),
        ({"cutover_length_hours": 0}, ["'cutover_length_hours'"]),
        ({"capture": None, "topics": "t", "flows": "f"}, ["cells"]),
    ],
)
def test_waves_that_make_no_sense_are_refused(values: dict[str, object], names: list[str]) -> None:
    refused(WAVES, values, names)


def test_waves_hand_on_seconds_and_pairs_of_moments() -> None:
    options = MigrationWavesParameters(
        capture="c",
        cutover_length_hours="90m",
        soak_hours="2d",
        max_backfill_hours="12h",
        freezes=["2026-12-20/2027-01-04"],
        cutover_hours=[22, 4],
    ).plan_options()
    assert (options["cutover_s"], options["soak_s"], options["max_backfill_s"]) == (5400.0, 172800.0, 43200.0)
    assert options["freezes"] == [(datetime(2026, 12, 20, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC))]
    assert options["cutover_hours"] == (22, 4)
    assert "cutover_days" not in options
