from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app

PAGE = """\
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="orders",} 300.0
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="orders",} 300.0
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="torn",} 5.0
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="torn",} 6.0
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="fell",} -6.0
kafka_something_Else 1
not a line
"""


@pytest.fixture
def inspect():
    return lambda *words: CliRunner().invoke(app, ["inspect", *map(str, words)])


@pytest.fixture
def page(tmp_path) -> Path:
    path = tmp_path / "page.prom"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_a_page_is_told_line_by_line(inspect, page):
    shown = inspect(page)
    assert shown.exit_code == 0, shown.output
    assert "lines read      7" in shown.stdout
    assert "recognised      1 in 1 metrics, 1 topics" in shown.stdout
    assert "not catalogued  1" in shown.stdout
    assert "duplicates      1" in shown.stdout
    assert "conflicting     2" in shown.stdout
    assert "rejected        2" in shown.stdout
    assert "line 4: lines of one scrape give bytes_in_total different values" in shown.stdout
    assert "line 5: bytes_in_total cannot be negative: " in shown.stdout
    assert "line 7: " in shown.stdout
    assert "'not a line'" in shown.stdout


def test_a_page_as_json(inspect, page):
    document = json.loads(inspect(page, "--json").stdout)
    assert (document["dialect"], document["metrics"]) == ("msk", {"bytes_in_total": 1})
    assert (document["lines"]["rejected"], document["lines"]["conflicting"]) == (2, 2)


def test_an_address(inspect, pages):
    shown = inspect(f"{pages}/metrics")
    assert shown.exit_code == 0
    assert "bytes_in_total" in shown.stdout


def test_a_page_of_something_else_says_so(inspect, tmp_path):
    (tmp_path / "other").write_text("up 1\n", encoding="utf-8")
    shown = inspect(tmp_path / "other")
    assert shown.exit_code == 2
    assert "nothing about Kafka brokers here" in shown.stdout


def test_a_capture_is_told_with_its_targets_and_gaps(inspect, small_capture):
    shown = inspect(small_capture).stdout
    assert "old jmx of broker 1: 12 of 12 answered, dialect msk" in shown
    assert (
        "jmx at http://mirror/metrics: 12:00:00 to 12:00:30 UTC, no connection: Connection refused" in shown
    )
    assert "bytes_in_total (" in shown


def test_a_capture_as_json(inspect, small_capture):
    document = json.loads(inspect(small_capture, "--json").stdout)
    assert document["schema_version"] == 1
    assert {row["metric"] for row in document["metrics"]} >= {"bytes_in_total", "log_size_bytes"}


def test_what_cannot_be_read_ends_with_2(inspect, tmp_path, closed_port):
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "page.html").write_text("<html>", encoding="utf-8")
    for place in (
        tmp_path / "nothing",
        empty,
        tmp_path / "page.html",
        f"http://127.0.0.1:{closed_port}/metrics",
    ):
        shown = inspect(place)
        assert shown.exit_code == 2, place
        assert shown.stdout == ""
        assert len(shown.stderr.strip().splitlines()) == 1


def test_it_says_what_a_page_is_good_for(inspect, page):
    shown = inspect(page).stdout
    assert "sizing: no, needs bytes_out_total or bytes_out_per_s" in shown


def test_it_says_what_a_capture_is_good_for(inspect, small_capture):
    shown = inspect(small_capture).stdout
    assert "    skew: yes" in shown
    assert "topics add up to the brokers' totals: bytes_in_total 100 %" in shown
    assert json.loads(inspect(small_capture, "--json").stdout)["lacking"]["latency"] == ["request_total_ms"]


@pytest.mark.parametrize(
    "data", [b"strimzi_resources 3\n", b"<html></html>\n", b'{"a": 1}\n', bytes(100_000_000)],
    ids=["operator", "html", "json", "zeros"],
)  # fmt: skip
def test_a_file_about_something_else_ends_with_2(inspect, tmp_path, data):
    (tmp_path / "f").write_bytes(data)
    shown = inspect(tmp_path / "f")
    assert shown.exit_code == 2
    assert len((shown.stdout + shown.stderr).splitlines()[0]) < 300
