from __future__ import annotations

import gzip
import json

import pytest

from kafka_analysis.model.errors import InputError, SourceError
from kafka_analysis.sources.exposition.any_page import parse_page
from kafka_analysis.sources.jolokia.answers import JolokiaPage

ANSWER = {
    "request": {"type": "read", "mbean": "kafka.server:name=BytesInPerSec,type=BrokerTopicMetrics"},
    "value": {"Count": 5},
    "timestamp": 1_700_000_000,
    "status": 200,
}


def test_what_is_json_is_jolokia_s():
    page = parse_page(json.dumps(ANSWER).encode())
    assert isinstance(page, JolokiaPage)
    assert page.samples["value"].to_list() == [5.0]


def test_a_quoted_name_in_the_first_line_is_text():
    page = parse_page(b'{"kafka.server", topic="a"} 1\nup 2\n')
    assert page.samples["metric"].to_list() == ["kafka.server", "up"]


def test_a_packed_page_is_unpacked_and_a_damaged_one_told():
    assert parse_page(gzip.compress(b"up 1\n")).samples["metric"].to_list() == ["up"]
    with pytest.raises(InputError, match="damaged gzip"):
        parse_page(gzip.compress(b"up 1\n")[:-9])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a metrics page"),
        (b"<html>", "not a metrics page"),
        (b'{"a": 1}', "not from Jolokia"),
        (b"[{", "cut off"),
    ],
)
def test_what_is_no_page_is_told(data, reason):
    with pytest.raises(SourceError, match=reason):
        parse_page(data)


@pytest.mark.parametrize("ms", [0, 1_700_000_000, 4_200_000_000_000, -5])
def test_a_time_that_cannot_be_meant_is_rejected(ms):
    page = parse_page(b"up 1 %d\nup 2 1700000000000\nup 3\n" % ms)
    assert page.samples["value"].to_list() == [2.0, 3.0]
    assert page.rejected.row(0) == (
        1,
        f"up at {ms}",
        "its timestamp is not in this century, as milliseconds since 1970",
    )
