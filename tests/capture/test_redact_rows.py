from __future__ import annotations

import polars as pl

from kafka_analysis.capture.pseudonyms import Pseudonyms
from kafka_analysis.capture.redact_rows import redact_rows

NAMES = Pseudonyms(b"0123456789abcdef")


def test_rules_see_the_columns_of_their_key_and_nulls_stay():
    rows = pl.DataFrame({"a": ["x", None, "x"], "b": ["1", "2", None], "n": [1, 2, None]})
    told = redact_rows(rows, {("a", "b"): lambda a, b: f"{a}{b}", ("b",): lambda b: b}, NAMES)
    assert told.rows() == [("x1", "1", 1), (None, "2", 2), ("xNone", None, None)]


def test_without_a_rule_names_become_pseudonyms_and_known_words_stay():
    rows = pl.DataFrame({"team": ["STABLE", "acme"], "many": [["acme", "p99"], []]})
    acme = NAMES.of("team", "acme")
    assert redact_rows(rows, {}, NAMES).rows() == [
        ("STABLE", [NAMES.of("many", "acme"), "p99"]),
        (acme, []),
    ]
