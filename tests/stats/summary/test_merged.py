from __future__ import annotations

from kafka_analysis.model.findings import Light
from kafka_analysis.stats.summary.merged import merged_findings
from tests.made_summaries import answer, finding, summary


def merged(*summaries, key=lambda one: one.title):
    return merged_findings(summaries, which=lambda one: one.light is not Light.GREEN, key=key)


def test_the_same_finding_of_several_clusters_is_one_with_the_clusters_named() -> None:
    same = [answer(name, "red", "x", finding("red", "no leader")) for name in ("a", "b", "c")]
    (one,) = merged(summary("10_inventory", *same))
    assert (one.finding.title, one.clusters, one.why) == ("no leader", ("a", "b", "c"), "no leader")


def test_two_hundred_clusters_are_still_one() -> None:
    many = [answer(f"c{n}", "amber", "x", finding("amber", "late")) for n in range(200)]
    (one,) = merged(summary("n", *many))
    assert len(one.clusters) == 200


def test_the_worst_of_those_that_are_one_stands_for_them() -> None:
    results = [
        answer("a", "amber", "x", finding("amber", "2 late", "Look.")),
        answer("b", "red", "x", finding("red", "9 late", "Look.")),
        answer("b", "red", "x", finding("red", "3 late", "Look.")),
    ]
    (one,) = merged(summary("n", *results), key=lambda found: found.action)
    assert (one.finding.light, one.why, one.clusters) == (
        Light.RED,
        "9 late (and 2 more like it)",
        ("b", "a"),
    )


def test_the_same_words_of_two_notebooks_are_two() -> None:
    same = answer("a", "red", "x", finding("red", "late"))
    assert [one.notebook for one in merged(summary("99_b", same), summary("98_a", same))] == ["98_a", "99_b"]


def test_nothing_is_lost_and_nothing_is_there_twice() -> None:
    lights = ("red", "amber", "grey", "green")
    results = [
        answer(name, "red", "x", *(finding(light, f"{light} {name}") for light in lights)) for name in "ab"
    ]
    titles = [title for one in merged(summary("n", *results)) for title in one.titles]
    assert sorted(titles) == sorted(f"{light} {name}" for light in lights[:3] for name in "ab")
    assert [title.split()[0] for title in titles] == ["red", "red", "amber", "amber", "grey", "grey"]
