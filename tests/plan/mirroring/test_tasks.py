from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.plan import loads_of_tasks
from kafka_analysis.plan.mirroring import tasks as module

FLOW = {"source": "a", "target": "b", "flow": "a → b"}


def partitions(loads: dict[str, list[float | None]], **changed) -> pl.DataFrame:
    rows = [
        FLOW | changed | {"topic": topic, "partition": n, "copied_per_s": load}
        for topic, values in loads.items()
        for n, load in enumerate(values)
    ]
    return pl.DataFrame(rows, schema_overrides={"copied_per_s": pl.Float64})


UNEVEN = {"x": [8.0], "y": [4.0], "z": [4.0]}


def over_mean(frame: pl.DataFrame, division: str) -> list[float]:
    return frame.filter(division=division)["over_mean"].to_list()


def test_a_better_division_makes_tasks_even() -> None:
    loads, division = loads_of_tasks(partitions(UNEVEN), tasks={"a → b": 2})
    assert (over_mean(loads, "now"), over_mean(loads, "better")) == ([1.5, 0.5], [1.0, 1.0])
    assert dict(division.select("topic", "connector").iter_rows()) == {"x": 1, "y": 2, "z": 2}


def test_what_is_even_already_has_no_other_division() -> None:
    loads, division = loads_of_tasks(partitions({"x": [4.0], "y": [4.0]}), tasks={"a → b": 2})
    assert (over_mean(loads, "now"), over_mean(loads, "better"), len(division)) == ([1.0, 1.0], [], 0)


def test_other_numbers_of_tasks_are_asked_for() -> None:
    loads, _ = loads_of_tasks(partitions({"x": [4.0], "y": [4.0]}), tasks={"a → b": 1}, better_tasks=2)
    assert (over_mean(loads, "now"), over_mean(loads, "better")) == ([1.0], [1.0, 1.0])
    most, _ = loads_of_tasks(partitions(UNEVEN), tasks={"a → b": 99}, better_tasks=99)
    assert len(most.filter(division="now")) == 3


@pytest.mark.parametrize(
    "options",
    [{"tasks": {}}, {"tasks": {"a → b": 0}}, {"tasks": {"other": 2}}],
)
def test_a_flow_without_known_tasks_is_left_out(options) -> None:
    loads, division = loads_of_tasks(partitions(UNEVEN), **options)
    assert (len(loads), len(division)) == (0, 0)


def test_what_is_not_known_or_not_moving_is_not_divided() -> None:
    unknown, _ = loads_of_tasks(partitions({"x": [None], "y": [4.0]}), tasks={"a → b": 2})
    assert unknown["partitions"].to_list() == [1]
    still, division = loads_of_tasks(partitions({"x": [0.0], "y": [0.0], "z": [0.0]}), tasks={"a → b": 2})
    assert (len(still.filter(division="better")), len(division)) == (0, 0)


def test_of_too_many_partitions_only_the_loads_now_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PARTITIONS", 2)
    loads, division = loads_of_tasks(partitions(UNEVEN), tasks={"a → b": 2})
    assert (set(loads["division"]), len(division)) == ({"now"}, 0)


def test_each_flow_has_its_own() -> None:
    both = pl.concat([partitions(UNEVEN), partitions({"x": [1.0]}, target="c", flow="a → c")])
    loads, division = loads_of_tasks(both, tasks={"a → b": 2, "a → c": 1})
    assert loads.filter(division="now").group_by("flow").len().sort("flow").rows() == [
        ("a → b", 2),
        ("a → c", 1),
    ]
    assert set(division["flow"]) == {"a → b"}


loads = st.lists(st.floats(0, 1e6), min_size=1, max_size=6)


@given(
    st.dictionaries(st.text("ab.-ü", min_size=1, max_size=4), loads, min_size=1, max_size=6),
    st.integers(1, 9),
)
def test_nothing_is_lost(topics, count) -> None:
    rows = partitions(topics)
    found, division = loads_of_tasks(rows, tasks={"a → b": count})
    for of in set(found["division"]):
        own = found.filter(division=of)
        assert own["partitions"].sum() == len(rows)
        assert own["load_records_per_s"].sum() == pytest.approx(rows["copied_per_s"].sum())
    assert set(division["topic"]) in (set(), set(rows["topic"]))
