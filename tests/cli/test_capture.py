from __future__ import annotations

import importlib
import signal
from contextlib import nullcontext

import pytest
from typer.testing import CliRunner

from kafka_analysis.capture.read import read_capture
from kafka_analysis.cli import app

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def profile(tmp_path, pages, closed_port):
    """Return a profile of one endpoint that answers and of a cluster that does not."""
    path = tmp_path / "kafka-analysis.toml"
    lines = [
        "admin_timeout_s = 0.5",
        "[[clusters]]",
        'name = "c"',
        f'bootstrap_servers = "127.0.0.1:{closed_port}"',
        f'endpoints = [{{ broker = 1, url = "{pages}/metrics" }}]',
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def capture(profile, tmp_path):
    words = ["capture", "--profile", str(profile), "--out", str(tmp_path / "out")]
    return lambda *more: CliRunner().invoke(app, [*words, *more])


def test_it_records_and_the_last_line_is_the_folder(capture, tmp_path):
    done = capture("--duration", "1s", "--interval", "1s", "--note", "Mind the gap.")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{tmp_path / 'out'}\n"
    assert "samples" in done.stderr
    recorded = read_capture(tmp_path / "out")
    assert recorded.manifest.notes == ("Mind the gap.",)
    assert recorded.metrics()["metric"].to_list() == ["bytes_in_total", "leader_count"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--duration", "soon"], "not a duration"),
        (["--interval", "0.1s"], "interval"),
        (["--duration", "0s"], "duration"),
    ],
)
def test_wrong_use_is_2_and_nothing_is_written(capture, tmp_path, words, said):
    done = capture(*words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_wrong_port_is_2_and_nothing_is_written(tmp_path, closed_port):
    path = tmp_path / "p.toml"
    path.write_text(
        f'admin_timeout_s = 0.5\n[[clusters]]\nname = "c"\nbootstrap_servers = "127.0.0.1:{closed_port}"\n',
        encoding="utf-8",
    )
    words = ["capture", "--profile", str(path), "--out", str(tmp_path / "out"), "--duration", "5s"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: no answer")
    assert not (tmp_path / "out").exists()


def test_a_missing_profile_is_2(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["capture", "--out", "out"])
    assert done.exit_code == 2
    assert "kafka-analysis.toml" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_with_a_valid_shorter_capture(capture, tmp_path, monkeypatch, number):
    """It comes after the first round; ``tests/live/test_hostile.py`` sends it to a program at any moment."""
    handled = []

    def once(*_):
        if not handled:
            handled.append(signal.getsignal(number))
            assert "_stopped_by_signals" in handled[0].__qualname__
            signal.raise_signal(number)

    module = importlib.import_module("kafka_analysis.cli.capture")  # the package has a function of that name
    monkeypatch.setattr(module, "shown_progress", lambda **_: nullcontext(once))
    before = signal.getsignal(number)
    done = capture("--duration", "forever", "--interval", "1s")
    assert done.exit_code == 0, done.output
    assert handled
    assert "reading the final state" in done.stderr
    assert done.stdout == f"{tmp_path / 'out'}\n"
    assert read_capture(tmp_path / "out").samples().collect().height > 0
    assert signal.getsignal(number) is before
