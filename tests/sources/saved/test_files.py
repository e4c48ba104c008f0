from __future__ import annotations

import gzip
import os

import pytest

from kafka_analysis.model.errors import InputError, SourceError
from kafka_analysis.sources.saved import files as saved_files
from kafka_analysis.sources.saved.files import find_files, modified_at, read_plain


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in ("a/1.prom", "a/deep/er/2.prom", "b/3.txt", "a/.hidden/4.prom", "[x].prom"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"up 1")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("places", "found"),
    [
        (["a/1.prom"], ["a/1.prom"]),
        (["a"], ["a/1.prom", "a/deep/er/2.prom"]),
        (["**/*.prom"], ["[x].prom", "a/1.prom", "a/deep/er/2.prom"]),
        (["*/*.*"], ["a/1.prom", "b/3.txt"]),
        (["b", "a/1.prom", "a/*", "./b/3.txt"], ["b/3.txt", "a/1.prom"]),
        (["[x].prom"], ["[x].prom"]),
        (["a/.hidden/4.prom"], ["a/.hidden/4.prom"]),
    ],
)
@pytest.mark.usefixtures("tree")
def test_files_folders_and_patterns_each_once(places, found):
    assert [path.as_posix() for path in find_files(places)] == found


@pytest.mark.parametrize("place", ["nothing", "*.json", "empty"])
def test_where_no_file_is(tree, tmp_path, place):
    (tmp_path / "empty" / "inner").mkdir(parents=True)
    with pytest.raises(
        InputError, match=f"no file at .*{place[-4:]}; give files, folders or a quoted pattern"
    ):
        find_files([place])


def test_plain_and_gzip_are_read_the_same(tmp_path):
    (tmp_path / "plain").write_bytes(b"up 1")
    (tmp_path / "zipped").write_bytes(gzip.compress(b"up 1"))
    assert read_plain(tmp_path / "plain") == read_plain(tmp_path / "zipped") == b"up 1"


def test_what_cannot_be_read_says_why(tmp_path, monkeypatch):
    (tmp_path / "cut").write_bytes(gzip.compress(b"up 1" * 1000)[:-20])
    (tmp_path / "damaged").write_bytes(b"\x1f\x8b\x08" + b"x" * 20)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    reasons = {
        "cut": "damaged gzip",
        "damaged": "damaged gzip",
        "dangling": "No such file",
        "pipe": "not a readable file",
    }
    for name, reason in reasons.items():
        with pytest.raises(SourceError, match=reason):
            read_plain(tmp_path / name)


def test_large_files_are_refused_also_when_they_unfold(tmp_path, monkeypatch):
    monkeypatch.setattr(saved_files, "LARGEST_PAGE", 1000)
    (tmp_path / "large").write_bytes(b"x" * 1001)
    (tmp_path / "bomb").write_bytes(gzip.compress(b"x" * 100_000))
    (tmp_path / "just").write_bytes(b"x" * 1000)
    for name in ("large", "bomb"):
        with pytest.raises(SourceError, match=r"larger than 256 MiB|unpacks to more than"):
            read_plain(tmp_path / name)
    assert len(read_plain(tmp_path / "just")) == 1000


def test_the_time_of_the_last_change(tmp_path):
    (tmp_path / "x").touch()
    os.utime(tmp_path / "x", (1_769_860_800, 1_769_860_800))
    assert modified_at(tmp_path / "x").isoformat() == "2026-01-31T12:00:00+00:00"
