from __future__ import annotations

from fnmatch import fnmatchcase

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.stats.flows.ownership import with_owners


def rules(*rows: tuple[str, str, str]) -> dict[str, list]:
    return {
        "pattern": [r[0] for r in rows],
        "kind": [r[1] for r in rows],
        "team": [r[2] for r in rows],
        "criticality": ["high"] * len(rows),
        "application": [f"{r[2]}-app" for r in rows],
    }


def test_the_first_pattern_that_matches_counts(frame, rows):
    ownership = frame(
        rules(("orders.dlq", "topic", "ops"), ("orders.*", "topic", "orders"), ("*", "topic", "rest"))
    )
    named = frame({"topic": ["orders.dlq", "orders.new", "clicks"], "size": [1, 2, 3]})
    answer = with_owners(named, ownership, name="topic", kind="topic")
    assert rows(answer, "topic", "size", "team", "criticality", "application") == [
        ("orders.dlq", 1, "ops", "high", "ops-app"),
        ("orders.new", 2, "orders", "high", "orders-app"),
        ("clicks", 3, "rest", "high", "rest-app"),
    ]


def test_a_pattern_before_a_written_out_name_counts_before_it(frame, rows):
    ownership = frame(rules(("o*", "topic", "wild"), ("orders", "topic", "exact")))
    answer = with_owners(frame({"topic": ["orders"]}), ownership, name="topic", kind="topic")
    assert rows(answer, "team") == [("wild",)]


def test_upper_and_lower_case_differ(frame, rows):
    ownership = frame(rules(("Orders*", "topic", "a")))
    answer = with_owners(frame({"topic": ["orders", "Orders1"]}), ownership, name="topic", kind="topic")
    assert rows(answer, "team") == [(None,), ("a",)]


def test_each_client_is_matched_by_its_kind_and_client_means_both(frame, rows):
    ownership = frame(
        rules(("a", "producer", "writers"), ("a", "group", "readers"), ("b*", "client", "both"))
    )
    flows = frame({"client": ["a", "a", "b1", "b1"], "kind": ["group", "producer", "group", "producer"]})
    answer = with_owners(flows, ownership, name="client", kind="client")
    assert rows(answer, "client", "kind", "team") == [
        ("a", "group", "readers"),
        ("a", "producer", "writers"),
        ("b1", "group", "both"),
        ("b1", "producer", "both"),
    ]


def test_a_topic_of_a_clients_name_is_not_the_client(frame, rows):
    ownership = frame(rules(("a", "client", "x")))
    assert rows(with_owners(frame({"topic": ["a"]}), ownership, name="topic", kind="topic"), "team") == [
        (None,)
    ]


def test_what_is_known_already_stays(frame, rows):
    named = frame({"topic": ["a", "b"], "team": ["mine", None]})
    answer = with_owners(named, frame(rules(("*", "topic", "theirs"))), name="topic", kind="topic")
    assert rows(answer, "team", "criticality") == [("mine", "high"), ("theirs", "high")]


def test_an_unknown_kind_is_wrong_use():
    with pytest.raises(InputError, match="unknown kind of owned things 'topics'; did you mean 'topic'"):
        with_owners(pl.DataFrame({"topic": ["a"]}), pl.DataFrame(rules()), name="topic", kind="topics")


def test_no_client_and_no_rule_leave_nothing_to_own():
    empty = pl.DataFrame(schema={"client": pl.String, "kind": pl.String})
    ownership = pl.DataFrame(schema=dict.fromkeys(rules(), pl.String))
    assert with_owners(empty, ownership, name="client", kind="client").columns[-3:] == [
        "team",
        "criticality",
        "application",
    ]


NAMES = st.lists(st.text("ab.", min_size=1, max_size=4), max_size=8)
PATTERNS = st.lists(st.text("ab.*?", min_size=1, max_size=4), max_size=6)


@given(names=NAMES, patterns=PATTERNS)
def test_it_is_what_trying_pattern_after_pattern_gives(names, patterns):
    teams = {str(i): p for i, p in enumerate(patterns)}
    ownership = pl.DataFrame(
        rules(*((p, "topic", t) for t, p in teams.items())), schema=dict.fromkeys(rules(), pl.String)
    )
    answer = with_owners(
        pl.DataFrame({"topic": names}, schema={"topic": pl.String}), ownership, name="topic", kind="topic"
    )
    assert answer["topic"].to_list() == names
    assert answer["team"].to_list() == [
        next((team for team, pattern in teams.items() if fnmatchcase(name, pattern)), None) for name in names
    ]
