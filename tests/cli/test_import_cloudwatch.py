from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from kafka_analysis.capture.read import read_capture
from kafka_analysis.cli import app
from kafka_analysis.live.imports import cloudwatch as live

PROFILE = '[[clusters]]\nname = "a"\ncloudwatch = { cluster_name = "a-msk", region = "eu-west-1" }\n'


def ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


@pytest.fixture
def cloudwatch(aws, monkeypatch):
    """Return a CloudWatch with three hours of a broker, up to now."""
    kept = aws.CloudWatch()
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=3)
    kept.put("BytesInPerSec", {"Cluster Name": "a-msk", "Broker ID": "1"}, aws.minutes(start, 180, float))
    monkeypatch.setattr(live, "aws_client", kept.client)
    return kept


@pytest.fixture
def run(cloudwatch, tmp_path):
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")
    words = ["import", "cloudwatch", "--profile", str(tmp_path / "p.toml"), "--out", str(tmp_path / "out")]
    return lambda *more: CliRunner().invoke(app, [*words, *more])


def test_it_imports_and_the_last_line_is_the_folder(run, tmp_path):
    done = run("--from", ago(2), "--note", "Mind.")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{tmp_path / 'out'}\n"
    assert "note: Mind." in done.stderr
    assert "100%: 119 samples" in done.stderr or "100%: 120 samples" in done.stderr
    assert read_capture(tmp_path / "out").metrics()["metric"].to_list() == ["bytes_in_per_s"]


def test_a_begin_older_than_a_minute_s_data_is_warned_of(run):
    done = run("--from", ago(20 * 24))
    assert done.exit_code == 0, done.output
    assert "was read in periods of 300 s" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "soon"], "is not a time"),
        (["--from", ago(1), "--to", ago(2)], "not before end"),
        (["--from", ago(2), "--period", "90s"], "give 60s, 5m or 1h"),
        (["--from", ago(2), "--period", "often"], "is not a duration"),
        (["--from", ago(24 * 900), "--to", ago(24 * 800)], "keeps no whole period"),
    ],
)
def test_wrong_use_is_2_and_nothing_is_written(run, tmp_path, words, said):
    done = run(*words)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def test_no_answer_is_2_and_nothing_is_written(run, cloudwatch, aws, tmp_path):
    cloudwatch.refuse["ListMetrics"] = aws.RefusedError("ExpiredToken")
    done = run("--from", ago(2))
    assert done.exit_code == 2
    assert done.stderr.startswith("error: CloudWatch answered for no cluster (a: ExpiredToken")
    assert "hush" not in done.output
    assert not (tmp_path / "out").exists()


def test_a_cluster_to_import_only_is_no_cluster_to_record(run, tmp_path):
    words = ["capture", "--profile", str(tmp_path / "p.toml"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "cluster a has no bootstrap_servers; add them" in done.stderr
    assert not (tmp_path / "out").exists()
    looked = CliRunner().invoke(app, ["doctor", "--profile", str(tmp_path / "p.toml")])
    assert "cluster a   -> its history can be imported; to record it, add bootstrap_servers" in looked.stdout


def test_help_tells_the_exit_codes():
    shown = CliRunner().invoke(app, ["import", "cloudwatch", "--help"])
    assert (shown.exit_code, "Exit codes" in shown.output) == (0, True)
