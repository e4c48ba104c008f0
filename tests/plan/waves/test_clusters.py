from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.waves.clusters import one_wave_families, plan_source_waves, sources_of

TOPICS = pl.DataFrame({"cluster": ["m", "m", "n"], "topic": ["a", "b", "a"], "bytes_in_per_s": [1.0, 1.0, None],
                       "bytes_out_per_s": 1.0, "size_bytes": 3.0})  # fmt: skip
FLOWS = pl.DataFrame({"cluster": ["m", "n"], "client": ["x", "y"], "kind": "group", "topic": ["a", "a"]})
CELLS = pl.DataFrame({"topic": ["a", "b", "gone"], "cell": "cell-1"})


def planned(cells=CELLS, **options):
    return plan_source_waves(
        cells, FLOWS, TOPICS, start="2026-01-05", **{"max_share_per_wave": 0.5} | options
    )


def test_each_source_has_its_own_plan_or_says_why_not():
    first, second = planned()
    assert first.plan.topic_waves["topic"].to_list() == ["a", "b"]
    assert second == Outcome("n", unknown="the bytes in of topic a were not measured")
    assert (
        planned(CELLS.tail(1))[0].unknown
        == "none of its topics has a cell; plan a split first, or give cells"
    )
    assert "max_share_per_wave = 0.5" in planned(max_share_per_wave=0.1)[0].impossible


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"max_topics_per_wave": -1}, "max_topics_per_wave .*got -1"),
        ({"max_topics_per_waves": 1}, "unknown option 'max_topics_per_waves'.*max_topics_per_wave"),
        ({"together": [{"a", "nobody"}]}, "'nobody'"),
        ({"together": [{"a", "producer:x"}]}, "'producer:x'"),
        ({"max_backfill_s": 60}, "max_backfill_s .*replication_bytes_per_s"),
        ({"freezes": [("2026-02-01", "2026-01-01")]}, "freezes"),
    ],
)
@pytest.mark.parametrize("cells", [CELLS, CELLS.tail(1)])  # also where no source can be planned for
def test_a_wrong_option_is_an_error_and_no_source_is_impossible(options, named, cells):
    with pytest.raises(InputError, match=named):
        planned(cells, **options)


def test_names_of_another_source_are_no_mistake():
    topics = TOPICS.with_columns(bytes_in_per_s=pl.lit(1.0))
    both = plan_source_waves(
        CELLS, FLOWS, topics, start="2026-01-05", max_share_per_wave=1.0, together=[{"y", "b"}]
    )
    assert [outcome.plan is None for outcome in both] == [False, False]


def test_families_that_work_in_one_cluster_only_stay_together():
    kinds = ["streams", "streams", "acl", "acl"]
    families = pl.DataFrame(
        {"cluster": "m", "family": ["f", "f", "g", "g"], "kind": kinds, "topic": ["a", "hidden", "a", "b"]}
    )
    assert one_wave_families(families, TOPICS) == []
    tied = families.with_columns(kind=pl.lit("transaction"))
    assert len(planned(families=tied, max_share_per_wave=1.0, wave_weight=0.0)[0].plan.waves) == 1
    assert "what moves together (topics a, b)" in planned(families=tied)[0].impossible


def test_without_roles_every_cluster_is_a_source():
    clusters = pl.DataFrame({"cluster": ["a", "b"], "role": [None, "target"]})
    assert sources_of(clusters)["cluster"].to_list() == ["a", "b"]
