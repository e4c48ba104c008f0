"""What a person can get wrong with a report: one clear line, the exit code of the contract, nothing half-written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.cli import app
from kafka_analysis.model.parameters import PARAMETERS
from kafka_analysis.model.summary import Summary
from tests.notebooks.in_process import execute_in_process

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def run(tmp_path: Path, *words: str, capture: Path = SAMPLE) -> Result:
    return CliRunner().invoke(app, ["report", str(capture), "--out", str(tmp_path / "reports"), *words])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "20_skew"], "did you mean '20_partition_skew'"),
        (["-p", "20_partition_skew:topn=3"], "did you mean 'top_n'"),
        (["-p", "20_partition_skew:top_n=many"], "top_n"),
        (["-p", "20_partition_skew:skew_red=1.1"], "skew_amber"),
        (["-p", "all:cluster=monolit"], "did you mean 'monolith'"),
        (["-p", "all:start=2030-01-02", "-p", "all:end=2030-01-01"], "not before"),
        (["-p", "all:start=2030-01-01", "-p", "all:end=2030-01-02"], "does not overlap the capture"),
        (["-p", "70_throughput_before_after:before_start=2020-01-01"], "give both or neither"),
        (["-p", "nonsense"], "nonsense"),
    ],
)
def test_a_wrong_word_ends_with_2_before_anything_runs(tmp_path: Path, words: list[str], said: str) -> None:
    done = run(tmp_path, *words)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "reports").exists()


def test_a_capture_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    done = run(tmp_path, capture=tmp_path / "nowhere")
    assert done.exit_code == 2
    assert "no capture at" in done.stderr


def test_a_damaged_file_ends_with_2(tmp_path: Path) -> None:
    copy = shutil.copytree(SAMPLE, tmp_path / "copy")
    file = copy / "tables" / "partitions.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    done = run(tmp_path, capture=copy)
    assert done.exit_code == 2
    assert "tables/partitions.parquet" in done.stderr
    assert not (tmp_path / "reports").exists()


GREY = ("20_partition_skew", "70_throughput_before_after")


@pytest.mark.notebooks
@pytest.mark.parametrize(
    "names", [GREY, pytest.param(tuple(sorted(PARAMETERS.keys() - {*GREY})), marks=pytest.mark.hostile)]
)
def test_without_the_metric_a_verdict_is_grey_and_that_is_no_failure(
    tmp_path: Path, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    execute_in_process(monkeypatch)
    monkeypatch.setattr("kafka_analysis.report.run._processors", lambda: 1)
    only = [word for name in names for word in ("--only", name)]
    done = run(tmp_path, "--run-id", "x", *only, capture=without_traffic(tmp_path / "poor"))
    assert done.exit_code == 0, done.stderr
    for name in names:
        summary = Summary.read(tmp_path / "reports" / "x" / f"{name}.summary.json")
        if name in GREY:
            assert {result.verdict.light.value for result in summary.results} == {"grey"}


def without_traffic(path: Path) -> Path:
    """Write the sample again without what a broker counts and stores."""
    whole = read_capture(SAMPLE)
    with CaptureWriter(path) as writer:
        writer.add_samples(whole.samples("leader_count", "heap_used_bytes").collect())
        for name in ("brokers", "topics", "groups", "events"):
            writer.add_table(name, whole.table(name))
        manifest = whole.manifest
        writer.finish(window=(whole.start, whole.end), clusters=manifest.clusters, sources=manifest.sources)
    return path
