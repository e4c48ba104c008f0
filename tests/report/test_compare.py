from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kafka_analysis.model.findings import Coverage, Figure, Light, Result, Verdict
from kafka_analysis.model.summary import Summary, SummaryCapture, SummaryResult
from kafka_analysis.report.compare import compare, newest_before

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def result(light: Light, skew: float | None, *, cluster: str = "a") -> SummaryResult:
    return SummaryResult.of(
        Result(
            cluster=cluster,
            verdict=Verdict(light=light, sentence="."),
            figures=(Figure(name="skew", label="Skew", value=skew, better="lower"),),
            coverage=Coverage(expected=1, seen=1),
        )
    )


def summary(*results: SummaryResult, hours: float = 0) -> Summary:
    return Summary(
        notebook="nb",
        created_at=NOW + timedelta(hours=hours),
        tool_version="0",
        capture=SummaryCapture(id="c", start=None, end=None, sha256=""),
        results=results,
    )


def write_run(out: Path, name: str, written: Summary, *, status: str = "completed") -> None:
    (out / name).mkdir()
    written.write(out / name / "nb.summary.json")
    notebooks = [{"notebook": "nb", "status": status, "summary": "nb.summary.json"}]
    (out / name / "run.json").write_text(json.dumps({"notebooks": notebooks}))


def test_the_newest_completed_run_of_the_same_clusters_is_found(tmp_path: Path) -> None:
    write_run(tmp_path, "old", summary(result(Light.RED, 2), hours=-9))
    write_run(tmp_path, "newer", summary(result(Light.RED, 1.8), hours=-5))
    write_run(tmp_path, "failed", summary(result(Light.RED, 1.7), hours=-4), status="failed")
    write_run(tmp_path, "other", summary(result(Light.RED, 1.6, cluster="b"), hours=-3))
    write_run(tmp_path, "later", summary(result(Light.RED, 1.6), hours=1))
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "run.json").write_text("{")
    (tmp_path / "latest").symlink_to("newer")
    predecessor = newest_before(tmp_path, summary(result(Light.GREEN, 1.1)))
    assert predecessor is not None
    assert predecessor[0] == "newer"


def test_no_predecessor_is_none(tmp_path: Path) -> None:
    assert newest_before(tmp_path, summary(result(Light.GREEN, 1.1))) is None


def test_a_change_says_whether_it_is_better() -> None:
    change = compare("r", NOW, result(Light.RED, 1.6), result(Light.GREEN, 1.1))
    assert change.light_changed
    [figure] = change.figures
    assert (figure.before, figure.now, figure.word) == ("1.60", "1.10", "better")
    [figure] = compare("r", NOW, result(Light.RED, 1.1), result(Light.RED, 1.6)).figures
    assert figure.word == "worse"


def test_what_became_known_is_neither_better_nor_worse() -> None:
    [figure] = compare("r", NOW, result(Light.GREY, None), result(Light.RED, 1.6)).figures
    assert (figure.before, figure.word) == ("unknown", "")


def test_figures_that_read_the_same_are_unchanged() -> None:
    assert compare("r", NOW, result(Light.RED, 1.6001), result(Light.RED, 1.6002)).unchanged


@pytest.mark.parametrize(
    ("before", "now", "word"),
    [(1.05, 1.06, "about the same"), (1.0, 1.06, "worse"), (1.0, 0.94, "better"), (0.0, 0.1, "worse")],
)
def test_a_small_change_is_neither_better_nor_worse(before: float, now: float, word: str) -> None:
    [figure] = compare("r", NOW, result(Light.GREEN, before), result(Light.GREEN, now)).figures
    assert figure.word == word
