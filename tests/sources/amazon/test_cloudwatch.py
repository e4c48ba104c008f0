from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.amazon.cloudwatch import MOST_POINTS, batches, list_series, read_batch
from kafka_analysis.sources.amazon.cloudwatch_names import Series
from kafka_analysis.sources.amazon.cloudwatch_periods import Part

T0 = datetime(2026, 2, 1, tzinfo=UTC)
HOUR = Part(T0, T0 + timedelta(hours=1), 60)


def broker(number: int, **more: str) -> dict[str, str]:
    return {"Cluster Name": "c", "Broker ID": str(number), **more}


@pytest.fixture
def cloudwatch(aws):
    """Return a CloudWatch of two brokers with an hour of data."""
    kept = aws.CloudWatch()
    for number in (1, 2):
        kept.put("BytesInPerSec", broker(number), aws.minutes(T0, 60, lambda i, n=number: 1000.0 * n + i))
        kept.put("CpuUser", broker(number), aws.minutes(T0, 60, lambda i: 25.0 + i / 4))
    return kept


def read(cloudwatch, part=HOUR):
    client = cloudwatch.client()
    series = list_series(client, cluster_name="c").series
    return read_batch(client, series, part, cluster="mine")


def values(batch, metric, number):
    rows = batch.samples.filter(metric=metric, broker=number).sort("ts")
    return list(zip(rows["ts"].to_list(), rows["value"].to_list(), strict=True))


def expected(number, minutes=60):
    return [(T0 + timedelta(minutes=i), 1000.0 * number + i) for i in range(minutes)]


def test_values_and_times_are_those_of_cloudwatch(cloudwatch):
    batch = read(cloudwatch)
    assert values(batch, "bytes_in_per_s", 2) == expected(2)
    assert values(batch, "cpu_ratio", 1)[4][1] == pytest.approx(0.26)
    assert batch.samples["cluster"].unique().to_list() == ["mine"]
    assert batch.samples.filter(metric="cpu_ratio")["entity"].unique().to_list() == ["user"]
    assert (batch.failed, batch.lines.read, batch.lines.stored, batch.lines.duplicates) == ({}, 240, 240, 0)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("page_points", [4, 28, 100_800])
def test_pages_in_either_order_make_the_same_whole(cloudwatch, newest_first, page_points):
    cloudwatch.newest_first, cloudwatch.page_points = newest_first, page_points
    batch = read(cloudwatch)
    assert len(cloudwatch.calls) == -(-60 // max(1, page_points // 4))
    assert [values(batch, "bytes_in_per_s", n) for n in (1, 2)] == [expected(1), expected(2)]
    assert batch.failed == {}  # PartialData of a page that has a next one is no failure


def test_points_given_twice_count_once(cloudwatch):
    cloudwatch.page_points, cloudwatch.repeats = 80, 2
    batch = read(cloudwatch)
    assert values(batch, "bytes_in_per_s", 1) == expected(1)
    assert batch.lines.duplicates == batch.lines.read - 240 > 0


def test_what_is_missing_is_missing(cloudwatch, aws):
    sparse = {T0 + timedelta(minutes=i): float(i) for i in (1, 2, 50)}
    cloudwatch.put("LeaderCount", broker(1), sparse)
    cloudwatch.put("PartitionCount", broker(1), {T0 - timedelta(days=1): 5.0})
    batch = read(cloudwatch)
    assert values(batch, "leader_count", 1) == list(sparse.items())
    assert values(batch, "partition_count", 1) == []
    assert batch.failed == {}


def test_only_the_part_is_read_and_longer_periods_are_averaged(cloudwatch):
    part = Part(T0 + timedelta(minutes=10), T0 + timedelta(minutes=20), 300)
    found = values(read(cloudwatch, part), "bytes_in_per_s", 1)
    assert found == [(T0 + timedelta(minutes=10), 1012.0), (T0 + timedelta(minutes=15), 1017.0)]


def test_a_point_beyond_the_part_is_left_to_the_next(cloudwatch, monkeypatch):
    wider = {"EndTime": T0 + timedelta(hours=1), "StartTime": T0}  # an answer rounded outwards
    answer = cloudwatch.get_metric_data
    monkeypatch.setattr(cloudwatch, "get_metric_data", lambda asked: answer(asked | wider))
    part = Part(T0 + timedelta(minutes=10), T0 + timedelta(minutes=20), 60)
    assert values(read(cloudwatch, part), "bytes_in_per_s", 1) == expected(1)[10:20]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("Forbidden", "Forbidden: these credentials may not read the metric"),
        ("InternalError", "InternalError of CloudWatch, after several retries"),
        ("PartialData", "PartialData: CloudWatch returned only part of the data"),
    ],
)
def test_statuses_are_named_and_the_rest_is_kept(cloudwatch, status, said):
    cloudwatch.statuses["CpuUser"] = [status] * 10
    batch = read(cloudwatch)
    assert {(one.name, why) for one, why in batch.failed.items()} == {("CpuUser", said)}
    assert values(batch, "bytes_in_per_s", 1) == expected(1)


def test_an_internal_error_is_asked_again_alone(cloudwatch):
    cloudwatch.statuses["CpuUser"] = ["InternalError", "InternalError"]
    batch = read(cloudwatch)
    assert batch.failed == {}
    assert len(values(batch, "cpu_ratio", 2)) == 60
    assert [len(call["MetricDataQueries"]) for call in cloudwatch.calls] == [4, 2]


def test_a_call_that_fails_is_the_reason_of_every_series_without_what_is_secret(cloudwatch, aws):
    client = cloudwatch.client()
    series = list_series(client, cluster_name="c").series
    cloudwatch.refuse["GetMetricData"] = aws.RefusedError("AccessDenied")
    batch = read_batch(client, series, HOUR, cluster="mine")
    assert set(batch.failed) == set(series)
    assert set(batch.failed.values()) == {
        "AccessDenied from cloudwatch:GetMetricData; allow cloudwatch:GetMetricData to these credentials"
    }
    assert len(batch.samples) == 0


def test_more_than_one_page_of_metrics_is_listed(cloudwatch, aws):
    for topic in range(1200):
        cloudwatch.put("BytesInPerSec", broker(1, Topic=f"t{topic}"), {})
    assert len(list_series(cloudwatch.client(), cluster_name="c").series) == 1204


@pytest.mark.parametrize("cluster", ["other", "C"])
def test_a_cluster_without_metrics_is_told(cloudwatch, cluster):
    with pytest.raises(SourceError, match=f"no metrics of cluster '{cluster}' in this region"):
        list_series(cloudwatch.client(), cluster_name=cluster)


def test_a_refused_listing_is_told_without_what_is_secret(cloudwatch, aws):
    cloudwatch.refuse["ListMetrics"] = aws.RefusedError("InvalidClientTokenId")
    with pytest.raises(SourceError, match=r"^InvalidClientTokenId from cloudwatch:ListMetrics$"):
        list_series(cloudwatch.client(), cluster_name="c")


@pytest.mark.parametrize(
    ("points", "size"), [(1, 500), (60, 500), (201, 500), (202, 499), (20160, 5), (21600, 4)]
)
def test_questions_stay_within_the_limits_of_a_call(points, size):
    series = [Series(f"m{i}", (), "cpu_ratio", "Average", "DEFAULT") for i in range(1201)]
    part = Part(T0, T0 + timedelta(minutes=points), 60)
    made = list(batches(series, part))
    assert [one for batch in made for one in batch] == series
    assert max(map(len, made)) == size
    assert all(len(batch) * points <= MOST_POINTS for batch in made)


def test_what_a_metric_cannot_be_is_rejected_and_the_rest_stays(cloudwatch):
    odd = {T0 + timedelta(minutes=i): v for i, v in enumerate([-5.0, 1e308, float("nan"), 7.0])}
    cloudwatch.put("LeaderCount", broker(1), odd)
    cloudwatch.put("EstimatedMaxTimeLag", broker(1, **{"Consumer Group": "g", "Topic": "t"}), {T0: -2.0})
    batch = read(cloudwatch)
    assert values(batch, "leader_count", 1) == [(T0 + timedelta(minutes=3), 7.0)]
    assert (batch.lines.not_a_number, batch.lines.rejected, batch.lines.read) == (1, 2, batch.lines.accounted)
    assert batch.rejected["reason"].to_list() == [
        "leader_count cannot be negative",
        "leader_count cannot be beyond 2^63",
    ]
