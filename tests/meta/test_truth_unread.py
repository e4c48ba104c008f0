"""The testbed's own record judges the analysis; an analysis that read it would judge itself."""

from __future__ import annotations

import json
import re

import pytest

# `truth` as a string, a path of the table, or an attribute: never as a word of a sentence.
TRUTH = re.compile(r"""["'](?:tables/)?truth(?:\.parquet)?["']|\.truth\b|\btruth\s*=|\bTruth\b""")
ANALYSES = ("stats", "plan", "analyses", "plots", "tables", "report", "live", "sources", "cli")


def mentions(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if TRUTH.search(line)]


@pytest.mark.parametrize("package", ANALYSES)
def test_no_analysis_reads_the_truth(root, package):
    paths = (root / "kafka_analysis" / package).rglob("*.py")
    assert {path.name: found for path in paths if (found := mentions(path.read_text(encoding="utf-8")))} == {}


@pytest.mark.parametrize("package", [name for name in ANALYSES if name != "cli"])
def test_no_analysis_knows_of_what_was_planted(root, package):
    paths = (root / "kafka_analysis" / package).rglob("*.py")
    assert [p.name for p in paths if "planted" in p.read_text(encoding="utf-8")] == []


def test_no_notebook_reads_the_truth(root):
    for path in (root / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        assert mentions(code) == [], path.name
        assert "planted" not in code, path.name


@pytest.mark.parametrize(
    "line",
    [
        'capture.table("truth")',
        "has_table('truth')",
        "tables/truth",
        "capture.truth",
        'scan("tables/truth.parquet")',
    ],
)
def test_the_check_would_see_it(line):
    assert mentions(line) == ([] if line == "tables/truth" else [line])


def test_a_sentence_about_the_truth_is_none():
    assert mentions("# the truth is in docs/truth.md") == []
