from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kafka_analysis.analyses.cutover_moment import OF_CHECKS, Moment, moment_of, windows_of
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.read import read_capture
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters
from tests import ready, small

TABLES = ready.tables()


@pytest.fixture
def whole(tmp_path: Path) -> Capture:
    rows = TABLES["record_reads"]
    earlier = rows.with_columns(ts=pl.lit(small.at(300)).cast(rows.schema["ts"]))
    return read_capture(ready.write_ready(tmp_path / "capture", record_reads=pl.concat([earlier, rows])))


def moment(whole: Capture, end: float | None = None, **given: object) -> Moment:
    parameters = CutoverReadinessParameters(capture="any", **given)
    return moment_of(whole, whole.window(None, None if end is None else small.at(end)), None, parameters)


def test_what_moves_is_put_together_once(whole: Capture) -> None:
    at = moment(whole)
    assert at.clusters == ["cell", "prod"]
    assert at.moving.topics["topic"].to_list() == ["orders"]
    assert at.flows.rows() == [("prod", "cell")]
    assert set(at.answered) == set(OF_CHECKS)
    assert at.windows == windows_of(whole, whole)
    assert not at.is_quiet
    assert moment(whole, stage="producers stopped").is_quiet


def test_of_several_answers_all_are_kept_and_the_last_counts(whole: Capture) -> None:
    at = moment(whole)
    assert len(at.answered["record_reads"]) == 2 * len(at.read["record_reads"])
    assert at.read["record_reads"]["ts"].unique().to_list() == [small.at(ready.END_S)]
    assert moment(whole, 600).read["record_reads"]["ts"].unique().to_list() == [small.at(300)]
    assert moment(whole, 200).read["record_reads"].is_empty()


def test_the_newest_answer_about_a_log_says_by_how_much_it_grew(tmp_path: Path) -> None:
    rows = TABLES["offsets"]
    last = pl.col("ts") == pl.col("ts").max()
    grown = rows.with_columns(
        log_end_offset=pl.when(last).then(pl.col("log_end_offset") + 7).otherwise("log_end_offset")
    )
    at = moment(read_capture(ready.write_ready(tmp_path / "grown", offsets=grown)))
    assert at.newest.select("cluster", "log_end_offset", "log_grown").sort("cluster").rows() == [
        ("cell", ready.RECORDS + 7, 7), ("prod", ready.RECORDS + 7, 7),
    ]  # fmt: skip
    assert len(at.logs) == len(rows)
