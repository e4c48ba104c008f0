from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from kafka_analysis.model.errors import ParameterError, WindowError
from kafka_analysis.model.parameters import (
    PARAMETERS,
    NotebookParameters,
    PartitionSkew,
    validate_parameters,
)

CAPTURE = {"capture": "data/sample"}


def check(notebook: str = "20_partition_skew", **values: object) -> NotebookParameters:
    return validate_parameters(notebook, CAPTURE | values)


@pytest.mark.parametrize("notebook", sorted(PARAMETERS))
def test_the_capture_alone_is_enough(notebook: str) -> None:
    parameters = check(notebook)
    assert type(parameters) is PARAMETERS[notebook]
    assert (parameters.cluster, parameters.start, parameters.coverage_required) == (None, None, 0.95)


@pytest.mark.parametrize(
    "given",
    [
        "2026-01-02T00:00:00Z",
        "2026-01-02 00:00",
        "2026-01-02",
        date(2026, 1, 2),
        datetime(2026, 1, 2),  # noqa: DTZ001 - a naive time is what is tested
        datetime(2026, 1, 2, 1, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_times_are_utc(given: object) -> None:
    assert check(start=given).start == datetime(2026, 1, 2, tzinfo=UTC)
    assert check(start=given).start.tzinfo is UTC


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"top_n": "ten"}, "20_partition_skew: parameter 'top_n' should be a valid integer, got 'ten'"),
        ({"top_n": 0}, "parameter 'top_n' should be greater than or equal to 1, got 0"),
        ({"top_n": True}, "parameter 'top_n' should be a valid integer"),
        ({"include_internal": "yes"}, "parameter 'include_internal' should be a valid boolean, got 'yes'"),
        ({"skew_red": float("nan")}, "parameter 'skew_red' should be"),
        ({"start": "yesterday"}, "parameter 'start' should be a time such as"),
        ({"start": 17}, "parameter 'start' should be a valid datetime, got 17"),
        ({"topics_exclude": "tmp-*"}, "parameter 'topics_exclude' should be a valid list"),
        ({"coverage_required": 95}, "parameter 'coverage_required' should be less than or equal to 1"),
        ({"skew_amber": 2.0}, "skew_amber 2 is above skew_red 1.5"),
        ({"topn": 3}, "did you mean 'top_n'?"),
        ({"cluster": 3, "top_n": "x"}, "'cluster' should be a valid string, got 3; parameter 'top_n'"),
    ],
)
def test_a_wrong_value_is_one_clear_line(values: dict[str, object], says: str) -> None:
    with pytest.raises(ParameterError) as caught:
        check(**values)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_capture_and_an_unknown_notebook_are_named() -> None:
    with pytest.raises(ParameterError, match="'capture' is missing"):
        validate_parameters("10_inventory", {})
    with pytest.raises(ParameterError, match="did you mean '10_inventory'"):
        validate_parameters("10_inventry", CAPTURE)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"start": "2026-01-02", "end": "2026-01-02"}, "start .* is not before end"),
        ({"before_start": "2026-01-02"}, "only one of before_start and before_end"),
        ({"after_start": "2026-01-03", "after_end": "2026-01-02"}, "after_start .* is not before after_end"),
        (
            {
                "before_start": "2026-01-01",
                "before_end": "2026-01-04",
                "after_start": "2026-01-03",
                "after_end": "2026-01-05",
            },
            "windows overlap",
        ),
    ],
)
def test_an_impossible_window_is_refused(values: dict[str, object], says: str) -> None:
    with pytest.raises(WindowError, match=says):
        check("70_throughput_before_after", **values)


@pytest.mark.parametrize(
    ("given", "amount"),
    [("20 GB", 2e10), ("1.5kB", 1500.0), ("50 MB/s", 5e7), ("5e9", 5e9), (" 7 ", 7.0), (7, 7.0)],
)
def test_amounts_are_read_as_people_write_them(given: object, amount: float) -> None:
    assert check("30_rebalance_plan", max_moved_bytes=given).max_moved_bytes == amount


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (
            {"max_moved_bytes": "lots"},
            "'max_moved_bytes' should be a number of bytes, or text such as '20 GB'",
        ),
        ({"max_moved_bytes": "20 GiB"}, "or text such as '20 GB', got '20 GiB'"),
        ({"max_moved_bytes": -1}, "should be greater than or equal to 0"),
        ({"throttle_bytes_per_s": "0"}, "should be greater than or equal to 1"),
        ({"tolerance": 1.5}, "should be less than or equal to 1"),
        ({"remove_brokers": ["1"]}, "should be a valid integer"),
        ({"remove_brokers": [1]}, "remove_brokers names brokers of one cluster; say which with cluster"),
        ({"add_brokers": [1], "cluster": "c", "leaders_only": True}, "so add_brokers cannot be met"),
        (
            {"remove_brokers": [2, 1], "add_brokers": [1], "cluster": "c"},
            "broker 1 is in remove_brokers and in",
        ),
    ],
)
def test_a_plan_that_cannot_be_asked_for_is_refused(values: dict[str, object], says: str) -> None:
    with pytest.raises(ParameterError) as caught:
        check("30_rebalance_plan", **values)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_given_is_what_differs_from_the_defaults() -> None:
    assert check(top_n=10, topics_exclude=[]).given() == {}
    assert check(topics_exclude=["a-*"], skew_amber=1).given() == {
        "topics_exclude": ["a-*"],
        "skew_amber": 1.0,
    }


def test_parameters_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        PartitionSkew(capture="x").top_n = 3


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"peak": "p50"}, "'peak' should be 'p95', 'p99' or 'peak', got 'p50'"),
        ({"declared_peak_in": "0"}, "'declared_peak_in' should be greater than 0"),
        ({"tolerates": "rack"}, "'tolerates' should be 'nothing', 'broker' or 'az'"),
        ({"growth": 0.0}, "'growth' should be greater than 0"),
        ({"availability_zones": 1}, "'availability_zones' should be greater than or equal to 2"),
    ],
)
def test_a_sizing_that_makes_no_sense_is_refused(values: dict[str, object], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        check("45_msk_sizing", **values)


def test_a_sizing_asks_for_what_is_no_common_parameter() -> None:
    parameters = check("45_msk_sizing", declared_peak_in="150 MB/s", catalogue="ours.csv")
    asked = parameters.asked()
    assert asked["declared_peak_in"] == 150e6
    assert parameters.include_internal
    assert not {"capture", "include_internal", "catalogue", "top_n"} & set(asked)


def test_a_split_asks_for_limits_weights_and_the_rest() -> None:
    parameters = check(
        "40_cluster_split",
        cells=3,
        max_bytes_in_per_s="50 MB/s",
        max_partitions=400,
        weight_cost=0.5,
        pinned={"t": "a"},
    )
    asked = parameters.asked()
    assert asked["limits"] == {"bytes_in_per_s": 50e6, "partitions": 400}
    assert asked["weights"] == {"colocation": 1.0, "cross_cell_bytes": 8.0, "blast_radius": 4.0, "cost": 0.5}
    assert (asked["cells"], asked["pinned"], asked["curve"]) == (3, {"t": "a"}, [1, 2, 3, 4, 6, 8])
    assert not {"capture", "peak", "previous", "top_n"} & set(asked)
    assert check("40_cluster_split").asked()["limits"] is None


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"cells": 0}, "'cells' should be greater than or equal to 1"),
        ({"max_client_share": 5.0}, "'max_client_share' should be less than or equal to 1"),
        ({"max_bytes_in_per_s": "0"}, "'max_bytes_in_per_s' should be greater than 0"),
        ({"curve": [0]}, "should be greater than or equal to 1"),
        ({"together": ["a"]}, "should be a valid list"),
        ({"max_brokers": 6}, "give profile too"),
    ],
)
def test_a_split_that_cannot_be_asked_for_is_refused(values: dict[str, object], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        check("40_cluster_split", **values)
