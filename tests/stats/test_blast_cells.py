from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.stats.blast_cells import cell_blast

CELLS = {"topic": ["a", "b", "c"], "cell": ["cell-1", "cell-1", "cell-2"]}
FLOWS = {
    "client": ["x", "y", "x", "x", "z"],
    "kind": ["producer", "producer", "group", "group", "group"],
    "topic": ["a", "c", "a", "c", "c"],
}
TOPICS = {
    "topic": ["a", "b", "c"],
    "bytes_in_per_s": [30.0, 10.0, 60.0],
    "bytes_out_per_s": [30.0, None, 60.0],
}


def test_clients_of_several_cells_count_in_each_and_names_of_two_kinds_are_two_clients(frame, rows):
    told = cell_blast(frame(CELLS), frame(FLOWS), topics=frame(TOPICS))
    assert rows(told, "cell", "what", "affected", "total", "share") == [
        ("cell-1", "clients", 2.0, 4.0, 0.5),
        ("cell-1", "producers", 1.0, 2.0, 0.5),
        ("cell-1", "groups", 1.0, 2.0, 0.5),
        ("cell-1", "bytes_in_per_s", 40.0, 100.0, 0.4),
        ("cell-1", "bytes_out_per_s", None, None, None),
        ("cell-2", "clients", 3.0, 4.0, 0.75),
        ("cell-2", "producers", 1.0, 2.0, 0.5),
        ("cell-2", "groups", 2.0, 2.0, 1.0),
        ("cell-2", "bytes_in_per_s", 60.0, 100.0, 0.6),
        ("cell-2", "bytes_out_per_s", None, None, None),
    ]


def test_without_clients_there_is_no_share(frame, rows):
    told = cell_blast(frame(CELLS), frame(FLOWS).head(0), topics=frame(TOPICS))
    assert rows(told, "share")[:3] == [(None,)] * 3


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"topic": ["a", "c", "c"], "cell": ["1", "1", "2"]}, "topic 'c' is in two cells"),
        ({"topic": ["a"], "cell": ["1"]}, "topic 'c' has clients and is in no cell"),
    ],
)
def test_a_topic_is_in_exactly_one_cell(cells, message):
    with pytest.raises(InputError, match=message):
        cell_blast(pl.DataFrame(cells), pl.DataFrame(FLOWS), topics=pl.DataFrame(TOPICS))


@given(
    st.lists(st.tuples(st.sampled_from("123"), st.floats(0, 1e9)), min_size=1, max_size=8),
    st.lists(
        st.tuples(st.sampled_from("pqr"), st.sampled_from(["producer", "group"]), st.integers(0, 7)),
        max_size=20,
    ),
)
def test_bytes_of_all_cells_are_all_bytes_and_no_share_exceeds_one(places, uses):
    names = [f"t{number}" for number in range(len(places))]
    cells = pl.DataFrame({"topic": names, "cell": [cell for cell, _ in places]})
    topics = pl.DataFrame({"topic": names}).with_columns(
        bytes_in_per_s=pl.Series([size for _, size in places]), bytes_out_per_s=pl.lit(0.0)
    )
    known = [(client, kind, f"t{number}") for client, kind, number in uses if number < len(names)]
    schema = dict.fromkeys(("client", "kind", "topic"), pl.String)
    told = cell_blast(cells, pl.DataFrame(known, schema=schema, orient="row"), topics=topics)
    assert told["share"].drop_nulls().is_between(0, 1 + 1e-12).all()
    bytes_in = told.filter(what="bytes_in_per_s")
    assert bytes_in["affected"].sum() == pytest.approx(sum(size for _, size in places))
    clients = told.filter(what="clients")
    assert clients["affected"].sum() >= len({(client, kind) for client, kind, _ in known})
