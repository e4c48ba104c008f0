from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from kafka_analysis.capture.read import read_capture
from kafka_analysis.cli import app
from kafka_analysis.live.imports import cloudwatch as live

pytestmark = pytest.mark.timeout(120)
METRIC = {
    "__name__": "kafka_server_BrokerTopicMetrics_Count",
    "name": "BytesInPerSec",
    "job": "kafka",
    "instance": "k1:7071",
}
MIDNIGHT = 1767225600
TOKEN = "hush-hush"


class _Prometheus(BaseHTTPRequestHandler):
    """Have one series with two samples, for those who show the token."""

    def do_GET(self) -> None:
        self._answer(["up", METRIC["__name__"]])

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        values = [[MIDNIGHT, "1"], [MIDNIGHT + 60, "2.5"]]
        matrix = {"resultType": "matrix", "result": [{"metric": METRIC, "values": values}]}
        self._answer([METRIC] if self.path.endswith("series") else matrix)

    def _answer(self, data: object) -> None:
        known = self.headers["Authorization"] == f"Bearer {TOKEN}"
        content = (
            {"status": "success", "data": data} if known else {"status": "error", "error": "who is that?"}
        )
        body = json.dumps(content).encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url():
    """Return the address of a small server with Prometheus' HTTP API."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Prometheus)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def imported(url, tmp_path, monkeypatch):
    """Return a function that imports with a profile of that server, a token and more words."""

    def of(*words, token=TOKEN, address=url):
        monkeypatch.setenv("KA_TEST_TOKEN", token)
        lines = [
            "[[clusters]]",
            'name = "monolith"',
            "[clusters.prometheus]",
            f'url = "{address}"',
            'brokers = { "k1:7071" = 1 }',
            'token = { env = "KA_TEST_TOKEN" }',
        ]
        (tmp_path / "p.toml").write_text("\n".join(lines), encoding="utf-8")
        given = ["--profile", str(tmp_path / "p.toml"), "--out", str(tmp_path / "out")]
        return CliRunner().invoke(app, ["import", "prometheus", *given, *words])

    return of


def test_it_imports_and_the_last_line_is_the_folder(imported, tmp_path):
    done = imported("--from", "2026-01-01", "--to", "2026-01-01T00:02:00Z", "--interval", "30s")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{tmp_path / 'out'}\n"
    assert "100%: 2 samples, 0 of 1 queries failed" in done.stderr
    capture = read_capture(tmp_path / "out")
    assert capture.samples().collect()["value"].to_list() == [1.0, 2.5]
    assert TOKEN not in done.output + (tmp_path / "out" / "manifest.json").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "soon", "--to", "2026-01-02"], "not a time"),
        (["--from", "2026-01-02", "--to", "2026-01-01"], "swap them"),
        (["--from", "2026-01-01", "--to", "2026-01-02", "--interval", "0.1s"], "interval"),
        (["--from", "2026-01-01"], "--to"),
        (["--from", "2025-01-01", "--to", "2025-01-02"], "no samples of known metrics"),
    ],
)
def test_wrong_use_is_2_and_nothing_is_written(imported, tmp_path, words, said):
    done = imported(*words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_nothing_answered_is_2_in_one_line_without_the_secret(imported, tmp_path, closed_port):
    window = ("--from", "2026-01-01", "--to", "2026-01-02")
    wrong = imported(*window, token="hush-wrong")
    assert wrong.exit_code == 2
    assert wrong.stderr.startswith("error: no answer (monolith: http://127.0.0.1:")
    assert "HTTP status 401: who is that?" in wrong.stderr
    down = imported(*window, address=f"http://127.0.0.1:{closed_port}")
    assert down.exit_code == 2
    assert "Connection refused" in down.stderr
    assert len(down.stderr.splitlines()) == len(wrong.stderr.splitlines()) == 1
    assert "hush" not in wrong.output + down.output
    assert not (tmp_path / "out").exists()


def test_help_says_which_histories_can_be_imported():
    done = CliRunner().invoke(app, ["import", "--help"])
    assert "prometheus" in done.stdout


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


def test_cloudwatch_is_imported_and_the_last_line_is_the_folder(run, tmp_path):
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
        (["--from", ago(24 * 900), "--to", ago(24 * 800)], "keeps no complete period"),
    ],
)
def test_wrong_use_of_cloudwatch_is_2_and_nothing_is_written(run, tmp_path, words, said):
    done = run(*words)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def test_no_answer_is_2_and_nothing_is_written(run, cloudwatch, aws, tmp_path):
    cloudwatch.refuse["ListMetrics"] = aws.RefusedError("ExpiredToken")
    done = run("--from", ago(2))
    assert done.exit_code == 2
    assert done.stderr.startswith("error: CloudWatch did not answer for any cluster (a: ExpiredToken")
    assert "hush" not in done.output
    assert not (tmp_path / "out").exists()


def test_a_cluster_to_import_only_is_no_cluster_to_record(run, tmp_path):
    words = ["capture", "--profile", str(tmp_path / "p.toml"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "cluster a has no bootstrap_servers; add them" in done.stderr
    assert not (tmp_path / "out").exists()
    looked = CliRunner().invoke(app, ["doctor", "--profile", str(tmp_path / "p.toml")])
    assert (
        "cluster a   -> only its history can be imported; to record it, add bootstrap_servers"
        in looked.stdout
    )


def test_help_tells_the_exit_codes():
    shown = CliRunner().invoke(app, ["import", "cloudwatch", "--help"])
    assert (shown.exit_code, "Exit codes" in shown.output) == (0, True)
