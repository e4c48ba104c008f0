from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.samples import SAMPLES
from kafka_analysis.stats.traffic.comparison import chosen_traffic
from kafka_analysis.stats.traffic.mirroring import (
    describe_mirroring,
    mirror_flows,
    mirrored_records,
    mirroring_findings,
    names_at_source,
)
from kafka_analysis.stats.traffic.rates import traffic_rates

SERIES = {"metric": pl.String, "entity": pl.String, "topic": pl.String}
RECORDS, CHECKPOINTS = "mirror_records_total", "mirror_checkpoint_latency_ms"
TWO = {"old": ["orders"], "new": ["orders"]}
ROLES = {"old": "source", "new": "target"}


@pytest.fixture
def found(frame, rows):
    """Return a function of series (metric, entity, topic), topics by cluster and roles, that finds the flows."""

    def find(*series, topics, roles=None):
        pairs = [(cluster, topic) for cluster, held in topics.items() for topic in held]
        clusters = None if roles is None else frame({"cluster": list(roles), "role": list(roles.values())})
        made = mirror_flows(
            frame(list(series), schema=SERIES, orient="row"),
            topics=frame(pairs, schema={"cluster": pl.String, "topic": pl.String}, orient="row"),
            clusters=clusters,
        )
        return rows(made, "source", "source_topic", "target")

    return find


def test_metrics_that_name_both_ends_need_nothing_else(found):
    assert found((RECORDS, "old->new", "orders"), topics=TWO) == [("old", "orders", "new")]


def test_a_role_names_the_source_where_the_metrics_do_not(found):
    topics = {"old": ["orders"], "other": ["orders"], "new": ["orders"]}
    roles = {**ROLES, "other": None}
    assert found((RECORDS, "->new", "orders"), topics=topics, roles=roles) == [("old", "orders", "new")]


def test_the_only_other_cluster_with_the_topic_is_the_source(found):
    topics = {"old": ["orders"], "other": ["x"], "new": ["orders"]}
    assert found((RECORDS, "->new", "orders"), topics=topics) == [("old", "orders", "new")]


def test_checkpoints_name_the_source_whatever_the_roles_say(found):
    topics = {"old": ["orders"], "other": ["orders"], "new": ["orders"]}
    series = [(RECORDS, "->new", "orders"), (CHECKPOINTS, "other->new", "orders")]
    assert found(*series, topics=topics, roles={**ROLES, "other": None}) == [("other", "orders", "new")]


def test_offset_syncs_lie_on_the_source(found):
    topics = {"a": ["orders"], "b": ["orders", "mm2-offset-syncs-new-internal"], "new": ["orders"]}
    assert found((RECORDS, "->new", "orders"), topics=topics) == [("b", "orders", "new")]


@pytest.mark.parametrize("renamed", ["a.orders", "a_orders", "a-orders", "a__orders"])
def test_a_prefix_names_the_source_whatever_the_separator(found, renamed):
    topics = {"a": ["orders"], "b": ["orders"], "new": [renamed]}
    assert found((RECORDS, "->new", renamed), topics=topics) == [("a", "orders", "new")]


def test_aliases_that_are_no_names_of_the_capture_are_found_by_topics(found):
    topics = {"old": ["orders", "x.y"], "new": ["primary_orders", "primary_x.y"]}
    series = [(RECORDS, "primary->backup", "primary_orders"), (RECORDS, "->backup", "primary_x.y")]
    assert found(*series, topics=topics) == [("old", "x.y", "new"), ("old", "orders", "new")]


def test_a_prefix_ends_where_the_clusters_name_does(found):
    topics = {"a": ["orders"], "ab": ["orders"], "new": ["ab.orders"]}
    assert found((RECORDS, "->new", "ab.orders"), topics=topics) == [("ab", "orders", "new")]


@pytest.mark.parametrize("name", ["reorders", "_orders"])
def test_a_topic_whose_name_only_ends_alike_is_another(found, name):
    topics = {"old": ["orders"], "new": [name]}
    assert found((RECORDS, "->new", name), topics=topics) == [(None, name, "new")]


@pytest.mark.parametrize("named", ["new", "backup"])
def test_offset_syncs_name_the_target_by_its_alias_or_its_name(found, named):
    topics = {"a": ["t"], "b": ["t", f"mm2-offset-syncs.{named}.internal"], "new": ["b.t"]}
    series = [(RECORDS, "->backup", "b.t"), (RECORDS, "->backup", None)]
    assert found(*series, topics=topics) == [("b", "t", "new")]
    topics = {"a": ["t"], "b": ["t", f"mm2-offset-syncs.{named}.internal"], "new": ["x.t"]}
    assert found((RECORDS, "->backup", "x.t"), topics=topics) == [("b", "t", "new")]


def test_a_target_that_is_no_name_of_the_capture_is_another_cluster_than_the_source(found):
    assert found((RECORDS, "old->backup", "orders"), topics=TWO) == [("old", "orders", "new")]


def test_of_several_possible_targets_the_role_chooses(found):
    topics = {"old": ["orders"], "other": ["orders"], "new": ["orders"]}
    series = (RECORDS, "old->backup", "orders")
    assert found(series, topics=topics, roles={**ROLES, "other": None}) == [("old", "orders", "new")]
    assert found(series, topics=topics) == [("old", "orders", None)]


def test_a_source_that_has_the_targets_name_is_an_alias(found):
    assert found((RECORDS, "new->new", "orders"), topics=TWO) == [("old", "orders", "new")]


def test_checkpoints_without_a_source_say_nothing(found):
    topics = {"old": ["orders"], "other": ["orders"], "new": ["orders"]}
    series = [(RECORDS, "->new", "orders"), (CHECKPOINTS, "->new", "t"), (CHECKPOINTS, "other->new", "t")]
    assert found(*series, topics=topics) == [("other", "orders", "new")]


def test_a_topic_that_came_through_two_clusters_loses_one_prefix_only(found):
    topics = {"b": ["a.orders", "orders"], "new": ["b.a.orders"]}
    assert found((RECORDS, "->new", "b.a.orders"), topics=topics) == [("b", "a.orders", "new")]


def test_of_several_possible_sources_none_is_chosen(found, frame):
    topics = {"a": ["orders"], "b": ["orders"], "new": ["orders"]}
    assert found((RECORDS, "->new", "orders"), topics=topics) == [(None, "orders", "new")]
    both = {"a": "source", "b": "source", "new": "target"}
    assert found((RECORDS, "->new", "orders"), topics=topics, roles=both) == [(None, "orders", "new")]
    two = [(RECORDS, "->new", "orders"), (CHECKPOINTS, "a->new", "t"), (CHECKPOINTS, "b->new", "t")]
    assert found(*two, topics=topics) == [(None, "orders", "new")]


def test_a_source_outside_the_capture_is_unknown_and_no_finding():
    series = pl.DataFrame([(RECORDS, "elsewhere->new", "orders")], schema=SERIES, orient="row")
    flows = mirror_flows(series, topics=pl.DataFrame({"cluster": ["old", "new"], "topic": ["x", "orders"]}))
    assert flows.select("source", "target").row(0) == (None, "new")
    assert mirroring_findings(flows) == []
    assert describe_mirroring(flows) == ["MirrorMaker 2, 1 topic: the source 'elsewhere' is unknown."]


def flows_between(*series, clusters=("old", "new")):
    topics = pl.DataFrame({"cluster": list(clusters), "topic": "orders"})
    return mirror_flows(pl.DataFrame(list(series), schema=SERIES, orient="row"), topics=topics)


def test_it_is_said_how_an_end_was_found():
    target = "the target 'backup' is assumed to be new"
    assert describe_mirroring(flows_between((RECORDS, "old->backup", "orders"))) == [
        f"MirrorMaker 2, 1 topic: {target}."
    ]
    checkpoints = flows_between((RECORDS, "->new", "orders"), (CHECKPOINTS, "old->new", "t"))
    assert checkpoints["reason"].to_list() == ["checkpoints name the source old"]
    assert flows_between((RECORDS, "old->new", "orders"))["reason"].to_list() == [""]


def test_topics_are_counted_once_however_many_flows_they_have():
    flows = pl.DataFrame({"topic": ["a", "a", "b"], "reason": "x"})
    assert describe_mirroring(flows) == ["MirrorMaker 2, 2 topics: x."]


def test_an_unknown_target_is_a_finding():
    flows = flows_between((RECORDS, "old->backup", "orders"), clusters=("old", "new", "other"))
    (finding,) = mirroring_findings(flows)
    assert finding.title.startswith(
        "writes of MirrorMaker 2 count as business traffic: its target is unknown"
    )
    assert "any of new, other" in finding.detail


def test_unknown_ends_are_findings_that_name_who_it_may_be():
    pairs = [("a", "orders"), ("b", "orders"), ("new", "orders")]
    topics = pl.DataFrame(pairs, schema=["cluster", "topic"], orient="row")
    series = pl.DataFrame([(RECORDS, "->new", "orders")], schema=SERIES, orient="row")
    (finding,) = mirroring_findings(mirror_flows(series, topics=topics))
    assert finding.light == "amber"
    assert "any of a, b" in finding.detail
    assert "add.source.alias.to.metrics" in finding.action


def rates(*rows):
    """Return rates of (metric, cluster, broker, topic, entity, per second)."""
    names = ("metric", "cluster", "broker", "topic", "entity", "rate_per_s")
    schema = dict(zip(names, (pl.String, pl.String, pl.Int32, pl.String, pl.String, pl.Float64), strict=True))
    made = pl.DataFrame(list(rows), schema=schema, orient="row")
    return made.with_columns(uncovered_s=0.0, source=pl.lit("counter"))


def traffic(topic, at, *, mine, read):
    """Return rates of a topic of 10 records/s of 5 kB: bytes in, messages in, bytes out."""
    return [
        ("bytes_in_total", at, 1, topic, None, 50e3), ("messages_in_total", at, 1, topic, None, 10.0),
        ("bytes_out_total", at, 1, topic, None, mine + read),
    ]  # fmt: skip


@pytest.mark.parametrize("entity", ["old->new", "->new"])
@pytest.mark.parametrize("renamed", ["orders", "old.orders", "old_orders"])
def test_reads_of_the_mirror_are_migration_with_and_without_a_source(frame, rows, entity, renamed):
    measured = rates(
        *traffic("orders", "old", mine=50e3, read=50e3),
        *traffic(renamed, "new", mine=0.0, read=0.0),
        (RECORDS, None, None, renamed, entity, 10.0),
    )
    given = measured if frame.engine == "polars" else measured.to_pandas()
    kinds = {(c, k): (i, o) for c, _, k, i, o, *_ in rows(chosen_traffic(given))}
    assert kinds["old", "business"] == (50e3, 50e3)  # 100 kB/s leave the brokers, 50 of them are the mirror's
    assert kinds["old", "migration"] == (0, 50e3)
    assert kinds["new", "business"] == (0, 0)
    assert kinds["new", "migration"] == (50e3, 0)


def test_the_cluster_of_the_workers_does_not_hold_what_they_mirror():
    both_have = [*traffic("orders", "old", mine=0.0, read=0.0), *traffic("orders", "new", mine=0.0, read=0.0)]
    measured = rates(*both_have, (RECORDS, "workers", None, "orders", "->new", 10.0))
    assert mirrored_records(measured).rows() == [("old", "orders", "new", "orders", 10.0)]


def test_the_column_source_of_rates_is_another_thing(frame, rows):
    one = dict.fromkeys(SAMPLES) | {"metric": RECORDS, "topic": "orders", "partition": 0, "entity": "->new"}
    other = dict.fromkeys(SAMPLES) | {
        "metric": "bytes_in_total",
        "cluster": "old",
        "broker": 1,
        "topic": "orders",
    }
    times = [f"2026-01-01T00:00:{s}Z" for s in ("00", "10")]
    samples = pl.DataFrame(
        [r | {"ts": t, "value": v} for r in (one, other) for t, v in zip(times, (0.0, 40.0), strict=True)],
        schema=SAMPLES | {"ts": pl.String},
    ).with_columns(pl.col("ts").str.to_datetime("%+", time_unit="ms"))
    series = pl.DataFrame([(RECORDS, "->new", "orders")], schema=SERIES, orient="row")
    flows = mirror_flows(series, topics=pl.DataFrame({"cluster": ["old", "new"], "topic": "orders"}))
    known = traffic_rates(samples)
    assert "source" in known.columns
    assert mirrored_records(known, flows=flows).rows() == [("old", "orders", "new", "orders", 4.0)]


def test_records_are_summed_over_partitions(frame, rows):
    table = frame(
        {
            "metric": [RECORDS] * 4 + ["mirror_bytes_total"],
            "topic": ["u", "t", "t", "t", "t"],
            "entity": ["old->new", "old->new", "old->new", None, "old->new"],
            "rate_per_s": [5.0, 1.0, 2.0, 9.0, 99.0],
        }
    )
    topics = frame({"cluster": ["old", "old", "new", "new"], "topic": ["t", "u"] * 2})
    flows = mirror_flows(table, topics=topics)
    assert rows(mirrored_records(table, flows=flows)) == [
        ("old", "t", "new", "t", 3),
        ("old", "u", "new", "u", 5),
    ]


def test_names_at_the_source_are_those_of_the_flows_to_that_cluster_only(frame, rows):
    flows = frame({"target": ["new", None], "topic": ["old.t", "u"], "source_topic": ["t", "z"]})
    topics = frame({"cluster": ["new", "other", "new"], "topic": ["old.t", "old.t", "u"]})
    assert rows(names_at_source(topics, flows=flows), "name") == [("t",), ("old.t",), ("u",)]
    assert rows(names_at_source(topics), "name") == [("old.t",), ("old.t",), ("u",)]
