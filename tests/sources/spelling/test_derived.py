from __future__ import annotations

from kafka_analysis.sources.spelling.derived import derived
from kafka_analysis.sources.spelling.families import Dialect

MBEANS = {
    "metrics": {"kafka_server_Meters_Count": "", "kafka_server_Meters_Max": "max"},
    "key": "name",
    "topic": "topic",
    "to": {"BytesInPerSec": "bytes_in_total", "LeaderCount": "leader_count"},
}
LEFT = {"metrics": {"Left_As_It_Is_total": ""}, "to": "leader_count"}
OWN = {"metrics": {"Mine": ""}, "to": "leader_count"}


def dialect(**entries) -> Dialect:
    return Dialect.model_validate({"name": "d", "title": "D", "kind": "jmx", "source": "a test", **entries})


MODEL = dialect(families=[MBEANS, LEFT])


def test_names_are_put_together_by_the_patterns_of_their_attribute():
    made = derived(
        dialect(like="m", names={"Count": ["{type}_{name}", "x_{domain}_{attribute}_{name}"]}), MODEL
    )
    first, second = made.families
    assert first.to == {
        "kafka_server_Meters_BytesInPerSec": "bytes_in_total",
        "x_kafka_server_Count_BytesInPerSec": "bytes_in_total",
        "kafka_server_Meters_LeaderCount": "leader_count",
        "x_kafka_server_Count_LeaderCount": "leader_count",
    }
    assert first.topic == "topic"
    assert second == MODEL.families[1]


def test_an_attribute_without_a_pattern_is_left_out_and_a_star_is_all_others():
    made = derived(dialect(like="m", names={"*": ["{name}_{attribute}"], "Count": []}), MODEL)
    assert made.families[0].names == {"BytesInPerSec_Max": "max", "LeaderCount_Max": "max"}
    assert len(derived(dialect(like="m", names={"Min": ["{name}"]}), MODEL).families) == 1


def test_only_what_ends_in_per_sec_is_a_meter():
    made = derived(dialect(like="m", names={"Count": ["{meter}_total"]}), MODEL)
    assert made.families[0].to == {"BytesIn_total": "bytes_in_total"}


def test_lowercase_lowers_all_names_and_own_families_come_first():
    made = derived(dialect(like="m", names={"Count": ["{name}"]}, lowercase=True, families=[OWN]), MODEL)
    assert [sorted(family.names) for family in made.families] == [
        ["Mine"], ["bytesinpersec", "leadercount"], ["left_as_it_is_total"],
    ]  # fmt: skip


def test_total_is_cut_off_at_the_end_only():
    model = dialect(
        families=[{"key": "__name__", "to": {"a_total": "leader_count", "a_total_b": "leader_count"}}]
    )
    assert sorted(derived(dialect(like="m", without_total=True), model).families[0].to) == ["a", "a_total_b"]
