from __future__ import annotations

import importlib
import os
import shutil
import sys
from pathlib import Path

import pytest
from numba.core.caching import IndexDataCacheFile

from kafka_analysis.model import compiled

RULE = "from kafka_analysis.model.compiled import compiled\n@compiled\ndef rule(number):\n    return number + 1\n"
SEARCH = (
    "from kafka_analysis.model.compiled import compiled\nfrom counted.rules import rule\n"
    "from counted.limits import LIMIT\n"
    "@compiled\ndef search(number):\n    return min(rule(number), LIMIT)\n"
)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return the folder of a package whose compiled function calls a compiled function of another file."""
    folder = tmp_path / "counted"
    folder.mkdir()
    for name, text in {"__init__": "", "rules": RULE, "search": SEARCH, "limits": "LIMIT = 100\n"}.items():
        folder.joinpath(f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield folder
    forget()


def forget():
    for name in [name for name in sys.modules if name.split(".")[0] == "counted"]:
        del sys.modules[name]
    importlib.invalidate_caches()
    compiled.digest_of_sources.cache_clear()


def search():
    """Return the function as a new process would make it."""
    forget()
    return importlib.import_module("counted.search").search


def cache_hits(function):
    return sum(function.stats.cache_hits.values())


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_machine_code_is_read_from_disk_by_the_next_process(package):
    search()(1)
    again = search()
    assert (again(1), cache_hits(again)) == (2, 1)


@pytest.mark.parametrize(
    ("file", "old", "new"), [("rules", "number + 1", "number + 7"), ("limits", "100", "8")]
)
def test_a_change_of_what_is_compiled_in_from_another_file_is_seen_with_warm_caches(package, file, old, new):
    assert search()(1) == search()(1) == 2
    edit(package / f"{file}.py", old, new)
    assert search()(3 if file == "rules" else 50) == (10 if file == "rules" else 8)


def test_several_versions_lie_side_by_side(package):
    search()(1)
    edit(package / "rules.py", "number + 1", "number + 7")
    search()(1)
    edit(package / "rules.py", "number + 7", "number + 1")
    back = search()
    assert (back(1), cache_hits(back)) == (2, 1)


def test_a_change_of_what_is_not_compiled_in_compiles_nothing_again(package):
    search()(1)
    (package / "report.py").write_text("TITLE = 'compiled'\n")
    again = search()
    again(1)
    assert cache_hits(again) == 1


def test_versions_not_used_for_long_are_removed(package):
    place = package / "__pycache__"
    for number in range(9):
        old = place / f"{compiled.FOLDER}{number}"
        old.mkdir(parents=True)
        os.utime(old, (1_000 + number, 1_000 + number))
    kept = search()
    kept(1)
    names = {path.name for path in place.iterdir()}
    assert len(names) == compiled.KEPT
    assert {f"{compiled.FOLDER}{number}" for number in (6, 7, 8)} < names
    again = search()
    again(1)
    assert cache_hits(again) == 1


def test_a_package_that_cannot_be_written_to_is_kept_in_the_users_folder(package, tmp_path):
    (package / "__pycache__").write_text("no folder")
    search()(1)
    again = search()
    assert (again(1), cache_hits(again)) == (2, 1)
    assert list((tmp_path / "user").rglob(f"{compiled.FOLDER}*/*.nbi"))


def test_without_a_place_for_what_is_compiled_it_is_compiled_all_the_same(package, tmp_path):
    (package / "__pycache__").write_text("no folder")
    (tmp_path / "user").write_text("no folder")
    assert search()(1) == search()(1) == 2


def test_a_disk_that_is_full_does_not_stop_the_work(package, monkeypatch):
    def no_space(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(IndexDataCacheFile, "save", no_space)
    assert search()(1) == 2


class Notice:
    """Notes what it is told of."""

    def __init__(self):
        self.heard, self.looks = [], 0

    def begin(self, module, *, kept):
        self.heard.append((module, kept))

    def look(self):
        self.looks += 1

    def end(self):
        self.heard.append("end")


@pytest.fixture
def notice(monkeypatch):
    found = Notice()
    monkeypatch.setattr(compiled._LISTENER, "_notice", found)
    return found


def test_it_is_noticed_what_is_compiled_and_what_it_calls(package, notice):
    search()(1)
    assert notice.heard == [("counted.search", True), ("counted.rules", True), "end", "end"]
    assert notice.looks > 20  # in each pass of the compiler


def test_what_is_read_from_disk_is_not_compiled(package, notice):
    search()(1)
    notice.heard.clear()
    search()(1)
    assert notice.heard == []


def test_it_is_noticed_that_nothing_can_be_kept(package, tmp_path, notice):
    (package / "__pycache__").write_text("no folder")
    (tmp_path / "user").write_text("no folder")
    search()(1)
    assert notice.heard[0] == ("counted.search", False)


@pytest.mark.parametrize(
    "name",
    [
        "plan/rebalance/placement.py",
        "stats/reduce/growth.py",
        "sources/exposition/line.py",
        "model/compiled.py",
    ],
)
def test_each_compiled_source_of_this_package_counts(tmp_path, name):
    package = tmp_path / "kafka_analysis"
    shutil.copytree(Path(compiled.__file__).parents[1], package, ignore=shutil.ignore_patterns("__pycache__"))
    before = compiled.digest_of_sources(package)
    (package / name).write_text((package / name).read_text() + "# changed\n")
    compiled.digest_of_sources.cache_clear()
    assert compiled.digest_of_sources(package) != before
