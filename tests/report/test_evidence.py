from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from bs4 import BeautifulSoup

from kafka_analysis import tables
from kafka_analysis.model.findings import Coverage, Finding, Light, Result, Verdict
from kafka_analysis.model.summary import SummaryCapture
from kafka_analysis.report.evidence import MANIFEST, Section, evidence_files

ODD = "<script>alert('x')</script>\n\"=1+1\" & [y](z)"
ABOUT = SummaryCapture(id="c", start=None, end=None, sha256="ab" * 32)
FRAME = pl.DataFrame({"group": [ODD, "=cmd()"], "offset": [1, None]})


def evidence(**changed: Any) -> dict[str, bytes]:
    finding = Finding(light=Light.RED, title=ODD, detail=ODD)
    verdict, seen = Verdict(light=Light.RED, sentence=f"no-go: {ODD}."), Coverage(expected=1, seen=1)
    given = {
        "title": "Cut-over check", "question": "May it?", "tables": {"offsets": FRAME}, "whole": {"places": FRAME},
        "results": [Result(cluster=ODD, verdict=verdict, coverage=seen, findings=(finding,))], "capture": ABOUT,
        "sections": [Section("Offsets", tables.reading_costs(COSTS).html())], "parameters": {"b": ODD, "a": None},
        "notes": [ODD],
    }  # fmt: skip
    return evidence_files(**(given | changed))


COSTS = pl.DataFrame(
    {"cluster": [ODD], "partitions": 1, "stretches": 1, "records": 1, "bytes": 1, "unfinished": 0}
)


def test_the_manifest_lists_every_other_file_with_its_hash() -> None:
    files = evidence()
    manifest = json.loads(files[MANIFEST])
    assert manifest["capture_sha256"] == "ab" * 32
    assert {row["path"] for row in manifest["files"]} == set(files) - {MANIFEST}
    for row in manifest["files"]:
        data = files[row["path"]]
        assert (row["bytes"], row["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())


def test_text_of_clusters_is_text_and_nothing_runs_or_is_loaded() -> None:
    page = BeautifulSoup(evidence()["index.html"], "html.parser")
    assert page.find_all("script") == []
    assert [tag for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")] == []
    assert page.find_all(["link", "img", "iframe"], src=True) == []
    links = {tag["href"] for tag in page.find_all("a", href=True) if not tag["href"].startswith("#")}
    assert links == {"offsets.csv", "places.parquet", "verdict.json", MANIFEST}
    assert page.get_text().count("alert('x')") >= 5


def test_tables_can_be_read_again_and_begin_no_formula() -> None:
    files = evidence()
    assert pl.read_parquet(BytesIO(files["places.parquet"])).equals(FRAME)
    read = pl.read_csv(files["offsets.csv"])
    assert read["offset"].to_list() == [1, None]
    assert not any(text.startswith("=") for text in read["group"])
    assert json.loads(files["verdict.json"])["parameters"] == {"a": None, "b": ODD}


def test_nothing_found_is_a_page_too() -> None:
    files = evidence(results=[], sections=[], tables={}, whole={}, notes=())
    assert sorted(files) == ["index.html", MANIFEST, "verdict.json"]


PROGRAM = """
import hashlib, sys
from pathlib import Path
from kafka_analysis.analyses import cutover_readiness
from kafka_analysis.cli.check import _evidence
files = _evidence(cutover_readiness(Path(sys.argv[1]), waive=["headroom"]))
print([(name, hashlib.sha256(data).hexdigest()) for name, data in sorted(files.items())])
"""


def test_another_process_makes_the_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names are in another order in a process with another seed of hashes, wherever they come from a set."""
    from tests.ready import write_ready

    folder = write_ready(tmp_path / "capture")
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    seed = {"PYTHONHASHSEED": "1"}
    other = subprocess.run(command, env=os.environ | seed, check=True, capture_output=True, text=True).stdout
    assert "places.parquet" in other
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["-c", str(folder)])
        exec(PROGRAM, {})
    assert capsys.readouterr().out == other


def test_a_thousand_partitions_of_twenty_groups_are_less_than_a_megabyte() -> None:
    groups, partitions = 20, 1000
    rows = pl.DataFrame({"group": [f"group-{n}" for n in range(groups)]}).join(
        pl.DataFrame({"partition": range(partitions)}), how="cross"
    )
    places = rows.with_columns(
        source=pl.lit("a"), target=pl.lit("b"), topic=pl.lit("orders"), committed_offset=pl.int_range(pl.len()) * 37,
        start_offset=pl.int_range(pl.len()) * 37 - 5,
    )  # fmt: skip
    files = evidence(tables={}, whole={"places": places, "read_twice_partitions": places})
    assert sum(map(len, files.values())) < 1_000_000
