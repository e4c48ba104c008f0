from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage
from kafka_analysis.stats.blast_answers import blast_answer, outage_findings

GOOD = Coverage(expected=10, seen=10)
CELLS = {
    "cell": ["a", "a", "b", "b"],
    "what": ["clients", "bytes_in_per_s"] * 2,
    "share": [0.75, 0.4, 0.5, 0.6],
}
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
    ("accepted", "light", "words"),
    [
        (None, "green", "takes 75 % of clients along; before the split, one outage takes all."),
        (0.8, "green", "takes 75 % of clients along; 80 % are accepted."),
        (0.5, "red", "takes 75 % of clients along; 50 % are accepted."),
    ],
)
def test_the_worst_cell_decides(frame, accepted, light, words):
    told = blast_answer(frame(CELLS), frame(OUTAGES), coverage=GOOD, accepted=accepted)
    assert told.verdict.light.value == light
    assert told.verdict.sentence == f"the loss of the worst cell, a, {words}"


def test_figures_say_before_worst_mean_and_how_far_predictions_were_off(frame):
    told = blast_answer(frame(CELLS), frame(OUTAGES), coverage=GOOD)
    assert [figure.value for figure in told.figures] == [1.0, 0.75, 0.625, 0.6, pytest.approx(0.02)]


def test_one_cell_is_no_split(frame):
    one = {"cell": ["a"], "what": ["clients"], "share": [1.0]}
    assert blast_answer(frame(one), frame(OUTAGES), coverage=GOOD).verdict.light.value == "amber"


def test_without_clients_or_coverage_it_is_grey(frame):
    unknown = pl.DataFrame(
        {"cell": ["a"], "what": ["clients"], "share": [None]}, schema_overrides={"share": pl.Float64}
    )
    assert blast_answer(unknown, pl.DataFrame(OUTAGES), coverage=GOOD).verdict.light.value == "grey"
    few = Coverage(expected=10, seen=5)
    assert blast_answer(frame(CELLS), frame(OUTAGES), coverage=few).verdict.light.value == "grey"


@pytest.mark.parametrize(
    ("measured", "light", "title"),
    [
        ([0.5, 0.25], "green", "cell stopped (c): 25 % of producers lost service"),
        ([0.5, 0.75], "amber", "cell stopped (c): 75 % of producers lost service"),
        ([0.5, None], "grey", "cell stopped (c): what lost service cannot be told"),
    ],
)
def test_an_outage_that_went_otherwise_than_predicted_is_a_finding(frame, measured, light, title):
    rows = pl.DataFrame(OUTAGES).head(2).to_dict(as_series=False) | {"measured": measured}
    (found,) = outage_findings(frame(rows))
    assert (found.light.value, found.title) == (light, title)
    assert bool(found.action) == (light == "amber")


def test_no_outage_is_no_finding():
    assert outage_findings(pl.DataFrame(OUTAGES).clear()) == []
