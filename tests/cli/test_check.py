from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters
from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from kafka_analysis.plan.cutover.snapshot import read_snapshot
from tests import ready, small


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a capture of a wave that is ready."""
    return ready.write_ready(tmp_path_factory.mktemp("ready") / "capture")


def check(*words: Any) -> Any:
    return CliRunner().invoke(app, ["check", "cutover", *map(str, words)])


def changed(folder: Path, **tables: pl.DataFrame) -> Path:
    return ready.write_ready(folder / "changed", **tables)


def test_go_ends_with_0_and_keeps_the_evidence(capture, tmp_path) -> None:
    shown = check(capture, "--out", tmp_path / "out")
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.splitlines()[0].endswith(
        "cell: go for everything that is replicated: the producers may be stopped."
    )
    place = Path(shown.stdout.splitlines()[-1])
    assert place == tmp_path / "out" / "evidence"
    manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
    assert {path.name for path in place.iterdir()} == {row["path"] for row in manifest["files"]} | {
        "manifest.json"
    }
    for row in manifest["files"]:
        assert hashlib.sha256((place / row["path"]).read_bytes()).hexdigest() == row["sha256"]


def test_no_go_ends_with_3_whatever_else_is_unknown(tmp_path) -> None:
    tables = ready.tables()
    fewer = pl.when(pl.col("cluster") == "cell").then(pl.col("offset") // 2).otherwise("offset")
    place = changed(tmp_path, offsets_at=tables["offsets_at"].with_columns(offset=fewer))
    shown = check(place, "--out", tmp_path / "out")
    assert shown.exit_code == 3, shown.output
    assert "no-go" in shown.stdout
    assert "records missing at the target" in (tmp_path / "out" / "evidence" / "index.html").read_text(
        encoding="utf-8"
    )
    assert check(place, "--waive", "counts", "--out", tmp_path / "waived").exit_code == 0
    unknown = changed(
        tmp_path / "u",
        offsets_at=tables["offsets_at"].with_columns(offset=fewer),
        record_reads=pl.DataFrame(),
    )
    assert check(unknown, "--out", tmp_path / "both").exit_code == 3


def test_too_little_data_ends_with_4(tmp_path) -> None:
    shown = check(changed(tmp_path, record_reads=pl.DataFrame()), "--out", tmp_path / "out")
    assert shown.exit_code == 4, shown.output
    assert "not enough data" in shown.stdout
    assert (tmp_path / "out" / "evidence" / "manifest.json").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "give either a capture to check, or --profile"),
        (["CAPTURE", "--profile", "p.yaml"], "give either a capture to check, or --profile"),
        (["absent"], "absent"),
        (["CAPTURE", "--stage", "over"], "stage"),
        (["CAPTURE", "--waive", "replica"], "waive"),
        (["CAPTURE", "--waves", "absent.csv"], "absent.csv"),
        (["CAPTURE", "--wave", "1"], "no plan of waves"),
        (["CAPTURE", "--cluster", "nowhere"], "nowhere"),
        (["CAPTURE", "--broker-type", "odd.large"], "odd.large"),
        (["--profile", "absent.yaml"], "absent.yaml"),
    ],
)
def test_wrong_use_ends_with_2_and_leaves_nothing_behind(
    capture, tmp_path, monkeypatch, words, message
) -> None:
    monkeypatch.chdir(tmp_path)
    snapshot = tmp_path / "offsets.csv"
    given = [capture if word == "CAPTURE" else word for word in words]
    shown = check(*given, "--out", tmp_path / "out", "--snapshot", snapshot)
    assert shown.exit_code == 2, shown.output
    assert message in " ".join(shown.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_empty_is_refused_before_anything_is_judged(capture, tmp_path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("x")
    shown = check(capture, "--out", tmp_path / "out")
    assert shown.exit_code == 2
    assert "not empty" in shown.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]


def test_the_snapshot_is_what_a_way_back_is_made_of(capture, tmp_path) -> None:
    snapshot = tmp_path / "offsets.csv"
    assert check(capture, "--out", tmp_path / "out", "--snapshot", snapshot).exit_code == 0
    assert read_snapshot(snapshot).rows() == [
        ("cell", "g", "orders", 0, ready.START), ("prod", "g", "orders", 0, ready.COMMITTED),
    ]  # fmt: skip
    back = [app, ["plan", "rollback", str(snapshot), "--cluster", "prod", "--out", str(tmp_path / "back")]]
    shown = CliRunner().invoke(*back)
    assert shown.exit_code == 0, shown.output
    assert (tmp_path / "back" / "group-1.csv").read_text() == f'"orders",0,{ready.COMMITTED}\n'
    assert CliRunner().invoke(*back).exit_code == 2  # the folder is not empty
    back[1][4], back[1][6] = "nowhere", str(tmp_path / "other")
    shown = CliRunner().invoke(*back)
    assert shown.exit_code == 2
    assert not (tmp_path / "other").exists()


def test_the_same_check_gives_the_same_bytes(capture, tmp_path) -> None:
    made = []
    for name in ("one", "two"):
        assert check(capture, "--out", tmp_path / name).exit_code == 0
        made.append({path.name: path.read_bytes() for path in (tmp_path / name / "evidence").iterdir()})
    assert made[0] == made[1]


def test_the_evidence_of_many_groups_that_all_block_stays_small(tmp_path) -> None:
    tables = ready.tables()
    numbers = pl.DataFrame({"partition": range(1000)}, schema={"partition": pl.Int32})
    names = pl.DataFrame({"group": [f"group-{n}" for n in range(20)]})

    def wide(name: str, *, of_groups: bool = False) -> pl.DataFrame:
        rows = tables[name]
        last = rows.filter(pl.col("ts") >= small.at(660))
        each = last.drop("partition").join(numbers, how="cross")
        return (each.drop("group").join(names, how="cross") if of_groups else each).select(rows.columns)

    several = {name: wide(name) for name in ("partitions", "offsets", "mirror_positions", "offsets_at")}
    several["group_offsets"] = wide("group_offsets", of_groups=True)
    shown = check(changed(tmp_path, **several), "--stage", "consumers stopped", "--out", tmp_path / "out")
    assert shown.exit_code == 3, shown.output
    files = (tmp_path / "out" / "evidence").iterdir()
    assert sum(path.stat().st_size for path in files) < 1_000_000


def test_help_names_every_option_and_every_exit_code() -> None:
    shown = CliRunner().invoke(app, ["check", "cutover", "--help"], env={"COLUMNS": "300", "TERM": "dumb"})
    assert shown.exit_code == 0
    text = " ".join(shown.stdout.split())
    assert "0 go, 3 no-go, 4 not enough data, 2 wrong use or no answer" in text
    shown_nowhere = {"capture", "top_n", "start", "retention_amber", "retention_red"}
    for name in {*CutoverReadinessParameters.model_fields, *CutoverReads.model_fields} - shown_nowhere:
        assert f"--{name.replace('_', '-')}" in text, name
