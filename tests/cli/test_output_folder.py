from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kafka_analysis.cli.output_folder import check_folder, write_folder
from kafka_analysis.model.errors import InputError

FILES = {"plan.md": "# Plan\n", "reassignment.json": "{}\n"}


def test_whole_or_not_at_all(tmp_path):
    out = tmp_path / "deep" / "plan"
    check_folder(out)
    write_folder(out, {"a.csv": "1", "b.json": "{}"})
    assert sorted(path.name for path in out.iterdir()) == ["a.csv", "b.json"]
    with pytest.raises(InputError, match="is not empty"):
        check_folder(out)
    with pytest.raises(InputError, match="cannot write"):
        write_folder(tmp_path / "other", {"no/such/folder": "x"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep"]


def test_a_file_is_no_folder(tmp_path):
    path = tmp_path / "x"
    path.write_text("")
    with pytest.raises(InputError, match="does not exist yet"):
        check_folder(path)


def rights(path):
    return path.stat().st_mode & 0o777


def test_only_its_owner_may_read_a_new_plan_and_a_folder_that_is_there_keeps_its_rights(tmp_path):
    write_folder(tmp_path / "new", FILES)
    assert rights(tmp_path / "new") == 0o700
    assert {rights(file) for file in (tmp_path / "new").iterdir()} == {0o600}
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o755)
    write_folder(tmp_path / "shared", FILES)
    assert rights(tmp_path / "shared") == 0o755
    assert {rights(file) & 0o044 for file in (tmp_path / "shared").iterdir()} == {0o044}


@pytest.mark.parametrize("name", ["plan", "z[1]", "-x", "~"])
def test_a_plan_is_there_whole_or_not_at_all_at_every_moment(crashes, tmp_path, name, monkeypatch):
    place = tmp_path / "place"
    place.mkdir()
    points = crashes.crash_points(
        place, lambda: write_folder(place / name, FILES), snapshots=tmp_path / "points"
    )
    assert len(points) > 3
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    for point in points:
        out = point / name
        assert not out.exists() or {file.name: file.read_text() for file in out.iterdir()} == FILES
        for draft in point.glob(".*.unfinished"):  # that of a process which is no more
            draft.rename(draft.with_name(draft.name.replace(str(os.getpid()), gone.stdout.decode().strip())))
        if not out.exists():
            write_folder(out, FILES)
        assert [path.name for path in point.iterdir()] == [name]
