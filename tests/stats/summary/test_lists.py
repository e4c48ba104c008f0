from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.summary.lists import actions, risks, unknowns
from tests.made_summaries import answer, finding, summary

INVENTORY, CUTOVER = "10_inventory", "60_cutover_readiness"
MENDS = {"replica behind": ("Wait.", "nothing was changed")}
lights = st.sampled_from(["red", "amber", "grey", "green"])
found = st.builds(finding, lights, st.text(min_size=1, max_size=4), st.sampled_from(["", "Do.", "Do more."]))


def test_an_action_has_why_how_and_whose_it_is() -> None:
    raised = finding("amber", "few copies of t", "MSK advises 3 replicas with 2 in sync.", "Topics: t (3).")
    (action,) = actions([summary(INVENTORY, answer("a", "amber", "x", raised))], teams={"t": "orders"})
    assert (action.what, action.why) == ("MSK advises 3 replicas with 2 in sync.", "few copies of t")
    assert "plan rebalance CAPTURE --cluster a" in action.command
    assert (bool(action.effect), action.undo, action.owner) == (
        True,
        "the rollback of each batch in plan/",
        "orders",
    )


def test_what_blocks_a_cutover_is_mended_as_the_check_says() -> None:
    blocked = answer("a", "red", "x", finding("red", "replica behind"), finding("red", "never heard of"))
    (action,) = actions([summary(CUTOVER, blocked)], mends=MENDS)
    assert (action.what, action.undo) == ("Wait.", "nothing was changed")
    (risk,) = risks([summary(CUTOVER, blocked)], mends=MENDS)
    assert risk.title == "never heard of"


def test_red_comes_before_amber_and_the_same_action_is_one() -> None:
    results = [
        answer("a", "amber", "x", finding("amber", "1 late", "Look.")),
        answer("b", "red", "x", finding("red", "lost", "Read again."), finding("amber", "2 late", "Look.")),
    ]
    listed = actions([summary("75_consumer_lag", *results)])
    assert [(one.what, one.clusters, one.why) for one in listed] == [
        ("Read again.", ("b",), "lost"),
        ("Look.", ("a", "b"), "1 late (and 1 more like it)"),
    ]


def test_to_plan_what_is_planned_already_comes_last() -> None:
    skew = [
        answer(name, "red", "x", finding("red", f"{name} uneven", f"Move replicas from broker {number}."))
        for number, name in enumerate(("a", "b"))
    ]
    plan = answer("a", "red", "x", finding("red", "a plan is ready", "Follow plan.md below."))
    late = answer("a", "amber", "x", finding("amber", "1 late", "Look."))
    summaries = [summary("75_consumer_lag", late), summary("20_partition_skew", *skew)]
    with_plan = actions([*summaries, summary("30_rebalance_plan", plan)])
    last = "Move replicas from broker 0."
    assert [one.what for one in with_plan][-1] == last
    assert {one.what for one in with_plan} == {
        "Follow plan.md.", "Look.", "Move replicas from broker 1.", last
    }  # fmt: skip
    assert [one.what for one in actions(summaries)][-1] == "Look."


def test_below_is_on_the_notebook_s_own_page() -> None:
    raised = finding("red", "a plan is ready", "Follow plan.md below, batch by batch.")
    (action,) = actions([summary("30_rebalance_plan", answer("a", "red", "x", raised))])
    assert action.what == "Follow plan.md, batch by batch."
    assert action.command.startswith("plan.md")


def test_a_failed_notebook_is_unknown_and_comes_first() -> None:
    grey = answer("a", "grey", "no verdict: 50 % of the expected scrapes are there.")
    lines = unknowns([summary(INVENTORY, grey)], failed={"99_own": "it gave no answer"})
    assert [line.notebook for line in lines] == ["99_own", INVENTORY]
    assert lines[0].how.endswith("kafka-analysis report CAPTURE --only 99_own")
    assert lines[1].what == "no verdict: 50 % of the expected scrapes are there"
    assert "Record again" in lines[1].how


def test_a_grey_finding_that_says_what_to_do_stands_for_its_answer() -> None:
    grey = answer(
        "a", "grey", "no verdict: the lag.", finding("grey", "the lag is unknown", "Grant Describe.")
    )
    (line,) = unknowns([summary("75_consumer_lag", grey)])
    assert (line.what, line.how) == ("the lag is unknown", "Grant Describe.")


def test_a_grey_finding_that_says_nothing_does_not_hide_why_its_answer_is_grey() -> None:
    grey = answer(
        "a", "grey", "no verdict: 7 days or declared peaks are needed.", finding("grey", "3 brokers carry it")
    )
    (line,) = unknowns([summary("45_msk_sizing", grey)])
    assert "7 days" in line.what
    assert "Import 7 days" in line.how


def test_a_summary_without_a_verdict_is_unknown() -> None:
    (line,) = unknowns([summary("99_own")])
    assert line.what == "it gave no verdict"


def test_alike_answers_are_one_line_with_their_clusters() -> None:
    many = [
        answer(f"c{n}", "grey", f"no verdict: {n} % of the expected scrapes are there.") for n in range(200)
    ]
    (line,) = unknowns([summary(INVENTORY, *many)])
    assert len(line.clusters) == 200
    assert line.what.endswith("(and 199 more like it)")


@given(st.lists(st.lists(found, max_size=4), min_size=1, max_size=4))
def test_every_finding_is_in_one_list_and_green_ones_in_none(results) -> None:
    """Titles are told apart by list: red and amber with an action, without one, grey in an answer that is not grey."""
    made = summary("99_own", *(answer(f"c{n}", "green", "x", *of) for n, of in enumerate(results)))
    every = [one for of in results for one in of]
    raised = [one for one in every if one.light in ("red", "amber")]
    acted = {one.action for one in raised if one.action}
    assert {one.what for one in actions([made])} == acted
    assert len(actions([made])) == len(acted)
    assert len(risks([made])) == len({one.title for one in raised if not one.action})
    grey = {one.action for one in every if one.light == "grey"}
    assert len(unknowns([made])) == len(grey)
