from __future__ import annotations

import errno
import os
import resource
import subprocess
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kafka_analysis.model.errors import PlaceError
from kafka_analysis.model.places import as_argument, make_folder, narrow_rights, place_errno, writing

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights and limits of POSIX")
ROWS = pl.DataFrame({"a": [str(n * 7919) for n in range(20_000)]})


def arrow(path):
    with pa.OSFile(str(path), "wb") as to, pq.ParquetWriter(to, ROWS.to_arrow().schema) as writer:
        writer.write_table(ROWS.to_arrow())


def python(path):
    path.write_text("x" * 100_000)


WRITERS = {
    "python": python,
    "arrow": arrow,
    "polars parquet": ROWS.write_parquet,
    "polars csv": ROWS.write_csv,
}


def said(write, file, **known):
    with pytest.raises(PlaceError) as caught, writing(file.parent, **known):
        write(file)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_every_writer_s_error_is_named_where_a_folder_is_a_file(tmp_path, write):
    (tmp_path / "file").write_text("")
    place = tmp_path / "file"
    assert said(write, place / "x").startswith(f"cannot write {place}: a part of its path is a file; ")


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_every_writer_s_error_is_named_where_a_file_may_not_grow(tmp_path, write):
    """A limit of the process stands for a full disk: the system refuses to write on in the middle of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        assert "larger than this process may write (ulimit -f)" in said(write, tmp_path / "x")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_device_says_what_is_free_and_needed():
    text = said(python, Path("/dev/full"), needed_bytes=12e6)
    assert "no space left on the disk (" in text
    assert "free, about 12 MB needed); make room" in text


def test_errors_of_a_program_are_not_a_place_s():
    with pytest.raises(ZeroDivisionError), writing("x"):
        _ = 1 / 0
    assert place_errno(ConnectionRefusedError(errno.ECONNREFUSED, "refused")) is None


def test_a_new_folder_is_its_owner_s_and_one_that_exists_keeps_its_rights(tmp_path):
    make_folder(tmp_path / "above" / "new")
    (tmp_path / "shared").mkdir(mode=0o750)
    make_folder(tmp_path / "shared")
    assert rights(tmp_path / "above" / "new") == 0o700
    assert rights(tmp_path / "shared") == 0o750


def test_files_get_no_right_their_folder_does_not_give(tmp_path):
    (tmp_path / "out" / "in").mkdir(parents=True)
    (tmp_path / "out" / "in" / "file").write_text("x")
    (tmp_path / "elsewhere").write_text("x")
    (tmp_path / "elsewhere").chmod(0o644)
    (tmp_path / "out" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "out").chmod(0o750)
    narrow_rights(tmp_path / "out")
    assert rights(tmp_path / "out" / "in") == 0o750
    assert rights(tmp_path / "out" / "in" / "file") & 0o027 == 0
    assert rights(tmp_path / "elsewhere") == 0o644


def rights(path):
    return path.stat().st_mode & 0o777


def test_a_path_is_one_argument_of_a_shell():
    for name in ("-x", "a b", "it's", "$(x)", "z[1]"):
        text = subprocess.run(
            f"printf %s {as_argument(Path(name))}", shell=True, capture_output=True, text=True, check=True
        ).stdout
        assert Path(text) == Path(name)


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_disk_that_is_really_full(small_disk, write):
    (small_disk / "y").write_bytes(b"x" * 250_000)
    assert "no space left on the disk (" in said(write, small_disk / "x")
