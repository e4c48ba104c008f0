from __future__ import annotations

from fnmatch import fnmatchcase

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kafka_analysis.model.owners import exact_pattern, first_match, first_owners

OWNERSHIP = pl.DataFrame(
    {
        "pattern": ["a.x", "a.*", "a.*", "b?", "*"],
        "kind": ["topic", "topic", "client", "producer", "group"],
        "team": ["one", "two", "three", "four", "five"],
        "criticality": ["high", "low", None, "medium", None],
        "application": [None, "app", None, None, None],
    }
)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("topic", [("a.y", "two", "low", "app"), ("a.x", "one", "high", None)]),
        (
            "producer",
            [("a.y", "three", None, None), ("b1", "four", "medium", None), ("a.x", "three", None, None)],
        ),
        ("group", [("a.y", "three", None, None), ("b1", "five", None, None), ("a.x", "three", None, None)]),
    ],
)
def test_the_first_pattern_of_the_kind_counts_and_no_name_comes_twice(kind, expected):
    names = pl.Series(["a.y", "b1", None, "a.x", "a.y"])
    assert first_owners(names, OWNERSHIP, kind=kind).rows() == expected


def test_without_names_or_patterns_nobody_owns():
    assert first_owners(pl.Series([], dtype=pl.String), OWNERSHIP, kind="topic").is_empty()
    assert first_owners(pl.Series(["a"]), OWNERSHIP.clear(), kind="topic").columns == [
        "name",
        "team",
        "criticality",
        "application",
    ]


texts = st.text("ab.*?[]!-\\\n", max_size=5)


@given(st.lists(texts, max_size=5), texts)
def test_it_is_what_trying_pattern_after_pattern_gives(patterns, name):
    expected = next((number for number, pattern in enumerate(patterns) if fnmatchcase(name, pattern)), None)
    assert first_match(patterns)(name) == expected


@given(texts | st.text(), texts | st.text())
@example("[*]", "*")
@example("[!a]", "b")
def test_an_exact_pattern_matches_its_name_and_no_other(name, other):
    first = first_match([exact_pattern(name)])
    assert first(name) == 0
    assert (first(other) == 0) == (name == other)
