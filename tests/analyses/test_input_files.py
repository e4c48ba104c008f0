from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.analyses.input_files import FILES, read_bytes, scope_of_files
from kafka_analysis.model.errors import InputError, PlaceError
from kafka_analysis.model.parameters import NotebookParameters

TOPICS = pl.DataFrame(
    {"cluster": FILES, "topic": ["a", "a", "b", "__consumer_offsets"], "partition": [0, 1, 0, 0]}
)


def test_a_file_is_read_as_it_is(tmp_path) -> None:
    (tmp_path / "f").write_bytes(b"\xff1\r\n")
    assert read_bytes(str(tmp_path / "f")) == b"\xff1\r\n"


def test_a_file_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(PlaceError, match="nowhere"):
        read_bytes(str(tmp_path / "nowhere"))


def test_files_are_one_source_without_a_window_or_coverage() -> None:
    scope = scope_of_files(TOPICS, NotebookParameters(capture="c"))
    assert scope.clusters.rows() == [(FILES, "source", None)]
    assert (scope.windows, scope.coverage, scope.recorded) == ({}, {FILES: None}, None)
    assert scope.gaps.is_empty()


@pytest.mark.parametrize(
    ("options", "topics"),
    [
        ({}, ["a", "b"]),
        ({"topics_exclude": ["a"]}, ["b"]),
        ({"include_internal": True}, ["__consumer_offsets", "a", "b"]),
    ],
)
def test_topics_of_files_are_chosen_as_recorded_ones_are(options, topics) -> None:
    scope = scope_of_files(TOPICS, NotebookParameters(capture="c", **options))
    assert sorted(scope.topics["topic"]) == topics


def test_a_topic_that_the_files_have_not_got_is_refused() -> None:
    with pytest.raises(InputError, match="'z'"):
        scope_of_files(TOPICS, NotebookParameters(capture="c", topics_exclude=["z"]))
