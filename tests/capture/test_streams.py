from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.capture.streams import file_of, samples_of, schema_of, sort_key, stream_of
from kafka_analysis.model.tables import TABLES


@given(st.text(min_size=1).filter(lambda t: t.isprintable() or "\n" in t))
def test_a_cluster_s_file_lies_in_its_folder_and_leads_back_to_it(cluster):
    path = file_of(samples_of(cluster), 3)
    assert path.count("/") == 1
    assert stream_of(path) == samples_of(cluster)


@pytest.mark.parametrize("stream", ["samples/c", "rejected", *(f"tables/{name}" for name in TABLES)])
def test_every_stream_is_sorted_by_columns_it_has(stream):
    assert set(sort_key(stream)) <= set(schema_of(stream))
    assert stream_of(file_of(stream, 1)) == stream


@pytest.mark.parametrize(
    "path", ["tables/nope.parquet", "samples/x.parquet", "x.parquet", "manifest.json", ""]
)
def test_other_files_belong_to_no_stream(path):
    assert stream_of(path) is None
