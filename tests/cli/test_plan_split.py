from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app

DATA = Path(__file__).parents[2] / "data"
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


def test_plain_files_become_cells(files, tmp_path):
    shown = run(*files, "--cells", 2, "--out", tmp_path / "plan")
    assert shown.exit_code == 0, shown.output
    assert (
        "2 cells: 4 topics and 2 clients; the loss of one reaches 50 % of the clients at most" in shown.stderr
    )
    assert shown.stdout == f"{tmp_path / 'plan'}\n"
    cells = dict(line.split(",") for line in (tmp_path / "plan" / "cells.csv").read_text().splitlines()[1:])
    assert cells["a"] == cells["b"] != cells["x"] == cells["y"]
    assert {path.name for path in (tmp_path / "plan").iterdir()} == {
        "cells.csv", "clients.csv", "flows.csv", "reasons.csv", "split.json",
    }  # fmt: skip


def test_options_reach_the_plan(files, tmp_path):
    shown = run(*files, "--cell", "north", "--cell", "south", "--pin", "a=south", "--apart", "a,b", "--together", "b,x",
                "--limit", "bytes_in_per_s=3MB/s", "--json", "--out", tmp_path / "plan")  # fmt: skip
    told = json.loads(shown.stdout)
    assert {row["cell"] for row in told["cells"]} == {"north", "south"}
    again = run(*files, "--cell", "north", "--cell", "south", "--previous", tmp_path / "plan" / "cells.csv",
                "--limit", "bytes_in_per_s=3MB/s", "--out", tmp_path / "again")  # fmt: skip
    assert again.exit_code == 0, again.output
    assert (tmp_path / "again" / "cells.csv").read_text() == (tmp_path / "plan" / "cells.csv").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--cells", 2, "--cell", "x"], "give one of them"),
        (["--cells", 2, "--limit", "bytes_in_per_s"], "it must be a name, '=' and a value"),
        (["--cells", 2, "--limit", "bytes_in_per_s=0.5MB/s"], "more than the 500 kB/s"),
        ([], "say how many it takes"),
    ],
)
def test_wrong_use_writes_nothing(files, tmp_path, words, message):
    shown = run(*files, *words, "--out", tmp_path / "plan")
    assert shown.exit_code == 2
    assert message in shown.stderr
    assert not (tmp_path / "plan").exists()


def test_the_sample_is_split(tmp_path):
    shown = run(DATA / "sample", "--cells", 2, "--out", tmp_path / "plan")
    assert shown.exit_code == 0, shown.output
    assert "2 cells: 24 topics and " in shown.stderr
