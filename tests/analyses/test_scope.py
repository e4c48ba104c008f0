from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from kafka_analysis.analyses.scope import (
    chosen_clusters,
    chosen_topics,
    coverage_in,
    windows_of_clusters,
)
from kafka_analysis.model.errors import InputError, WindowError
from kafka_analysis.model.parameters import NotebookParameters
from kafka_analysis.stats import Window
from tests.small import HOSTILE, at


def parameters(**options) -> NotebookParameters:
    return NotebookParameters(capture="c", **options)


def test_without_a_name_all_clusters_are_looked_at_and_with_one_that_one(recorded) -> None:
    assert set(windows_of_clusters(recorded, parameters()).names) == {"old", "new"}
    assert windows_of_clusters(recorded, parameters(cluster="old")).names == ["old"]


def test_plans_look_at_the_sources(recorded) -> None:
    assert windows_of_clusters(recorded, parameters(), sources_only=True).names == ["old"]
    assert windows_of_clusters(recorded, parameters(cluster="new"), sources_only=True).names == ["new"]


def test_the_window_is_the_steady_phase_or_what_is_given(recorded) -> None:
    steady = windows_of_clusters(recorded, parameters(cluster="old"))
    assert (steady.windows["old"].start, steady.windows["old"].end) == (at(20), at(50))
    given = windows_of_clusters(recorded, parameters(cluster="old", start=at(60), end=at(110)))
    assert (given.windows["old"].start, given.windows["old"].end) == (at(60), at(110))
    assert (given.recorded.start, given.recorded.end) == (at(60), at(110))
    assert (steady.whole.start, steady.whole.end) == (at(0), at(120))


def test_a_window_beside_the_capture_is_refused(recorded) -> None:
    with pytest.raises(WindowError):
        windows_of_clusters(recorded, parameters(start="2030-01-01", end="2030-01-02"))


def test_coverage_is_that_of_the_window(recorded) -> None:
    scope = windows_of_clusters(recorded, parameters())
    assert (scope.coverage["old"].expected, scope.coverage["old"].seen) == (9, 9)
    assert scope.coverage["new"].ratio is None  # no broker of it was expected
    lenient = coverage_in(scope.recorded, scope.windows, parameters(coverage_required="50%"))
    assert lenient["old"].required_ratio == 0.5


def test_gaps_are_those_within_the_windows(recorded) -> None:
    assert windows_of_clusters(recorded, parameters(cluster="old")).gaps.height == 1
    later = windows_of_clusters(recorded, parameters(cluster="old", start=at(60), end=at(110)))
    assert later.gaps.height == 0


def test_gaps_of_a_cluster_are_those_within_its_own_window(recorded) -> None:
    scope = windows_of_clusters(recorded, parameters(cluster="old", end=at(110)))
    assert scope.gaps.height == 1
    assert replace(scope, windows={"old": Window(at(60), at(110))}).gaps.height == 0


def test_an_unknown_cluster_is_named_with_the_nearest(recorded) -> None:
    with pytest.raises(InputError, match=r"'od'.*'old'"):
        chosen_clusters(recorded, "od")


@pytest.mark.parametrize(
    ("options", "topics"),
    [
        ({}, {"orders", HOSTILE}),
        ({"include_internal": True}, {"orders", HOSTILE, "__consumer_offsets"}),
        ({"topics_exclude": ["orders"]}, {HOSTILE}),
        ({"topics_exclude": ["or*", "nobody-*"]}, {HOSTILE}),
    ],
)
def test_topics_are_chosen_by_name_and_kind(recorded, options, topics) -> None:
    clusters = chosen_clusters(recorded, "old")
    chosen = chosen_topics(recorded.known_topics(), parameters(**options), clusters=clusters)
    assert set(chosen["topic"]) == topics


def test_a_topic_of_another_cluster_is_none_of_this(recorded) -> None:
    clusters = chosen_clusters(recorded, "new")
    with pytest.raises(InputError, match="'orders'"):
        chosen_topics(recorded.known_topics(), parameters(topics_exclude=["orders"]), clusters=clusters)


def test_answers_after_the_window_are_kept_for_what_lies_between_two(recorded) -> None:
    end = recorded.start + timedelta(seconds=30)
    scope = windows_of_clusters(recorded, parameters(end=end))
    assert (scope.whole.end, scope.recorded.end) == (recorded.end, end)


def test_rows_come_cluster_by_cluster_the_source_first(recorded) -> None:
    scope = windows_of_clusters(recorded, parameters())
    rows = pl.DataFrame({"cluster": ["new", "gone", "old", "new", "old"], "n": [1, 2, 3, 4, 5]})
    assert scope.in_order(rows)["n"].to_list() == [3, 5, 1, 4, 2]
    assert scope.in_order(rows.select("n")).equals(rows.select("n"))
