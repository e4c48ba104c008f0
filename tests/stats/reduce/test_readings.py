from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats import readings

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def samples(
    values: list[float | None], *, metric: str = "mirror_records_total", topic: str = "t"
) -> pl.DataFrame:
    about = {"metric": metric, "cluster": "c", "broker": None, "topic": topic, "partition": 0, "group": None,
             "entity": "a->b", "stat": None}  # fmt: skip
    times = [T0 + timedelta(seconds=n) for n in range(len(values))]
    return pl.DataFrame({"ts": times, "value": values, **about}, schema_overrides={"value": pl.Float64})


def read(frame, **options) -> list[float]:
    return readings(frame, **options)["value"].to_list()


def test_gauges_are_what_they_are_and_counters_go_on_after_a_reset() -> None:
    frame = samples([5.0, 9.0, 2.0, 4.0, 1.0])
    assert read(frame) == [5.0, 9.0, 2.0, 4.0, 1.0]
    assert read(frame, counters=True) == [5.0, 9.0, 11.0, 13.0, 14.0]


def test_each_series_goes_on_by_itself() -> None:
    both = pl.concat([samples([5.0, 2.0]), samples([7.0, 8.0], topic="u")])
    assert readings(both, counters=True).sort("topic", "ts")["value"].to_list() == [5.0, 7.0, 7.0, 8.0]


def test_order_does_not_count_and_of_one_moment_the_last_does() -> None:
    frame = samples([5.0, 9.0, 2.0])
    assert read(frame.reverse(), counters=True) == [5.0, 9.0, 11.0]
    assert read(pl.concat([frame, frame.tail(1).with_columns(value=3.0)])) == [5.0, 9.0, 3.0]


def test_values_that_cannot_be_are_left_out() -> None:
    assert read(samples([5.0, -1.0, float("inf"), 9.0]), counters=True) == [5.0, 9.0]


def test_the_frame_is_of_the_kind_given() -> None:
    frame = samples([5.0, 2.0])
    assert isinstance(readings(frame.lazy()), pl.DataFrame)
    assert readings(frame.to_pandas())["value"].tolist() == [5.0, 2.0]
    assert read(frame.clear()) == []


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=20))
def test_a_counter_never_falls(values: list[float]) -> None:
    found = read(samples(values), counters=True)
    assert found == sorted(found)
    assert found[0] == values[0]
