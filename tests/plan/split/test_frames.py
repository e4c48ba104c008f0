from __future__ import annotations

import polars as pl

from kafka_analysis.plan.split.frames import GRAPH, split_graph

TOPICS = pl.DataFrame(
    {"topic": ["a", "b", "c"], "cell": ["x", "y", "y"], "bytes_in_per_s": [1.0, 2.0, 3.0],
     "bytes_out_per_s": [1.0, 0.0, 0.0]}
)  # fmt: skip
CLIENTS = pl.DataFrame(
    {"client": ["p", "q"], "kind": ["group", "both"], "home_cell": ["x", "y"], "bytes_per_s": [9.0, None]}
)
FLOWS = pl.DataFrame({
    "client": ["p", "p", "p", "q"], "topic": ["a", "b", "c", "a"], "bytes_per_s": [6.0, 2.0, 1.0, None],
    "cell": ["x", "y", "y", "x"], "home_cell": ["x", "x", "x", "y"],
})  # fmt: skip


def test_topics_clients_and_a_link_for_each_client_and_other_cell():
    rows = split_graph(TOPICS, CLIENTS, FLOWS)
    assert rows.schema == GRAPH
    assert rows.rows() == [
        ("topic", "a", None, "x", None, 2.0),
        ("topic", "b", None, "y", None, 2.0),
        ("topic", "c", None, "y", None, 3.0),
        ("client", "p", "group", "x", None, 9.0),
        ("client", "q", "both", "y", None, None),
        ("link", "p", None, "x", "y", 3.0),
        ("link", "q", None, "y", "x", None),
    ]


def test_who_stays_at_home_has_no_link():
    assert split_graph(TOPICS, CLIENTS, FLOWS.head(1)).filter(what="link").is_empty()
