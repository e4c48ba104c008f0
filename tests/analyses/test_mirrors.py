from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.analyses.mirrors import latest_commits, observed_failures, observed_mirrors
from kafka_analysis.model.parameters.describing import ReplicationParameters


def observe(capture, **options):
    parameters = ReplicationParameters(capture=str(capture.path), **options)
    observed = observed_mirrors(capture, capture.window(parameters.start, parameters.end), parameters)
    return observed, parameters


def failures(capture, not_copied: pl.DataFrame | None = None) -> list[str]:
    observed, parameters = observe(capture)
    none = pl.DataFrame(schema=dict.fromkeys(("source", "target", "what", "name", "reason"), pl.String))
    rows = observed_failures(
        capture, capture, observed, none if not_copied is None else not_copied, parameters
    )
    return rows["failure"].to_list()


def test_a_position_counts_before_bounds(mirrored) -> None:
    sync = {"peer": "cell", "topic": "orders", "partition": 0, "upstream_offset": 5, "downstream_offset": 5}
    other = sync | {"partition": 1}
    capture = mirrored.write(
        offset_syncs=mirrored.table("offset_syncs", [sync, other], ts=mirrored.at(720), cluster="prod")
    )
    observed, _ = observe(capture)
    known = observed.places.group_by("partition").agg(pl.col("known_by").unique()).sort("partition")
    assert known.rows() == [(0, ["committed position"]), (1, ["offset sync"])]


def test_a_partition_without_a_position_is_read_from_the_start(mirrored) -> None:
    tables = mirrored.healthy()
    new = tables["offsets"].filter(cluster="prod").with_columns(partition=pl.lit(1, pl.Int32))
    observed, _ = observe(mirrored.write(offsets=pl.concat([tables["offsets"], new])))
    rows = observed.mirrors.partitions.select("partition", "known_by", "lag_records", "condition").rows()
    assert rows == [(0, "committed position", 0, "keeps up"), (1, "no position", 720, "stuck")]


def test_what_is_assigned_and_never_mirrored_is_behind_as_a_whole(mirrored) -> None:
    given = mirrored.connectors(name="task.assigned.partitions", value="orders-0", kind="config")
    none = mirrored.healthy()["mirror_positions"].clear()
    observed, _ = observe(mirrored.write(connectors=given, mirror_positions=none))
    assert observed.mirrors.flows.select("flow", "lag_records").rows() == [("prod → cell", 720)]


def test_counts_of_the_mirror_are_bounds(mirrored) -> None:
    count = {
        "metric": "mirror_records_total",
        "cluster": "cell",
        "entity": "prod->cell",
        "topic": "orders",
        "partition": 0,
    }
    rows = [count | {"ts": mirrored.at(60 * n), "value": 50.0 * n} for n in range(13)]
    capture = mirrored.write(*rows, mirror_positions=mirrored.healthy()["mirror_positions"].clear())
    observed, _ = observe(capture)
    row = observed.mirrors.partitions.row(0, named=True)
    assert (row["known_by"], row["lag_records"], row["is_at_most"]) == ("record counts", 120, True)


def test_the_topic_of_offset_syncs_may_lie_at_the_target(mirrored) -> None:
    at_target = mirrored.connectors(
        name="offset-syncs.topic.location", value="target", kind="config", task=None
    )
    sync = {"peer": "old", "topic": "orders", "partition": 1, "upstream_offset": 5, "downstream_offset": 5}
    syncs = mirrored.table("offset_syncs", [sync], ts=mirrored.at(720), cluster="cell")
    observed, _ = observe(mirrored.write(connectors=at_target, offset_syncs=syncs))
    assert set(observed.places.select("source", "target").rows()) == {("prod", "cell")}


def test_names_are_kept_by_the_policy_and_topics_chosen(mirrored) -> None:
    observed, _ = observe(mirrored.write())
    assert observed.remote.rows() == [("prod", "cell", "orders", "orders")]
    assert observe(mirrored.write(folder="x"), topics_exclude=["orders"])[0].places.is_empty()


def test_internal_topics_are_left_out_unless_asked_for(mirrored) -> None:
    tables = mirrored.healthy()

    def heartbeats(table: pl.DataFrame) -> pl.DataFrame:
        return pl.concat([table, table.with_columns(topic=pl.lit("heartbeats"))])

    changed = {name: heartbeats(tables[name]) for name in ("topics", "offsets", "mirror_positions")}
    capture = mirrored.write(**changed)
    assert set(observe(capture)[0].places["topic"]) == {"orders"}
    assert set(observe(capture, include_internal=True)[0].places["topic"]) == {"orders", "heartbeats"}


def test_the_last_commit_at_both_ends_counts(mirrored) -> None:
    def commits(offset: int, minute: int, cluster: str) -> pl.DataFrame:
        row = {"group": "g", "topic": "orders", "partition": 0, "committed_offset": offset}
        return mirrored.table("group_offsets", [row], ts=mirrored.at(60 * minute), cluster=cluster)

    rows = pl.concat([commits(5, 1, "prod"), commits(9, 2, "prod"), commits(3, 1, "cell")])
    capture = mirrored.write(group_offsets=rows)
    observed, _ = observe(capture)
    found = latest_commits(capture, observed.places).sort("cluster")
    assert found.select("cluster", "committed_offset").rows() == [("cell", 3), ("prod", 9)]


def acls(mirrored, *clusters: str) -> pl.DataFrame:
    row = {"principal": "User:app", "host": "*", "resource_type": "TOPIC", "resource_name": "orders",
           "pattern_type": "LITERAL", "operation": "WRITE", "permission": "ALLOW"}  # fmt: skip
    return pl.concat(mirrored.table("acls", [row], ts=mirrored.at(720), cluster=c) for c in clusters)


@pytest.mark.parametrize(("clusters", "expected"), [(("prod",), []), (("prod", "cell"), [])])
def test_access_that_was_not_read_is_unknown(mirrored, clusters, expected) -> None:
    assert failures(mirrored.write(acls=acls(mirrored, *clusters))) == expected


def test_a_target_whose_entries_were_read_and_lack_one(mirrored) -> None:
    other = acls(mirrored, "cell").with_columns(resource_name=pl.lit("clicks"))
    assert failures(mirrored.write(acls=pl.concat([acls(mirrored, "prod"), other]))) == ["acls_not_carried"]


def test_a_mirror_that_moved_after_its_state_was_read_runs(mirrored) -> None:
    unassigned = mirrored.connectors(value="UNASSIGNED")
    assert failures(mirrored.write(connectors=unassigned)) == ["task_stopped"]
    earlier = unassigned.with_columns(ts=pl.lit(mirrored.at(300)).cast(unassigned.schema["ts"]))
    assert failures(mirrored.write(folder="x", connectors=earlier)) == []
