"""Cases from the field that plans were wrong for; they are read where they lie beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app

CASES = Path(__file__).parents[3] / "shared" / "cases" / "inputs"
pytestmark = pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not beside this checkout")


def rebalance(out, assignment, loads, brokers):
    names = {"assignment": assignment, "loads": loads, "brokers": brokers}
    words = [word for name, file in names.items() for word in (f"--{name}", str(CASES / file))]
    shown = CliRunner().invoke(app, ["plan", "rebalance", *words, "--out", str(out)])
    assert shown.exit_code == 0, shown.output
    return shown.stderr, {path.name: path.read_text() for path in out.iterdir()}


def test_what_kafkas_tools_print_gives_the_same_plan_as_files_made_of_it(tmp_path):
    plain = rebalance(tmp_path / "plain", "05_now.json", "05_sizes.csv", "05_racks.csv")
    assert rebalance(tmp_path / "05", "05_generate_stdout.txt", "05_sizes.csv", "05_racks.csv") == plain
    assert rebalance(tmp_path / "06", "05_now.json", "06_logdirs_stdout.txt", "05_racks.csv") == plain


def test_the_only_copy_on_a_broker_that_is_gone_is_named(tmp_path):
    told, files = rebalance(tmp_path / "11", "11_dead.json", "11_dead.csv", "11_dead_r.csv")
    assert "brokers that are there       4 → 1                             VIOLATED" in told
    why = "solo-0 cannot be copied: its only copy is on broker 9, which is not there"
    assert why in told
    assert why in files["plan.md"]
    assert '"solo"' not in files["reassignment.json"]


def test_nothing_moves_for_a_goal_that_one_partition_makes_impossible(tmp_path):
    told, files = rebalance(tmp_path / "19", "19_giant.json", "19_giant.csv", "19_giant_r.csv")
    assert told.startswith(
        "0 replicas move, 0 B of 1.80 MB to copy; 0 preferred leaders change\nno plan meets all goals\n"
    )
    why = "No plan can meet bytes stored: one copy of big-0 is 900 kB, and a broker may carry 495 kB at most."
    assert why in told
    assert why in files["plan.md"]


def test_what_is_declared_is_not_measured(tmp_path):
    rates = [
        word
        for end in ("in", "out")
        for which in ("avg", "peak")
        for word in (f"--bytes-{end}-{which}", "500 MB/s")
    ]
    words = [*rates, "--partitions", "256", "--retention-hours", "24", "--out", str(tmp_path / "18")]
    assert CliRunner().invoke(app, ["plan", "size", *words]).exit_code == 0
    rows = (tmp_path / "18" / "input.csv").read_text()
    assert '"partitions, replicas included",768,declared' in rows
    assert "open connections,,\n" in rows
    assert "measured" not in rows
