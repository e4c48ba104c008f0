from __future__ import annotations

import pytest

from kafka_analysis.model.errors import ParameterError
from kafka_analysis.model.parameters import (
    MODELS,
    PARAMETERS,
    NotebookParameters,
    validate_parameters,
)

CAPTURE = {"capture": "data/sample"}


def check(notebook: str = "20_partition_skew", **values: object) -> NotebookParameters:
    return validate_parameters(notebook, CAPTURE | values)


def test_every_model_is_registered_by_its_notebook() -> None:
    assert list(PARAMETERS.values()) == list(MODELS)
    assert all(model.notebook == name for name, model in PARAMETERS.items())


@pytest.mark.parametrize("notebook", sorted(PARAMETERS))
def test_the_capture_alone_is_enough(notebook: str) -> None:
    parameters = check(notebook)
    assert type(parameters) is PARAMETERS[notebook]
    required = (
        0.5 if notebook in ("50_replication", "60_cutover_readiness", "75_consumer_lag") else 0.95
    )  # offsets add up: a missing answer loses nothing
    assert (parameters.cluster, parameters.start, parameters.coverage_required) == (None, None, required)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"top_n": "ten"}, ["20_partition_skew", "'top_n'", "'ten'"]),
        ({"top_n": 0}, ["'top_n'", "0"]),
        ({"top_n": True}, ["'top_n'"]),
        ({"include_internal": "yes"}, ["'include_internal'", "'yes'"]),
        ({"skew_red": float("nan")}, ["'skew_red'"]),
        ({"start": "yesterday"}, ["'start'", "'yesterday'"]),
        ({"start": 17}, ["'start'", "17"]),
        ({"topics_exclude": "tmp-*"}, ["'topics_exclude'", "'tmp-*'"]),
        ({"coverage_required": 95}, ["'coverage_required'", "95"]),
        ({"coverage_required": "95"}, ["'coverage_required'", "'95'"]),
        ({"topn": 3}, ["'topn'", "'top_n'"]),
        ({"cluster": 3, "top_n": "x"}, ["'cluster'", "3", "'top_n'", "'x'"]),
    ],
)
def test_a_wrong_value_is_one_line_that_names_it(values: dict[str, object], names: list[str]) -> None:
    with pytest.raises(ParameterError) as caught:
        check(**values)
    assert [name for name in names if name not in str(caught.value)] == []
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("notebook", sorted(PARAMETERS))
def test_an_unknown_name_is_refused_by_every_model(notebook: str) -> None:
    with pytest.raises(ParameterError, match="'nobody'"):
        check(notebook, nobody=1)


def test_a_missing_capture_and_an_unknown_notebook_are_named() -> None:
    with pytest.raises(ParameterError, match="'capture'"):
        validate_parameters("10_inventory", {})
    with pytest.raises(ParameterError, match="'10_inventory'"):
        validate_parameters("10_inventry", CAPTURE)


def test_an_address_with_a_login_is_refused_and_not_repeated() -> None:
    with pytest.raises(ParameterError, match="'cluster'") as caught:
        check(cluster="http://ann:hUnt3r-2@h/")
    assert "hUnt3r-2" not in str(caught.value)
