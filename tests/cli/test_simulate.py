from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kafka_analysis.capture.read import read_capture
from kafka_analysis.cli import app

SMALL = ["--brokers", "3", "--partitions", "12", "--topics", "3", "--duration", "20m"]


def simulate(out: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["simulate", "--out", str(out), *words])


def test_a_capture_and_what_was_planted(tmp_path):
    planted = [
        "--hot-broker",
        "2:1.5",
        "--effect",
        "after:bytes_in=+10%",
        "--lagging-groups",
        "1",
        "--cells",
        "1",
    ]
    done = simulate(tmp_path / "c", *SMALL, *planted)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [str(tmp_path / "c")]
    assert "synthetic" in done.stderr
    assert str(tmp_path / "c.planted.json") in done.stderr
    capture = read_capture(tmp_path / "c")
    assert [c.cluster for c in capture.clusters] == ["monolith", "cell-1"]
    told = json.loads((tmp_path / "c.planted.json").read_text())
    assert told["hot_brokers"] == [{"cluster": "monolith", "broker": 2, "factor": 1.5}]


def test_what_users_would_declare_is_written_for_teams(tmp_path):
    done = simulate(tmp_path / "c", *SMALL, "--teams", "2")
    assert done.exit_code == 0, done.output
    assert (
        (tmp_path / "c.ownership.csv").read_text().startswith("pattern,kind,team,criticality,application\n")
    )
    assert (tmp_path / "c.flows.csv").read_text().startswith("client,kind,topic,bytes_per_s\n")


def test_options_stand_above_the_plan(tmp_path):
    (tmp_path / "plan.yaml").write_text(
        "brokers: 5\npartitions: 30\nduration: 10m\nseed: 1\ngap_scrapes: 2\n"
    )
    assert simulate(tmp_path / "c", "--plan", str(tmp_path / "plan.yaml"), "--brokers", "4").exit_code == 0
    plan = json.loads((tmp_path / "c.planted.json").read_text())["plan"]
    assert (plan["brokers"], plan["partitions"], plan["seed"], plan["gap_scrapes"]) == (4, 30, 1, 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "partitions is missing"),
        ([*SMALL, "--duration", "soon"], "write 15s, 10m, 2h"),
        ([*SMALL, "--hot-broker", "7:2"], "the brokers are 1 to 3"),
        ([*SMALL, "--skewed-topic", "topik-1:0.5"], "did you mean 'topic-1'"),
        ([*SMALL, "--effect", "after:bytes_in"], "PHASE:bytes_in=CHANGE"),
        ([*SMALL, "--resets", "99"], "too many"),
        ([*SMALL, "--start", "yesterday"], "such as '2026-01-31T12:00:00Z'"),
        ([*SMALL, "--plan", "missing.yaml"], "cannot read plan missing.yaml"),
    ],
)
def test_a_wrong_word_ends_with_2_and_writes_nothing(tmp_path, words, said):
    done = simulate(tmp_path / "c", *words)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_key_of_the_plan_is_named(tmp_path):
    (tmp_path / "plan.yaml").write_text("brokers: 3\npartition: 30\n")
    done = simulate(tmp_path / "c", "--plan", str(tmp_path / "plan.yaml"))
    assert done.exit_code == 2
    assert "did you mean 'partitions'" in done.stderr
    assert not (tmp_path / "c").exists()


def test_a_taken_folder_is_refused(tmp_path):
    (tmp_path / "mine").write_text("x")
    done = simulate(tmp_path, *SMALL)
    assert done.exit_code == 2
    assert "not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
