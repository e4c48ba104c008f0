from __future__ import annotations

import polars as pl
import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app
from kafka_analysis.live.checks import discover_msk as live
from kafka_analysis.model.errors import UnreachableError
from kafka_analysis.sources.amazon.msk import MskCluster

CELL = MskCluster(
    "cell-a", "arn", "ACTIVE", "msk-serverless", None, "iam", "b:9098", (False, False), None, None
)


@pytest.fixture
def asked(monkeypatch):
    """Return how discovery was asked; it finds one cluster."""
    words = []

    def discover(**given):
        words.append(given)
        return live.Discovery((CELL,), pl.DataFrame(), 'name = "x"\n', ("a note",))

    monkeypatch.setattr(live, "discover_msk", discover)
    return words


def run(*words: str):
    return CliRunner().invoke(app, ["discover", "msk", *words])


def test_the_profile_is_printed_and_the_rest_is_told_beside_it(asked):
    done = run("--region", "eu-west-1", "--name-prefix", "cell-")
    assert (done.exit_code, done.stdout) == (0, 'name = "x"\n')
    assert "cell-a: msk-serverless, Kafka unknown, broker type unknown, login iam" in done.stderr
    assert "note: a note" in done.stderr
    assert asked == [{"region": "eu-west-1", "aws_profile": None, "name_prefix": "cell-"}]


def test_or_written_to_a_new_file(asked, tmp_path):
    out = tmp_path / "p.toml"
    done = run("--out", str(out))
    assert (done.exit_code, done.stdout, out.read_text()) == (0, f"{out}\n", 'name = "x"\n')
    again = run("--out", str(out))
    assert again.exit_code == 2
    assert "exists; choose another file" in again.stderr


def test_no_answer_is_2(monkeypatch):
    def fail(**_):
        message = "Amazon MSK in eu-west-1 did not answer"
        raise UnreachableError(message)

    monkeypatch.setattr(live, "discover_msk", fail)
    done = run()
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "error: Amazon MSK in eu-west-1 did not answer\n"


def test_help_tells_the_exit_codes():
    shown = run("--help")
    assert (shown.exit_code, "Exit codes" in shown.output) == (0, True)
