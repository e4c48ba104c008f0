from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema

from kafka_analysis.model.findings import Coverage, Figure, Light, Result, Verdict
from kafka_analysis.model.summary import (
    Summary,
    SummaryCapture,
    SummaryResult,
    SummaryTable,
    safe_name,
    safe_names,
    summary_schema,
)
from kafka_analysis.model.units import format_quantity

PUBLISHED = Path(__file__).parents[2] / "docs" / "summary.schema.json"


def example() -> Summary:
    result = Result(
        cluster="monolith",
        verdict=Verdict(light=Light.AMBER, sentence="Broker 1 carries 1.3 × the mean."),
        figures=(Figure(name="skew", label="Skew", value=1.3, better="lower"),),
        coverage=Coverage(expected=40, seen=39),
    )
    return Summary(
        notebook="20_partition_skew",
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        tool_version="0.1.0",
        capture=SummaryCapture(id="c1", start=None, end=None, sha256="a" * 64),
        results=(SummaryResult.of(result),),
        tables=(SummaryTable(name="brokers", rows=3, columns=("broker",)),),
    )


def test_the_published_schema_is_in_step() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == summary_schema()


def test_a_summary_fits_the_published_schema() -> None:
    document = json.loads(example().model_dump_json())
    jsonschema.validate(document, json.loads(PUBLISHED.read_text(encoding="utf-8")))
    assert document["results"][0]["coverage"]["ratio"] == 0.975


def test_the_schema_says_that_a_percentage_is_a_fraction() -> None:
    parts = json.loads(summary_schema())["$defs"]
    for name in ("value", "unit"):
        assert "fraction" in parts["Figure"]["properties"][name]["description"]
        assert "0.05 means 5 %" in parts["Figure"]["properties"][name]["description"]
    assert format_quantity(0.05, "%") == "5 %"
    for name in ("ratio", "required_ratio"):
        assert parts["SummaryCoverage"]["properties"][name]["description"].startswith("Fraction from 0 to 1")


def test_a_summary_comes_back_as_it_was(tmp_path: Path) -> None:
    path = example().write(tmp_path / "nb.summary.json")
    assert Summary.read(path) == example()
    assert [file.name for file in tmp_path.iterdir()] == ["nb.summary.json"]
    assert example().clusters == ("monolith",)


def test_names_cannot_leave_their_folder() -> None:
    assert safe_name("../../etc/passwd") == "etc-passwd"
    assert safe_name("..") == "unnamed"


def test_names_that_would_be_the_same_stay_apart():
    names = safe_names(["a b", "a-b", "a/b", "c"])
    assert len(set(names.values())) == 4
    assert all(name == safe_name(name) or name.rstrip("-") == safe_name(name) for name in names.values())
