from __future__ import annotations

import json

import polars as pl
import pytest

from kafka_analysis.stats import config_parity

PAIR = pl.DataFrame({"source": ["a"], "source_topic": "t", "target": "b", "topic": "t"})
ON_TOPIC, ON_BROKERS, NOWHERE = "DYNAMIC_TOPIC_CONFIG", "DYNAMIC_DEFAULT_BROKER_CONFIG", "DEFAULT_CONFIG"
SCHEMA = {
    "cluster": pl.String, "topic": pl.String, "name": pl.String, "value": pl.String, "source": pl.String,
    "is_default": pl.Boolean,
}  # fmt: skip


def rows(*given: tuple[str, str, str | None, str], topic: str = "t") -> pl.DataFrame:
    found = [(cluster, topic, *setting, setting[-1] == NOWHERE) for cluster, *setting in given]
    return pl.DataFrame(found, schema=SCHEMA, orient="row")


def parity(*given, pair=PAIR, known=(), **more):
    return config_parity(pair, topic_configs=rows(*given), known=known, **more)


def test_the_value_that_holds_counts_wherever_it_is_set() -> None:
    name = "min.insync.replicas"
    found = parity(("a", name, "2", ON_BROKERS), ("b", name, "2", ON_TOPIC))
    assert found.differences.is_empty()
    assert found.compared.rows() == [("a", "b", "configuration", 1, 1)]
    lost = parity(("a", name, "2", ON_BROKERS), ("b", name, "1", NOWHERE))
    assert lost.differences.select("name", "at_source", "at_target", "kind").rows() == [
        (name, "2", "1", "must fix")
    ]


@pytest.mark.parametrize(("where", "is_set"), [(ON_TOPIC, True), (ON_BROKERS, False), (NOWHERE, False)])
def test_where_it_is_set_at_the_target_is_kept_for_the_way_back(where: str, is_set: bool) -> None:
    found = parity(
        ("a", "retention.ms", "2", ON_TOPIC), ("b", "retention.ms", "1", where), flavours={"b": "msk"}
    )
    known = json.loads(found.differences["entity"].item())
    assert known == {"is_set": is_set, "is_known": True, "flavour": "msk"}


def test_settings_of_one_version_only_count_where_they_are_set() -> None:
    name = "message.timestamp.difference.max.ms"
    assert parity(("a", name, "9", NOWHERE), ("b", "x", "1", NOWHERE)).compared.is_empty()
    found = parity(("a", name, "9", ON_TOPIC), ("b", "x", "1", NOWHERE))
    assert found.differences.select("name", "at_source", "at_target", "kind").rows() == [
        (name, "9", None, "must fix")
    ]
    there = parity(("a", "x", "1", NOWHERE), ("b", name, "9", ON_TOPIC))
    assert there.differences.select("at_source", "at_target").rows() == [(None, "9")]


def test_what_msk_express_hides_is_its_decision() -> None:
    found = parity(
        ("a", "segment.ms", "9", ON_TOPIC), ("b", "x", "1", NOWHERE), flavours={"b": "msk-express"}
    )
    assert found.differences["kind"].to_list() == ["MSK decides"]


def test_a_secret_value_is_not_compared() -> None:
    assert parity(("a", "x", None, ON_TOPIC), ("b", "x", None, ON_TOPIC)).compared.is_empty()
    assert parity(("a", "x", None, ON_TOPIC), ("b", "x", "1", ON_TOPIC)).differences.is_empty()


def test_values_that_mean_the_same_are_equal() -> None:
    policy = "cleanup.policy"
    found = parity(("a", policy, "compact,delete", ON_TOPIC), ("b", policy, "delete,compact", ON_TOPIC))
    assert found.compared.select("compared", "equal").rows() == [(1, 1)]


def test_an_end_whose_configurations_were_not_seen_is_unknown() -> None:
    seen = {("a", "topic_configs")}
    found = parity(("a", "retention.ms", "9", ON_TOPIC), known=seen)
    assert found.differences.select("kind", "topic").rows() == [("unknown", None)]
    assert found.differences["why"].item().startswith("1 of the wave: Configurations of topics of b were not")
    assert found.compared.is_empty()


def test_a_topic_that_is_missing_is_not_reported_once_more_for_each_setting() -> None:
    known = {("a", "topic_configs"), ("b", "topic_configs")}
    assert parity(("a", "retention.ms", "9", ON_TOPIC), known=known).differences.is_empty()


def test_names_at_the_target_are_used_there() -> None:
    renamed = PAIR.with_columns(topic=pl.lit("a.t"))
    both = pl.concat(
        [rows(("a", "retention.ms", "2", ON_TOPIC)), rows(("b", "retention.ms", "1", ON_TOPIC), topic="a.t")]
    )
    found = config_parity(renamed, topic_configs=both, known=set())
    assert found.differences.select("topic", "remote_topic", "name").rows() == [("t", "a.t", "retention.ms")]


def test_hostile_names_and_values_are_kept_as_they_are() -> None:
    name, value = "x'$(id)\n[", "<b>`id`</b>"
    found = parity(("a", name, value, ON_TOPIC), ("b", name, "", ON_TOPIC))
    assert found.differences.select("name", "at_source", "at_target", "kind").rows() == [
        (name, value, "", "must fix")
    ]
