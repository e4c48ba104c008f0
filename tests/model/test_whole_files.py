from __future__ import annotations

import os

import pytest

from kafka_analysis.model import whole_files as files
from kafka_analysis.model.whole_files import replace_safely, write_atomically


def test_a_draft_is_on_disk_before_it_is_named(tmp_path, monkeypatch):
    order = []
    monkeypatch.setattr(files, "sync", lambda path: order.append((path.name, (tmp_path / "file").exists())))
    (tmp_path / "draft").write_text("x")
    replace_safely(tmp_path / "draft", tmp_path / "file")
    assert order == [("draft", False)] + ([(tmp_path.name, True)] if os.name == "posix" else [])


def test_an_error_leaves_no_draft_and_the_old_file(tmp_path, monkeypatch):
    def full(path):
        raise OSError

    (tmp_path / "file").write_text("old")
    monkeypatch.setattr(files, "sync", full)
    with pytest.raises(OSError):
        write_atomically(tmp_path / "file", "new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"file": "old"}
