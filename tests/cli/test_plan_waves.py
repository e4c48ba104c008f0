from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app

DATA = Path(__file__).parents[2] / "data"
TEXTS = {
    "cells": "topic,cell\na,cell-1\nb,cell-2\n",
    "topics": "topic,bytes_in_per_s,bytes_out_per_s,size_bytes\na,1e6,2e6,3e9\nb,1e6,2e6,3e9\n",
    "flows": "client,kind,topic,criticality\nx,group,a,high\nx,group,b,high\ny,producer,b,\n",
}


@pytest.fixture
def files(tmp_path):
    """Write a migration of two topics; return the words that name its files."""
    words = []
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text)
        words += [f"--{name}", str(tmp_path / name)]
    return words


def run(*words):
    return CliRunner().invoke(app, ["plan", "waves", *map(str, words)])


def tables(shown) -> dict[str, list[dict]]:
    assert shown.exit_code == 0, shown.output
    return json.loads(shown.stdout)["tables"]


def test_plain_files_become_waves(files, tmp_path):
    shown = run(*files, "--out", tmp_path / "plan", "--first-copy", "2026-01-05", "--max-share", 0.5,
                "--replication-bandwidth", "51MB/s", "--json")  # fmt: skip
    waves = tables(shown)["waves"]
    assert [wave["topics"] for wave in waves] == [1, 1]
    assert waves[0]["cutover_start"][:19] == "2026-01-05 00:01:00"
    names = {path.name for path in (tmp_path / "plan").iterdir()}
    assert {
        "wave-1.md",
        "wave-2.md",
        "topic_waves.csv",
        "client_waves.csv",
        "waves.csv",
        "waves.json",
    } <= names
    written = pl.read_csv(tmp_path / "plan" / "topic_waves.csv")
    assert sorted(written["wave"].to_list()) == [1, 2]


def test_options_reach_the_plan(files, tmp_path):
    shown = run(*files, "--out", tmp_path / "plan", "--json", "--first-copy", "2026-01-05", "--together", "a,b",
                "--max-share", 1, "--freeze", "2026-01-04/2026-01-07T06:00Z", "--cutover-hours", "22-4",
                "--cutover-day", "Tue", "--cutover", "90m", "--soak", "2d")  # fmt: skip
    (wave,) = tables(shown)["waves"]
    assert (wave["cutover_start"][:16], wave["cutover_end"][:16]) == ("2026-01-13 22:00", "2026-01-13 23:30")
    assert wave["soak_until"][:16] == "2026-01-15 23:30"
    assert wave["topics"] == 2


def test_a_capture_becomes_waves(tmp_path):
    shown = run(DATA / "sample", "--out", tmp_path / "plan", "--json", "--first-copy", "2026-01-05")
    waves = tables(shown)["waves"]
    assert sum(wave["topics"] for wave in waves) == 21
    assert max(wave["share_of_bytes_in"] for wave in waves) <= 0.3
    of_topic = dict(pl.read_csv(tmp_path / "plan" / "topic_waves.csv").select("topic", "wave").iter_rows())
    assert of_topic["payments"] == of_topic["payments.ledger"]  # written in one transaction


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--freeze", "christmas"], ["freezes", "'christmas'"]),
        (["--freeze", "a/b"], ["freezes", "'a/b'"]),
        (["--cutover-hours", "night"], ["cutover_hours", "'night'"]),
        (["--cutover-hours", "22"], ["cutover_hours"]),
        (["--replication-bandwidth", "1MB/s"], ["2 MB/s"]),
        (["--max-share", "0.3"], ["max_share_per_wave", "0.5"]),
        (["--move-last", "huge"], ["move_last", "'huge'"]),
        (["--soak", "long"], ["'soak_hours'", "'long'"]),
        ([str(DATA / "sample")], ["topics", "capture"]),
    ],
)
def test_wrong_use_writes_nothing(files, tmp_path, words, names):
    shown = run(*files, "--out", tmp_path / "plan", "--max-share", 1, *words)
    assert shown.exit_code == 2
    assert [name for name in names if name not in shown.stderr] == []
    assert shown.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(TEXTS)


def test_a_wrong_source_is_named(tmp_path):
    shown = run(DATA / "sample", "--out", tmp_path / "plan", "--cluster", "monolit")
    assert shown.exit_code == 2
    assert "'monolith'" in shown.stderr
    assert not (tmp_path / "plan").exists()
