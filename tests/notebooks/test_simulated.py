"""The notebooks over a simulated capture: they find what was planted, and every page says that it was made up."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from kafka_analysis.analyses import partition_skew, throughput_before_after
from kafka_analysis.model.findings import Result
from kafka_analysis.model.parameters import PARAMETERS
from kafka_analysis.model.summary import SummaryResult
from kafka_analysis.report.outcome import RunOutcome
from kafka_analysis.report.run import run_report
from kafka_analysis.simulate import simulate_capture
from tests.notebooks.in_process import execute_in_process

pytestmark = [pytest.mark.notebooks, pytest.mark.timeout(300), pytest.mark.usefixtures("short_search")]
PLAN = "30_rebalance_plan"
OTHERS = sorted(PARAMETERS.keys() - {PLAN})


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate_capture(
        tmp_path_factory.mktemp("simulated") / "made-up",
        brokers=6,
        partitions=120,
        cells=2,
        hot_brokers=["3:1.8"],
        resets=1,
        gaps=1,
        lagging_groups=1,
        effects=["after:bytes_in=+10%"],
    )


@pytest.fixture(scope="module")
def outcome(capture: Path) -> RunOutcome:
    with pytest.MonkeyPatch.context() as patch:
        execute_in_process(patch)
        return run_report(str(capture), out=capture.with_name("reports"), run_id="r", only=[PLAN], workers=1)


def page(outcome: RunOutcome, name: str) -> BeautifulSoup:
    return BeautifulSoup((outcome.path / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def statuses(outcome: RunOutcome) -> dict[str, str]:
    return {one.notebook: one.status for one in outcome.run.notebooks}


def test_the_notebook_completes(outcome: RunOutcome) -> None:
    assert statuses(outcome) == {PLAN: "completed"}


def test_a_page_says_synthetic_on_its_first_screen_and_with_the_data_quality(outcome: RunOutcome) -> None:
    assert_synthetic(outcome, PLAN)


@pytest.mark.hostile
def test_so_do_the_other_notebooks(capture: Path) -> None:
    done = run_report(str(capture), out=capture.with_name("others"), run_id="r", only=OTHERS, workers=2)
    assert statuses(done) == dict.fromkeys(OTHERS, "completed")
    for name in OTHERS:
        assert_synthetic(done, name)


def assert_synthetic(outcome: RunOutcome, name: str) -> None:
    assert outcome.summaries[name].capture.synthetic
    soup = page(outcome, name)
    assert soup.select_one(".lead .synthetic").get_text().startswith("Synthetic: made up, not recorded")
    assert "Simulated: made up with seed 7, not recorded." in soup.select_one(".ka-data-quality").get_text()
    assert "(synthetic)" in soup.select_one(".ka-provenance").get_text()


def test_the_index_says_synthetic(outcome: RunOutcome) -> None:
    assert page(outcome, "index").select_one(".lead .synthetic")


def values(result: Result | SummaryResult) -> dict[str, float | None]:
    return {figure.name: figure.value for figure in result.figures}


def test_the_hot_broker_is_the_verdict_of_the_skew(capture: Path) -> None:
    (monolith,) = [r for r in partition_skew(capture).results if r.cluster == "monolith"]
    assert "broker 3" in monolith.verdict.sentence
    assert values(monolith)["bytes_in_per_s_max_over_mean"] == pytest.approx(1.8, rel=0.02)


def test_the_plan_relieves_the_hot_broker_and_its_files_are_linked(outcome: RunOutcome) -> None:
    (monolith,) = [r for r in outcome.summaries[PLAN].results if r.cluster == "monolith"]
    found = values(monolith)
    assert found["fullest_before"] >= 1.5 > found["fullest_after"]
    assert 0 < found["lower_bound_bytes"] <= found["bytes_to_move"]
    links = [link["href"] for link in page(outcome, PLAN).select(".ka-files a")]
    assert "files/30_rebalance_plan/monolith/plan.md" in links
    assert all((outcome.path / link).is_file() for link in links)


def test_the_effect_is_the_verdict_of_the_throughput(capture: Path) -> None:
    (result,) = throughput_before_after(capture).results
    found = values(result)
    assert found["bytes_in_after"] / found["bytes_in_before"] == pytest.approx(1.1, abs=0.01)
    assert found["share_on_targets"] == pytest.approx(1)
