from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from kafka_analysis.capture.read import read_capture
from kafka_analysis.cli import app

PAGE = 'kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec"} 5\n'


@pytest.fixture
def ingest(tmp_path):
    (tmp_path / "kafka-1").mkdir()
    for minute in range(3):
        (tmp_path / f"kafka-1/2026-01-31T12-0{minute}-00Z.prom").write_text(PAGE, encoding="utf-8")
    return lambda *words: CliRunner().invoke(
        app, ["ingest", "--cluster", "old", "--out", str(tmp_path / "out"), *map(str, words)]
    )


def test_the_last_line_is_the_folder_and_notes_are_told(ingest, tmp_path):
    (tmp_path / "readme.txt").write_text("hello")
    done = ingest(tmp_path / "**/*.prom", tmp_path / "readme.txt", "--role", "source")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{tmp_path / 'out'}\n"
    assert "Skipped: readme.txt (not a metrics page: text without metrics: 'hello')." in done.stderr
    capture = read_capture(tmp_path / "out")
    assert capture.expected_brokers.rows() == [("old", 1)]
    assert capture.clusters[0].role == "source"


def test_a_dialect_that_is_given_reads_every_page(ingest, tmp_path):
    own = tmp_path / "ours.toml"
    own.write_text(
        'name = "ours"\ntitle = "Ours"\nkind = "jmx"\nsource = "a test"\n'
        '[[families]]\nmetrics = { acme_kafka_led = "" }\nto = "leader_count"\n',
        encoding="utf-8",
    )
    page = tmp_path / "acme.prom"
    page.write_text("acme_kafka_led 4\n" + PAGE, encoding="utf-8")
    done = ingest(page, "--broker", "1", "--dialect", own)
    assert done.exit_code == 0, done.output
    capture = read_capture(tmp_path / "out")
    assert capture.metrics()["metric"].to_list() == ["leader_count"]
    assert capture.manifest.sources[0].dialect == "ours"


def test_pages_in_no_known_spelling_are_not_said_to_be_about_something_else(ingest, tmp_path):
    (tmp_path / "acme.prom").write_text("acme_kafka_led 4\n", encoding="utf-8")
    done = ingest(tmp_path / "acme.prom")
    assert done.exit_code == 2
    assert "no known metrics in 1 file: acme.prom (names look like Kafka's but match no" in done.stderr
    given = ingest(tmp_path / "kafka-1", "--dialect", "flink")
    assert "no line matches dialect flink" in given.stderr
    assert "did you mean 'flink'" in ingest(tmp_path / "kafka-1", "--dialect", "flnk").stderr
    assert not (tmp_path / "out").exists()


def test_as_json(ingest, tmp_path):
    document = json.loads(ingest(tmp_path / "kafka-1", "--broker", "7", "--interval", "30s", "--json").stdout)
    assert [(f["broker"], f["time_from"], f["dialect"]) for f in document["files"]] == [
        (7, "name", "msk")
    ] * 3
    assert document["window"]["start"] == "2026-01-31T12:00:00Z"
    assert document["skipped"] == {}
    assert read_capture(tmp_path / "out").manifest.sources[0].interval_s == 30


def test_a_time_without_a_zone_is_utc(ingest, tmp_path):
    one = tmp_path / "kafka-1/2026-01-31T12-00-00Z.prom"
    for given, start in (("2026-02-01T08:00:00", "08:00"), ("2026-02-01T08:00:00+02:00", "06:00")):
        out = tmp_path / start.replace(":", "")
        assert ingest(one, "--at", given, "--out", out).exit_code == 0
        assert f"{read_capture(out).start:%H:%M}" == start


def test_a_pattern_of_one_s_own(ingest, tmp_path):
    assert ingest(tmp_path / "kafka-1", "--broker-pattern", r"afka-(\d)").exit_code == 0
    assert read_capture(tmp_path / "out").expected_brokers["broker"].to_list() == [1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{}/nothing"], "no file at "),
        (["{}/empty"], "no file at "),
        (["{}/page.html"], "no Kafka metrics in 1 file: page.html (not a metrics page: HTML)"),
        (["{}/binary"], "no Kafka metrics in 1 file"),
        (["{}/kafka-1", "--at", "2026-01-31T12:00:00Z"], "would have the same time"),
        (["{}/kafka-1", "--at", "yesterday"], "is not a time"),
        (["{}/kafka-1", "--at", "0001-01-01T00:00:00+10:00"], "is not a time"),
        (["{}/kafka-1/2026-01-31T12-00-00Z.prom", "--at", "0001-01-01"], "between 2001 and 2100"),
        (["{}/kafka-1", "--interval", "soon"], "is not a duration"),
        (["{}/kafka-1", "--broker-pattern", "("], "not a valid regular expression"),
        (["{}/kafka-1", "--cluster", "../up"], "use letters"),
        (["{}/kafka-1", "--role", "both"], "Invalid value for '--role'"),
        ([], "Missing argument 'FILE...'"),
    ],
)
def test_wrong_use_and_bad_input_are_2_and_nothing_is_written(ingest, tmp_path, words, said):
    (tmp_path / "empty").mkdir()
    (tmp_path / "page.html").write_text("<html>", encoding="utf-8")
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 50)
    done = ingest(*(word.format(tmp_path) for word in words))
    assert done.exit_code == 2, done.output
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert done.stdout == ""
    assert not (tmp_path / "out").exists()
