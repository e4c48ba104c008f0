from __future__ import annotations

from itertools import product

import pytest

from kafka_analysis.model.findings import Light
from kafka_analysis.model.parameters import PARAMETERS
from kafka_analysis.stats.summary.order import is_wave_under_way, reading_order, subject_of, worst
from tests.made_summaries import answer, summary

CUTOVER, REPLICATION, SKEW = "60_cutover_readiness", "50_replication", "20_partition_skew"


def test_the_worst_is_red_before_amber_before_grey_before_green() -> None:
    order = [Light.RED, Light.AMBER, Light.GREY, Light.GREEN]
    for one, other in product(order, order):
        assert worst([one, other]) is order[min(order.index(one), order.index(other))]


def test_every_notebook_but_the_summary_itself_has_a_subject() -> None:
    without = {name for name in PARAMETERS if subject_of(name) == name}
    assert without == {"90_executive_summary"}


def test_a_light_counts_more_than_a_subject_and_the_cutover_more_than_both_while_a_wave_is_under_way() -> (
    None
):
    entries = [(Light.AMBER, CUTOVER), (Light.RED, SKEW), (Light.GREY, REPLICATION), (Light.RED, REPLICATION)]
    by_light = sorted(entries, key=lambda entry: reading_order(*entry))
    assert by_light == [
        (Light.RED, REPLICATION),
        (Light.RED, SKEW),
        (Light.AMBER, CUTOVER),
        (Light.GREY, REPLICATION),
    ]
    under_way = sorted(entries, key=lambda entry: reading_order(*entry, cutover_first=True))
    assert under_way[-1] == (Light.RED, SKEW)
    assert under_way[:2] == [(Light.RED, REPLICATION), (Light.AMBER, CUTOVER)]


def test_a_notebook_nobody_knows_comes_last_at_its_light() -> None:
    assert reading_order(Light.RED, "05_own") > reading_order(Light.RED, "00_start_here")
    assert reading_order(Light.RED, "05_own") < reading_order(Light.AMBER, CUTOVER)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, False),
        ({"stage": "prepared", "wave": None}, False),
        ({"stage": "producers stopped"}, True),
        ({"stage": "consumers stopped"}, True),
        ({"stage": "prepared", "wave": 0}, True),
        ({"stage": ["no", "text"]}, False),
    ],
)
def test_a_wave_is_under_way_when_the_check_was_asked_for_it(parameters, expected) -> None:
    asked = summary(CUTOVER, answer("a", "green"), parameters=parameters)
    assert is_wave_under_way([asked]) is expected
    assert is_wave_under_way([summary(SKEW, parameters={"wave": 1})]) is False
