"""When traffic moved by the traffic alone: steps, shares, stated moves, and what agrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from kafka_analysis.stats.change_points import moved
from kafka_analysis.stats.change_points.find import find_changes
from kafka_analysis.stats.change_points.moved import found_moves, move_step, stated_moves, target_share

T0 = datetime(2026, 1, 5, tzinfo=UTC)
TEN_S = timedelta(seconds=10)


def share(*levels: tuple[int, float]) -> pl.DataFrame:
    rng = np.random.default_rng(3)
    values = np.concatenate([np.full(count, level) + rng.normal(0, 0.02, count) for count, level in levels])
    return pl.DataFrame({"ts": [T0 + n * TEN_S for n in range(len(values))], "value": values})


def stated(*at: int) -> pl.DataFrame:
    names = [f"wave-{n}" for n in range(1, len(at) + 1)]
    schema = {"ts": pl.Datetime("ms", "UTC"), "name": pl.String}
    return pl.DataFrame({"ts": [T0 + n * TEN_S for n in at], "name": names}, schema=schema)


def test_the_search_has_at_most_two_thousand_steps_of_whole_scrapes() -> None:
    for days, interval in ((0.01, 10), (1, 10), (28, 60), (90, 15)):
        step = move_step(T0, T0 + timedelta(days=days), interval_s=interval).total_seconds()
        assert step % interval == 0
        assert timedelta(days=days).total_seconds() / step <= 2000


def test_a_pause_has_no_share() -> None:
    at = [T0 + n * TEN_S for n in range(4)]
    rows = [
        (at[n], cluster, "business", value) for n in range(4) for cluster, value in (("a", 8.0), ("b", 2.0))
    ]
    rows[4] = (at[2], "a", "business", 0.0)
    rows[5] = (at[2], "b", "business", 0.1)
    rows.append((at[0], "b", "migration", 90.0))
    frame = pl.DataFrame(rows, schema=["window_start", "cluster", "kind", "bytes_in_per_s"], orient="row")
    assert target_share(frame, targets=["b"])["value"].to_list() == [0.2, 0.2, None, 0.2]
    assert target_share(frame, targets=[])["value"].to_list() == [0.0, 0.0, None, 0.0]


def test_a_wave_moved_when_its_producers_did_or_else_when_it_began() -> None:
    rows = pl.DataFrame(
        {
            "ts": [1, 3, 4, 5, 6, 7],
            "kind": ["cutover", "cutover", "cutover", "cutover", "fault", "cutover"],
            "name": ["wave-1", "wave-1 producers", "wave-1 producers", "wave-2", "x", "by hand"],
            "wave": [1, 1, 1, 2, None, None],
        }
    )
    assert stated_moves(rows).rows() == [(3, "wave-1"), (5, "wave-2"), (7, "by hand")]


def test_waves_are_found_without_being_told_and_agree() -> None:
    found, table = found_moves(share((40, 0.0), (30, 0.45), (40, 0.9)), stated(40, 70), step=TEN_S)
    assert found.verdict == "within interval"
    assert table["verdict"].to_list() == ["within interval", "within interval"]
    assert [round(value, 1) for value in table["after"]] == [0.5, 0.9] or table["after"][1] > 0.85
    assert (table["p_value"] < 0.05).all()


def test_shares_before_and_after_are_what_was_seen_and_not_fitted_levels(monkeypatch) -> None:
    def drifting(*given, **options):
        found = find_changes(*given, **options)
        return replace(found, changes=tuple(replace(one, before=0.9, after=1.1) for one in found.changes))

    monkeypatch.setattr(moved, "find_changes", drifting)
    _, table = found_moves(share((40, 0.0), (40, 0.5)), stated(40), step=TEN_S)
    (told,) = table.select("before", "after").rows()
    assert told == pytest.approx((0.0, 0.5), abs=0.05)


def test_a_move_that_was_not_stated_and_one_that_did_not_happen_are_said() -> None:
    found, table = found_moves(share((40, 0.0), (40, 0.5)), stated(10), step=TEN_S)
    assert found.verdict == "later"
    assert table.select("event", "verdict").rows() == [("wave-1", "later"), (None, "not stated")]
    others = stated(40, 79).with_columns(name=pl.Series(["cell stopped", "much later"]))
    _, table = found_moves(share((40, 0.0), (40, 0.5)), stated(10), step=TEN_S, others=others)
    assert table["beside"].to_list() == [[], ["cell stopped"]]
    found, table = found_moves(share((60, 0.3)), stated(10), step=TEN_S)
    assert found.verdict == "none found"
    assert table.select("verdict", "found").rows() == [("none found", None)]


def test_no_traffic_says_nothing() -> None:
    empty = share((40, 0.0)).clear()
    found, table = found_moves(empty, stated(10), step=TEN_S)
    assert found.verdict == "cannot tell"
    assert table["verdict"].to_list() == ["cannot tell"]
