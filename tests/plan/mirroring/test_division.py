from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.mirroring.division import EVEN, divide_topics
from kafka_analysis.plan.mirroring.round_robin import round_robin, task_loads
from tests.examples import examples


def table(loads: dict[str, list[float | None]]) -> pl.DataFrame:
    rows = [
        {"topic": topic, "partition": n, "records_per_s": value}
        for topic, values in loads.items()
        for n, value in enumerate(values)
    ]
    return pl.DataFrame(rows, schema={"topic": pl.String, "partition": pl.Int32, "records_per_s": pl.Float64})


def heaviest(divided: pl.DataFrame) -> float:
    return task_loads(divided)["over_mean"].max()


def test_a_heavy_topic_is_spread_and_light_ones_share_tasks() -> None:
    rows = table({"hot": [10.0] * 4, "a": [7.0], "b": [3.0], "c": [6.0], "d": [4.0]})
    divided = divide_topics(rows, tasks=6)
    assert heaviest(divided) == 1.0
    hot = divided.filter(topic="hot")
    assert (hot["tasks_max"].unique().to_list(), hot["task"].to_list()) == ([4], [0, 1, 2, 3])
    assert (
        divided.filter(topic="a")["connector"].to_list() == divided.filter(topic="b")["connector"].to_list()
    )


def test_one_task_takes_everything() -> None:
    divided = divide_topics(table({"a": [1.0, 2.0], "b": [3.0]}), tasks=1)
    assert divided["task"].to_list() == [0, 0, 0]


def test_where_topics_allow_tasks_are_even_and_round_robin_is_not() -> None:
    rows = table({f"t{n}": [float(1 + n % 7)] * (1 + n % 5) for n in range(60)})
    blind = task_loads(round_robin(rows, tasks_max=12))["over_mean"].max()
    assert heaviest(divide_topics(rows, tasks=12)) <= EVEN < blind


def test_no_load_is_no_error() -> None:
    assert len(divide_topics(table({"a": [0.0], "b": [0.0, 0.0]}), tasks=2)) == 3


@pytest.mark.parametrize(
    ("loads", "tasks", "message"),
    [
        ({"a": [1.0, None]}, 1, "records_per_s of a-1 is unknown or negative"),
        ({"a": [-1.0]}, 1, "records_per_s of a-0 is unknown or negative"),
        ({"a": [1.0]}, 2, "tasks is 2; give 1 to 1"),
        ({"a": [1.0]}, 0, "tasks is 0; give 1 to 1"),
    ],
)
def test_what_cannot_be_divided_is_refused(loads, tasks, message) -> None:
    with pytest.raises(InputError, match=message):
        divide_topics(table(loads), tasks=tasks)


LOADS = st.lists(st.floats(0, 100), min_size=1, max_size=6)
TOPICS = st.dictionaries(st.text("abc", min_size=1, max_size=4), LOADS, min_size=1, max_size=12)


@examples(25)
@given(TOPICS, st.integers(1, 6))
def test_nothing_is_lost_and_each_connector_is_dealt_out_as_mirror_maker_does(loads, tasks) -> None:
    rows = table(loads)
    tasks = min(tasks, len(rows))
    divided = divide_topics(rows, tasks=tasks)
    assert divided.select(rows.columns).sort("topic", "partition").equals(rows.sort("topic", "partition"))
    assert divided.unique("connector")["tasks_max"].sum() <= tasks
    for (_, tasks_max), mine in divided.group_by("connector", "tasks_max"):
        again = round_robin(mine.drop("task"), tasks_max=tasks_max).sort("topic", "partition")
        assert again["task"].to_list() == mine.sort("topic", "partition")["task"].to_list()
    assert divide_topics(rows.reverse(), tasks=tasks).equals(divided)
