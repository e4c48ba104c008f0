"""Many series judged together: few of those called changed are not, and a change that was planted is found."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from kafka_analysis.stats.effect import each
from kafka_analysis.stats.effect.each import adjusted, measure_each
from kafka_analysis.stats.effect.measure import WANDERS, measure_effect
from kafka_analysis.stats.effect.sides import Sides
from tests.simulated_series import NOISES, logarithms
from tests.stats.effect.compared import AFTER, BEFORE, SIDES, STEP, STEPS, around
from tests.stats.effect.series import HOUR, MONDAY, hourly, windows
from tests.stats.effect.series import even as halves

WEEKS = Sides(*windows(7).values(), ("old",), ("new",), HOUR, "week")


def hourly_each(made) -> pl.DataFrame:
    """Return simulated logarithms, a row of hours for each series, as one frame."""
    return pl.concat(
        hourly(values).with_columns(name=pl.lit(f"t{n:03d}")) for n, values in enumerate(np.atleast_2d(made))
    )


def even(name: str, before, after) -> pl.DataFrame:
    """Return a series of 40 steps before and after; None: not seen in that window."""
    sides = [(BEFORE, before), (AFTER, after)]
    rows = [
        (name, window.start + n * STEP, float(value))
        for window, values in sides
        for n, value in enumerate([] if values is None else values)
    ]
    schema = {"name": pl.String, "ts": pl.Datetime("ms", "UTC"), "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def by_name(found) -> dict[str, dict]:
    table = found if isinstance(found, pl.DataFrame) else pl.from_pandas(found, nan_to_null=True)
    return {row["name"]: row for row in table.iter_rows(named=True)}


def quiet(level: float, seed: int):
    return around(level, sd=0.02, seed=seed)


def test_changes_and_none_and_one_side_only_have_their_words(frame):
    rows = pl.concat([
        even("fell", quiet(100, 1), quiet(70, 2)),
        even("rose", quiet(100, 3), quiet(150, 4)),
        even("same", quiet(100, 5), quiet(100, 6)),
        even("gone", quiet(100, 7), None),
        even("idle", quiet(100, 8), [0.0] * STEPS),
        even("new", None, quiet(100, 9)),
        even("nothing", [0.0] * STEPS, [0.0] * STEPS),
        even("short", quiet(100, 10)[:5], quiet(100, 11)),
    ])  # fmt: skip
    found = by_name(measure_each(frame(rows.to_dict(as_series=False), schema=rows.schema), sides=SIDES))
    assert {name: row["verdict"] for name, row in found.items()} == {
        "fell": "fell", "rose": "rose", "same": "same", "gone": "only before", "idle": "only before",
        "new": "only after", "nothing": "same", "short": "cannot tell",
    }  # fmt: skip
    assert found["gone"]["reason"] == "not seen in the window after"
    assert found["idle"]["reason"] == "nothing was carried in the window after"
    assert found["short"]["reason"] == "5 values before and 40 after: 12 are needed on each side"
    for name in ("gone", "idle", "new", "nothing", "short"):
        assert [found[name][column] for column in ("effect", "low", "high", "chance")] == [None] * 4
    assert found["fell"]["low"] <= -0.3 <= found["fell"]["high"] < 0


def test_one_series_is_what_measure_effect_says_of_it():
    made = logarithms(NOISES["AR(1), φ 0.8"], days=7, runs=1, effect=0.4, seed=9)
    (row,) = measure_each(hourly_each(made), sides=WEEKS).iter_rows(named=True)
    alone = measure_effect(hourly(made[0]), **windows(7), step=HOUR, better="higher")
    names = ("effect", "low", "high", "level", "least")
    assert [row[name] for name in names] == pytest.approx([getattr(alone, name) for name in names], abs=1e-8)
    assert (row["verdict"], row["reason"]) == ("rose", alone.reason)


def test_series_with_gaps_of_their_own_are_fitted_apart_as_each_alone():
    rows = hourly_each(logarithms(NOISES["AR(1), φ 0.5"], days=7, runs=3, effect=0.0, seed=4))
    gap = rows.filter(~((pl.col("name") == "t001") & pl.col("ts").is_between(MONDAY, MONDAY + 30 * HOUR)))
    found = by_name(measure_each(gap, sides=WEEKS))
    for name, row in found.items():
        alone = measure_effect(gap.filter(name=name), **windows(7), step=HOUR, better="higher")
        assert [row["effect"], row["low"], row["high"]] == pytest.approx(
            [alone.effect, alone.low, alone.high], abs=1e-8
        )
    assert found["t001"]["hours_before"] == 168 - 31


def test_only_so_many_sets_of_hours_are_fitted_those_that_carry_most_first(monkeypatch):
    monkeypatch.setattr(each, "MOST_LAYOUTS", 1)
    rows = pl.concat([even("large", quiet(1000, 1), quiet(1000, 2)), even("small", quiet(1, 3), quiet(1, 4))])
    shorter = rows.filter(~((pl.col("name") == "small") & (pl.col("ts") < BEFORE.start + 3 * STEP)))
    found = by_name(measure_each(shorter, sides=SIDES))
    assert found["large"]["effect"] is not None
    assert (found["small"]["verdict"], found["small"]["effect"]) == ("cannot tell", None)
    assert found["small"]["reason"].startswith("its gaps are its own")


def test_of_series_that_did_not_change_few_are_called_changed():
    made = logarithms(NOISES["AR(1), φ 0.8"], days=7, runs=200, effect=0.0, seed=20)
    found = measure_each(hourly_each(made), sides=WEEKS)
    assert len(found) == 200
    assert found["verdict"].is_in(["rose", "fell"]).mean() <= 0.05
    assert found["effect"].null_count() == 0


def test_without_the_control_chance_alone_would_call_many_changed():
    """A fast and a slow noise: 6 of 100 intervals of 95 % miss, as measured in docs/before_after.md."""
    made = logarithms(NOISES["fast + slow"], days=7, runs=200, effect=0.0, seed=3)
    found = measure_each(hourly_each(made), sides=WEEKS)
    assert (found["chance"] <= 0.05).sum() >= 6
    assert (found["chance_among"] <= 0.05).sum() <= 1
    assert found["verdict"].is_in(["rose", "fell"]).sum() <= 1
    held_back = found.filter(pl.col("chance") <= 0.05, pl.col("verdict") == "cannot tell")
    assert held_back["reason"].str.contains("among 200 compared, chance alone does that").any()


def test_of_a_thousand_chances_as_even_as_without_any_change_none_is_left():
    chances = np.arange(1, 1001) / 1000
    assert (chances <= 0.05).sum() == 50
    assert (adjusted(chances) <= 0.05).sum() == 0
    planted = np.concatenate([[1e-6], chances])
    assert (adjusted(planted) <= 0.05).sum() == 1


def test_a_tenth_more_of_one_series_of_many_is_found_and_its_interval_holds():
    rng = np.random.default_rng(5)
    sides = [(np.exp(rng.normal(0, 0.03, STEPS)), np.exp(rng.normal(0, 0.03, STEPS))) for _ in range(60)]
    rows = pl.concat(
        even(f"t{n:02d}", 100 * before, (110 if n == 7 else 100) * after)
        for n, (before, after) in enumerate(sides)
    )
    found = measure_each(rows, sides=SIDES)
    changed = found.filter(pl.col("verdict").is_in(["rose", "fell"]))
    assert changed["name"].to_list() == ["t07"]
    row = changed.row(0, named=True)
    assert row["low"] <= 0.1 <= row["high"]
    assert row["level"] == pytest.approx(1 - 0.05 / 60)
    alone = by_name(measure_each(rows.filter(name="t07"), sides=SIDES))["t07"]
    assert alone["level"] == 0.95
    assert row["low"] < alone["low"] < alone["high"] < row["high"]
    assert row["least"] == pytest.approx(alone["least"])


def test_intervals_of_those_called_changed_exclude_no_change_and_only_theirs_are_wider():
    rng = np.random.default_rng(6)
    rows = pl.concat(
        even(
            f"t{n:02d}", 100 * np.exp(rng.normal(0, 0.05, STEPS)), level * np.exp(rng.normal(0, 0.05, STEPS))
        )
        for n, level in enumerate([100] * 15 + [104, 106, 108, 112, 120])
    )
    found = measure_each(rows, sides=SIDES)
    called = found["chance_among"] <= 0.05
    assert 0 < called.sum() < 20
    excludes = (found["low"] > 0) | (found["high"] < 0)
    assert excludes.filter(called).all()
    assert set(found["level"].filter(~called)) == {0.95}
    assert set(found["level"].filter(called)) == {1 - 0.05 * called.sum() / 20}


def test_a_series_that_wanders_is_not_called_changed():
    walk = np.cumsum(np.random.default_rng(4).normal(size=400)) * 0.02
    rows, how = halves(np.exp(walk))
    sides = Sides(how["before"], how["after"], ("old",), ("new",), how["step"], "none")
    (row,) = measure_each(rows.with_columns(name=pl.lit("w")), sides=sides).iter_rows(named=True)
    assert (row["verdict"], row["reason"], row["chance"]) == ("cannot tell", WANDERS, 1.0)


def test_steps_without_traffic_make_it_a_difference():
    before, after = quiet(100, 1), quiet(300, 2)
    before[::7] = 0.0
    (row,) = measure_each(even("t", before, after), sides=SIDES).iter_rows(named=True)
    assert (row["is_share"], row["verdict"]) == (False, "rose")
    assert row["low"] < 200 < row["high"] + 50


def test_without_series_there_are_no_rows():
    found = measure_each(even("t", None, None), sides=SIDES)
    assert found.is_empty()
    assert found.columns == ["name", *each.EACH]
