from __future__ import annotations

from kafka_analysis.stats.summary.key_figures import costs, key_figures
from tests.made_summaries import answer, figure, summary

SKEW, LAG, CUTOVER, THROUGHPUT = (
    "20_partition_skew", "75_consumer_lag", "60_cutover_readiness", "70_throughput_before_after",
)  # fmt: skip


def skew(light: str, *values: float | None):
    name = "bytes_out_per_s_max_over_mean"
    results = (
        answer(f"c{n}", light, "x", figure(name, value, better="lower")) for n, value in enumerate(values)
    )
    return summary(SKEW, *results)


def chosen(*summaries) -> list[tuple[str, str, float | None]]:
    return [(one.notebook, one.cluster, one.figure.value) for one in key_figures(summaries)]


def test_how_far_it_is_then_the_worst_subjects() -> None:
    moved = summary(THROUGHPUT, answer("all", "green", "x", figure("share_on_targets", 0.5, better="higher")))
    late = summary(LAG, answer("a", "amber", "x", figure("lag_seconds_max", 9.0, better="lower")))
    ready = summary(CUTOVER, answer("a", "green", "x", figure("blocking_places", 0.0, better="lower")))
    assert chosen(ready, skew("red", 3.0), late, moved) == [
        (THROUGHPUT, "all", 0.5), (SKEW, "c0", 3.0), (LAG, "a", 9.0),
    ]  # fmt: skip


def test_while_a_wave_is_under_way_the_cutover_comes_before_what_is_worse() -> None:
    places = figure("blocking_places", 0.0, better="lower")
    ready = summary(CUTOVER, answer("a", "green", "x", places), parameters={"wave": 2})
    assert chosen(skew("red", 3.0), ready)[0] == (CUTOVER, "a", 0.0)


def test_of_clusters_with_the_same_light_the_worst_value_is_shown() -> None:
    assert chosen(skew("red", 2.0, 7.0, None, 3.0)) == [(SKEW, "c1", 7.0)]
    room = [
        answer(n, "amber", "x", figure("tightest_headroom", v, better="higher"))
        for n, v in (("a", 0.4), ("b", 0.1))
    ]
    assert chosen(summary("45_msk_sizing", *room)) == [("45_msk_sizing", "b", 0.1)]


def test_a_better_light_does_not_speak_for_a_worse_one() -> None:
    mixed = summary(
        SKEW,
        answer("a", "green", "x", figure("bytes_out_per_s_max_over_mean", 9.0, better="lower")),
        answer("b", "red", "x", figure("bytes_out_per_s_max_over_mean", 2.0, better="lower")),
    )
    assert chosen(mixed) == [(SKEW, "b", 2.0)]


def test_nothing_lost_is_no_news_where_somebody_is_late() -> None:
    def late(cluster: str, seconds: float):
        lost = figure("lost_records", 0.0, better="lower")
        return answer(cluster, "amber", "x", lost, figure("lag_seconds_max", seconds, better="lower"))

    assert chosen(summary(LAG, late("a", 0.0), late("b", 60.0))) == [(LAG, "b", 60.0)]
    assert chosen(summary(LAG, late("a", 0.0))) == [(LAG, "a", 0.0)]


def test_one_figure_a_subject_and_three_in_all_and_none_that_is_unknown() -> None:
    plan = summary(
        "30_rebalance_plan", answer("a", "red", "x", figure("fullest_before", 3.0, better="lower"))
    )
    assert chosen(plan, skew("red", 3.0)) == [("30_rebalance_plan", "a", 3.0)]
    many = [
        summary(f"9{n}_own", answer("a", "red", "x", figure("f", n, better="lower"))) for n in range(1, 6)
    ]
    assert len(chosen(*many)) == 3
    assert chosen(skew("red", None)) == []
    assert chosen(summary("91_own", answer("a", "red", "x", figure("f", 1.0)))) == []  # of no direction


def test_what_was_measured_comes_before_what_was_estimated() -> None:
    guess = figure("fullest_before", 9.0, better="lower", evidence="estimated")
    plan = summary("30_rebalance_plan", answer("a", "red", "x", guess))
    assert chosen(plan, skew("red", 3.0)) == [(SKEW, "c0", 3.0)]
    assert chosen(plan, skew("amber", 3.0)) == [("30_rebalance_plan", "a", 9.0)]


def test_a_share_nobody_could_judge_is_not_how_far_it_is() -> None:
    moved = summary(THROUGHPUT, answer("all", "grey", "x", figure("share_on_targets", 0.5)))
    assert chosen(moved) == []


def test_costs_are_every_known_one() -> None:
    split = summary(
        "40_cluster_split", answer("a", "amber", "x", figure("monthly_usd", 9.0, unit="USD a month"))
    )
    sizing = summary("45_msk_sizing", answer("a", "grey", "x", figure("monthly_usd", None)))
    other = summary("91_own", answer("a", "red", "x", figure("monthly_usd", 5.0)))
    assert [(one.notebook, one.figure.value) for one in costs([split, sizing, other])] == [
        ("40_cluster_split", 9.0)
    ]
