from __future__ import annotations

import polars as pl

from kafka_analysis.stats.parity.rows import (
    COMPARED,
    KINDS,
    PARITY,
    TABLE_OF,
    WHATS,
    Parity,
    count_rows,
    counted,
    ends_of,
    entity,
    joined,
    parity_rows,
    split_by_sight,
    unknown_rows,
    unseen_sentence,
    with_equal,
)

PAIR = pl.DataFrame({"source": ["a"], "target": ["b"]})


def test_what_must_be_fixed_comes_first() -> None:
    rows = [
        parity_rows("quota", PAIR.with_columns(kind=pl.lit(kind)))
        for kind in ("unknown", "harmless", "must fix")
    ]
    found = joined(Parity(part, pl.DataFrame(schema=COMPARED)) for part in rows)
    assert found.differences["kind"].to_list() == ["must fix", "harmless", "unknown"]
    assert found.differences.schema == PARITY
    assert found.compared.schema == COMPARED


def test_each_table_is_known_and_each_subject_has_one() -> None:
    from kafka_analysis.model.tables import TABLES

    assert set(TABLE_OF) == set(WHATS)
    assert set(TABLE_OF.values()) <= set(TABLES)
    assert KINDS[0] == "must fix"


def test_pairs_of_clusters_are_listed_once_and_without_unknown_ones() -> None:
    pairs = pl.DataFrame({"source": ["b", "a", "a", None], "target": ["c", "b", "b", "c"]})
    assert ends_of(pairs).rows() == [("a", "b"), ("b", "c")]


def test_an_end_that_was_not_seen_has_one_row_that_names_it() -> None:
    ends = pl.DataFrame({"source": ["a", "a", "x"], "target": ["b", "c", "x"]})
    seen, unknown = split_by_sight("user", ends, {("a", "users"), ("b", "users"), ("c", "acls")})
    assert seen.rows() == [("a", "b")]
    assert unknown.select("source", "target", "kind", "at_source", "at_target").rows() == [
        ("a", "c", "unknown", None, None),
        ("x", "x", "unknown", None, None),
    ]
    assert unknown["why"].to_list() == [unseen_sentence("user", ["c"]), unseen_sentence("user", ["x"])]


def test_counts() -> None:
    assert count_rows("user", []).is_empty()
    given = PAIR.with_columns(compared=2, equal=1)
    assert counted("user", given).rows() == count_rows("user", [("a", "b", 2, 1)]).rows()
    assert with_equal(pl.concat([PAIR, PAIR]), PAIR[:0]).rows() == [("a", "b", 2, 2)]


def test_unknown_rows_hold_nothing_but_a_reason() -> None:
    (row,) = unknown_rows("topic", [("a", "b", "x")]).iter_rows(named=True)
    assert {name for name, value in row.items() if value is not None} == {
        "source", "target", "what", "kind", "why", "fact_source",
    }  # fmt: skip


def test_what_a_command_must_know_is_json() -> None:
    assert entity(name='ü"\n') == '{"name": "ü\\"\\n"}'
