from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.mirror.patterns_of_names import GROUPS_EXCLUDE, TOPICS_EXCLUDE, matching

NAMES = ["orders", "orders.eu", "clicks", "größe", "a[b]", "x" * 249, "new\nline"]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (".*", set(NAMES)),
        ("orders", {"orders"}),
        ("orders.*, clicks", {"orders", "orders.eu", "clicks"}),
        ("order", set()),
        ("rders", set()),
        ("ORDERS", set()),
        ("(?i)ORDERS,CLICKS", {"orders"}),
        ("a|orders", {"orders"}),
        (r"orders\.eu", {"orders.eu"}),
        (r"a\[b\]", {"a[b]"}),
        ("gr..e", {"größe"}),
        ("x{249}", {"x" * 249}),
        ("new.line", {"new\nline"}),
        ("new", set()),
        ("", set()),
        (" , ,", set()),
    ],
)
def test_a_pattern_matches_a_whole_name(patterns: str, expected: set[str]) -> None:
    assert matching(NAMES, patterns) == expected


@pytest.mark.parametrize(
    "patterns", ["(?=x)orders", "(?<!x)orders", r"(a)\1", "(", "[", "*", "((a{1000}){1000}){9}"]
)
def test_what_cannot_be_read_is_neither_all_nor_none(patterns: str) -> None:
    assert matching(NAMES, patterns) is None


def test_no_pattern_takes_long() -> None:
    began = time.monotonic()
    assert matching(["a" * 249 + "!"] * 1000, "(a+)+,(a|a)*,(a*)*b,([a-z]+)*c") == frozenset()
    assert time.monotonic() - began < 10


def test_the_defaults_leave_out_what_mirror_maker_leaves_out() -> None:
    internal = ["mm2-offsets.a.internal", "x-internal", "x.internal", "t.replica", "__consumer_offsets"]
    assert matching([*internal, "orders", "_schemas", "internal"], TOPICS_EXCLUDE) == set(internal)
    left_out = ["connect-s3", "console-consumer-7", "__x"]
    assert matching([*left_out, "my-connect-s3"], GROUPS_EXCLUDE) == set(left_out)


@given(st.text(max_size=20))
def test_any_text_is_read_or_is_not(text: str) -> None:
    found = matching(NAMES, text)
    assert found is None or found <= set(NAMES)


@given(st.lists(st.text("ab.-_", min_size=1, max_size=9), max_size=9))
def test_each_name_is_matched_alone(names: list[str]) -> None:
    assert matching(names, "a.*") == {name for name in names if name.startswith("a")}
