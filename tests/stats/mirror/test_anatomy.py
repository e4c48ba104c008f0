from __future__ import annotations

import polars as pl

from kafka_analysis.stats import Connector, internal_topics, mirror_parts

FLOWS = pl.DataFrame({"source": ["a", "b"], "target": ["b", "a"], "flow": ["a → b", "b → a"]})
ALIASES = pl.DataFrame(
    {"cluster": ["a", "b", "b"], "alias": ["west", "east", "x"], "means": ["b", "a", None]}
)
HELD = {
    "a": ["mm2-offset-syncs.west.internal", "orders", "west.checkpoints.internal", "heartbeats"],
    "b": ["east.checkpoints.internal", "mm2-offsets.east.internal", "x.checkpoints.internal", "heartbeats"],
}


def parts(*connectors: Connector, flows: pl.DataFrame = FLOWS) -> dict[str, list[tuple]]:
    rows = [(cluster, topic) for cluster, topics in HELD.items() for topic in topics]
    topics = pl.DataFrame(rows, schema=["cluster", "topic"], orient="row")
    held = pl.DataFrame({"cluster": "b", "topic": "mm2-offsets.east.internal", "partition": [0, 1],
                         "replicas": [[1, 2, 3], [1, 2]]})  # fmt: skip
    frame = mirror_parts(
        flows, connectors=connectors, internal=internal_topics(topics), partitions=held, aliases=ALIASES
    )
    return {
        flow: frame.filter(flow=flow).select("kind", "name", "on", "state", "detail").rows()
        for flow in flows["flow"]
    }


def test_topics_belong_to_the_flow_that_writes_them() -> None:
    names = {flow: [row[1] for row in rows] for flow, rows in parts().items()}
    assert names == {
        "a → b": [
            "mm2-offset-syncs.west.internal", "east.checkpoints.internal", "heartbeats", "mm2-offsets.east.internal",
        ],
        "b → a": ["heartbeats", "mm2-offset-syncs.west.internal", "west.checkpoints.internal"],
    }  # fmt: skip


def test_partitions_and_the_fewest_replicas_are_told_where_they_are_known() -> None:
    details = {name: detail for _, name, _, _, detail in parts()["a → b"]}
    assert details["mm2-offsets.east.internal"] == "offsets: 2 partitions, 2 replicas"
    assert details["heartbeats"] == "heartbeats"


def test_connectors_and_tasks_of_the_flow_with_their_states() -> None:
    own = Connector(
        "b", "m", "source", "a", "b", "east", "b", state="RUNNING", tasks={0: "RUNNING", 1: "FAILED"}
    )
    other = Connector("b", "n", None, "c", "b", "c", "b")
    rows = parts(own, other)["a → b"][:3]
    assert rows == [
        ("connector", "m", None, "RUNNING", "source, 2 tasks"),
        ("task", "m-0", None, "RUNNING", "source"),
        ("task", "m-1", None, "FAILED", "source"),
    ]
    assert not any(row[0] != "topic" for row in parts(own, other)["b → a"])


def test_tasks_of_a_connector_of_which_only_settings_are_known_are_unknown() -> None:
    own = Connector("b", "m", "source", "a", "b", "east", "b", {"topics": "t"})
    assert parts(own)["a → b"][0] == ("connector", "m", None, None, "source, tasks unknown")


def test_no_flow_has_no_parts() -> None:
    assert parts(flows=FLOWS.clear()) == {}
