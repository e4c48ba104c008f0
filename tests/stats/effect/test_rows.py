"""Rows of questions: what is missing is said, and nothing unknown becomes 0."""

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.effect.rows import SCHEMA, Asked, cannot_tell, not_held

CPU = Asked("cpu", "CPU busy", "% busy")


def test_what_is_not_known_is_null():
    row = pl.DataFrame([cannot_tell(CPU, "no answer")], schema=SCHEMA).row(0, named=True)
    assert (row["verdict"], row["reason"], row["what"]) == ("cannot tell", "no answer", "CPU busy")
    assert {row[name] for name in ("effect", "low", "high", "least", "placebo", "is_share")} == {None}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"a"}, {"a", "c"}, ""),
        ({"a", "b"}, {"b"}, ""),
        (set(), {"a"}, "no a or b before"),
        ({"b"}, {"c"}, "no a or b after"),
        ({"c"}, set(), "the capture holds no a or b of either window"),
        ({"a"}, {"b"}, "measured as a before and as b after: the same is needed on both sides"),
    ],
)
def test_one_of_the_metrics_is_needed_on_both_sides(before, after, said):
    assert not_held(["a", "b"], before, after) == said
