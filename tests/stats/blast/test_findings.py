from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.blast.findings import outage_findings

OUTAGES = {
    "outage": [1, 1, 1],
    "cluster": "c",
    "name": "cell stopped",
    "effect": ["loses_service", "loses_service", "interrupted"],
    "what": ["partitions", "producers", "producers"],
    "predicted": [0.5, 0.25, 0.0],
    "measured": [0.48, 0.25, 0.9],
}


@pytest.mark.parametrize(
    ("measured", "light", "title"),
    [
        ([0.5, 0.25], "green", "cell stopped (c): 25 % of producers lost service"),
        ([0.5, 0.75], "amber", "cell stopped (c): 75 % of producers lost service"),
        ([0.5, None], "grey", "cell stopped (c): what lost service is unknown"),
    ],
)
def test_an_outage_that_went_otherwise_than_predicted_is_a_finding(frame, measured, light, title):
    rows = pl.DataFrame(OUTAGES).head(2).to_dict(as_series=False) | {"measured": measured}
    (found,) = outage_findings(frame(rows))
    assert (found.light.value, found.title) == (light, title)
    assert bool(found.action) == (light == "amber")


def test_no_outage_is_no_finding():
    assert outage_findings(pl.DataFrame(OUTAGES).clear()) == []
