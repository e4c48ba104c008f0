from __future__ import annotations

from typing import Any, get_args

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.parameters import ReplicationRequirements
from kafka_analysis.model.parameters.replication import Licence, Mechanism, Target
from kafka_analysis.plan import advise_replication, replication_facts
from kafka_analysis.plan.mirroring.adviser import RULES
from tests.examples import examples

DEDICATED, ON_CONNECT, FLINK, LINKING, REPLICATOR, ROUTING = RULES
YES, CARE, NO, UNKNOWN = "fits", "fits with care", "does not fit", "unknown"
SELF_MANAGED = {"source": "self-managed", "source_version": "3.6.1", "source_auth": "scram"}
TO_EXPRESS = SELF_MANAGED | {"target": "msk-express"}
AT_MSK = {"source": "msk", "source_version": "2.8.1", "source_auth": "iam", "same_account": True}


def verdicts(**asked: Any) -> dict[str, str]:
    tools = advise_replication(ReplicationRequirements(**asked)).tools
    return dict(tools.select("tool", "verdict").iter_rows())


def judged(tool: str, **asked: Any) -> str:
    return verdicts(**asked)[tool]


def of_requirement(tool: str, requirement: str, **asked: Any) -> pl.DataFrame:
    reasons = advise_replication(ReplicationRequirements(**asked)).reasons
    return reasons.filter(tool=tool, requirement=requirement)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(
            TO_EXPRESS | {"group_offsets": True, "same_topic_names": True, "licences": ["open-source"]},
            {DEDICATED: CARE, ON_CONNECT: CARE, FLINK: NO, LINKING: NO, REPLICATOR: NO, ROUTING: NO},
            id="a monolith to Express cells, offsets carried, open source only: MirrorMaker 2",
        ),
        pytest.param(
            TO_EXPRESS | {"group_offsets": True, "same_topic_names": True, "targets": 12, "directions": "one-way"},
            {ON_CONNECT: CARE, FLINK: NO, LINKING: NO, REPLICATOR: CARE, ROUTING: NO},
            id="the same with AWS's services: MSK Replicator too, one for each cell",
        ),
        pytest.param(
            {"same_offsets": True, "target": "other", "licences": ["confluent"]},
            {DEDICATED: NO, ON_CONNECT: NO, FLINK: NO, LINKING: CARE, REPLICATOR: NO, ROUTING: NO},
            id="the same offsets: Cluster Linking alone",
        ),
        pytest.param(
            TO_EXPRESS | {"same_offsets": True},
            {DEDICATED: NO, ON_CONNECT: NO, FLINK: NO, LINKING: NO, REPLICATOR: NO, ROUTING: NO},
            id="the same offsets at MSK: nothing",
        ),
        pytest.param(
            {"directions": "both-ways", "same_topic_names": True},
            {DEDICATED: NO, ON_CONNECT: NO, LINKING: NO, ROUTING: NO},
            id="both ways with the same names: MirrorMaker 2 loops, a mirror topic is read-only",
        ),
        pytest.param(
            {"directions": "both-ways", "same_topic_names": False},
            {DEDICATED: CARE, ON_CONNECT: CARE, ROUTING: NO},
            id="both ways with an alias: MirrorMaker 2",
        ),
        pytest.param(
            AT_MSK | {"directions": "both-ways", "same_topic_names": True, "target": "msk-express"},
            {REPLICATOR: CARE, ON_CONNECT: NO},
            id="both ways with the same names at MSK: MSK Replicator's headers keep records from going round",
        ),
        pytest.param(
            {"transformation": True, "topics": 3},
            {FLINK: YES, ON_CONNECT: CARE, LINKING: NO, REPLICATOR: NO, ROUTING: NO},
            id="records changed on the way, few topics: Flink",
        ),
        pytest.param({"topics": 400}, {FLINK: CARE, ON_CONNECT: YES, DEDICATED: CARE}, id="many topics"),
        pytest.param(
            {"group_offsets": True, "transformation": True}, {FLINK: NO, ON_CONNECT: CARE, LINKING: NO},
            id="records changed and offsets carried: only MirrorMaker 2 with transformations",
        ),
        pytest.param(
            AT_MSK | {"source_version": "2.6.3", "target": "msk-express"}, {REPLICATOR: NO, ON_CONNECT: UNKNOWN},
            id="a source at MSK before 2.7 (and IAM, which no fact covers for MirrorMaker 2)",
        ),
        pytest.param(AT_MSK | {"source_version": "2.7.2", "target": "msk-serverless"}, {REPLICATOR: YES, LINKING: NO},
                     id="MSK to Serverless from 2.7"),
        pytest.param(TO_EXPRESS | {"source_version": "2.7.2"}, {REPLICATOR: NO}, id="elsewhere 2.7 is too old"),
        pytest.param(TO_EXPRESS | {"source_auth": "kerberos"}, {REPLICATOR: NO, ON_CONNECT: CARE, ROUTING: CARE},
                     id="Kerberos at the source: not MSK Replicator, and clients need another mechanism"),
        pytest.param(TO_EXPRESS | {"source_auth": "mtls"}, {REPLICATOR: YES}, id="mTLS at the source"),
        pytest.param(TO_EXPRESS | {"target": "msk-serverless"}, {REPLICATOR: NO}, id="self-managed to Serverless"),
        pytest.param(AT_MSK | {"same_account": False, "target": "msk-express"}, {REPLICATOR: NO, ROUTING: CARE},
                     id="another account"),
        pytest.param({"exactly_once": True}, {FLINK: CARE, ON_CONNECT: CARE, ROUTING: CARE, REPLICATOR: UNKNOWN},
                     id="exactly once: a transactional sink, or Connect's support for it"),
        pytest.param({"rpo_s": 0}, dict.fromkeys(RULES, NO), id="no record lost with the source: nothing here"),
        pytest.param({"rpo_s": "30s"}, {ON_CONNECT: CARE, FLINK: CARE, ROUTING: NO}, id="30 s may be lost"),
        pytest.param({"rto_s": "5m"}, dict.fromkeys(RULES, UNKNOWN), id="no fact says how long clients take"),
        pytest.param({"sources": 4, "same_topic_names": True}, {ON_CONNECT: CARE}, id="many sources into one topic"),
        pytest.param({"sources": 4}, {ON_CONNECT: YES, FLINK: UNKNOWN}, id="aggregation"),
        pytest.param({"targets": 8, "bytes_in_per_s": "20 GB/s", "order_per_key": True, "licences": ["open-source"]},
                     {ROUTING: CARE, ON_CONNECT: CARE, REPLICATOR: NO}, id="New Relic's split: clients are routed"),
        pytest.param({"source_version": "1.1.1"}, {ON_CONNECT: CARE, LINKING: NO, REPLICATOR: NO}, id="an old source"),
        pytest.param({"acls_and_configs": True}, {ON_CONNECT: CARE, FLINK: NO, ROUTING: NO}, id="ACLs and configs"),
        pytest.param({}, dict.fromkeys(RULES, UNKNOWN), id="nothing asked"),
    ],
)  # fmt: skip
def test_what_an_expert_would_say(asked, expected):
    found = verdicts(**asked)
    assert {tool: found[tool] for tool in expected} == expected


@pytest.mark.parametrize("missing", ["source", "source_version", "source_auth", "target"])
def test_msk_replicator_fits_only_where_both_ends_are_known(missing):
    whole = TO_EXPRESS | {"directions": "one-way"}
    assert judged(REPLICATOR, **whole) == YES
    whole.pop(missing)
    assert judged(REPLICATOR, **whole) == UNKNOWN


def test_who_runs_the_source_decides_only_between_two_versions():
    whole = {"source_version": "2.7.2", "target": "msk-express", "same_account": True}
    assert of_requirement(REPLICATOR, "source_version", **whole)["verdict"].to_list() == [UNKNOWN]
    answers = [
        of_requirement(REPLICATOR, "source_version", **whole, source=source)["verdict"].to_list()
        for source in ("self-managed", "msk")
    ]
    assert answers == [[NO], [YES]]


def test_numbers_are_those_of_the_facts():
    (at_1_gb,) = of_requirement(REPLICATOR, "bytes_in_per_s", bytes_in_per_s="1 GB/s")["reason"]
    assert "3,334 partitions" in at_1_gb
    more = of_requirement(REPLICATOR, "bytes_in_per_s", bytes_in_per_s="1.5 GB/s")
    assert more["fact"].to_list() == ["msk_replicator_partitions", "msk_replicator_quota"]
    assert more["reason"][1].startswith("2 replicators")
    assert more["evidence"].to_list() == ["published", "unverified"]
    (tasks,) = of_requirement(ON_CONNECT, "topics", topics=401)["reason"]
    assert "41 tasks" in tasks


def test_a_verdict_is_its_worst_reason_which_comes_first_with_its_fact():
    tools = advise_replication(ReplicationRequirements(group_offsets=True, topics=3)).tools
    reasons = tools.filter(tool=FLINK)["reasons"].item().to_list()
    assert [text.rpartition(" ")[2] for text in reasons] == ["[flink_no_metadata]", "[flink_fits]"]
    assert reasons[0].startswith("group offsets: ")


def test_of_equal_reasons_each_requirement_has_one_at_first():
    tools = advise_replication(ReplicationRequirements(group_offsets=True, acls_and_configs=True)).tools
    reasons = tools.filter(tool=ON_CONNECT)["reasons"].item().to_list()
    assert [text.partition(":")[0] for text in reasons[:4]] == ["group offsets", "ACLs and configs"] * 2


def test_where_no_fact_decides_it_says_so():
    rows = of_requirement(FLINK, "targets", targets=3)
    assert rows.select("verdict", "fact", "source").rows() == [(UNKNOWN, None, None)]
    tools = advise_replication(ReplicationRequirements(targets=3)).tools
    assert tools.filter(tool=FLINK)["reasons"].item().to_list()[0].endswith("[no fact]")


@pytest.mark.parametrize(
    ("asked", "pattern"),
    [
        ({}, None),
        ({"topics": 3}, None),
        ({"directions": "one-way"}, "active/passive"),
        ({"directions": "both-ways"}, "active/active"),
        ({"sources": 3}, "aggregation"),
        ({"targets": 3, "directions": "one-way"}, "fan-out"),
        ({"sources": 3, "targets": 3}, "geo-locality"),
        ({"targets": 3, "directions": "both-ways"}, "active/active, fan-out"),
        ({"sources": 1, "targets": 1}, None),
    ],
)
def test_patterns(asked, pattern):
    tools = advise_replication(ReplicationRequirements(**asked)).tools
    assert tools.filter(pl.col("tool") != ROUTING)["pattern"].unique().to_list() == [pattern]
    assert tools.filter(tool=ROUTING)["pattern"].to_list() == ["no replica"]


YES_OR_NO = ("transformation", "order_per_key", "group_offsets", "same_offsets", "exactly_once", "same_topic_names",
             "acls_and_configs", "same_account")  # fmt: skip
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "rpo_s": st.sampled_from([0.0, 1.0, 3600.0]),
    "rto_s": st.sampled_from([0.0, 60.0]),
    "directions": st.sampled_from(["one-way", "both-ways"]),
    "sources": st.integers(1, 3),
    "targets": st.integers(1, 3),
    "topics": st.sampled_from([1, 10, 11, 751]),
    "bytes_in_per_s": st.sampled_from([1.0, 2e9]),
    "licences": st.lists(st.sampled_from(get_args(Licence)), min_size=1, unique=True),
    "source": st.sampled_from(["self-managed", "msk"]),
    "source_version": st.sampled_from(["1.0.0", "2.3.9", "2.6.9", "2.7.0", "2.8.0", "2.8.1", "4.1.0"]),
    "source_auth": st.sampled_from(get_args(Mechanism)),
    "target": st.sampled_from(get_args(Target)),
    **dict.fromkeys(YES_OR_NO, st.booleans()),
}
FACTS = set(replication_facts()["fact"])


def ruled_out(reasons: pl.DataFrame) -> set[tuple[str, str]]:
    return set(reasons.filter(verdict=NO).select("tool", "requirement").iter_rows())


def test_every_requirement_is_tried():
    assert VALUES.keys() == ReplicationRequirements.model_fields.keys()


@examples(150)
@given(st.fixed_dictionaries({}, optional=VALUES), st.data())
def test_a_further_requirement_never_brings_a_tool_back(asked, data):
    missing = sorted(VALUES.keys() - asked.keys())
    before = advise_replication(ReplicationRequirements(**asked))
    assert before.tools["tool"].to_list() == list(RULES)
    assert set(before.reasons["fact"].drop_nulls()) <= FACTS
    assert before.reasons.filter(pl.col("fact").is_null() != pl.col("source").is_null()).is_empty()
    assert before.reasons.filter(pl.col("fact").is_null())["verdict"].unique().to_list() in ([], [UNKNOWN])
    spoken = set(before.reasons.select("tool", "requirement").iter_rows())
    assert spoken >= {(tool, name) for tool in RULES for name in ReplicationRequirements(**asked).asked}
    if not missing:
        return
    name = data.draw(st.sampled_from(missing))
    after = advise_replication(ReplicationRequirements(**asked, **{name: data.draw(VALUES[name])}))
    assert ruled_out(before.reasons) <= ruled_out(after.reasons)
    assert set(before.tools.filter(verdict=NO)["tool"]) <= set(after.tools.filter(verdict=NO)["tool"])


@examples(50)
@given(st.fixed_dictionaries({}, optional=VALUES))
def test_a_tool_fits_only_if_a_fact_says_so_of_all_that_is_asked(asked):
    advice = advise_replication(ReplicationRequirements(**asked))
    for tool, verdict in advice.tools.select("tool", "verdict").iter_rows():
        of_tool = set(advice.reasons.filter(tool=tool)["verdict"])
        worst = next((one for one in (NO, UNKNOWN, CARE, YES) if one in of_tool), UNKNOWN)
        assert verdict == worst
