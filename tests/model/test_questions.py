from __future__ import annotations

import pytest

from kafka_analysis.model.metrics import METRICS
from kafka_analysis.model.questions import QUESTIONS, lacking, usable_for
from kafka_analysis.model.tables import TABLES


def test_only_known_metrics_and_tables_are_needed():
    named = {name for question in QUESTIONS for names in question.needs for name in names}
    tables = {name.removeprefix("table:") for name in named if name.startswith("table:")}
    assert tables <= set(TABLES)
    assert {name for name in named if not name.startswith("table:")} <= set(METRICS)


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        (set(), ("bytes_in_total or bytes_in_per_s",)),
        ({"bytes_in_per_s"}, ()),
        ({"bytes_in_total"}, ()),
    ],
)
def test_of_alternatives_one_will_do(found, missing):
    (waves,) = (question for question in QUESTIONS if question.name == "waves")
    assert lacking(waves, found) == missing


def test_lag_needs_both_ends():
    (lag,) = (question for question in QUESTIONS if question.name == "lag")
    assert lacking(lag, {"table:group_offsets"}) == ("table offsets",)


def test_every_analysis_is_told_of():
    assert list(usable_for(())) == [question.name for question in QUESTIONS]
    assert all(usable_for(()).values())
    assert not any(usable_for({*METRICS, *(f"table:{name}" for name in TABLES)}).values())
