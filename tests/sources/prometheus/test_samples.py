from __future__ import annotations

import math
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.prometheus.samples import read_matrix, series_frame, times_seen

FOREVER = {"start_ms": 0, "end_ms": 10**15}


def matrix(*series):
    return {"resultType": "matrix", "result": [{"metric": labels, "values": v} for labels, v in series]}


def test_values_are_texts_of_numbers():
    texts = ["NaN", "+Inf", "-Inf", "1e3", "0.1", "2.96E-314", "18446744073709551616", "-0"]
    values = [[n, text] for n, text in enumerate(texts)]
    found = read_matrix(matrix(({"__name__": "m"}, values)), **FOREVER).samples["value"].to_list()
    assert math.isnan(found[0])
    assert found[1:] == [math.inf, -math.inf, 1000.0, 0.1, 2.96e-314, 2.0**64, 0.0]


def test_times_keep_their_milliseconds():
    times = [1700000000.001, 1700000000.999, 1700000001, 0.5]
    page = read_matrix(matrix(({"__name__": "m"}, [[t, "1"] for t in times])), **FOREVER)
    assert page.samples["timestamp_ms"].to_list() == [1700000000001, 1700000000999, 1700000001000, 500]


def test_labels_become_columns_and_absent_ones_null():
    one, two = {"__name__": "m", "topic": 'a"b', "job": "k"}, {"__name__": "m", "job": "k"}
    samples = read_matrix(matrix((one, [[1, "1"]]), (two, [[1, "2"], [2, "3"]])), **FOREVER).samples
    assert samples.columns == ["metric", "label_job", "label_topic", "value", "timestamp_ms", "line"]
    assert samples["label_topic"].to_list() == ['a"b', None, None]
    assert samples["line"].to_list() == [1, 2, 3]


def test_a_series_that_ended_has_no_samples_after_it():
    one, two = ({"__name__": "m", "t": "1"}, [[1, "5"]]), ({"__name__": "m", "t": "2"}, [[1, "1"], [9, "2"]])
    samples = read_matrix(matrix(one, two), **FOREVER).samples
    assert samples.filter(pl.col("label_t") == "1")["timestamp_ms"].to_list() == [1000]


def test_a_bad_sample_is_rejected_alone():
    values = [[1, "1"], [2, "twelve"], [None, "3"], [4], "x", [5, None], [6, "6"]]
    page = read_matrix(matrix(({"__name__": "m"}, values)), **FOREVER)
    assert page.samples["value"].to_list() == [1.0, 6.0]
    assert page.rejected["text"].to_list() == ["[2, 'twelve']", "[None, '3']", "[4]", "x", "[5, None]"]


def test_no_series_is_an_empty_page():
    page = read_matrix(matrix(), **FOREVER)
    assert (page.samples.height, page.rejected.height, times_seen(page)) == (0, 0, (0, None))
    assert {"metric", "value", "timestamp_ms", "line"} <= set(page.samples.columns)


def test_a_native_histogram_has_no_values_and_no_rows():
    histogram = {"metric": {"__name__": "h"}, "histograms": [[1, {"count": "1"}]]}
    assert read_matrix({"resultType": "matrix", "result": [histogram]}, **FOREVER).samples.is_empty()


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"resultType": "vector", "result": []},
        {"resultType": "matrix", "result": {}},
        {"resultType": "matrix", "result": [{"values": []}]},
    ],
)
def test_another_answer_is_no_matrix(data):
    with pytest.raises(SourceError, match="not a matrix of samples"):
        read_matrix(data, **FOREVER)


@given(
    st.lists(st.integers(0, 100_000), unique=True, max_size=30).map(sorted),
    st.lists(st.integers(1, 99_999), unique=True, max_size=5).map(sorted),
)
def test_chunks_that_touch_hold_every_sample_once(times, borders):
    whole = matrix(({"__name__": "m"}, [[t / 1000, str(t)] for t in times]))
    edges = [0, *borders, 100_001]
    parts = [
        read_matrix(whole, start_ms=low, end_ms=high).samples["timestamp_ms"].to_list()
        for low, high in pairwise(edges)
    ]
    assert [t for part in parts for t in part] == times


def test_how_dense_a_page_is():
    dense = ({"__name__": "m"}, [[t, "1"] for t in (0, 15, 30, 45)])
    sparse = ({"__name__": "n"}, [[0, "1"], [45, "1"]])
    assert times_seen(read_matrix(matrix(sparse, dense), **FOREVER)) == (4, 15000.0)
    assert times_seen(read_matrix(matrix(({"__name__": "m"}, [[1, "1"]])), **FOREVER)) == (1, None)


def test_series_without_labels():
    assert series_frame([]).columns == ["metric"]
    assert series_frame([{"__name__": "m"}]).rows() == [("m",)]


def test_impossible_times_and_labels_are_rejected_alone():
    good = ({"__name__": "m"}, [[1, "1"], [1e300, "1"], [-1, "1"], [True], {"a": 1}, [2, {}]])
    page = read_matrix(
        matrix(good, ({"__name__": "m", "topic": "\ud800"}, [[1, "1"]]), ({"t": 5}, [])), **FOREVER
    )
    assert page.samples["value"].to_list() == [1.0]
    assert (
        page.rejected["reason"].to_list()
        == ["not [<seconds>, <number>]"] * 5 + ["labels that are not valid Unicode"] * 2
    )
