from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app


@pytest.fixture
def doctor(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, ["doctor", *map(str, words)])


@pytest.fixture
def unreachable(tmp_path, closed_port):
    path = tmp_path / "kafka-analysis.toml"
    path.write_text(
        f'admin_timeout_s = 0.5\n[[clusters]]\nname = "c"\nbootstrap_servers = "127.0.0.1:{closed_port}"\n',
        encoding="utf-8",
    )
    return path


def test_without_a_profile_only_the_machine_is_looked_at(doctor):
    shown = doctor()
    assert shown.exit_code == 0, shown.output
    assert "polars" in shown.stdout
    assert "cluster" not in shown.stdout


@pytest.mark.timeout(60)
def test_what_does_not_answer_is_1_with_a_way_to_mend_it(doctor, unreachable):
    shown = doctor()
    assert shown.exit_code == 1
    assert "missing    cluster c" in shown.stdout
    assert "-> correct host and port in bootstrap_servers" in shown.stdout


@pytest.mark.timeout(60)
def test_as_json(doctor, unreachable):
    checks = json.loads(doctor("--profile", unreachable, "--json").stdout)
    assert {check["status"] for check in checks} <= {"ok", "not there", "missing"}
    assert checks[-1]["name"] == "cluster c"


def test_a_wrong_profile_is_2(doctor, tmp_path):
    (tmp_path / "wrong.toml").write_text("clusters = 3\n", encoding="utf-8")
    for name in ("wrong.toml", "none.toml"):
        shown = doctor("--profile", tmp_path / name)
        assert shown.exit_code == 2
        assert len(shown.stderr.strip().splitlines()) == 1
