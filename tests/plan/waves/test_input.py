from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan import plan_waves

CELLS = pl.DataFrame({"topic": ["a", "b"], "cell": ["cell-1", "cell-2"]})
TOPICS = pl.DataFrame(
    {
        "topic": ["a", "b"],
        "bytes_in_per_s": [1.0, 2.0],
        "bytes_out_per_s": [1.0, None],
        "size_bytes": [6.0, 9.0],
    }
)
FLOWS = pl.DataFrame({"client": ["x"], "kind": ["group"], "topic": ["a"]})


def refused(*names, cells=CELLS, flows=FLOWS, topics=TOPICS):
    with pytest.raises(InputError) as caught:
        plan_waves(cells, flows, topics, start="2026-01-05", max_share_per_wave=None)
    assert [name for name in names if name not in str(caught.value)] == []


def test_cells_name_each_topic_once():
    refused("cells", "'a'", cells=pl.concat([CELLS, CELLS.head(1)]))
    refused("cells is empty", "topic", cells=CELLS.clear())
    refused("cells", "column 'cell'", "topic, cell", cells=CELLS.drop("cell"))
    refused("cells", "'b'",
            cells=CELLS.with_columns(cell=pl.Series(["cell-1", None])))  # fmt: skip
    refused("cells", r"'a\nb'", "letters, digits",
            cells=CELLS.with_columns(topic=pl.Series(["a\nb", "b"])))  # fmt: skip


def test_loads_are_numbers_of_all_topics():
    refused("cells", "topic b", topics=TOPICS.head(1))
    refused("topics", "'a'", topics=pl.concat([TOPICS, TOPICS.head(1)]))
    refused("size_bytes", "'a'", "0 or more",
            topics=TOPICS.with_columns(size_bytes=pl.Series([-1.0, 1.0])))  # fmt: skip
    refused("bytes_in_per_s", "'b'",
            topics=TOPICS.with_columns(bytes_in_per_s=pl.Series([1.0, None])))  # fmt: skip
    refused("replication_factor", "'a'", "1 or more",
            topics=TOPICS.with_columns(replication_factor=pl.Series([0, 3])))  # fmt: skip


def test_flows_speak_of_known_things():
    refused("flows", "topic zz", flows=FLOWS.with_columns(topic=pl.lit("zz")))
    refused("flows", "client",
            flows=FLOWS.with_columns(client=pl.lit(None)))  # fmt: skip
    refused("'groop'", "group, producer",
            flows=FLOWS.with_columns(kind=pl.lit("groop")))  # fmt: skip
    refused("'vast'", "critical, high, low, medium",
            flows=FLOWS.with_columns(criticality=pl.lit("vast")))  # fmt: skip


def test_amounts_that_are_no_numbers_are_refused():
    with pytest.raises(InputError, match="topics: conversion"):
        plan_waves(CELLS, FLOWS, TOPICS.with_columns(size_bytes=pl.lit("much")), start="2026-01-05")


def test_copies_are_a_topic_s_own_where_it_tells_them():
    topics = TOPICS.with_columns(replication_factor=pl.Series([2, None]))
    plan = plan_waves(CELLS, FLOWS, topics, start="2026-01-05", max_share_per_wave=None, replication_factor=3)
    assert plan.waves["stored_bytes"].to_list() == [6 / 2 + 9 / 3]
    assert plan.waves["bytes_out_per_s"].to_list() == [None]


def test_a_client_has_its_gravest_criticality_and_weakest_evidence():
    more = {"criticality": ["low", "high", None], "evidence": ["measured", "measured", "declared"]}
    flows = pl.DataFrame({"client": "x", "kind": "group", "topic": ["a", "a", "b"], **more})
    plan = plan_waves(CELLS, flows, TOPICS, start="2026-01-05", max_share_per_wave=None)
    assert plan.client_waves.select("criticality", "evidence").rows() == [("high", "declared")]
    assert (
        "The topics of 1 client are declared, not measured: ask the owners before the cut-over."
        in plan.warnings
    )
