from __future__ import annotations

from dataclasses import fields
from typing import Any

import polars as pl
import pytest

from kafka_analysis.analyses.cutover_checks import Judged, judged_waves, together
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters
from kafka_analysis.stats.cutover.rows import CHECK_ROWS, CHECKS
from tests import ready, small


@pytest.fixture
def judged() -> Any:
    def judge(*, end: Any = None, **tables: pl.DataFrame) -> Judged:
        capture = ready.ready_in_memory(**tables)
        parameters = CutoverReadinessParameters(capture=str(capture.path))
        return judged_waves(capture, capture.window(None, end), None, parameters)

    return judge


def test_every_check_is_made_whatever_is_asked_later(judged) -> None:
    found = judged()
    assert found.checks.columns == ["wave", *CHECK_ROWS]
    assert set(CHECKS) - set(found.checks["check"]) == {"transactions"}  # none is seen to write to what moves
    assert found.checks["state"].null_count() == 0
    assert found.checks["detail"].null_count() == 0
    assert any(note.startswith("Judged as of ") for note in found.notes)


def test_of_two_checks_in_one_capture_the_last_counts(judged) -> None:
    """The first found nothing at the target; a later one finds all."""
    tables = ready.tables()
    before = {
        name: tables[name].with_columns(ts=pl.lit(small.at(300)).cast(pl.Datetime("ms", "UTC")))
        for name in ("record_reads", "record_checks", "offsets_at")
    }
    bad = before["record_checks"].with_columns(record_hash=pl.lit("other"))
    zero = before["offsets_at"].with_columns(
        offset=pl.when(pl.col("cluster") == "cell").then(0).otherwise("offset")
    )
    several = {
        "record_reads": pl.concat([before["record_reads"], tables["record_reads"]]),
        "record_checks": pl.concat([bad.filter(pl.col("cluster") == "cell"), tables["record_checks"]]),
        "offsets_at": pl.concat([zero, tables["offsets_at"]]),
    }
    states = dict(
        judged(**several)
        .checks.filter(pl.col("check").is_in(["counts", "records"]))
        .select("check", "state")
        .rows()
    )
    assert states == {"counts": "ok", "records": "ok"}


def test_what_came_after_the_window_is_not_looked_at(judged) -> None:
    found = judged(end=small.at(600))
    states = dict(found.checks.filter(pl.col("topic") == "orders").select("check", "state").iter_rows())
    assert (states["counts"], states["records"], states["timestamps"]) == ("unknown", "unknown", "unknown")
    assert states["replica"] == "ok"


def test_moments_are_put_together_and_notes_stand_once(judged) -> None:
    one = judged()
    both = together([one, one])
    for field in fields(Judged):
        if field.name != "notes":
            assert len(getattr(both, field.name)) == 2 * len(getattr(one, field.name))
    assert both.notes == one.notes


def test_a_group_that_the_last_answers_lack_is_judged_by_what_it_committed_last(judged) -> None:
    rows = ready.tables()["group_offsets"]
    other = rows.with_columns(group=pl.lit("h"))
    early = rows.filter((pl.col("ts") == small.at(0)) | (pl.col("cluster") == "cell"))
    found = judged(group_offsets=pl.concat([early, other]))
    kept = found.checks.filter(check="retention").select("group", "state").rows()
    assert sorted(kept) == [("g", "ok"), ("h", "ok")]
