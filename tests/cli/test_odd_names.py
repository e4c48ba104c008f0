"""Folders are taken to the letter: no name is a pattern, an option or somebody's home, for any reader."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from kafka_analysis import read_capture
from kafka_analysis.capture.cells import cells_of
from kafka_analysis.capture.ownership import flows_of, ownership_of
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.cli import app
from kafka_analysis.plan.catalogue.read import read_catalogue
from kafka_analysis.sources.profiles import load_profile
from kafka_analysis.sources.saved.files import find_files
from kafka_analysis.sources.spelling.dialects import find_dialect

pytestmark = pytest.mark.usefixtures("short_search")

# Each name, and one that it would match as a pattern.
NAMES = {
    "z[1]": "z1", "a*": "ab", "b?": "bc", "{x}": "x", "~": "home", "~root": "root", "50%25": "50%", "c#d": "c",
    "e f": "e", "g'h\"i": "ghi", "ü": "u", "-dash": "dash", "new\nline": "new", "k:v": "k", "file:": "file",
    "m=1": "m", "[!a]": "b", "**": "cc", "{x}\nz[1]": "x\nz1",
}  # fmt: skip
PAGE = 'kafka_server_ReplicaManager_Value{name="LeaderCount",} 5\n'
DIALECT = "toml/stock.toml"


@pytest.fixture
def place(small, tmp_path, monkeypatch, request):
    """Lay a capture of an odd name beside one whose every number is another; return both names."""
    odd, decoy = request.param
    monkeypatch.chdir(tmp_path)
    small.write_small_capture(Path(odd))
    rows = read_capture(Path(odd))
    other = small.write_small_capture(Path(decoy))
    for file in json.loads((other / "manifest.json").read_text())["files"]:
        content = pl.read_parquet(other / file["path"], glob=False)
        content.with_columns(cluster=pl.lit("decoy")).write_parquet(other / file["path"])
    assert rows.path == Path(odd)
    return odd


def run(*words):
    shown = CliRunner().invoke(app, list(words))
    assert shown.exit_code == 0, (words, shown.output, shown.exception)
    return shown


ALWAYS = ("~", "{x}\nz[1]")
each = pytest.mark.parametrize(
    "place",
    [
        pytest.param(pair, id=pair[1], marks=() if pair[0] in ALWAYS else pytest.mark.campaign)
        for pair in NAMES.items()
    ],
    indirect=True,
)


@each
def test_every_reader_of_captures(place, small):
    for path in (place, f"./{place}", Path(place).absolute()):
        capture = read_capture(path)
        assert capture.samples().collect().sort(pl.all()).equals(small.counters().sort(pl.all()))
        for name, rows in small.tables().items():
            assert len(capture.table(name)) == len(rows)
            assert set(capture.table(name)["cluster"]) == {"old"}
    run("captures", "redact", "--out", "redacted", "--", place)
    later = small.counters().with_columns(pl.col("ts") + pl.duration(hours=1))
    with CaptureWriter("later") as writer:
        writer.add_samples(later)
        writer.finish(window=(small.at(3600), small.at(7200)), clusters=capture.clusters)
    run("captures", "merge", "--out", "merged", "--", place, "later")
    merged = read_capture("merged")
    assert merged.samples().collect().height == 2 * len(later)
    assert set(merged.table("topics")["cluster"]) == {"old"}
    assert "old" in run("inspect", "--", place).output
    run("plan", "rebalance", "--cluster", "old", "--out", "plan", "--", place)
    (Path(place) / "tables" / "groups.parquet").unlink()
    run("captures", "repair", "--out", "repaired", "--", place)
    assert read_capture("repaired").samples().collect().height == len(later)
    assert not {"decoy"} & set(read_capture("repaired").table("topics")["cluster"])


@each
def test_files_beside_a_capture(place):
    beside = Path(place).absolute()
    texts = {
        "ownership": "pattern,kind,team,criticality\nt,topic,{0},high\n",
        "flows": "client,kind,topic,team\nc,producer,t,{0}\n",
        "cells": "topic,cell\nt,{0}\n",
    }
    for what, text in texts.items():
        for name, team in ((place, "right"), (NAMES[place], "wrong")):
            beside.with_name(f"{name}.{what}.csv").write_text(text.format(team))
    assert ownership_of(place)["team"].to_list() == ["right"]
    assert flows_of(place)["team"].to_list() == ["right"]
    assert cells_of(place)["cell"].to_list() == ["right"]


@each
def test_saved_pages_and_files_of_the_user_s(place):
    shutil.rmtree(place)
    for name, text in ((place, PAGE), (NAMES[place], PAGE.replace("5", "7"))):
        Path(name).mkdir(exist_ok=True)
        (Path(name) / "kafka-1.prom").write_text(text)
    for word in (f"./{place}/kafka-1.prom", f"./{place}", f"./{place}/*.prom", f"./{place}/kafka-[1].prom"):
        shutil.rmtree("c", ignore_errors=True)
        run("ingest", "--cluster", "c", "--at", "2026-01-01T00:00:00Z", "--out", "c", "--", word)
        assert read_capture("c").samples("leader_count").collect()["value"].to_list() == [5.0], word
    own = Path(place) / "own.toml"
    text = (Path(find_dialect.__code__.co_filename).parent / DIALECT).read_text()
    own.write_text(text.replace('name = "stock"', 'name = "own"', 1))
    assert find_dialect(str(own)).name == "own"
    (Path(place) / "prices.csv").write_text("item,unit,price\n")
    (Path(place) / "profile.toml").write_text('[[clusters]]\nname = "c"\nbootstrap_servers = "h:1"\n')
    assert load_profile(Path(place) / "profile.toml").clusters[0].name == "c"


def test_a_pattern_is_still_one_where_no_such_file_exists(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("z1", "z2", "y3"):
        Path(name).mkdir()
        (Path(name) / "p.prom").write_text(PAGE)
    assert sorted(path.as_posix() for path in find_files(["z[12]/*.prom"])) == ["z1/p.prom", "z2/p.prom"]
    assert len(find_files([str(tmp_path / "**" / "*.prom")])) == 3


@pytest.mark.parametrize("name", ["z[1]", "a*", "{x}"])
def test_prices_of_one_s_own_in_a_folder(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    with pytest.raises(Exception, match="contains no CSV files"):
        read_catalogue(folder)
