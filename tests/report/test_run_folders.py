from __future__ import annotations

from kafka_analysis.report import run_folders as module
from kafka_analysis.report.run_folders import read_run, run_folders


def test_only_whole_runs_under_their_own_name_count(made, tmp_path) -> None:
    made.put(tmp_path, made.run("b", 1))
    made.put(tmp_path, made.run("a", 2))
    made.put(tmp_path, made.run("copied", 2)).rename(tmp_path / "copy")
    made.put(tmp_path, made.run(".unfinished-c", 3))
    (tmp_path / "latest").symlink_to("a")
    (tmp_path / "file").write_text("")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "run.json").symlink_to(tmp_path / "a" / "run.json")
    assert [(folder.name, run.run_id) for folder, run in run_folders(tmp_path)] == [("a", "a"), ("b", "b")]
    assert list(run_folders(tmp_path / "none")) == []


def test_what_cannot_be_read_is_none(made, tmp_path, monkeypatch) -> None:
    folder = made.put(tmp_path, made.run("a", 1))
    assert read_run(folder) == made.run("a", 1)
    monkeypatch.setattr(module, "_LARGEST", 10)
    assert read_run(folder) is None
    monkeypatch.undo()
    (folder / "run.json").write_bytes(b"\xff{")
    assert read_run(folder) is None
    assert read_run(tmp_path / "none") is None
