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
        (set(), ("group_lag_records or group_lag_sum_records or table group_offsets",)),
        ({"group_lag_sum_records"}, ()),
        ({"table:group_offsets"}, ()),
    ],
)
def test_of_alternatives_one_will_do(found, missing):
    (lag,) = (question for question in QUESTIONS if question.name == "lag")
    assert lacking(lag, found) == missing


def test_every_analysis_is_told_of():
    assert list(usable_for(())) == [question.name for question in QUESTIONS]
    assert all(usable_for(()).values())
    assert not any(usable_for({*METRICS, *(f"table:{name}" for name in TABLES)}).values())
