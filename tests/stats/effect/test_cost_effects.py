"""Cost for each terabyte: only where both sides have a price."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from kafka_analysis.stats.effect.cost_effects import cost_effect
from tests.stats.effect.compared import SIDES

BYTES = {"flow": ["bytes_in_per_s", "bytes_out_per_s"], "is_share": True, "effect": [0.25, 9.0], "low": [0.0, 9.0],
    "high": [0.6, 9.0], "noise": "n", "reason": ""}  # fmt: skip


def told(frame, prices, *, sides=SIDES, **of_bytes):
    cluster, usd, missing = (list(column) for column in zip(*prices, strict=True))
    schema = {"usd_per_h": pl.Float64, "missing": pl.String}
    table = frame({"cluster": cluster, "usd_per_h": usd, "missing": missing}, schema_overrides=schema)
    found = cost_effect(table, frame(BYTES | of_bytes), sides=sides)
    known = found if isinstance(found, pl.DataFrame) else pl.from_pandas(found, nan_to_null=True)
    return known.row(0, named=True)


def test_more_bytes_for_the_same_price_are_cheaper_and_as_sure_as_the_bytes(frame):
    row = told(frame, [("old", 4.0, ""), ("cell-a", 1.0, ""), ("cell-b", 3.0, "")])
    assert (row["effect"], row["low"], row["high"]) == pytest.approx((-0.2, -0.375, 0.0))
    assert (row["question"], row["unit"], row["verdict"]) == ("cost_per_tb", "USD/TB", "cannot tell")
    dear = told(frame, [("old", 4.0, ""), ("cell-a", 8.0, ""), ("cell-b", 0.0, "")])
    assert (dear["verdict"], dear["effect"]) == ("worse", pytest.approx(0.6))


def test_what_has_no_price_is_named_and_nothing_is_guessed(frame):
    row = told(
        frame, [("old", None, "no price of x"), ("cell-a", 1.0, ""), ("cell-b", None, "no instance type")]
    )
    assert (row["verdict"], row["effect"]) == ("cannot tell", None)
    assert row["reason"] == "old: no price of x; cell-b: no instance type"
    assert told(frame, [("old", 4.0, "")])["reason"] == "no broker is known on one side"


def test_without_the_bytes_or_the_roles_it_cannot_be_told(frame):
    prices = [("old", 4.0, ""), ("cell-a", 1.0, "")]
    nothing = told(frame, prices, low=pl.Series([None, None], dtype=pl.Float64))
    assert nothing["reason"] == "by how much the bytes written changed is not known"
    alike = replace(SIDES, clusters_before=("old",), clusters_after=("old",))
    assert "roles source and target" in told(frame, prices, sides=alike)["reason"]
