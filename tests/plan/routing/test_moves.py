from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.routing.moves import move_groups, move_topics
from kafka_analysis.plan.routing.validate import validate_routing


def test_producers_move_with_their_topic_and_groups_do_not(table):
    after = move_topics(table, ["payments"], state="target", paused=True)
    assert after.version == 8
    assert (after.topic("payments").state, after.topic("payments").paused) == ("target", True)
    assert after.client("till", "producer").topics[0].state == "target"
    assert [part.state for part in after.client("billing", "group").topics] == ["target", "source"]
    assert after.topic("orders") == table.topic("orders")
    assert validate_routing(after) == []


def test_a_pause_changes_no_state(table):
    after = move_topics(table, ["orders"], paused=True)
    assert (after.topic("orders").state, after.topic("orders").paused) == ("target", True)
    assert after.clients == table.clients


def test_a_group_moves_for_the_topics_named_only(table):
    after = move_groups(table, ["billing"], topics=["orders"], state="dual", paused=True)
    one = after.client("billing", "group")
    assert [(part.topic, part.state) for part in one.topics] == [("orders", "dual"), ("payments", "source")]
    assert one.paused
    assert not move_groups(after, ["billing"], paused=False).client("billing", "group").paused


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda t: move_topics(t, ["order"], state="dual"), "unknown topic 'order'; did you mean 'orders'"),
        (lambda t: move_topics(t, ["audit"], state="dual"), "topic audit has no cell to move to"),
        (lambda t: move_groups(t, ["shop"], paused=True), "unknown group 'shop'"),
        (lambda t: move_groups(t, ["billing"], topics=["x"], state="dual"), "unknown topic 'x'"),
    ],
)
def test_unknown_names_are_told(table, step, message):
    with pytest.raises(InputError, match=message):
        step(table)
