from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis.analyses.run_summaries import RunSummaries, read_run
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.summary import Summary, SummaryTable
from tests.made_summaries import CAPTURE, answer, summary

SELF = "90_executive_summary"


def put(folder: Path, made: Summary, name: str | None = None) -> Path:
    return made.write(folder / f"{name or made.notebook}.summary.json")


def read(folder: Path) -> RunSummaries:
    return read_run(folder, leave_out=SELF)


def test_every_summary_but_its_own_is_read(tmp_path) -> None:
    for name in ("10_inventory", "99_own", SELF):
        put(tmp_path, summary(name, answer("a", "red")))
    run = read(tmp_path)
    assert ([one.notebook for one in run.summaries], run.failed) == (["10_inventory", "99_own"], {})


def test_a_notebook_that_ran_and_left_none_has_failed(tmp_path) -> None:
    put(tmp_path, summary("10_inventory", answer("a", "red")))
    for name in ("10_inventory", "60_cutover_readiness", SELF, ".hidden"):
        (tmp_path / f"{name}.ipynb").write_text("{}")
    assert read(tmp_path).failed == {"60_cutover_readiness": "it gave no answer"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"schema_version": 1, "notebook": "10_inv', "no JSON"),
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[1]", "schema version None"),
        ('{"schema_version": 2}', "schema version 2; this version reads 1"),
        ('{"schema_version": 1}', "its summary is not one: notebook"),
        ('{"schema_version": "<script>' + "x" * 9999 + '"}', "this version reads 1"),
    ],
)
def test_what_is_no_summary_is_said_and_the_others_are_read(tmp_path, text, why) -> None:
    put(tmp_path, summary("99_own", answer("a", "red")))
    (tmp_path / "10_inventory.summary.json").write_text(text)
    run = read(tmp_path)
    assert [one.notebook for one in run.summaries] == ["99_own"]
    assert why in run.failed["10_inventory"]
    assert len(run.failed["10_inventory"]) < 300


def test_bytes_that_are_no_text_are_no_summary(tmp_path) -> None:
    (tmp_path / "10_inventory.summary.json").write_bytes(b"\xff\xfe\x00{")
    assert "no JSON" in read(tmp_path).failed["10_inventory"]


def test_a_summary_under_another_name_is_not_taken_for_it(tmp_path) -> None:
    put(tmp_path, summary("javascript:alert(1)//", answer("a", "red")), "10_inventory")
    run = read(tmp_path)
    assert run.summaries == ()
    assert "calls itself" in run.failed["10_inventory"]


def test_a_half_written_file_is_passed_over(tmp_path) -> None:
    (tmp_path / "10_inventory.summary.json.tmp").write_text("{")
    assert read(tmp_path) == RunSummaries()


def test_no_folder_and_two_captures_are_errors_of_one_line(tmp_path) -> None:
    with pytest.raises(InputError, match=r"no folder of summaries .*nowhere.*; give the folder of a run"):
        read(tmp_path / "nowhere")
    put(tmp_path, summary("10_inventory", answer("a", "red")))
    other = CAPTURE.model_copy(update={"id": "c-2"})
    put(tmp_path, summary("99_own", answer("a", "red"), capture=other))
    with pytest.raises(
        InputError, match=r"several captures: 10_inventory rests on c-1, 99_own on c-2"
    ) as caught:
        read(tmp_path)
    assert "\n" not in str(caught.value)


def with_table(folder: Path, *files: str, columns: tuple[str, ...] = ("topic", "team")) -> RunSummaries:
    table = SummaryTable(name="topics", rows=2, columns=columns, files=files)
    put(folder, summary("40_cluster_split", answer("a", "red"), tables=(table,)))
    return read(folder)


def test_teams_are_those_of_the_tables(tmp_path) -> None:
    rows = pl.DataFrame({"topic": ["orders", "clicks"], "team": ["shop", None]})
    rows.write_parquet(tmp_path / "topics.parquet")
    assert with_table(tmp_path, "topics.csv", "topics.parquet").teams == {"orders": "shop"}
    assert with_table(tmp_path, "topics.parquet", columns=("topic",)).teams == {}


def test_a_table_is_read_only_below_the_folder(tmp_path) -> None:
    inside = tmp_path / "run"
    inside.mkdir()
    pl.DataFrame({"topic": ["orders"], "team": ["shop"]}).write_parquet(tmp_path / "secret.parquet")
    (inside / "link.parquet").symlink_to(tmp_path / "secret.parquet")
    for path in ("../secret.parquet", str(tmp_path / "secret.parquet"), "link.parquet"):
        assert with_table(inside, path).teams == {}


def test_a_table_that_is_none_costs_the_owners_only(tmp_path) -> None:
    (tmp_path / "topics.parquet").write_text("no parquet")
    run = with_table(tmp_path, "topics.parquet")
    assert (len(run.summaries), run.teams) == (1, {})
    assert json.loads((tmp_path / "40_cluster_split.summary.json").read_text())["tables"][0]["rows"] == 2
