"""By how much traffic changed: steps, sums over clusters, and phases of a made load that begin and end at rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from kafka_analysis.stats.effect.traffic import business_series, steps_of, traffic_effects
from kafka_analysis.stats.scope.windows import Window

T0 = datetime(2026, 1, 5, tzinfo=UTC)
TEN_S = timedelta(seconds=10)
FLOWS = ("bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s")


def traffic(values, *, start=T0, step=TEN_S, cluster="c", kind="business") -> pl.DataFrame:
    rows = [start + n * step for n in range(len(values))]
    flows = {flow: [None if v is None else float(v) for v in values] for flow in FLOWS}
    frame = pl.DataFrame({"window_start": rows, "cluster": cluster, "kind": kind, **flows})
    return frame.cast({"window_start": pl.Datetime("ms", "UTC")})


def made(*phases: tuple[datetime, datetime]) -> pl.DataFrame:
    rows = [
        {"ts": at, "kind": "load", "name": f"p{n}:{edge}"}
        for n, ends in enumerate(phases)
        for edge, at in zip(("start", "end"), ends, strict=True)
    ]
    return pl.DataFrame(rows, schema={"ts": pl.Datetime("ms", "UTC"), "kind": pl.String, "name": pl.String})


def test_only_phases_of_a_made_load_have_no_season() -> None:
    one, two = Window(T0, T0 + 20 * TEN_S), Window(T0 + 40 * TEN_S, T0 + 60 * TEN_S)
    events = made((one.start, one.end), (two.start, two.end))
    assert steps_of(events, before=one, after=two, interval_s=10.0) == (TEN_S, "none")
    moved = Window(two.start, two.end + TEN_S)
    assert steps_of(events, before=one, after=moved, interval_s=10.0) == (timedelta(hours=1), "week")
    assert steps_of(events.clear(), before=one, after=two, interval_s=10.0)[1] == "week"


def test_a_step_without_one_of_the_clusters_is_unknown_and_no_smaller_sum() -> None:
    rows = pl.concat([traffic([1, 2, 3], cluster="a"), traffic([10, None, 30], cluster="b")])
    idle = traffic([0.5, 0.5, 0.5], cluster="z", kind="internal")
    assert business_series(pl.concat([rows, idle]), FLOWS[0])["value"].to_list() == [11.0, None, 33.0]


def test_the_edges_of_a_made_load_are_left_out() -> None:
    rows = traffic([0, 3, 10, 11, 0.1, 12, 10, 6, 0])
    assert business_series(rows, FLOWS[0], is_made=True)["value"].to_list() == [11.0, 0.1, 12.0, 10.0]
    assert business_series(traffic([0, 0]), FLOWS[0], is_made=True)["value"].to_list() == [0.0, 0.0]


@pytest.mark.parametrize(("planted", "excludes"), [(0.10, True), (0.0, False)])
def test_a_planted_tenth_is_found_in_minutes_and_none_is_none(planted: float, excludes: bool) -> None:
    rng = np.random.default_rng(7)
    sides = [
        traffic([0, *(level * np.exp(rng.normal(0, 0.02, 40))), 0], start=start)
        for level, start in ((100.0, T0), (100.0 * (1 + planted), T0 + timedelta(hours=1)))
    ]
    windows = tuple(Window(s["window_start"].min(), s["window_start"].max() + TEN_S) for s in sides)
    found = traffic_effects(*sides, windows=windows, step=TEN_S, season="none")
    assert found["flow"].to_list() == list(FLOWS)
    for row in found.iter_rows(named=True):
        assert row["low"] <= planted <= row["high"]
        assert (row["low"] > 0 or row["high"] < 0) == excludes
        assert row["verdict"] == "same"
        assert row["reason"].startswith("no loss: it rose by" if excludes else "the change is between")


def test_minutes_without_a_made_load_say_nothing() -> None:
    one, two = traffic([5.0] * 30), traffic([6.0] * 30, start=T0 + timedelta(hours=1))
    windows = (
        Window(T0, T0 + 30 * TEN_S),
        Window(T0 + timedelta(hours=1), T0 + timedelta(hours=1, minutes=5)),
    )
    found = traffic_effects(one, two, windows=windows, step=timedelta(hours=1), season="week")
    assert set(found["verdict"]) == {"cannot tell"}
    assert found["effect"].null_count() == 3
    assert "of 7 days" in found["reason"][0]
