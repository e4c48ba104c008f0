from __future__ import annotations

import re

from kafka_analysis.plan import limits_of_tools, replication_facts
from kafka_analysis.plan.mirroring.adviser import RULES


def test_each_fact_has_a_name_of_its_own_and_says_where_it_comes_from():
    facts = replication_facts()
    assert facts["fact"].is_unique().all()
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in facts["fact"])
    assert facts.null_count().sum_horizontal().item() == 0
    assert all(text.strip() == text != "" for column in facts for text in column)
    assert all(statement.endswith(".") for statement in facts["statement"])
    assert set(facts["evidence"]) <= {"published", "practice", "unverified"}
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\d", date) for date in facts["date"])


def test_rules_cite_every_fact_and_no_other():
    cited = {rule.fact for rules in RULES.values() for rule in rules}
    assert cited == set(replication_facts()["fact"])


def test_limits_of_each_tool_are_facts():
    tools = ["MirrorMaker 2", "Flink", "Cluster Linking", "MSK Replicator"]
    limits = limits_of_tools([*tools, "Flink", "unknown"])
    assert set(limits["tool"]) == set(tools)
    assert limits["statement"].null_count() == 0
    assert limits.select("tool", "fact").is_unique().all()
    assert limits_of_tools([]).is_empty()
