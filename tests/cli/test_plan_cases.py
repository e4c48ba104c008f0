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
