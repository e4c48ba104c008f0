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


def test_plain_files_become_waves(files, tmp_path):
    shown = run(*files, "--out", tmp_path / "plan", "--start", "2026-01-05", "--max-share", 0.5,
                "--replication-bandwidth", "51MB/s")  # fmt: skip
    assert shown.exit_code == 0, shown.output
    assert "2 waves: 2 topics and 2 clients, 1 of them at both ends for a while" in shown.stderr
    assert "copy 20 s, cut-over 2026-01-05 00:01:00 UTC" in shown.stderr
    assert shown.stdout == f"{tmp_path / 'plan'}\n"
    names = {path.name for path in (tmp_path / "plan").iterdir()}
    assert {
        "wave-1.md",
        "wave-2.md",
        "topic_waves.csv",
        "client_waves.csv",
        "waves.csv",
        "waves.json",
    } <= names
    found = pl.read_csv(tmp_path / "plan" / "topic_waves.csv")
    assert sorted(found["wave"].to_list()) == [1, 2]


def test_options_reach_the_plan(files, tmp_path):
    shown = run(*files, "--out", tmp_path / "plan", "--json", "--start", "2026-01-05", "--together", "a,b",
                "--max-share", 1, "--freeze", "2026-01-04/2026-01-07T06:00Z", "--cutover-hours", "22-4",
                "--cutover-day", "Tue", "--cutover", "90m", "--soak", "2d")  # fmt: skip
    told = json.loads(shown.stdout)
    (wave,) = told["waves"]
    assert (wave["cutover_start"][:16], wave["cutover_end"][:16]) == ("2026-01-13 22:00", "2026-01-13 23:30")
    assert wave["soak_until"][:16] == "2026-01-15 23:30"
    assert told["options"]["together"] == [["a", "b"]]


def test_a_capture_becomes_waves(tmp_path):
    shown = run(DATA / "sample", "--cells", DATA / "sample.cells.csv", "--out", tmp_path / "plan", "--json",
                "--start", "2026-01-05", "--max-share", 0.3, "--move-last", "critical")  # fmt: skip
    assert shown.exit_code == 0, shown.output
    told = json.loads(shown.stdout)
    assert sum(wave["topics"] for wave in told["waves"]) == 21
    assert max(wave["share_of_bytes_in"] for wave in told["waves"]) <= 0.3
    waves = {row[0]: row[2] for row in pl.read_csv(tmp_path / "plan" / "topic_waves.csv").iter_rows()}
    assert waves["payments"] == waves["payments.ledger"]  # written in one transaction


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--freeze", "christmas"], "--freeze 'christmas': it must be START/END"),
        (["--freeze", "a/b"], "--freeze 'a/b': it must be START/END"),
        (["--cutover-hours", "night"], "--cutover-hours 'night': it must be two hours"),
        (["--replication-bandwidth", "1MB/s"], "the smallest bandwidth that works is 2 MB/s"),
        (["--max-share", "0.3"], "give max_share_per_wave = 0.5 or more"),
        (["--move-last", "huge"], "move_last"),
        ([str(DATA / "sample")], "give a CAPTURE, or --topics and --flows"),
    ],
)
def test_wrong_use_writes_nothing(files, tmp_path, words, message):
    shown = run(*files, "--out", tmp_path / "plan", "--max-share", 1, *words)
    assert shown.exit_code == 2
    assert message in shown.stderr
    assert shown.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(TEXTS)


def test_a_wrong_source_is_named(tmp_path):
    shown = run(
        DATA / "sample",
        "--cells",
        DATA / "sample.cells.csv",
        "--out",
        tmp_path / "plan",
        "--cluster",
        "monolit",
    )
    assert shown.exit_code == 2
    assert "did you mean 'monolith'?" in shown.stderr
