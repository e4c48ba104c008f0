from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Light
from kafka_analysis.stats.mirror.failures.rows import FAILURES, SCHEMA, failure_rows, no_failures
from kafka_analysis.stats.mirror.failures.words import FAILURE_WORDS


@pytest.mark.parametrize("failure", FAILURES)
def test_each_failure_has_words_and_an_action(failure) -> None:
    words = FAILURE_WORDS[failure]
    assert words.light in (Light.RED, Light.AMBER)
    assert all(text.strip() == text != "" for text in (words.of, words.title, words.action))
    assert words.action.endswith(".")


def test_rows_have_one_schema_and_missing_columns_are_null() -> None:
    rows = failure_rows("loop", pl.DataFrame({"topic": ["t"], "partition": [3], "other": [1]}))
    assert dict(rows.schema) == SCHEMA == dict(no_failures().schema)
    known = {name: value for name, value in rows.row(0, named=True).items() if value is not None}
    assert known == {"failure": "loop", "topic": "t", "partition": 3}
    assert failure_rows("loop", pl.DataFrame({"topic": []})).is_empty()
