from __future__ import annotations

import json

import polars as pl
import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app
from tests.small import write_small_capture

TOPICS = "topic,bytes_in_per_s,bytes_out_per_s,size_bytes,partitions\n" + "".join(
    f"{name},1e6,2e6,9e9,9\n" for name in "abxy"
)
FLOWS = "client,kind,topic,bytes_per_s\np,group,a,1e6\np,producer,b,1e6\nq,group,x,1e6\nq,group,y,\n"


@pytest.fixture
def files(tmp_path):
    """Write topics and flows; return the words that name the files."""
    (tmp_path / "topics").write_text(TOPICS)
    (tmp_path / "flows").write_text(FLOWS)
    return ["--topics", str(tmp_path / "topics"), "--flows", str(tmp_path / "flows")]


def run(*words):
    return CliRunner().invoke(app, ["plan", "split", *map(str, words)])


@pytest.fixture
def recorded(tmp_path):
    """Write a small capture and its declared flows; return the words that split it into one cell."""
    capture, flows = write_small_capture(tmp_path / "capture"), tmp_path / "declared.csv"
    used = ("orders", "__consumer_offsets")
    flows.write_text("client,kind,topic\n" + "".join(f"shop,producer,{topic}\n" for topic in used))
    return [capture, "--cluster", "old", "--flows", flows, "--cells", 1]


def cells_in(folder) -> dict[str, str]:
    return dict(pl.read_csv(folder / "cells.csv").select("topic", "cell").iter_rows())


def test_plain_files_become_cells(files, tmp_path):
    shown = run(*files, "--cells", 2, "--out", tmp_path / "plan", "--json")
    assert shown.exit_code == 0, shown.output
    (result,) = json.loads(shown.stdout)["results"]
    assert {f["name"]: f["value"] for f in result["figures"]}["worst_client_share"] == 0.5
    cells = cells_in(tmp_path / "plan")
    assert cells["a"] == cells["b"] != cells["x"] == cells["y"]
    assert {path.name for path in (tmp_path / "plan").iterdir()} == {
        "cells.csv", "clients.csv", "flows.csv", "reasons.csv", "split.json",
    }  # fmt: skip


def test_without_a_number_of_cells_it_plans_as_the_notebook_does(files, tmp_path):
    shown = run(*files, "--out", tmp_path / "plan", "--json")
    assert shown.exit_code == 0, shown.output
    assert len(json.loads(shown.stdout)["tables"]["cells"]) == 4  # no target clusters are known


def test_options_reach_the_plan(files, tmp_path):
    names = ["--cell", "north", "--cell", "south"]
    shown = run(*files, *names, "--pin", "a=south", "--apart", "a,b", "--together", "b,x",
                "--max-bytes-in-per-s", "3MB/s", "--json", "--out", tmp_path / "plan")  # fmt: skip
    assert shown.exit_code == 0, shown.output
    assert {row["cell"] for row in json.loads(shown.stdout)["tables"]["cells"]} == {"north", "south"}
    cells = cells_in(tmp_path / "plan")
    assert (cells["a"], cells["b"], cells["x"]) == ("south", "north", "north")
    again = run(*files, *names, "--previous", tmp_path / "plan" / "cells.csv", "--max-bytes-in-per-s", "3MB/s",
                "--out", tmp_path / "again")  # fmt: skip
    assert again.exit_code == 0, again.output
    assert cells_in(tmp_path / "again") == cells


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--cells", 2, "--cell", "x"], ["cells", "cell_names"]),
        (["--cells", 2, "--pin", "a"], ["--pin", "'a'"]),
        (["--cells", 2, "--max-bytes-in-per-s", "fast"], ["'max_bytes_in_per_s'", "'fast'"]),
        (["--cells", 2, "--max-bytes-in-per-s", "0.5MB/s"], ["500 kB/s"]),
        (["--cells", "two"], ["'cells'", "'two'"]),
        (["--cells", 2, "--exclude-topic", "z"], ["'z'"]),
        (["--cells", 2, "--previous", "nowhere.csv"], ["nowhere.csv"]),
    ],
)
def test_wrong_use_writes_nothing(files, tmp_path, words, names):
    shown = run(*files, *words, "--out", tmp_path / "plan")
    assert shown.exit_code == 2
    assert [name for name in names if name not in shown.stderr] == []
    assert shown.stderr.count("\n") == 1
    assert not (tmp_path / "plan").exists()


def test_the_owners_named_count(recorded, tmp_path):
    owners = tmp_path / "owners.csv"
    owners.write_text("pattern,kind,team,criticality\norders,topic,checkout,critical\n")
    teams = []
    for more in ([], ["--ownership", owners]):
        shown = run(*recorded, *more, "--out", tmp_path / f"plan-{len(more)}", "--json")
        assert shown.exit_code == 0, shown.output
        rows = json.loads(shown.stdout)["tables"]["topics"]
        teams.append({row["topic"]: row["team"] for row in rows}["orders"])
    assert teams == [None, "checkout"]


def test_internal_topics_are_placed_only_when_asked(recorded, tmp_path):
    assert run(*recorded, "--out", tmp_path / "a").exit_code == 0
    assert run(*recorded, "--include-internal", "--out", tmp_path / "b").exit_code == 0
    assert set(cells_in(tmp_path / "b")) - set(cells_in(tmp_path / "a")) == {"__consumer_offsets"}
