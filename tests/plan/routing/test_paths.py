from __future__ import annotations

from kafka_analysis.plan.routing.moves import move_groups
from kafka_analysis.plan.routing.paths import paths_of, reading_of, written_on


def test_writers_are_in_the_cell_only_when_the_topic_is(table):
    assert {r.topic: written_on(table, r) for r in table.topics} == {
        "audit": "monolith",
        "orders": "cell-1",
        "payments": "monolith",
    }


def test_a_group_may_read_two_clusters(table):
    reading = reading_of(paths_of(table), "billing")
    assert reading.by_cluster == {"cell-1": {"orders"}, "monolith": {"payments"}}
    assert reading.to_drain == set()


def test_a_group_that_is_between_clusters_drains_the_source(table):
    reading = reading_of(
        paths_of(move_groups(table, ["billing"], topics=["orders"], state="dual")), "billing"
    )
    assert reading.by_cluster == {"monolith": {"orders", "payments"}}
    assert reading.to_drain == {"orders"}


def test_a_group_that_is_paused_or_unknown_reads_nowhere(table):
    paused = paths_of(move_groups(table, ["billing"], paused=True))
    assert reading_of(paused, "billing").by_cluster == {}
    assert reading_of(paused, "nobody").by_cluster == {}
