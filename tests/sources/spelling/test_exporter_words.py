from __future__ import annotations

import pytest

from kafka_analysis.sources.spelling.dialects import dialects
from kafka_analysis.sources.spelling.exporter_words import exporter_words


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_a_dialect_brings_its_name_its_kind_and_its_stats(dialect):
    assert {dialect.name, dialect.kind} <= exporter_words()
    assert {stat for family in dialect.families for stat in family.names.values() if stat} <= exporter_words()


def test_labels_that_are_not_stored_bring_no_words():
    # area = heap chooses lines, and is in no sample
    assert {"Produce", "FetchFollower", "p99", "data logs"} <= exporter_words()
    assert not {"heap", "true", "NONE"} & exporter_words()
