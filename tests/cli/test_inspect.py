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


OWN = """\
\ufeffname = "ours"
title = "Ours"
kind = "jmx"
source = "a test"
[[families]]
metrics = { kafka_something_Else = "" }
to = "leader_count"
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
    assert "no Kafka broker metrics found" in shown.stdout


def test_what_is_not_read_is_named_with_the_number_of_lines(inspect, page):
    shown = inspect(page)
    assert "names not read (lines):\n    kafka_something_Else (1)" in shown.stdout
    assert json.loads(inspect(page, "--json").stdout)["unknown"] == {"kafka_something_Else": 1}


def test_many_unknown_names_are_not_all_shown(inspect, tmp_path):
    names = "".join(f"acme_kafka_{n:03} 1\n" for n in range(60))
    (tmp_path / "f").write_text(names + "kafka_server_ReplicaManager_Value{name='x'} 1\n", encoding="utf-8")
    shown = inspect(tmp_path / "f")
    assert shown.exit_code == 2
    assert shown.stdout.splitlines()[0].endswith("acme_kafka_004, …; write a dialect: docs/dialects.md")
    assert "no Kafka" not in shown.stdout
    assert "    and 48 more (--json lists all)" in shown.stdout
    assert len(json.loads(inspect(tmp_path / "f", "--json").stdout)["unknown"]) == 60


def test_a_line_of_zeros_takes_a_few_words(inspect, tmp_path):
    (tmp_path / "f").write_bytes(PAGE.encode() + bytes(5000) + b"\n")
    shown = inspect(tmp_path / "f")
    (line,) = [text for text in shown.stdout.splitlines() if "line 8: " in text]
    assert "times)" in line
    assert len(line) < 300


def test_a_dialect_is_given_by_name_or_file(inspect, page, tmp_path):
    own = tmp_path / "ours.toml"
    own.write_text(OWN, encoding="utf-8")
    shown = json.loads(inspect(page, "--dialect", own, "--json").stdout)
    assert (shown["dialect"], shown["metrics"]) == ("ours", {"leader_count": 1})
    both = json.loads(inspect(page, "--dialect", own, "--dialect", "msk", "--json").stdout)
    assert both["by_dialect"] == {"ours": 1, "msk": 5}
    assert inspect(page, "--dialect", "flink").exit_code == 2


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("stok", "did you mean 'stock'?"),
        ("no.toml", "no.toml cannot be read: No such file"),
        ("broken.toml", "broken.toml is not TOML"),
        ("deep.toml", "is not TOML: it is nested deeper"),
    ],
)
def test_a_dialect_that_is_wrong_is_one_line(inspect, page, tmp_path, monkeypatch, word, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.toml").write_text("name = ", encoding="utf-8")
    (tmp_path / "deep.toml").write_text("a = " + "[" * 5000, encoding="utf-8")
    shown = inspect(page, "--dialect", word)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert said in shown.stderr
    assert len(shown.stderr.strip().splitlines()) == 1


LATENCY = """\
[[families]]
metrics = { acme_ms = "", acme_sm = "" }
to = "request_total_ms"
entity = ["api"]
stat_label = "LABEL"
stats = { "0.99" = "p99" }
"""


@pytest.mark.parametrize(
    ("label", "said"), [("q", "values of `q` not in stats: 0.5"), ("quantile", "label `quantile` is missing")]
)
def test_mistakes_in_a_dialect_are_shown(inspect, tmp_path, label, said):
    own, page = tmp_path / "ours.toml", tmp_path / "page.prom"
    own.write_text(OWN + LATENCY.replace("LABEL", label), encoding="utf-8")
    lines = [f'acme_ms{{api="Fetch",q="{q}"}} {value}' for q, value in (("0.5", 1), ("0.99", 2500))]
    zoo = [f"zoo_{n} 1\nzoo_{n} 1\nzoo_{n} 1" for n in range(20)]
    page.write_text("\n".join(["kafka_something_Else 1", *lines, *zoo]) + "\n", encoding="utf-8")
    shown = inspect(page, "--dialect", own).stdout
    assert "in the dialect, but on no line: acme_sm\n" in shown
    assert f"names not read (lines):\n    acme_ms ({1 if label == 'q' else 2}): {said}\n" in shown
    document = json.loads(inspect(page, "--dialect", own, "--json").stdout)
    assert (document["absent"], document["unread"]) == (["acme_sm"], {"acme_ms": said})


def test_a_dialect_that_matches_nothing_is_named(inspect, tmp_path):
    own, page = tmp_path / "ours.toml", tmp_path / "page.prom"
    own.write_text(OWN, encoding="utf-8")
    page.write_text("acme_kafka_in 1\n", encoding="utf-8")
    shown = inspect(page, "--dialect", own)
    assert shown.exit_code == 2
    assert "no line matches dialect ours; compare its names with those not read" in shown.stdout
    assert "write a dialect" not in shown.stdout
    assert "on no line: kafka_something_Else\n" in shown.stdout


@pytest.mark.parametrize(
    ("value", "text"),
    [("42800", "42,800 B"), ("0.41796", "0.418 B"), ("1234567.25", "1,234,567.2 B"), ("2e17", "2e+17 B")],
)
def test_each_metric_has_a_value_in_full(inspect, tmp_path, value, text):
    line = 'kafka_log_Log_Value{{name="Size",topic="orders",partition="{}"}} {}\n'
    (tmp_path / "f").write_text(line.format(0, 0) + line.format(1, value), encoding="utf-8")
    assert f"log_size_bytes (2)  e.g. orders-1 = {text}\n" in inspect(tmp_path / "f").stdout


def test_metrics_left_out_of_the_topics_share_are_named(inspect, page):
    shown = inspect(page).stdout
    assert "topics not compared: bytes_in_total (no line of the broker's total)\n" in shown


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
    assert "topics as a share of the brokers' totals: bytes_in_total 100 %" in shown
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
