from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from kafka_analysis.model.errors import BusyError, InputError
from kafka_analysis.report.folder import choose_run_id, point_latest, unfinished_run

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".lock"}


def test_a_run_appears_when_it_is_complete(tmp_path: Path) -> None:
    out = tmp_path / "reports"
    with unfinished_run(out, "r1") as folder:
        (folder / "index.html").write_text("one")
        assert not (out / "r1").exists()
    assert names(out) == {"r1", "latest"}
    assert (out / "latest" / "index.html").read_text() == "one"


def test_what_is_to_be_done_then_finds_the_run_in_its_place_and_the_folder_locked(tmp_path: Path) -> None:
    found: list[bool] = []

    def then() -> None:
        found.append((tmp_path / "r1").is_dir() and (tmp_path / "latest").exists())
        with pytest.raises(BusyError), unfinished_run(tmp_path, "r2"):
            pass

    with unfinished_run(tmp_path, "r1", then=then):
        assert found == []
    assert found == [True]


def interrupted(out: Path, run_id: str, error: BaseException) -> None:
    with unfinished_run(out, run_id) as folder:
        assert names(out) <= {"r1", "latest", folder.name}
        (folder / "half").write_text("")
        raise error


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt()])
def test_nothing_remains_of_an_interrupted_run(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        interrupted(tmp_path / "reports", "r1", error)
    assert not (tmp_path / "reports").exists()


def test_earlier_runs_survive_an_interruption_and_leftovers_of_a_killed_one_go(tmp_path: Path) -> None:
    with unfinished_run(tmp_path, "r1"):
        pass
    (tmp_path / ".unfinished-r0").mkdir()
    with pytest.raises(ValueError):
        interrupted(tmp_path, "r2", ValueError())
    assert names(tmp_path) == {"r1", "latest"}


def test_one_report_at_a_time(tmp_path: Path) -> None:
    with FileLock(tmp_path / ".lock"), pytest.raises(BusyError, match="another report") as caught:
        interrupted(tmp_path, "r1", ValueError())
    assert caught.value.exit_code == 75
    assert "--wait" in str(caught.value)
    assert names(tmp_path) == set()


def hold(out: Path, held: threading.Event, done: threading.Event, run_id: str = "r1") -> threading.Thread:
    """Write another run to the folder in a thread until an event; return when it holds the lock."""

    def write() -> None:
        with unfinished_run(out, run_id):
            held.set()
            done.wait(30)

    thread = threading.Thread(target=write)
    thread.start()
    assert held.wait(30)
    return thread


def test_a_run_waits_for_the_other_to_end(tmp_path: Path) -> None:
    held, done, began = threading.Event(), threading.Event(), threading.Event()
    other = hold(tmp_path, held, done)

    def wait_for_it() -> None:
        with unfinished_run(tmp_path, "r2", wait_s=30):
            began.set()
            assert (tmp_path / "r1").is_dir()

    waiting = threading.Thread(target=wait_for_it)
    waiting.start()
    assert not began.wait(0.2)
    done.set()
    for thread in (other, waiting):
        thread.join(30)
    assert names(tmp_path) == {"r1", "r2", "latest"}
    assert (tmp_path / "latest").readlink() == Path("r2")


def test_a_run_waits_no_longer_than_asked(tmp_path: Path) -> None:
    held, done = threading.Event(), threading.Event()
    other = hold(tmp_path, held, done)
    try:
        with (
            pytest.raises(BusyError, match=r"still being written to .* after 0\.1 s"),
            unfinished_run(tmp_path, "r2", wait_s=0.1),
        ):
            pass
    finally:
        done.set()
        other.join(30)
    assert names(tmp_path) == {"r1", "latest"}


def test_a_run_that_another_wrote_in_the_meantime_is_not_overwritten(tmp_path: Path) -> None:
    with unfinished_run(tmp_path, "r1") as folder:
        (folder / "index.html").write_text("first")
    with pytest.raises(InputError, match="not overwritten"):
        interrupted(tmp_path, "r1", ValueError())
    assert (tmp_path / "r1" / "index.html").read_text() == "first"


def test_latest_moves_and_is_a_file_where_links_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("r1", "r2"):
        (tmp_path / name).mkdir()
        point_latest(tmp_path, name)
    assert (tmp_path / "latest").readlink() == Path("r2")

    def refuse(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "symlink_to", refuse)
    point_latest(tmp_path, "r1")
    assert (tmp_path / "latest").read_text() == "r1\n"


def test_the_run_id_is_time_and_capture(tmp_path: Path) -> None:
    assert choose_run_id(None, out=tmp_path, capture_id="a/b", now=NOW) == "20260102T030405Z-a-b"
    assert choose_run_id("mine", out=tmp_path, capture_id="c", now=NOW) == "mine"


@pytest.mark.parametrize("name", ["", "..", "a/b", ".x", "latest", "x" * 121])
def test_a_run_id_is_a_name_for_a_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="run id"):
        choose_run_id(name, out=tmp_path, capture_id="c", now=NOW)


def test_a_run_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match="not overwritten"):
        choose_run_id("mine", out=tmp_path, capture_id="c", now=NOW)


def test_an_out_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(InputError, match=r"cannot write .*: a file is in its place"),
        unfinished_run(tmp_path / "file", "r"),
    ):
        pass


def write_run(out: Path) -> None:
    with unfinished_run(out, "r") as folder:
        (folder / "files").mkdir()
        for name in ("index.html", "files/plan.md"):
            (folder / name).write_text("whole")


def rights(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_only_its_owner_may_read_a_new_folder_of_reports_and_one_that_exists_passes_its_rights_on(
    tmp_path: Path,
) -> None:
    write_run(tmp_path / "new")
    assert {
        rights(path) for path in (tmp_path / "new", tmp_path / "new" / "r", tmp_path / "new/r/files")
    } == {0o700}
    assert rights(tmp_path / "new" / "r" / "index.html") == 0o600
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o755)
    write_run(tmp_path / "shared")
    assert rights(tmp_path / "shared" / "r") == rights(tmp_path / "shared" / "r" / "files") == 0o755
    assert rights(tmp_path / "shared" / "r" / "index.html") & 0o044 == 0o044


def test_a_run_is_whole_or_hidden_at_every_moment(crashes: Any, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    points = crashes.crash_points(place, lambda: write_run(place / "out"), snapshots=tmp_path / "points")
    assert len(points) > 6
    for point in points:
        run = point / "out" / "r"
        whole = run.exists()
        assert not whole or {(run / name).read_text() for name in ("index.html", "files/plan.md")} == {
            "whole"
        }
        if not whole:
            write_run(point / "out")
            assert {path.name for path in (point / "out").iterdir()} == {".lock", "latest", "r"}
