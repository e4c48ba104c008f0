from __future__ import annotations

from kafka_analysis.model.executive import Risk, Unknown
from kafka_analysis.model.findings import Light
from kafka_analysis.stats.summary.in_short import risks_in_short, unknown_in_short


def risk(light: Light, notebook: str, title: str, *clusters: str) -> Risk:
    return Risk(light=light, notebook=notebook, clusters=clusters, title=title)


def test_a_notebook_has_one_line_for_each_light_with_all_clusters() -> None:
    listed = [
        risk(Light.RED, "n", "full", "a"),
        risk(Light.RED, "m", "late", "a"),
        risk(Light.RED, "n", "fuller", "b"),
        risk(Light.AMBER, "n", "so so", "c"),
    ]
    short = [(one.light, one.title, one.clusters) for one in risks_in_short(listed)]
    assert short == [
        (Light.RED, "full (and 1 more)", ("a", "b")),
        (Light.RED, "late", ("a",)),
        (Light.AMBER, "so so", ("c",)),
    ]


def test_what_needs_different_things_points_to_what_its_notebook_needs() -> None:
    lines = [
        Unknown(notebook="60_cutover_readiness", clusters=("a",), what=f"check {n}", how=f"Do {n}.")
        for n in range(6)
    ]
    (one,) = unknown_in_short(lines)
    assert one.what == "check 0, check 1, check 2, check 3 and 2 more"
    assert "check cutover" in one.how
    assert one.clusters == ("a",)
