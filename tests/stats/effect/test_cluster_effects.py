"""What each cluster carried before and after: an interval where both windows have traffic, else its level."""

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.effect.cluster_effects import SCHEMA, cluster_effects
from kafka_analysis.stats.traffic.kinds import FLOWS
from tests.stats.effect.compared import AFTER, BEFORE, SIDES, STEP, around


def carried(window, cluster, values, *, kind="business") -> pl.DataFrame:
    times = [window.start + n * STEP for n in range(len(values))]
    flows = {flow: [float(v) for v in values] for flow in FLOWS}
    rows = pl.DataFrame(
        {"window_start": times, "cluster": cluster, "kind": kind, **flows, "evidence": "measured"}
    )
    return rows.cast({"window_start": pl.Datetime("ms", "UTC")})


def asked(before: list[pl.DataFrame], after: list[pl.DataFrame], frame=lambda rows: rows):
    parts = [pl.concat(rows) for rows in (before, after)]
    sums = [rows.group_by("cluster", "kind", maintain_order=True).agg(pl.col(FLOWS).mean()) for rows in parts]
    found = cluster_effects(
        *(frame(rows) for rows in parts), sums_before=frame(sums[0]), sums_after=frame(sums[1]), sides=SIDES
    )
    table = found if isinstance(found, pl.DataFrame) else pl.from_pandas(found, nan_to_null=True)
    assert table.columns == list(SCHEMA)
    return {(row["cluster"], row["kind"]): row for row in table.filter(flow=FLOWS[0]).iter_rows(named=True)}


@pytest.mark.parametrize("engine", ["polars", "pandas"])
def test_where_both_windows_have_traffic_there_is_an_interval_else_a_level(engine):
    found = asked(
        [
            carried(BEFORE, "old", around(100, sd=0.02)),
            carried(BEFORE, "cell-a", around(20, sd=0.02, seed=5), kind="migration"),
        ],
        [
            carried(AFTER, "old", around(30, sd=0.02, seed=2)), carried(AFTER, "cell-a", around(70, sd=0.02, seed=3)),
            carried(AFTER, "cell-a", around(20, sd=0.02, seed=4), kind="migration"),
        ],
        frame=(lambda rows: rows) if engine == "polars" else pl.DataFrame.to_pandas,
    )  # fmt: skip
    assert {place: row["verdict"] for place, row in found.items()} == {
        ("old", "business"): "fell", ("cell-a", "business"): "only after", ("cell-a", "migration"): "same",
    }  # fmt: skip
    assert found["old", "business"]["low"] <= -0.7 <= found["old", "business"]["high"]
    new = found["cell-a", "business"]
    assert (new["before"], new["effect"], new["low"]) == (None, None, None)
    assert new["after"] == pytest.approx(70, rel=0.05)


def test_a_cluster_that_is_there_and_carries_nothing_more_is_no_fall_of_all():
    found = asked(
        [carried(BEFORE, "old", around(100, sd=0.02))],
        [carried(AFTER, "old", [0.0] * 40), carried(AFTER, "new", around(100, sd=0.02, seed=2))],
    )
    assert (found["old", "business"]["verdict"], found["old", "business"]["effect"]) == ("only before", None)


def test_a_cluster_without_traffic_in_either_window_is_left_out():
    rows = [carried(window, "idle", [0.0] * 40) for window in (BEFORE, AFTER)]
    assert asked(rows[:1], rows[1:]) == {}
