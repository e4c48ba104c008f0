"""Cases from the field that plans were wrong for; they are read where they lie beside the checkout."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app

CASES = Path(__file__).parents[3] / "shared" / "cases" / "inputs"
pytestmark = [
    pytest.mark.usefixtures("short_search"),
    pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not beside this checkout"),
]


def rebalance(out, assignment, loads, brokers):
    """Return what is printed as JSON, and the files by name."""
    names = {"assignment": assignment, "loads": loads, "brokers": brokers}
    words = [word for name, file in names.items() for word in (f"--{name}", str(CASES / file))]
    shown = CliRunner().invoke(app, ["plan", "rebalance", *words, "--out", str(out), "--json"])
    assert shown.exit_code == 0, shown.output
    return json.loads(shown.stdout), {path.name: path.read_text() for path in out.iterdir()}


def goals(answer):
    return {row["goal"]: row for row in answer["tables"]["goals"]}


def test_what_kafkas_tools_print_gives_the_same_plan_as_files_made_of_it(tmp_path):
    plain = rebalance(tmp_path / "plain", "05_now.json", "05_sizes.csv", "05_racks.csv")
    assert rebalance(tmp_path / "05", "05_generate_stdout.txt", "05_sizes.csv", "05_racks.csv") == plain
    assert rebalance(tmp_path / "06", "05_now.json", "06_logdirs_stdout.txt", "05_racks.csv") == plain


def test_the_only_copy_on_a_broker_that_is_gone_is_named(tmp_path):
    answer, files = rebalance(tmp_path / "11", "11_dead.json", "11_dead.csv", "11_dead_r.csv")
    there = goals(answer)["brokers that are there"]
    assert (there["before"], there["after"], there["status"]) == (4, 1, "VIOLATED")
    named = [note for note in answer["notes"] if "solo-0" in note and "broker 9" in note]
    named += [
        finding["detail"]
        for result in answer["results"]
        for finding in result["findings"]
        if "solo-0" in finding["title"] + finding["detail"]
    ]
    assert named != []
    assert "solo-0" in files["plan.md"]
    assert '"solo"' not in files["reassignment.json"]


def test_nothing_moves_for_a_goal_that_one_partition_makes_impossible(tmp_path):
    answer, files = rebalance(tmp_path / "19", "19_giant.json", "19_giant.csv", "19_giant_r.csv")
    assert answer["tables"]["movements"] == []
    assert goals(answer)["size_bytes"]["status"] == "VIOLATED"
    (result,) = answer["results"]
    assert {f["name"]: f["value"] for f in result["figures"]}["bytes_to_move"] == 0
    texts = [finding["title"] + finding["detail"] for finding in result["findings"]]
    assert [
        text for text in (*texts, *answer["notes"], result["verdict"]["sentence"]) if "big-0" in text
    ] != []
    assert "big-0" in files["plan.md"]


def test_what_is_declared_is_not_measured(tmp_path):
    rates = [
        word
        for end in ("in", "out")
        for which in ("avg", "peak")
        for word in (f"--bytes-{end}-{which}", "500 MB/s")
    ]
    words = [*rates, "--partitions", "256", "--retention-hours", "24", "--out", str(tmp_path / "18")]
    shown = CliRunner().invoke(app, ["plan", "size", *words])
    assert shown.exit_code == 0, shown.output
    rows = pl.read_csv(tmp_path / "18" / "input.csv", infer_schema=False)
    evidence = {row["quantity"]: (row["value"], row["evidence"]) for row in rows.iter_rows(named=True)}
    assert evidence["partitions, replicas included"] == ("768", "declared")
    assert evidence["open connections"] == (None, None)
    assert "measured" not in rows["evidence"].to_list()
