from __future__ import annotations

import pytest

from kafka_analysis.model.errors import WindowError
from kafka_analysis.model.parameters import MODELS, NotebookParameters
from kafka_analysis.model.parameters.describing import PartitionSkewParameters
from kafka_analysis.model.parameters.planning import ClusterSplitParameters


def test_given_is_what_differs_from_the_defaults() -> None:
    assert PartitionSkewParameters(capture="c", top_n=10, topics_exclude=[]).given() == {}
    assert PartitionSkewParameters(capture="c", topics_exclude=["a-*"], skew_amber=1).given() == {
        "topics_exclude": ["a-*"],
        "skew_amber": 1.0,
    }


def test_an_empty_list_is_given_where_the_default_is_none() -> None:
    assert ClusterSplitParameters(capture="c", curve=[]).given() == {"curve": []}


def test_only_returns_the_named_values() -> None:
    assert NotebookParameters(capture="c", cluster="m").only("cluster", "end") == {
        "cluster": "m",
        "end": None,
    }


def test_parameters_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        NotebookParameters(capture="x").cluster = "c"


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(WindowError, match=r"start .* end"):
        NotebookParameters(capture="c", start="2026-01-02", end="2026-01-02")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.notebook)
def test_every_option_says_what_it_means(model: type[NotebookParameters]) -> None:
    assert [name for name, field in model.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.notebook)
def test_models_do_not_share_a_list_or_dict(model: type[NotebookParameters]) -> None:
    one, other = model(capture="c"), model(capture="c")
    for name in model.model_fields:
        value = getattr(one, name)
        assert not isinstance(value, list | dict) or value is not getattr(other, name), name
