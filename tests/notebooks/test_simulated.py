"""The notebooks over a simulated capture: they find what was planted, and every page says that it was made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from kafka_analysis.model.parameters import PARAMETERS
from kafka_analysis.report.outcome import RunOutcome
from kafka_analysis.report.run import run_report
from kafka_analysis.simulate import simulate_capture
from tests.notebooks.in_process import execute_in_process

pytestmark = [pytest.mark.notebooks, pytest.mark.timeout(300), pytest.mark.usefixtures("short_search")]
PLANTED = ["00_start_here", "20_partition_skew", "30_rebalance_plan", "70_throughput_before_after"]
OTHERS = sorted(PARAMETERS.keys() - {*PLANTED})


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
        execute_in_process(patch, pictures=False)
        return run_report(str(capture), out=capture.with_name("reports"), run_id="r", only=PLANTED, workers=1)


def page(outcome: RunOutcome, name: str) -> BeautifulSoup:
    return BeautifulSoup((outcome.path / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def results(outcome: RunOutcome, name: str) -> dict[str, dict]:
    summary = json.loads((outcome.path / f"{name}.summary.json").read_text(encoding="utf-8"))
    assert summary["capture"]["synthetic"] is True
    return {result["cluster"]: result for result in summary["results"]}


def statuses(outcome: RunOutcome) -> dict[str, str]:
    return {one.notebook: one.status for one in outcome.run.notebooks}


def test_the_notebooks_complete(outcome: RunOutcome) -> None:
    assert statuses(outcome) == dict.fromkeys(PLANTED, "completed")


@pytest.mark.parametrize("name", PLANTED)
def test_a_page_says_synthetic_on_its_first_screen_and_with_the_data_quality(
    outcome: RunOutcome, name: str
) -> None:
    assert_synthetic(outcome, name)


@pytest.mark.hostile
def test_so_do_the_other_notebooks(capture: Path) -> None:
    done = run_report(str(capture), out=capture.with_name("others"), run_id="r", only=OTHERS, workers=2)
    assert statuses(done) == dict.fromkeys(OTHERS, "completed")
    for name in OTHERS:
        assert_synthetic(done, name)


def assert_synthetic(outcome: RunOutcome, name: str) -> None:
    soup = page(outcome, name)
    assert soup.select_one(".lead .synthetic").get_text().startswith("Synthetic: made up, not recorded")
    assert "Simulated: made up with seed 7, not recorded." in soup.select_one(".ka-data-quality").get_text()
    assert "(synthetic)" in soup.select_one(".ka-provenance").get_text()


def test_the_index_says_synthetic(outcome: RunOutcome) -> None:
    assert page(outcome, "index").select_one(".lead .synthetic")


def test_the_hot_broker_is_the_verdict_of_the_skew(outcome: RunOutcome) -> None:
    monolith = results(outcome, "20_partition_skew")["monolith"]
    assert "broker 3" in monolith["verdict"]["sentence"]
    (figure,) = [f for f in monolith["figures"] if f["name"] == "bytes_in_per_s_max_over_mean"]
    assert figure["value"] == pytest.approx(1.8, rel=0.02)


def test_the_plan_relieves_the_hot_broker_and_its_files_are_linked(outcome: RunOutcome) -> None:
    monolith = results(outcome, "30_rebalance_plan")["monolith"]
    values = {figure["name"]: figure["value"] for figure in monolith["figures"]}
    assert values["fullest_before"] >= 1.5 > values["fullest_after"]
    assert 0 < values["lower_bound_bytes"] <= values["bytes_to_move"]
    links = [link["href"] for link in page(outcome, "30_rebalance_plan").select(".ka-files a")]
    assert "files/30_rebalance_plan/monolith/plan.md" in links
    assert all((outcome.path / link).is_file() for link in links)


def test_the_effect_is_the_verdict_of_the_throughput(outcome: RunOutcome) -> None:
    (result,) = results(outcome, "70_throughput_before_after").values()
    values = {figure["name"]: figure["value"] for figure in result["figures"]}
    assert values["bytes_in_after"] / values["bytes_in_before"] == pytest.approx(1.1, abs=0.01)
    assert values["share_on_targets"] == pytest.approx(1)
