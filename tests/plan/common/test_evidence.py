from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plan.common.evidence import weakest


@pytest.mark.parametrize(
    ("evidence", "rests_on"),
    [
        ([], "measured"),
        (["measured", "measured"], "measured"),
        (["estimated", "measured"], "estimated"),
        (["measured", "declared", "estimated"], "declared"),
        (["measured", None], "declared"),
    ],
)
def test_a_figure_rests_on_its_weakest_part(evidence, rests_on):
    assert weakest(pl.DataFrame({"evidence": evidence}, schema={"evidence": pl.String})).value == rests_on
