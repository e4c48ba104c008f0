"""What several analyses say of one capture and one window is the same, or is called by another name."""

from __future__ import annotations

import itertools

import polars as pl
import pytest

from kafka_analysis import analyses
from kafka_analysis.capture.read import read_capture
from kafka_analysis.model.resources import PLANNED_RESOURCES, RESOURCES
from kafka_analysis.model.units import format_quantity
from tests.sample import SAMPLE, window_of

pytestmark = pytest.mark.usefixtures("short_search")

WINDOW = {"cluster": "monolith", **window_of("baseline")}
NAMES = ("start_here", "inventory", "partition_skew", "msk_sizing")


@pytest.fixture(scope="module")
def answers():
    """Return the answers of several analyses on one cluster of the sample in one window."""
    capture = read_capture(SAMPLE)
    asked = {name: getattr(analyses, name)(capture, **WINDOW) for name in NAMES}
    return asked | {"rebalance": analyses.rebalance(capture, leaders_only=True, **WINDOW)}


def figures(answer) -> dict[str, tuple[str, float | None]]:
    (result,) = answer.results
    return {figure.name: (figure.label, figure.value) for figure in result.figures}


def before(answers, resource: str) -> pl.Series:
    """Return what each broker carries of a resource, as the rebalance says it."""
    return answers["rebalance"].brokers.filter(resource=resource).sort("broker")["before"]


def test_figures_of_one_label_have_one_value(answers) -> None:
    told = [(label, value) for answer in answers.values() for label, value in figures(answer).values()]
    for (label, value), (other, another) in itertools.combinations(told, 2):
        assert label != other or value == pytest.approx(another, rel=1e-9), label


def test_windows_and_coverage_are_the_same(answers) -> None:
    assert len({(w.start, w.end) for answer in answers.values() for w in answer.windows.values()}) == 1
    assert len({str(answer.coverage["monolith"]) for answer in answers.values()}) == 1


def test_partitions_brokers_and_topics_are_as_many(answers) -> None:
    here, inventory, skew, rebalance = (
        answers[n] for n in ("start_here", "inventory", "partition_skew", "rebalance")
    )
    partitions = {figures(here)["partitions"][1], figures(inventory)["partitions"][1]}
    assert partitions == {inventory.partitions.height, skew.partitions.height, rebalance.partitions.height}
    brokers = {figures(here)["brokers"][1], figures(inventory)["brokers"][1]}
    assert brokers == {inventory.brokers.height, skew.brokers.height, rebalance.brokers["broker"].n_unique()}
    assert figures(inventory)["topics"][1] == skew.partitions["topic"].n_unique()


def test_topics_listed_are_those_counted(answers) -> None:
    assert figures(answers["inventory"])["topics"][1] == answers["inventory"].topics.height


@pytest.mark.parametrize("resource", ["size_bytes", "leaders", "replicas"])
def test_brokers_carry_the_same(answers, resource) -> None:
    carried = answers["partition_skew"].brokers.sort("broker")[resource]
    assert before(answers, resource).to_list() == pytest.approx(carried.to_list())


def test_what_is_stored_is_the_same(answers) -> None:
    stored = figures(answers["inventory"])["size_bytes"][1]
    assert stored == pytest.approx(answers["partition_skew"].brokers["size_bytes"].sum())
    assert stored == pytest.approx(answers["inventory"].topics["size_bytes"].sum())


@pytest.mark.parametrize("resource", ["bytes_in_per_s", "bytes_out_per_s"])
def test_traffic_of_topics_partitions_and_brokers_adds_up(answers, resource) -> None:
    skew, inventory = answers["partition_skew"], answers["inventory"]
    total = skew.brokers[resource].sum()
    assert total == pytest.approx(inventory.brokers[resource].sum())
    assert total == pytest.approx(inventory.topics[resource].sum())
    assert total == pytest.approx(skew.partitions[resource].sum())
    assert total == pytest.approx(answers["rebalance"].partitions[resource].sum())


@pytest.mark.parametrize("resource", ["bytes_in_per_s", "bytes_out_per_s"])
def test_traffic_with_replication_has_another_name(answers, resource) -> None:
    carried = answers["partition_skew"].brokers.sort("broker")[resource]
    assert before(answers, resource).sum() > 1.5 * carried.sum()
    assert PLANNED_RESOURCES[resource].words != RESOURCES[resource].words
    said = [result.text() for result in answers["rebalance"].results]
    assert RESOURCES[resource].words not in said[0].replace(PLANNED_RESOURCES[resource].words, "")


def test_sizing_averages_what_brokers_carry(answers) -> None:
    sized = dict(answers["msk_sizing"].input.select("quantity", "value").iter_rows())
    carried = answers["partition_skew"].brokers["bytes_in_per_s"].sum()
    assert sized["bytes in, average"] == format_quantity(carried, "B/s")
