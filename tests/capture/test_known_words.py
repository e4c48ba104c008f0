from __future__ import annotations

import pytest

from kafka_analysis.capture.known_words import KNOWN_WORDS, is_known_word
from kafka_analysis.model.tables import (
    CERTIFICATE_KINDS,
    CONNECTOR_ROW_KINDS,
    EVENT_KINDS,
    EVIDENCE,
    GROUP_KINDS,
    READ_ENDS,
    READ_PURPOSES,
    RECORDED_BY,
)


def test_the_contract_s_own_words_are_known():
    words = {*EVENT_KINDS, *GROUP_KINDS, *CONNECTOR_ROW_KINDS, *EVIDENCE, *RECORDED_BY.values()} - {None}
    words |= {*READ_PURPOSES, *READ_ENDS, *CERTIFICATE_KINDS}
    assert words <= KNOWN_WORDS


@pytest.mark.parametrize("word", ["mirror_maker", "node_exporter", "kafka_lag_exporter", "kminion"])
def test_names_of_dialects_come_from_their_files_and_not_from_here(word):
    assert not is_known_word(word)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("2.16.1-rdkafka-2.16.0", True),
        ("v2.3.0-librdkafka-2.3.0", True),
        ("3.9.1", True),
        ("10.0.0.1", False),
        ("2.16.1-rdkafka-acme", False),
        ("3.9.1-acme", False),
        ("TWO_PHASE_COMMIT", True),
    ],
)
def test_versions_of_clients_are_known_and_addresses_and_names_in_them_are_not(text, known):
    assert is_known_word(text) is known
