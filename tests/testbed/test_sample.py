"""The recorded sample: what the analysis says of it against what really happened, as docs/truth.md tells."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kafka_analysis.capture.read import Capture, read_capture
from testbed import blast, truth, truth_report
from testbed.lag_truth import lag_against_truth, untrue
from testbed.scenario import load_scenario

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
MOST_BYTES = 15_000_000
FEW, LATE_S = 0.005, 10.0  # the machine was so busy that acknowledgements, and some answers, came late
BYTES_TOLERANCE = 0.01


@pytest.fixture(scope="module")
def sample() -> Capture:
    return read_capture(SAMPLE)


@pytest.fixture(scope="module")
def compared(sample: Capture) -> pl.DataFrame:
    return truth.differences(truth_report.compare(sample))


def of(compared: pl.DataFrame, figure: str) -> pl.DataFrame:
    rows = compared.filter(pl.col("figure") == figure)
    assert len(rows) > 0
    return rows


@pytest.mark.parametrize(
    "figure", ["records per partition", "size per replica", "log end offset", "committed offset"]
)
def test_what_is_counted_is_exact(compared: pl.DataFrame, figure: str) -> None:
    assert of(compared, figure).filter(pl.col("difference") != 0).rows() == []


def test_bytes_in_are_the_producers_batches(compared: pl.DataFrame) -> None:
    rows = of(compared, "bytes in per topic")
    assert set(rows["window"]) >= {"baseline", "after"}
    assert rows.filter(pl.col("relative").abs() > BYTES_TOLERANCE).rows() == []


def test_topics_add_up_exactly_where_no_leader_moved(compared: pl.DataFrame) -> None:
    rows = of(compared, "bytes in of all topics").filter(
        pl.col("window") == "baseline", pl.col("cluster") == "monolith"
    )
    assert len(rows) == 6
    assert rows.filter(pl.col("difference") != 0).rows() == []


def test_lag_in_seconds_is_true_to_the_time_between_two_answers(sample: Capture) -> None:
    lag = lag_against_truth(sample)
    assert len(lag) > 1000
    assert not lag["is_at_least"].all()
    assert len(untrue(lag)) <= FEW * len(lag)
    assert untrue(lag, late_s=LATE_S).rows() == []


@pytest.mark.parametrize(
    ("figure", "median", "largest"),
    [("business bytes in (estimated)", 0.001, 0.01), ("bytes in per partition (estimated)", 0.01, 0.2)],
)
def test_estimates_are_as_near_as_they_say(
    compared: pl.DataFrame, figure: str, median: float, largest: float
) -> None:
    off = of(compared, figure)["relative"].abs()
    assert off.median() <= median
    assert off.max() <= largest


def test_where_leaders_moved_the_share_no_topic_covers_is_stated(sample: Capture) -> None:
    missed = truth_report.uncovered(sample)
    assert "baseline to rebalanced" in set(missed["between"])
    assert missed["uncovered_share"].abs().max() < 0.2


def test_outages_took_along_what_was_predicted(sample: Capture) -> None:
    told = blast.compare(sample, load_scenario("full")).filter(
        pl.col("effect") == "loses_service",
        pl.col("what").is_in(["partitions", "producers", "bytes_in_per_s"]),
    )
    names = ["broker killed", "broker killed", "cell stopped"]
    assert told.unique("outage", maintain_order=True)["name"].to_list() == names
    assert (told["predicted"] - told["measured"]).abs().max() <= 0.05
    counted = told.filter(pl.col("what") != "bytes_in_per_s")
    assert (counted["measured"] - counted["true"]).abs().max() <= 0.06
    assert (
        told["measured"] - told["true"]
    ).abs().max() <= 0.08  # bytes of half a minute, of topics that come in bursts
    stopped = told.filter(pl.col("name") == "cell stopped")
    assert stopped.filter(pl.col("what") == "producers")["true"].item() >= 0.35


def test_every_figure_of_the_document_names_a_test_of_this_file(compared: pl.DataFrame) -> None:
    assert set(compared["figure"]) == set(truth_report.TESTS)
    assert set(truth_report.TESTS.values()) <= set(globals())


def test_the_document_says_what_the_sample_says() -> None:
    assert (ROOT / "docs" / "truth.md").read_text(encoding="utf-8").strip() == truth_report.report(
        SAMPLE
    ).strip()


def test_the_sample_is_the_full_scenario_and_small(sample: Capture) -> None:
    assert sum(file.stat().st_size for file in SAMPLE.parent.rglob("*") if file.is_file()) < MOST_BYTES
    roles = {cluster.cluster: cluster.role for cluster in sample.clusters}
    assert roles == {"monolith": "source", "cell-a": "target", "cell-b": "target"}
    brokers = sample.expected_brokers.group_by("cluster").len().sort("cluster").rows()
    assert brokers == [("cell-a", 3), ("cell-b", 3), ("monolith", 6)]
    assert sample.table("brokers").filter(pl.col("cluster") == "monolith")["rack"].n_unique() == 3
    kinds = set(sample.table("events")["kind"])
    assert kinds >= {"load", "plan", "replication", "cutover", "fault", "recovery"}
    assert sample.table("truth")["actor"].n_unique() > 2
    assert sample.manifest.rejected == 0
