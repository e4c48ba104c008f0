from __future__ import annotations

import pytest
from pydantic import ValidationError

from kafka_analysis.sources.spelling.families import Dialect, Family

LEAST = {"metrics": {"lag": ""}, "to": "group_lag_records"}


def test_the_least_is_a_name_and_a_metric():
    family = Family(**LEAST)
    assert (family.names, family.canonical, family.columns) == ({"lag": ""}, ("group_lag_records",), set())


def test_a_name_may_choose_the_metric_and_carry_a_stat():
    chosen = {"a_avg": "mirror_record_age_ms", "b_avg": "mirror_replication_latency_ms"}
    assert Family(key="__name__", to=chosen).names == {"a_avg": "", "b_avg": ""}
    with_stat = Family(key="__name__", metrics=dict.fromkeys(chosen, "mean"), to=chosen)
    assert with_stat.names == {"a_avg": "mean", "b_avg": "mean"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "name"},
        {"to": {"a": "b"}},
        {"stats": {"0.5": "p50"}},
        {"fold": "mean"},
        {"metrics": {}},
        {"fould": "sum"},
    ],
)
def test_what_contradicts_itself_is_refused(wrong):
    with pytest.raises(ValidationError):
        Family(**LEAST | wrong)


def test_a_dialect_has_families_or_is_another_s_in_lower_case():
    said = {"name": "own", "title": "Mine", "kind": "exporter", "source": "a test"}
    assert Dialect(**said, families=[LEAST]).lowercase_of is None
    assert Dialect(**said, lowercase_of="msk").families == ()
    for both in ({}, {"families": [LEAST], "lowercase_of": "msk"}):
        with pytest.raises(ValidationError, match="lowercase_of"):
            Dialect(**said, **both)
