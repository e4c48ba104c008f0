"""Topics followed to other clusters, cells and names; those of one window named as such; the smallest counted."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from kafka_analysis.stats.effect.topic_effects import SCHEMA, topic_effects, topic_series
from kafka_analysis.stats.scope.windows import Window
from kafka_analysis.stats.traffic.comparison import compare_topics
from kafka_analysis.stats.traffic.kinds import FLOWS
from tests.stats.effect.compared import AFTER, BEFORE, SIDES, STEP, around


def carried(window, cluster, topic, values, *, kind="business", evidence="measured") -> pl.DataFrame:
    times = [window.start + n * STEP for n in range(len(values))]
    flows = {flow: [float(v) for v in values] for flow in FLOWS}
    rows = pl.DataFrame(
        {
            "window_start": times,
            "cluster": cluster,
            "topic": topic,
            "kind": kind,
            **flows,
            "evidence": evidence,
        }
    )
    return rows.cast({"window_start": pl.Datetime("ms", "UTC")})


def quiet(level: float, seed: int):
    return around(level, sd=0.02, seed=seed)


def levels(traffic: pl.DataFrame) -> pl.DataFrame:
    return traffic.group_by("cluster", "topic", "kind").agg(pl.col(FLOWS).mean())


def asked(before, after, *, frame=lambda rows: rows, flows=None, sides=SIDES, **options):
    then, now = pl.concat(before), pl.concat(after)
    topics = compare_topics(levels(then), levels(now), flows=flows)
    named = None if flows is None else frame(flows)
    found = topic_effects(frame(then), frame(now), topics=frame(topics), sides=sides, flows=named, **options)
    table = found if isinstance(found, pl.DataFrame) else pl.from_pandas(found, nan_to_null=True)
    assert table.columns == list(SCHEMA)
    return {row["topic"]: row for row in table.filter(flow=FLOWS[0]).iter_rows(named=True)}


@pytest.mark.parametrize("engine", ["polars", "pandas"])
def test_a_topic_is_followed_to_another_cluster_to_cells_and_to_another_name(engine):
    before = [
        carried(BEFORE, "old", "moved", quiet(100, 1)),
        carried(BEFORE, "old", "split", quiet(100, 2)),
        carried(BEFORE, "old", "named", quiet(100, 3)),
    ]
    after = [
        carried(AFTER, "cell-a", "moved", quiet(60, 4)),
        carried(AFTER, "cell-a", "split", quiet(50, 5)),
        carried(AFTER, "cell-b", "split", quiet(50, 6)),
        carried(AFTER, "cell-b", "old.named", quiet(150, 7)),
        carried(AFTER, "cell-b", "moved", quiet(900, 8), kind="migration"),
    ]
    flows = pl.DataFrame({"target": ["cell-b"], "topic": ["old.named"], "source_topic": ["named"]})
    found = asked(
        before,
        after,
        flows=flows,
        frame=(lambda rows: rows) if engine == "polars" else pl.DataFrame.to_pandas,
    )
    assert {name: row["verdict"] for name, row in found.items()} == {
        "moved": "fell", "split": "same", "named": "rose",
    }  # fmt: skip
    assert found["moved"]["low"] <= -0.4 <= found["moved"]["high"]
    assert found["named"]["low"] <= 0.5 <= found["named"]["high"]
    assert found["named"]["after"] == pytest.approx(150, rel=0.05)
    assert sum(row["share"] for row in found.values()) == pytest.approx(1.0)


def test_without_the_new_name_it_would_be_two_topics_of_one_window_and_no_change_of_all():
    found = asked(
        [carried(BEFORE, "old", "named", quiet(100, 3))], [carried(AFTER, "new", "old.named", quiet(100, 7))]
    )
    assert {name: (row["verdict"], row["effect"]) for name, row in found.items()} == {
        "named": ("only before", None), "old.named": ("only after", None),
    }  # fmt: skip
    assert found["named"]["reason"] == "nothing was carried in the window after"


def test_topics_beyond_the_most_are_counted_and_not_compared():
    before = [carried(BEFORE, "old", name, quiet(level, n)) for n, (name, level) in enumerate(
        (("a", 100), ("b", 50), ("c", 5), ("gone", 1)))]  # fmt: skip
    after = [carried(AFTER, "new", name, quiet(level, n + 9)) for n, (name, level) in enumerate(
        (("a", 100), ("b", 50), ("c", 5)))]  # fmt: skip
    found = asked(before, after, most=2)
    assert {name: row["verdict"] for name, row in found.items()} == {
        "a": "same", "b": "same", "c": "not compared", "gone": "only before",
    }  # fmt: skip
    assert list(found) == ["a", "b", "c", "gone"]
    assert found["c"]["reason"] == "smaller than the 2 topics compared"
    assert found["c"]["share"] == pytest.approx(10 / 311, rel=0.05)


def test_what_a_replicator_copied_makes_a_topic_an_estimate():
    before = [
        carried(BEFORE, "old", "t", quiet(100, 1), evidence="estimated"),
        carried(BEFORE, "old", "u", quiet(9, 2)),
    ]
    after = [carried(AFTER, "new", "t", quiet(100, 3)), carried(AFTER, "new", "u", quiet(9, 4))]
    assert {name: row["evidence"] for name, row in asked(before, after).items()} == {
        "t": "estimated", "u": "measured",
    }  # fmt: skip


def test_a_step_in_which_one_of_its_clusters_is_missing_is_unknown_and_no_smaller_sum():
    after = [
        carried(AFTER, "cell-a", "t", [4, 4, 4]), carried(AFTER, "cell-b", "t", [5, 5]),
        carried(AFTER, "old", "t", [0]),
    ]  # fmt: skip
    rows = pl.concat(
        part.with_columns(name="topic", side=pl.lit(side))
        for side, part in (("before", carried(BEFORE, "old", "t", [9, 9, 9])), ("after", pl.concat(after)))
    )
    assert topic_series(rows, FLOWS[0])["value"].to_list() == [9.0, 9.0, 9.0, 9.0, 9.0, None]


def test_windows_narrowed_to_a_load_at_work_do_not_mix_the_sides():
    """A made load begins and ends at rest: the first steps after lie before the window that is compared."""
    sides = replace(SIDES, after=Window(AFTER.start + 5 * STEP, AFTER.end))
    before = [carried(BEFORE, "old", "t", quiet(100, 1))]
    found = asked(before, [carried(AFTER, "new", "t", quiet(60, 2))], sides=sides)
    assert (found["t"]["verdict"], found["t"]["hours_before"]) == ("fell", pytest.approx(40 / 360))


def test_without_topics_there_are_no_rows():
    nothing = carried(BEFORE, "old", "t", [])
    assert asked([nothing], [nothing]) == {}
