"""A plan command and its notebook are one analysis: on the sample they write the same files, line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
COMMANDS = {
    "rebalance": "30_rebalance_plan",
    "split": "40_cluster_split",
    "size": "45_msk_sizing",
    "waves": "48_migration_waves",
}

pytestmark = [pytest.mark.notebooks, pytest.mark.timeout(600)]
each = pytest.mark.parametrize("command", COMMANDS)


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory):
    """Return a function that runs a plan command on the sample, once, and returns its folder and its JSON."""
    folder, done = tmp_path_factory.mktemp("plans"), {}

    def run(command: str) -> tuple[Path, dict]:
        if command not in done:
            words = ["plan", command, str(SAMPLE), "--out", str(folder / command), "--json"]
            shown = CliRunner().invoke(app, words)
            assert shown.exit_code == 0, shown.output
            done[command] = json.loads(shown.stdout)
        return folder / command, done[command]

    return run


def lines_of(folder: Path) -> dict[str, list[str]]:
    """Return the lines of every file by its name, however deep."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".parquet"]
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8").splitlines() for path in paths
    }


@each
def test_the_files_are_the_notebook_s_line_by_line(report: Path, planned, command: str) -> None:
    written, document = planned(command)
    if command == "size":  # its files are the tables, which every notebook leaves beside its page
        place, files = report / "tables" / COMMANDS[command], lines_of(written)
        assert json.loads("\n".join(files.pop("sizing.json"))) == document["results"][0]
    else:
        clusters = [result["cluster"] for result in document["results"]]
        place = report / "files" / COMMANDS[command]
        place, files = (place if len(clusters) > 1 else place / clusters[0]), lines_of(written)
    shown = lines_of(place)
    assert files
    for name, lines in files.items():
        assert lines == shown[name], name
    assert command == "size" or sorted(files) == sorted(shown)


@each
def test_the_answer_is_the_notebook_s(report: Path, planned, command: str) -> None:
    _, document = planned(command)
    summary = json.loads((report / f"{COMMANDS[command]}.summary.json").read_text(encoding="utf-8"))
    assert len(document["results"]) == len(summary["results"])
    for printed, recorded in zip(document["results"], summary["results"], strict=True):
        for name in ("cluster", "verdict", "figures", "findings"):
            assert printed[name] == recorded[name], name
    rows = {table["name"]: table["rows"] for table in summary["tables"]}
    assert {name: len(frame) for name, frame in document["tables"].items()} == rows


def test_a_rebalance_moves_the_same_replicas(report: Path, planned) -> None:
    _, document = planned("rebalance")
    moved = [row for row in document["tables"]["movements"] if row["kind"] == "replica"]
    assert len({(row["topic"], row["partition"], row["to"]) for row in moved}) == len(moved) > 0
    plan = json.loads((report / "files" / "30_rebalance_plan" / "monolith" / "reassignment.json").read_text())
    assert {row["topic"] for row in moved} <= {row["topic"] for row in plan["partitions"]}
