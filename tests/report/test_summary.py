from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from bs4 import BeautifulSoup

from kafka_analysis.model.findings import Coverage, Light, Result, Verdict
from kafka_analysis.model.parameters.describing import PartitionSkewParameters
from kafka_analysis.model.summary import Summary
from kafka_analysis.report.blocks import Block
from kafka_analysis.report.summary import SUMMARY_DIR, command_again, record_summary

RESULT = Result(
    cluster="monolith",
    verdict=Verdict(light=Light.GREEN, sentence="Even."),
    coverage=Coverage(expected=4, seen=4),
)


@pytest.fixture
def capture(tmp_path: Path) -> SimpleNamespace:
    (tmp_path / "cap").mkdir()
    (tmp_path / "cap" / "manifest.json").write_text("{}")
    return SimpleNamespace(
        id="c-1",
        path=tmp_path / "cap",
        manifest=SimpleNamespace(synthetic=False),
        start=datetime(2026, 1, 2, tzinfo=UTC),
        end=datetime(2026, 1, 3, tzinfo=UTC),
    )


def record(capture: SimpleNamespace, **tables: pl.DataFrame) -> Block:
    parameters = PartitionSkewParameters(capture="data/sample", top_n=3)
    return record_summary(
        [RESULT], notebook="20_partition_skew", parameters=parameters, capture=capture, tables=tables
    )


def test_provenance_names_the_evidence_and_the_command(capture: SimpleNamespace) -> None:
    page = BeautifulSoup(record(capture)._repr_html_(), "html.parser")
    text = page.get_text(" ")
    assert hashlib.sha256(b"{}").hexdigest() in text
    assert "2026-01-02 00:00:00 UTC to 2026-01-03 00:00:00 UTC" in text
    assert (
        page.pre.get_text()
        == "kafka-analysis report data/sample --only 20_partition_skew -p 20_partition_skew:top_n=3"
    )
    assert str(capture.path) not in text


def test_nothing_is_written_outside_a_report(
    capture: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SUMMARY_DIR, raising=False)
    monkeypatch.chdir(tmp_path)
    record(capture, brokers=pl.DataFrame({"broker": [1]}))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["cap", "manifest.json"]


def test_summary_and_tables_are_written_in_a_report(
    capture: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    out.mkdir()
    monkeypatch.setenv(SUMMARY_DIR, str(out))
    frame = pl.DataFrame({"group": ["=cmd()", "orders"], "isr": [[1, 2], []], "lag": [1, -2]})
    record(capture, **{"../lag": frame})
    summary = Summary.read(out / "20_partition_skew.summary.json")
    assert (summary.capture.id, summary.capture.name, summary.clusters) == ("c-1", "cap", ("monolith",))
    assert summary.parameters["top_n"] == 3
    assert "capture" not in summary.parameters
    [table] = summary.tables
    assert table.files == ("tables/20_partition_skew/lag.parquet", "tables/20_partition_skew/lag.csv")
    assert pl.read_parquet(out / table.files[0]).equals(frame)
    assert (out / table.files[1]).read_text() == 'group,isr,lag\n\'=cmd(),1;2,1\norders,"",-2\n'


@pytest.mark.parametrize(
    ("values", "ending"),
    [
        ({"cluster": "monolith"}, "-p 20_partition_skew:cluster=monolith"),
        ({"cluster": "17"}, "-p '20_partition_skew:cluster=\"17\"'"),
        ({"topics_exclude": ["a b*"]}, "-p '20_partition_skew:topics_exclude=[\"a b*\"]'"),
        ({"include_internal": False}, "-p 20_partition_skew:include_internal=false"),
        ({"start": "2026-01-02"}, "-p '20_partition_skew:start=\"2026-01-02T00:00:00Z\"'"),
    ],
)
def test_the_command_can_be_pasted(values: dict[str, object], ending: str) -> None:
    assert command_again("20_partition_skew", PartitionSkewParameters(capture="x", **values)).endswith(ending)
