from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

from kafka_analysis.model.errors import GoalImpossibleError, InputError
from kafka_analysis.plan.common.outcome import NotRecordedError, Outcome, plan_each, plans_of, stacked

TOPICS = pl.DataFrame({"cluster": ["a", "b", "a"], "topic": ["t", "u", "v"]})


def names(cluster, topics, flows):
    assert topics.columns == ["topic"]
    assert flows is None
    return cluster, topics["topic"].to_list()


def test_every_cluster_is_planned_from_its_own_rows():
    expected = [Outcome("b", ("b", ["u"])), Outcome("a", ("a", ["t", "v"]))]
    assert plan_each(["b", "a"], names, topics=TOPICS, flows=None) == expected
    assert (
        plan_each(["b", "a"], names, topics=pd.DataFrame(TOPICS.to_dict(as_series=False)), flows=None)
        == expected
    )


def test_what_was_not_recorded_is_unknown_and_what_cannot_be_kept_impossible():
    errors = {"a": NotRecordedError("no size"), "b": GoalImpossibleError("racks", "too few")}

    def fail(cluster):
        raise errors[cluster]

    assert plan_each(["a", "b"], fail) == [
        Outcome("a", unknown="no size"),
        Outcome("b", impossible="racks: too few"),
    ]


def test_a_wrong_option_is_an_error():
    def fail(_):
        raise InputError("most is -1")

    with pytest.raises(InputError, match="most is -1"):
        plan_each(["a"], fail)


def test_frames_of_plans_stand_below_one_another():
    outcomes = [Outcome("a", plan=[1, 2]), Outcome("b", unknown="no size"), Outcome("c", plan=[3])]
    frame = stacked(outcomes, lambda plan: pl.DataFrame({"n": plan, "more": "x"}), {"n": pl.Int64})
    assert frame.rows() == [("a", 1, "x"), ("a", 2, "x"), ("c", 3, "x")]
    assert dict(stacked(outcomes[1:2], None, {"n": pl.Int64}).schema) == {"cluster": pl.String, "n": pl.Int64}
    assert plans_of(outcomes) == {"a": [1, 2], "c": [3]}
