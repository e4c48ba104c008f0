from __future__ import annotations

import json

import polars as pl
import pyarrow.parquet as pq
import pytest

from kafka_analysis.report import history_file
from kafka_analysis.report.history import SCHEMA, rows_of
from kafka_analysis.report.history_file import HISTORY, publish_history, read_history, stage_history


def keep(out, rows: pl.DataFrame, run_id: str = "r") -> None:
    stage_history(out, rows)
    publish_history(out, run_id)


def rows(made, run_id: str = "r1", day: float = 0) -> pl.DataFrame:
    return rows_of(made.run(run_id, day), {"nb": made.summary(made.answer(findings=("x", "y")))})


def runs(history: history_file.History) -> list[str]:
    return history.rows["run_id"].unique(maintain_order=True).to_list()


def test_what_is_kept_is_read_back(made, tmp_path) -> None:
    keep(tmp_path, rows(made))
    read = read_history(tmp_path)
    assert read.rows.equals(rows(made))
    assert (read.note, {path.name for path in tmp_path.iterdir()}) == ("", {HISTORY})


def test_an_empty_folder_has_an_empty_history_without_a_word(tmp_path) -> None:
    read = read_history(tmp_path)
    assert (len(read.rows), read.rows.schema, read.note) == (0, SCHEMA, "")
    keep(tmp_path, read.rows)
    assert read_history(tmp_path).note == ""


def test_runs_made_before_there_was_a_history_are_taken_in_and_pruned_ones_are_kept(made, tmp_path) -> None:
    keep(tmp_path, rows(made, "pruned"))
    made.put(tmp_path, made.run("r2", 2), made.summary(made.answer(light="red")))
    made.put(tmp_path, made.run("r3", 3, failed=("nb",)))
    read = read_history(tmp_path)
    assert runs(read) == ["pruned", "r2", "r3"]
    assert read.rows["light"].to_list() == ["amber", "red", None]
    keep(tmp_path, read.rows)
    assert read_history(tmp_path).rows.equals(read.rows)  # taken in once


def test_a_name_that_is_given_again_is_another_run(made, tmp_path) -> None:
    keep(tmp_path, rows(made, "weekly", day=0))
    made.put(tmp_path, made.run("weekly", 7), made.summary(made.answer()))
    assert read_history(tmp_path).rows["made_at"].n_unique() == 2


def test_what_is_no_run_of_ours_is_passed_over(made, tmp_path) -> None:
    made.put(tmp_path, made.run("good", 1), made.summary(made.answer()))
    made.put(tmp_path, made.run("damaged", 2), made.summary(made.answer()))
    (tmp_path / "damaged" / "nb.summary.json").write_text("{")
    made.put(tmp_path, made.run("renamed", 3), made.summary(made.answer()))
    (tmp_path / "renamed").rename(tmp_path / "kept-by-me")
    (tmp_path / "link").symlink_to("good")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "run.json").write_text(json.dumps({"run_id": "other"}))
    assert runs(read_history(tmp_path)) == ["good"]


def figures(frame: pl.DataFrame, **changed: object) -> pl.DataFrame:
    [row] = frame.to_dicts()
    row["figures"][0] |= changed
    return pl.DataFrame([row], schema=SCHEMA)


def test_the_same_rows_written_so_are_read(made, tmp_path) -> None:
    pq.write_table(rows(made).to_arrow(compat_level=pl.CompatLevel.oldest()), tmp_path / HISTORY)
    assert read_history(tmp_path).note == ""


FOREIGN = {
    "other columns": lambda frame: pl.DataFrame({"a": [1]}),
    "another type": lambda frame: frame.with_columns(pl.col("made_at").dt.replace_time_zone(None)),
    "an unknown light": lambda frame: frame.with_columns(light=pl.lit("blue")),
    "an unknown status": lambda frame: frame.with_columns(status=pl.lit("so so")),
    "no name": lambda frame: frame.with_columns(run_id=pl.lit(None, pl.String)),
    "a figure without a label": lambda frame: figures(frame, label=None),
    "a figure of unknown evidence": lambda frame: figures(frame, evidence="guessed"),
}


@pytest.mark.parametrize("change", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_table_is_said_kept_aside_and_made_again(made, tmp_path, change) -> None:
    made.put(tmp_path, made.run("r2", 2), made.summary(made.answer()))
    pq.write_table(change(rows(made)).to_arrow(compat_level=pl.CompatLevel.oldest()), tmp_path / HISTORY)
    before = (tmp_path / HISTORY).read_bytes()
    read = read_history(tmp_path)
    assert runs(read) == ["r2"]
    assert "cannot be read as a history" in read.note
    assert "\n" not in read.note
    keep(tmp_path, read.rows, "r3")
    assert (tmp_path / f"{HISTORY}.foreign-r3").read_bytes() == before
    assert read_history(tmp_path).note == ""


@pytest.mark.parametrize("kind", ["text", "cut", "folder", "link", "empty"])
def test_what_is_no_table_at_all_is_treated_alike(made, tmp_path, kind) -> None:
    place = tmp_path / HISTORY
    keep(tmp_path, rows(made))
    whole = place.read_bytes()
    place.unlink()
    if kind == "folder":
        place.mkdir()
    elif kind == "link":
        (tmp_path / "elsewhere").write_bytes(whole)
        place.symlink_to("elsewhere")
    else:
        place.write_bytes({"text": b"hello", "cut": whole[:-40], "empty": b""}[kind])
    read = read_history(tmp_path)
    assert read.rows.is_empty()
    assert read.note
    keep(tmp_path, rows(made))
    assert read_history(tmp_path).rows.equals(rows(made))
    assert not (tmp_path / HISTORY).is_symlink()


def test_a_damaged_byte_anywhere_never_raises(made, tmp_path) -> None:
    keep(tmp_path, pl.concat([rows(made, f"r{n}", n) for n in range(5)]))
    whole = (tmp_path / HISTORY).read_bytes()
    for place in range(0, len(whole), 97):
        (tmp_path / HISTORY).write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        read = read_history(tmp_path)
        assert read.rows.schema == SCHEMA


def test_one_too_large_to_be_ours_is_not_read(made, tmp_path, monkeypatch) -> None:
    keep(tmp_path, rows(made))
    monkeypatch.setattr(history_file, "_LARGEST", 10)
    assert read_history(tmp_path).note


def test_it_is_whole_at_every_moment_and_has_the_rights_of_the_folder(made, crashes, tmp_path) -> None:
    place = tmp_path / "place"
    place.mkdir(mode=0o700)
    keep(place, rows(made))
    assert (place / HISTORY).stat().st_mode & 0o777 == 0o600
    (place / HISTORY).chmod(0o640)
    both = pl.concat([rows(made), rows(made, "r2", 1)])
    points = crashes.crash_points(place, lambda: keep(place, both), snapshots=tmp_path / "points")
    lengths = [len(read_history(point).rows) for point in points]
    assert set(lengths) <= {1, 2}
    assert len(points) > 1
    assert (place / HISTORY).stat().st_mode & 0o777 == 0o640


def test_a_place_that_cannot_be_replaced_harms_nothing(made, tmp_path, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    stage_history(tmp_path, rows(made))
    monkeypatch.setattr(history_file, "replace_safely", refuse)
    publish_history(tmp_path, "r")
    assert not (tmp_path / HISTORY).exists()
