from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plots.replication.anatomy_parts import Line, read_flows

COLUMNS = ("flow", "source", "target", "kind", "name", "on", "state", "detail")
CONNECTORS = ("MirrorHeartbeatConnector", "MirrorSourceConnector", "MirrorCheckpointConnector")


def part(kind, name, *, on=None, state=None, detail=None, flow="a → b"):
    return (flow, "a", "b", kind, name, on, state, detail)


def parts(*rows):
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def flows(*rows):
    return read_flows(parts(*rows), cluster=2.1, worker=2.1)


def tasks(name, *states):
    return [part("task", f"{name}-{n}", state=state) for n, state in enumerate(states)]


def test_connectors_come_in_the_order_of_the_arrows():
    (flow,) = flows(part("connector", "x"), *(part("connector", name) for name in CONNECTORS))
    assert [connector.role for connector in flow.connectors] == ["source", "checkpoint", "heartbeat", ""]


def test_a_task_belongs_to_the_longest_name_that_its_own_begins_with():
    (flow,) = flows(
        part("connector", "mirror"), part("connector", "mirror-hot"), *tasks("mirror-hot", "RUNNING", "FAILED"),
        *tasks("mirror", "RUNNING"), *tasks("other", "PAUSED"),
    )  # fmt: skip
    assert [connector.tasks for connector in flow.connectors] == [
        ("RUNNING",),
        ("RUNNING", "FAILED"),
        ("PAUSED",),
    ]
    assert "unknown connector" in flow.connectors[2].lines[0]
    assert flow.states.total() == 4


def test_parts_stand_at_the_cluster_they_live_on():
    (flow,) = flows(
        part("topic", "syncs", on="a", detail="RF 1"), part("group", "g", on="a", state="STABLE"),
        part("topic", "heartbeats", on="b"), part("topic", "lost", on=None),
    )  # fmt: skip
    assert flow.at_source == (Line("syncs  RF 1", "topic"), Line("g  STABLE", "group"))
    assert flow.at_target == (Line("heartbeats", "topic"),)
    assert flows(part("connector", "c"))[0].at_target == (Line("nothing known"),)


def test_a_detail_without_room_stands_below_and_in_many_flows_beside():
    long = part("topic", "t" * 60, on="a", detail="RF 1")
    (flow,) = flows(long)
    assert [line.text for line in flow.at_source] == [flow.at_source[0].text, "RF 1"]
    many = flows(*((*part(*long[3:5], on="a", detail="RF 1", flow=f"f{n}"),) for n in range(5)))
    assert [len(flow.at_source) for flow in many] == [1] * 5
    assert many[0].at_source[0].text.endswith("  RF 1")


def test_what_there_is_too_much_of_is_counted():
    (flow,) = flows(
        *(part("topic", f"t{n}", on="b") for n in range(11)), *(part("group", f"g{n}", on="b") for n in range(5)),
        *(part("connector", f"c{n}") for n in range(9)),
    )  # fmt: skip
    texts = [line.text for line in flow.at_target]
    assert "and 3 more topics" in texts
    assert "and 1 more group" in texts
    assert (len(flow.connectors), flow.more_connectors) == (6, 3)


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (["RUNNING"], ("1 task",)),
        (["FAILED", None], ("FAILED", "unknown")),
        (["RUNNING"] * 3, ("3 tasks",)),
        (["RUNNING"] * 22 + ["FAILED"] * 2, ("24 tasks", "2 FAILED")),
        (["RUNNING"] * 480 + ["FAILED"] * 20, ("500 tasks", "480 RUNNING", "20 FAILED")),
        ([None] * 30, ("30 tasks", "30 unknown")),
        ([s for n, s in enumerate("ABCDEF") for _ in range(9 - n)],
         ("39 tasks", "9 A", "8 B", "7 C", "6 D", "9 others")),
    ],
)  # fmt: skip
def test_words_beside_tasks(states, words):
    (flow,) = flows(part("connector", "c", state="RUNNING"), *tasks("c", *states))
    assert flow.connectors[0].words == words


def test_an_unknown_state_is_not_running():
    (flow,) = flows(part("connector", "c"), *tasks("c", "RUNNING"))
    assert flow.connectors[0].states == {"unknown", "RUNNING"}
    assert flow.connectors[0].lines[0] == "c (unknown)"


def test_flows_in_which_something_failed_come_first():
    rows = [part("connector", "c", state="RUNNING", flow=f"f{n}") for n in range(4)]
    failed = [
        part("task", "c-0", state="FAILED", flow="f2"),
        part("connector", "d", state="FAILED", flow="f3"),
    ]
    assert [flow.name for flow in flows(*rows, *failed)] == ["f2", "f3", "f0", "f1"]
