from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.internal import topic_kind
from kafka_analysis.model.topic_kinds import topic_kinds

TEXTS = dict.fromkeys(("cluster", "topic"), pl.String)
THREE = ("etl-configs", "etl-offsets", "etl-status")


def kinds(names, *, policies=None, counts=None, groups=()):
    """Return the kind of each topic of one cluster, with settings and numbers of partitions where given."""
    topics = pl.DataFrame({"cluster": "c", "topic": names}, schema_overrides=TEXTS)
    settings = [("c", t, "cleanup.policy", p) for t, p in (policies or {}).items()]
    configs = pl.DataFrame(settings, schema=["cluster", "topic", "name", "value"], orient="row")
    placed = [("c", t, p) for t, n in (counts or {}).items() for p in range(n)]
    partitions = pl.DataFrame(placed, schema={**TEXTS, "partition": pl.Int32}, orient="row")
    known = pl.DataFrame(
        [("c", g) for g in groups], schema={"cluster": pl.String, "group": pl.String}, orient="row"
    )
    made = topic_kinds(
        topics,
        configs=configs.cast({"topic": pl.String, "cluster": pl.String}),
        partitions=partitions,
        groups=known,
    )
    return dict(made.select("topic", "kind").iter_rows())


def test_three_compacted_siblings_are_connect_s_under_any_name():
    assert set(kinds(THREE, policies=dict.fromkeys(THREE, "compact")).values()) == {"internal"}
    infix = ("kc.config.eu", "kc.offset.eu", "kc.status.eu")
    assert set(kinds(infix, policies=dict.fromkeys(infix, "compact,delete")).values()) == {"internal"}


@pytest.mark.parametrize(
    ("names", "policies", "counts"),
    [
        (THREE[:2], dict.fromkeys(THREE[:2], "compact"), None),  # two of three
        (THREE, {**dict.fromkeys(THREE, "compact"), "etl-status": "delete"}, None),
        (THREE, dict.fromkeys(THREE, "compact"), {"etl-configs": 6}),  # Connect's configs have one partition
        (THREE, None, None),  # nothing but names
        (("etl-configs", "etl-offsets", "crm-status"), {}, None),
    ],
)
def test_everything_less_stays_business(names, policies, counts):
    assert set(kinds(names, policies=policies, counts=counts).values()) == {"business"}


def test_without_settings_a_group_of_that_name_is_enough():
    assert set(kinds(THREE, groups=["etl"]).values()) == {"internal"}
    assert set(kinds(THREE, groups=["other"]).values()) == {"business"}


def test_siblings_of_another_cluster_do_not_count():
    topics = pl.DataFrame({"cluster": ["a", "a", "b"], "topic": list(THREE)})
    configs = topics.with_columns(name=pl.lit("cleanup.policy"), value=pl.lit("compact"))
    assert set(topic_kinds(topics, configs=configs)["kind"]) == {"business"}


@pytest.mark.parametrize(
    ("name", "policy", "count", "kind"),
    [
        ("device-heartbeats", None, None, "mirror"),
        ("device-heartbeats", "delete", None, "business"),
        ("device-heartbeats", "compact", 12, "business"),
        ("old-heartbeats", "compact", 1, "mirror"),
        ("heartbeats", None, 24, "business"),
        ("connect-status", "delete", 3, "business"),
        ("connect-status", "compact", 5, "internal"),
        ("connect-configs", "compact", 5, "business"),
        ("__consumer_offsets", "delete", 50, "internal"),
        ("old.checkpoints.internal", "delete", 3, "mirror"),
    ],
)
def test_settings_and_partitions_correct_a_name(name, policy, count, kind):
    policies = {} if policy is None else {name: policy}
    assert kinds([name], policies=policies, counts={} if count is None else {name: count}) == {name: kind}


@given(st.lists(st.text(min_size=1, max_size=20), unique=True, max_size=8))
def test_without_more_than_names_the_name_alone_says_it(names):
    assert kinds(names) == {name: topic_kind(name) for name in names}


def test_pandas_frames_are_answered_in_kind():
    topics = pl.DataFrame({"cluster": ["c"], "topic": ["_schemas"]}).to_pandas()
    assert topic_kinds(topics).values.tolist() == [["c", "_schemas", "internal"]]
