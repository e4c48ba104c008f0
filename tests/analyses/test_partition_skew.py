from __future__ import annotations

import pytest

from kafka_analysis.analyses import partition_skew


def load(answer, name: str) -> list[float]:
    return answer.brokers.sort("broker")[name].to_list()


def test_load_of_brokers_by_hand(recorded) -> None:
    answer = partition_skew(recorded, cluster="old")
    assert load(answer, "bytes_in_per_s") == [120.0, 100.0, 5.0]
    assert load(answer, "leaders") == [2, 1, 1]
    assert load(answer, "replicas") == [3, 3, 2]
    (result,) = answer.results
    figures = {figure.name: figure.value for figure in result.figures}
    assert figures["bytes_in_per_s_max_over_mean"] == pytest.approx(120 / 75)
    assert figures["leaders_max_over_mean"] == pytest.approx(1.5)


def test_internal_topics_count_unless_they_are_left_out(recorded) -> None:
    answer = partition_skew(recorded, cluster="old", include_internal=False)
    assert load(answer, "bytes_in_per_s") == [120.0, 100.0, 0.0]
    assert "__consumer_offsets" not in {*answer.partitions["topic"], *answer.shares["topic"].drop_nulls()}


@pytest.mark.parametrize(
    ("amber", "red", "light"), [(1.7, 1.8, "green"), (1.2, 1.7, "amber"), (1.2, 1.5, "red")]
)
def test_thresholds_decide_the_light(recorded, amber, red, light) -> None:
    (result,) = partition_skew(recorded, cluster="old", skew_amber=amber, skew_red=red).results
    assert result.verdict.light.value == light


def test_racks_are_brokers_added_up(recorded) -> None:
    answer = partition_skew(recorded, cluster="old")
    assert answer.racks["bytes_in_per_s"].sum() == answer.brokers["bytes_in_per_s"].sum()
    assert set(answer.levels["level"]) >= {"broker", "rack", "topic", "partition"}


def test_skew_over_time_covers_the_whole_capture(recorded) -> None:
    times = partition_skew(recorded, cluster="old").over_time["window_start"]
    assert times.max() >= recorded.start + (recorded.end - recorded.start) * 0.5
