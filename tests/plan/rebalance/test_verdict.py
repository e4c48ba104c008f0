"""Every sentence of the verdict, and its light."""

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Light
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.rebalance.verdict import rebalance_verdict

SEEN = Coverage(expected=10, seen=10)
STORED = ("size_bytes", 2.0, 1.08, 0.5, 0.95, "FIXED")
LEADERS = ("leaders", 1.3, 1.05, 0.8, 0.95, "FIXED")
EVEN = ("replicas", 1.04, 1.04, 0.97, 0.97, "NO-ACTION")
STILL = ("size_bytes", 1.3, 1.2, 0.5, 0.6, "VIOLATED")
RACKS = (("as many racks as possible", 3, 0, None, None, "FIXED"),)


def told(plan, coverage=SEEN, **options):
    outcome = plan if isinstance(plan, Outcome) else Outcome("c", plan)
    verdict = rebalance_verdict(outcome, coverage, **options)
    return verdict.light, verdict.sentence


def test_bytes_time_effect_and_the_least_anyone_could_move(made_up):
    assert told(made_up(STORED, EVEN)) == (
        Light.RED,
        (
            "moving 12 GB of 140 GB in 3 batches (14 min 0 s to 22 min 0 s) brings the fullest broker from 2.00 to "
            "1.08 × the mean of bytes stored; no plan can do it with less than 11.6 GB."
        ),
    )


def test_the_fullest_broker_may_be_of_another_resource_afterwards(made_up):
    assert told(
        made_up(("leaders", 1.4, 1.0, 0.9, 1.0, "FIXED"), ("size_bytes", 1.2, 1.1, 0.8, 0.9, "FIXED"))
    ) == (
        Light.AMBER,
        (
            "moving 12 GB of 140 GB in 3 batches (14 min 0 s to 22 min 0 s) brings the fullest broker from 1.40 × "
            "the mean (leaders) to 1.10 × (bytes stored); no plan can do it with less than 11.6 GB."
        ),
    )


def test_leaders_that_change_copy_nothing(made_up):
    plan = made_up(
        LEADERS, EVEN, movements=0, moved=0.0, leaders=5, bound=0.0, batches=1, seconds=(0.0, 0.0, 0.0)
    )
    assert told(plan) == (
        Light.AMBER,
        (
            "changing the preferred leaders of 5 partitions (nothing is copied, 1 batch, moments) brings the fullest "
            "broker from 1.30 to 1.05 × the mean of leaders."
        ),
    )


def test_where_no_fullest_broker_falls_the_emptiest_rises(made_up):
    plan = made_up(("leaders", 1.06, 1.06, 0.85, 0.93, "FIXED"), movements=0, leaders=1)
    assert "brings the emptiest broker from 0.85 to 0.93 × the mean of leaders." in told(plan)[1]


def test_a_plan_may_mend_rules_only(made_up):
    assert told(made_up(EVEN, rules=RACKS, bound=None))[1].endswith(
        "meets: replicas in as many racks as possible."
    )
    assert told(made_up(EVEN, rules=RACKS))[0] is Light.RED
    nothing = told(made_up(EVEN, bound=0.0))[1]
    assert nothing.endswith("brings no broker much closer to its share.")


def test_nothing_to_do_is_green(made_up):
    assert told(
        made_up(EVEN, (*LEADERS[:1], 1.02, 1.02, 0.98, 0.98, "NO-ACTION"), movements=0, leaders=0)
    ) == (
        Light.GREEN,
        "nothing to do: the fullest broker carries 1.04 × the mean of replicas, and every rule is met.",
    )


def test_where_nothing_helps_it_says_so(made_up):
    assert told(
        made_up((*STILL[:2], 1.3, 0.5, 0.5, "VIOLATED"), movements=0, leaders=0, bound=5e9, moved=0.0)
    ) == (
        Light.AMBER,
        (
            "no allowed change improves anything: the fullest broker carries 1.30 × the mean of bytes stored; "
            "not met: bytes stored (to meet every goal takes 5 GB or more)."
        ),
    )


@pytest.mark.parametrize(
    ("options", "bound", "says"),
    [
        ({"leaders_only": True}, 5e9, "; not met by moving leaders alone: bytes stored."),
        ({}, None, "; no plan can meet every goal (proven); not met: bytes stored."),
        (
            {"max_moved_bytes": 12e9},
            40e9,
            "; within max_moved_bytes not met: bytes stored (to meet every goal takes 40 GB or",
        ),
        ({"max_movements": 3, "max_moved_bytes": None}, 1e9, "; within max_movements not met: bytes stored."),
        ({}, 1e9, "; not met: bytes stored."),
    ],
)
def test_goals_that_are_not_met_are_named_with_the_reason(made_up, options, bound, says):
    assert says in told(made_up(STILL, bound=bound, options=options))[1]


def test_a_cluster_of_which_too_little_was_seen_is_grey(made_up):
    light, sentence = told(made_up(STORED), coverage=Coverage(expected=10, seen=5))
    assert (light, sentence) == (
        Light.GREY, "no verdict: only 50 % of the expected scrapes are there; 95 % are required.",
    )  # fmt: skip


def test_without_a_plan_the_reason_is_the_sentence():
    assert told(Outcome("c", unknown="sizes are unknown")) == (
        Light.GREY, "not planned: sizes are unknown.",
    )  # fmt: skip
    assert told(Outcome("c", impossible="capacity: too little")) == (
        Light.RED, "no plan is possible: capacity: too little.",
    )  # fmt: skip


def test_an_unknown_time_and_an_execution_that_cannot_start(made_up):
    assert "in 3 batches (time unknown) brings" in told(made_up(STORED, seconds=(None, None, None)))[1]
    assert told(made_up(STORED, execution=None))[1].startswith("moving 12 GB of 140 GB brings")


def test_brokers_of_different_size_are_held_against_their_shares(made_up):
    brokers = pl.DataFrame({"broker": [1, 2], "disk_bytes": [1e12, 2e12]})
    assert "2.00 to 1.08 × its share of bytes stored" in told(made_up(STORED, brokers=brokers))[1]


def test_from_where_on_it_is_red_can_be_said(made_up):
    assert told(made_up(LEADERS), red=1.2)[0] is Light.RED
    assert told(made_up(LEADERS), red=1.4)[0] is Light.AMBER
