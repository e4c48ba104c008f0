from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.simulate.plan import Plan, plan_of, read_plan
from kafka_analysis.simulate.teams import numbered

LEAST = {"brokers": 3, "partitions": 12}


def test_texts_are_read_as_on_the_command_line():
    plan = plan_of(
        {
            **LEAST,
            "duration": "1.5h",
            "interval": "30s",
            "start": "2026-03-01",
            "hot_brokers": ["2:1.5"],
            "skewed_topics": ["topic-02:.6"],
            "effects": ["after:bytes_in=-12.5%"],
        }
    )
    assert (plan.steps, plan.start) == (180, datetime(2026, 3, 1, tzinfo=UTC))
    assert (plan.hot_brokers[0].broker, plan.skewed_topics[0].share, plan.effects[0].change) == (
        2,
        0.6,
        -0.125,
    )
    assert plan.moment(1.5) == datetime(2026, 3, 1, 0, 0, 45, tzinfo=UTC)


def test_a_file_and_python_values_say_the_same(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(
        "brokers: 3\npartitions: 12\nduration: 1h\nstart: 2026-03-01T00:00:00Z\n"
        "hot_brokers:\n  - {broker: 2, factor: 1.5}\neffects: ['after:bytes_in=+10%']\n"
    )
    written = plan_of({**LEAST, "duration": 3600, "start": "2026-03-01", "hot_brokers": ["2:1.5"],
                       "effects": [{"phase": "after", "change": 0.1}]})  # fmt: skip
    assert plan_of(read_plan(path)) == written


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"broker": 3}, "did you mean 'brokers'"),
        ({"brokers": "3"}, "brokers should be a valid integer"),
        ({"brokers": 0}, "greater than or equal to 1"),
        ({"topics": 13}, "give at least 13"),
        ({"brokers": 13}, "give at least 13"),
        ({"replication_factor": 4}, "above the 3 brokers"),
        ({"cells": 1, "cell_brokers": 2}, "above the 2 brokers"),
        ({"cells": 13}, "cells 13 are more than topics 12"),
        ({"duration": "2 hours"}, "write 15s, 10m, 2h"),
        ({"duration": "90s", "interval": "60s"}, "not a whole number of intervals"),
        ({"duration": "5m"}, "at least 10"),
        ({"start": "1066-10-14"}, "1970 to 2200"),
        ({"retention": "1m"}, "retention 60 s is below"),
        ({"lagging_groups": 7}, "more than groups 6"),
        ({"lagging_groups": 1, "lagging_share": 0.1, "retention": "1h"}, "half the retention"),
        ({"hot_brokers": ["3"]}, "BROKER:FACTOR"),
        ({"hot_brokers": ["4:2"]}, "the brokers are 1 to 3"),
        ({"hot_brokers": ["1:2", "2:1"]}, "must stay below the number of brokers"),
        ({"hot_brokers": ["1:1", "1:1"]}, "a broker twice"),
        ({"hot_brokers": [{"broker": 1, "faktor": 2}]}, "is unknown"),
        ({"skewed_topics": ["topic-99:0.5"]}, "unknown topic 'topic-99'"),
        ({"skewed_topics": ["topic-01:0.5", "topic-01:0.6"]}, "a topic twice"),
        ({"skewed_topics": ["topic-01:1.5"]}, "less than 1"),
        ({"effects": ["after:bytes_in"]}, "PHASE:bytes_in=CHANGE"),
        ({"effects": ["after:bytes_out=+1%"]}, "bytes_in"),
        ({"effects": ["later:bytes_in=+1%"]}, "baseline"),
        ({"daily": 1.5}, "less than 1"),
        ({"bytes_per_s": float("nan")}, "bytes_per_s"),
        ({"seed": -1}, "seed"),
        ({"teams": 13}, "teams 13 are more than topics 12"),
        ({"teams": 2, "neighbourhoods": 3}, "neighbourhoods 3 are more than teams 2"),
        ({"wide_groups": 1}, "wide_groups 1 need teams"),
        ({"teams": 2, "wide_groups": 6}, "more groups than 6"),
        ({"retentions": ["1d", "1m"]}, "retention 60 s is below"),
        ({"with_phases": False, "effects": ["after:bytes_in=+1%"]}, "effects need phases"),
    ],
)
def test_a_wrong_plan_is_one_clear_line(wrong, said):
    with pytest.raises(InputError, match=r"\A[^\n]+\Z") as raised:
        plan_of({**LEAST, **wrong})
    assert said in str(raised.value)


def test_what_is_missing_is_named():
    with pytest.raises(InputError, match="brokers is missing"):
        plan_of({"partitions": 3})


@pytest.mark.parametrize("text", ["- 1\n", "a: [\n", ""])
def test_a_file_that_is_no_plan_is_one_clear_line(tmp_path, text):
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"\A[^\n]+\Z"):
        read_plan(path)


def test_rates_follow_the_size_unless_they_are_given():
    assert plan_of(LEAST).mean_bytes_per_s == 120_000
    assert plan_of({**LEAST, "bytes_per_s": 5}).mean_bytes_per_s == 5


def test_the_monolith_that_is_shipped_is_a_plan():
    plan = plan_of(read_plan(Path(__file__).parents[2] / "data" / "monolith-40gb.yaml"))
    assert (plan.brokers, plan.topics, plan.groups, plan.teams) == (300, 3000, 800, 100)
    assert plan.steps * plan.interval == 7 * 86400


def test_names_sort_in_their_order():
    names = numbered("topic", 120)
    assert names == sorted(names)
    assert len(Plan(**LEAST).topic_names) == 12
