from __future__ import annotations

import polars as pl

from kafka_analysis.capture.pseudonyms import Pseudonyms
from kafka_analysis.capture.redact_rows import redact_rows

NAMES = Pseudonyms(b"0123456789abcdef")


def test_rules_see_the_columns_of_their_key_and_nulls_stay():
    rows = pl.DataFrame({"a": ["x", None, "x"], "b": ["1", "2", None], "n": [1, 2, None]})
    told = redact_rows(rows, {("a", "b"): lambda a, b: f"{a}{b}", ("b",): lambda b: b}, NAMES)
    assert told.rows() == [("x1", "1", 1), (None, "2", 2), ("xNone", None, None)]


def test_without_a_rule_every_text_becomes_a_pseudonym_named_after_its_column():
    rows = pl.DataFrame({"team": ["STABLE", "acme"], "many": [["acme", "p99"], []]})
    assert redact_rows(rows, {}, NAMES).rows() == [
        (NAMES.of("team", "STABLE"), [NAMES.of("many", "acme"), NAMES.of("many", "p99")]),
        (NAMES.of("team", "acme"), []),
    ]
