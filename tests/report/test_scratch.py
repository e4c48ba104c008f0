"""TMPDIR is left clean: at the end of a run, and by the next run after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from kafka_analysis.model.errors import PlaceError
from kafka_analysis.report import scratch
from kafka_analysis.report.scratch import PREFIX, remove_leftovers, scratch_folder

HOLD = """
import sys
from kafka_analysis.report.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "10_inventory").mkdir()
    (folder / "10_inventory" / "in.ipynb").write_text("{}")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a TMPDIR of its own."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def run_of_another_process() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.folder = Path(process.stdout.readline().strip())  # type: ignore[attr-defined]
    return process


def test_a_folder_of_ones_own_that_is_gone_afterwards(place: Path) -> None:
    with scratch_folder() as folder:
        assert (folder.parent, folder.is_absolute()) == (place.resolve(), True)
        assert folder.name.startswith(f"{PREFIX}{os.getpid()}-")
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "part").mkdir()
    assert list(place.iterdir()) == []


def test_it_is_gone_after_an_error_too(place: Path) -> None:
    with pytest.raises(KeyboardInterrupt), scratch_folder():
        raise KeyboardInterrupt
    assert list(place.iterdir()) == []


def test_the_next_run_removes_what_a_killed_one_left_and_nothing_of_one_that_is_alive(place: Path) -> None:
    with run_of_another_process() as killed, run_of_another_process() as alive:
        assert {killed.folder, alive.folder} <= set(place.iterdir())
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert killed.folder.exists()
        with scratch_folder() as folder:
            assert set(place.iterdir()) == {folder, alive.folder}
            assert (alive.folder / "10_inventory" / "in.ipynb").exists()
        alive.communicate("")
        assert alive.returncode == 0
    assert list(place.iterdir()) == []


def test_only_folders_of_runs_are_removed_and_no_link_is_followed(place: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (place / f"{PREFIX}1-link").symlink_to(tmp_path / "precious")
    (place / f"{PREFIX}1-file").write_text("")
    (place / "kafka-analysis-0123").mkdir()
    (place / f"{PREFIX}1-left").mkdir()
    before = {path.name for path in place.iterdir()}
    remove_leftovers(place)
    assert {path.name for path in place.iterdir()} == before - {f"{PREFIX}1-left"}
    assert list((tmp_path / "precious").iterdir()) == []


def made_by(monkeypatch: pytest.MonkeyPatch, then: Callable[[Path], object]) -> list[Path]:
    """Do something to the first folder that is made, before it is locked; return all that are made."""
    made: list[Path] = []
    make = tempfile.mkdtemp

    def mkdtemp(**where: Any) -> str:
        made.append(Path(make(**where)))
        if len(made) == 1:
            then(made[0])
        return str(made[-1])

    monkeypatch.setattr(scratch.tempfile, "mkdtemp", mkdtemp)
    return made


def test_a_folder_that_another_run_removes_before_it_is_locked_is_there_and_private(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = made_by(monkeypatch, Path.rmdir)
    with scratch_folder() as folder:
        assert folder in made
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(place.iterdir()) == []


def test_a_folder_that_another_run_is_removing_is_left_to_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[FileLock] = []

    def take(folder: Path) -> None:
        held.append(FileLock(folder / ".lock"))
        held[0].acquire(timeout=0)

    made = made_by(monkeypatch, take)
    with scratch_folder() as folder:
        assert made[1:] == [folder]
    held[0].release()


def test_a_tmpdir_that_cannot_be_written_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scratch.tempfile, "mkdtemp", full)
    with pytest.raises(PlaceError, match="TMPDIR"), scratch_folder():
        pass
