"""What else may explain a change: the load itself, and what topics went through that did not move."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from kafka_analysis.stats.effect.confounders import confounder_effects, moved_topics, no_control
from kafka_analysis.stats.effect.traffic import traffic_effects
from tests.stats.effect.compared import AFTER, BEFORE, SIDES, STEP, STEPS, around

PLACES = {"name": ["t", "u"], "state": ["moved", "stayed"]}


def topics(*rows) -> dict[str, list]:
    columns = ("cluster", "topic", "kind", "bytes_in_per_s")
    return dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))


def states(found) -> dict[str, str]:
    table = found if isinstance(found, pl.DataFrame) else pl.from_pandas(found)
    return dict(table.select("name", "state").unique().iter_rows())


def test_a_topic_moved_where_most_of_its_bytes_go_elsewhere(frame):
    before = frame(
        topics(("old", "t", "business", 9.0), ("old", "u", "business", 9.0), ("old", "v", "business", 9.0))
    )
    after = frame(topics(
        ("old", "t", "business", 0.0), ("new", "t", "business", 9.0), ("old", "u", "business", 9.0),
        ("new", "u", "migration", 9.0), ("old", "v", "business", 5.0), ("new", "v", "business", 4.0),
    ))  # fmt: skip
    assert states(moved_topics(before, after)) == {"t": "moved", "u": "stayed", "v": "stayed"}


def test_a_topic_of_one_window_only_is_neither(frame):
    before = frame(topics(("old", "gone", "business", 9.0), ("old", "t", "business", 1.0)))
    after = frame(topics(("new", "t", "business", 9.0), ("new", "fresh", "business", 1.0)))
    assert states(moved_topics(before, after)) == {"gone": "one side", "fresh": "one side", "t": "moved"}


def test_a_topic_with_another_name_at_its_target_is_the_same(frame):
    before = frame(topics(("old", "t", "business", 9.0)))
    after = frame(topics(("new", "old.t", "business", 9.0)))
    flows = frame({"target": ["new"], "topic": ["old.t"], "source_topic": ["t"]})
    assert states(moved_topics(before, after, flows=flows)) == {"t": "moved"}
    assert states(moved_topics(before, after)) == {"t": "one side", "old.t": "one side"}


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ({"moved": 2, "stayed": 1}, ""),
        ({"moved": 2}, "no control: all topics moved (2 topics)"),
        ({"stayed": 2}, "no topic moved to another cluster between the windows"),
        ({}, "no control: no business topic was seen"),
        ({"moved": 1, "one side": 2}, "no control: no topic stayed (1 moved; 2 seen on one side only: {})"),
    ],
)
def test_why_there_is_no_control(frame, of, said):
    rows = [(f"{state}{n}", state) for state, count in of.items() for n in range(count)]
    schema = {"name": pl.String, "state": pl.String}
    assert no_control(frame(rows, schema=schema, orient="row")) == said.format("one side0, one side1")


def traffic(bytes_in, messages, *, window, cluster) -> pl.DataFrame:
    times = [window.start + n * STEP for n in range(len(bytes_in))]
    rows = pl.DataFrame({"window_start": times, "cluster": cluster, "kind": "business", "bytes_in_per_s": bytes_in,
        "bytes_out_per_s": bytes_in, "messages_in_per_s": messages})  # fmt: skip
    return rows.cast({"window_start": pl.Datetime("ms", "UTC")})


def loads(*, grown: float, lost: float = 0.0, seed: int = 1):
    """Return moved and stayed traffic of both windows: both grow by so much, and what moved loses so much besides."""
    parts = {}
    shared = [around(1.0, sd=0.02, seed=seed), (1 + grown) * around(1.0, sd=0.02, seed=seed + 1)]
    for n, (state, cluster) in enumerate((("moved", "new"), ("stayed", "old"))):
        factor = 1 - lost if state == "moved" else 1.0
        sides = []
        for k, (window, place) in enumerate(((BEFORE, "old"), (AFTER, cluster))):
            messages = 1000 * shared[k] * around(1.0, sd=0.01, seed=10 + 2 * n + k)
            sizes = 100 * around(1.0, sd=0.01, seed=20 + 2 * n + k) * (factor if k else 1.0)
            sides.append(traffic(messages * sizes, messages, window=window, cluster=place))
        parts[state] = tuple(sides)
    return parts


def compared(parts, places=PLACES):
    whole = [pl.concat([parts["moved"][k], parts["stayed"][k]]) for k in (0, 1)]
    added = [
        side.group_by("window_start", "cluster", "kind").agg(pl.selectors.numeric().sum()) for side in whole
    ]
    effects = traffic_effects(*added, windows=(BEFORE, AFTER), step=STEP, season="none")
    table = confounder_effects(
        *added, effects=effects, topics=pl.DataFrame(places), sides=SIDES, moved=parts["moved"],
        stayed=parts["stayed"],
    )  # fmt: skip
    return {row["question"]: row for row in table.iter_rows(named=True)}


def test_growth_of_everything_is_no_effect_of_the_migration():
    rows = compared(loads(grown=-0.2))
    assert rows["bytes_in_measured"]["verdict"] == "worse"
    assert rows["bytes_in_measured"]["low"] <= -0.2 <= rows["bytes_in_measured"]["high"]
    for name in ("bytes_in_controlled", "bytes_in_per_message"):
        assert rows[name]["verdict"] == "same"
        assert rows[name]["low"] <= 0.0 <= rows[name]["high"]
    assert rows["bytes_in_controlled"]["method"].startswith("difference in differences")


def test_what_only_the_moved_topics_lost_is_seen_beside_those_that_stayed():
    rows = compared(loads(grown=0.3, lost=0.2))
    assert rows["bytes_in_controlled"]["verdict"] == "worse"
    assert rows["bytes_in_controlled"]["low"] <= -0.2 <= rows["bytes_in_controlled"]["high"]
    assert rows["messages_in_controlled"]["verdict"] == "same"


def test_without_a_control_the_rows_are_there_and_say_so():
    rows = compared(loads(grown=0.1), places={"name": ["t", "u"], "state": ["moved", "moved"]})
    for name in ("bytes_in_controlled", "messages_in_controlled"):
        assert (rows[name]["verdict"], rows[name]["effect"]) == ("cannot tell", None)
        assert rows[name]["reason"] == "no control: all topics moved (2 topics)"
    assert len(rows) == 7
    assert np.isfinite(rows["bytes_in_per_message"]["low"])
    assert len(loads(grown=0.0)["moved"][0]) == STEPS
