from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kafka_analysis.live.imports.saved_pages import named_file, read_pages
from kafka_analysis.model.errors import SourceError

NOON = 1_769_860_800
COUNT = 'kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec"} '


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(NOON + seconds, UTC)


@pytest.fixture
def read(tmp_path):
    """Return a function that saves a text under a name and reads it."""

    def of(text, *, name="broker-1.20260131T120000Z.prom", time=None):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, (NOON + 99, NOON + 99))
        (page,) = read_pages(named_file(path, name, broker=None, pattern=None), cluster="c", at=time)
        return page

    return of


def test_a_page_takes_the_time_of_its_name(read):
    page = read(COUNT + "5\n")
    assert (page.kind, page.dialect, page.file.broker) == ("jmx", "msk", 1)
    assert (page.times, page.time_from) == ((at(0),), "name")
    assert page.samples.select("ts", "broker", "value").rows() == [(at(0), 1, 5.0)]


def test_a_time_given_comes_first_and_the_last_change_last(read):
    given = read(COUNT + "5\n", time=at(7))
    assert (given.times, given.time_from) == ((at(7),), "flag")
    changed = read(COUNT + "5\n", name="page.prom")
    assert (changed.times, changed.time_from, changed.file.broker) == ((at(99),), "modification", None)


def test_two_scrapes_without_times_the_last_counts_and_all_are_counted(read):
    page = read(COUNT + "5\n" + "kafka_other 1\n" + COUNT + "9\n" + "kafka_other 2\n")
    assert page.samples["value"].to_list() == [9.0]
    assert page.times == (at(0),)
    assert (page.lines.read, page.lines.stored, page.lines.duplicates, page.lines.not_catalogued) == (
        4,
        1,
        2,
        1,
    )


def test_two_scrapes_with_times_both_count(read):
    page = read(f"{COUNT}5 {NOON * 1000 + 1000}\n{COUNT}9 {NOON * 1000 + 61000}\n")
    assert page.samples.select("ts", "value").rows() == [(at(1), 5.0), (at(61), 9.0)]
    assert (page.times, page.time_from) == ((at(1), at(61)), "content")
    assert page.lines.duplicates == 0


def test_what_is_folded_is_not_folded_over_two_scrapes(read):
    """Requests are added up over versions: of two scrapes in one file only the last may be."""
    line = 'kafka_network_RequestMetrics_Count{{name="RequestsPerSec",request="Produce",version="{}"}} {}\n'
    page = read("".join(line.format(v, n) for v, n in [(7, 1), (9, 2), (7, 10), (9, 20)]))
    assert page.samples["value"].to_list() == [30.0]
    assert (page.lines.read, page.lines.duplicates, page.lines.stored) == (4, 2, 2)


def test_lines_of_one_scrape_with_times_of_their_own_are_one_scrape(read):
    other = 'kafka_server_BrokerTopicMetrics_Count{name="BytesOutPerSec"} '
    page = read(f"{COUNT}5 {NOON * 1000}\n{other}9 {NOON * 1000 + 200}\n")
    assert page.times == (at(0.2),)


def test_times_that_cannot_be_meant_are_rejected(read):
    lines = [f"{COUNT}5 {NOON * 1000}", f"{COUNT}6 {NOON}", f"{COUNT}7 -1", f"{COUNT}8 999999999999999999"]
    page = read("\n".join(lines))
    assert page.samples["value"].to_list() == [5.0]
    assert page.rejected["position"].to_list() == [2, 3, 4]
    assert (page.lines.read, page.lines.rejected, page.times) == (4, 3, (at(0),))


def test_jolokia_s_json(read):
    mbean = "kafka.server:name=BytesInPerSec,type=BrokerTopicMetrics"
    found = {
        "request": {"type": "read", "mbean": mbean},
        "value": {"Count": 5},
        "status": 200,
        "timestamp": NOON + 3,
    }
    gone = {"request": {"type": "read", "mbean": "kafka.log:type=Log,*"}, "status": 404}
    page = read(json.dumps([found, gone]), name="kafka-2.json")
    assert page.samples.select("ts", "broker", "value").rows() == [(at(3), 2, 5.0)]
    assert (page.times, page.time_from, page.missing) == ((at(3),), "content", ("kafka.log:type=Log,*",))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a metrics page"),
        ("<html>\n<body>hello</body>", "not a metrics page: HTML"),
        ("acme_kafka_in 1\n", "names look like Kafka's but match no known dialect: acme_kafka_in"),
        ("An error has occurred while serving metrics:\n\ntwice\n", "the exporter's own error: twice"),
        ("\x00\x01\x02" * 100, "not a metrics page"),
        ("up 1\nstrimzi_resources 3\n", "no Kafka metrics"),
        ('{"a": 1}', "JSON, but not from Jolokia"),
        ("{", "not JSON, or cut off"),
    ],
)
def test_what_is_something_else_says_so(read, text, reason):
    with pytest.raises(SourceError, match=re.escape(reason)):
        read(text)


def test_a_broker_given_comes_before_the_name():
    assert named_file(Path("broker-1.prom"), "x", broker=7, pattern=None).broker == 7
    assert named_file(Path("n5.prom"), "x", broker=None, pattern=re.compile(r"n(\d)")).broker == 5
