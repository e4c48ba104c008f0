from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import boto3
import polars as pl
import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.imports import cloudwatch as live
from kafka_analysis.model.errors import (
    CaptureExistsError,
    InputError,
    ProfileError,
    UnreachableError,
    WindowError,
)
from kafka_analysis.model.profile import Profile

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = NOW - timedelta(days=1)
MINUTES = 14 * 24 * 60


def profile(*names: str) -> Profile:
    source = {"region": "eu-west-1"}
    clusters = [
        {"name": n, "role": "source", "cloudwatch": {"cluster_name": f"{n}-msk"} | source} for n in names
    ]
    return Profile.model_validate({"clusters": clusters})


def of(number: int | None = None, *, cluster: str = "a", **more: str) -> dict[str, str]:
    broker = {} if number is None else {"Broker ID": str(number)}
    return {"Cluster Name": f"{cluster}-msk", **broker, **more}


@pytest.fixture
def cloudwatch(aws, monkeypatch):
    """Return a CloudWatch that every client made speaks to."""
    kept = aws.CloudWatch()
    monkeypatch.setattr(live, "aws_client", kept.client)
    return kept


@pytest.fixture
def imported(cloudwatch, tmp_path):
    """Return a function that imports and opens the capture."""

    def run(*names: str, start: datetime = DAY, end: datetime = NOW, **more):
        given = {"now": NOW} | more
        path = live.import_cloudwatch(
            profile(*(names or ("a",))), tmp_path / "c", start=start, end=end, **given
        )
        return read_capture(path)

    return run


def series(capture, metric: str, **labels) -> list[tuple[datetime, float]]:
    rows = capture.samples(metric).filter(*(pl.col(k).eq_missing(pl.lit(v)) for k, v in labels.items()))
    return rows.sort("ts").select("ts", "value").collect().rows()


@pytest.mark.parametrize(("page_points", "newest_first"), [(100_800, False), (33_333, True)])
def test_two_weeks_by_the_minute_of_three_brokers_are_whole_and_exact(
    cloudwatch, imported, aws, page_points, newest_first
):
    cloudwatch.page_points, cloudwatch.newest_first = page_points, newest_first
    start = NOW - timedelta(minutes=MINUTES)
    put: dict[tuple[str, int], dict[datetime, float]] = {}
    for number in (1, 2, 3):
        for order, name in enumerate(("BytesInPerSec", "BytesOutPerSec", "MessagesInPerSec")):
            kept = aws.minutes(
                start, MINUTES, lambda i, n=number, o=order: 1e6 * n + 1e5 * o + i + 1 / (i + 3)
            )
            put[name, number] = kept
            cloudwatch.put(name, of(number), kept)
    began = time.monotonic()
    capture = imported(start=start, end=NOW)
    assert time.monotonic() - began < 60
    canonical = {
        "BytesInPerSec": "bytes_in_per_s",
        "BytesOutPerSec": "bytes_out_per_s",
        "MessagesInPerSec": "messages_in_per_s",
    }
    for (name, number), kept in put.items():
        assert series(capture, canonical[name], broker=number) == list(kept.items())
    assert capture.samples().select(pl.len()).collect().item() == 9 * MINUTES
    assert (capture.start, capture.end, capture.interval_s) == (start, NOW, 60.0)
    assert capture.expected_brokers.rows() == [("a", 1), ("a", 2), ("a", 3)]
    assert capture.gaps.is_empty()


def test_what_moto_keeps_comes_back(aws, tmp_path):
    from moto import mock_aws

    end = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=5)
    start = end - timedelta(hours=2)
    with mock_aws():
        client = boto3.client("cloudwatch", region_name="eu-west-1")
        for number in (1, 2, 3):
            dims = [{"Name": k, "Value": v} for k, v in of(number).items()]
            values = aws.minutes(start, 120, lambda i, n=number: 100.0 * n + i)
            rows = [
                {"MetricName": "BytesInPerSec", "Dimensions": dims, "Timestamp": ts, "Value": value}
                for ts, value in values.items()
            ]
            client.put_metric_data(Namespace="AWS/Kafka", MetricData=rows)
        path = live.import_cloudwatch(profile("a"), tmp_path / "c", start=start, end=end)
    capture = read_capture(path)
    assert capture.targets["attempts"].to_list() == [1, 1, 1]  # moto lists a metric once for each value put
    for number in (1, 2, 3):
        wanted = aws.minutes(start, 120, lambda i, n=number: 100.0 * n + i)
        assert series(capture, "bytes_in_per_s", broker=number) == list(wanted.items())


def test_brokers_are_those_msk_lists_now(cloudwatch, imported, aws):
    cloudwatch.brokers = {"a-msk": [1, 2], "a-msk-old": [7]}
    cloudwatch.put("BytesInPerSec", of(1), aws.minutes(DAY, 2, float))
    table = imported().table("brokers")
    assert table.select("cluster", "broker", "host", "instance_type", "ts").rows() == [
        ("a", 1, "b-1.a-msk", "m5.large", NOW),
        ("a", 2, "b-2.a-msk", "m5.large", NOW),
    ]


def test_brokers_that_may_not_be_asked_for_are_noted(cloudwatch, imported, aws):
    cloudwatch.refuse["ListClustersV2"] = aws.RefusedError("AccessDeniedException")
    cloudwatch.put("BytesInPerSec", of(1), aws.minutes(DAY, 2, float))
    capture = imported()
    (note,) = [note for note in capture.manifest.notes if "MSK does not list its brokers" in note]
    assert "hush" not in note
    assert capture.known_brokers().select("cluster", "broker", "instance_type").rows() == [("a", 1, None)]


def test_a_replicator_s_metrics_come_with_its_target(cloudwatch, aws, tmp_path):
    cloudwatch.put("BytesInPerSec", of(1), aws.minutes(DAY, 3, float))
    cloudwatch.put("MessageLag", {"ReplicatorName": "r"}, aws.minutes(DAY, 3, lambda i: 5.0 + i))
    cloudwatch.put("MessageLag", {"ReplicatorName": "other"}, aws.minutes(DAY, 3, float))
    source = {"cluster_name": "a-msk", "region": "eu-west-1", "replicators": ["r"]}
    given = Profile.model_validate({"clusters": [{"name": "a", "cloudwatch": source}]})
    path = live.import_cloudwatch(given, tmp_path / "c", start=DAY, end=NOW, now=NOW)
    rows = read_capture(path).samples("replicator_message_lag").select("entity", "broker", "value").collect()
    assert rows.rows() == [("r", None, 5.0), ("r", None, 6.0), ("r", None, 7.0)]
    misspelt = Profile.model_validate(
        {"clusters": [{"name": "a", "cloudwatch": source | {"replicators": ["rr"]}}]}
    )
    with pytest.raises(UnreachableError, match="no metrics of replicator 'rr'"):
        live.import_cloudwatch(misspelt, tmp_path / "d", start=DAY, end=NOW, now=NOW)


def test_more_series_than_a_call_takes_are_all_asked(cloudwatch, imported, aws):
    for topic in range(1100):
        value = partial(lambda t, i: float(t), topic)
        cloudwatch.put("BytesInPerSec", of(1, Topic=f"t{topic}"), aws.minutes(DAY, 2, value))
    capture = imported(end=DAY + timedelta(minutes=2))
    rows = capture.samples("bytes_in_per_s").collect()
    assert [len(call["MetricDataQueries"]) for call in cloudwatch.calls] == [500, 500, 100]
    assert rows.height == 2200
    assert all(topic == f"t{value:.0f}" for topic, value in rows.select("topic", "value").rows())


def test_windows_side_by_side_neither_lose_nor_double(cloudwatch, aws, tmp_path):
    cloudwatch.put("BytesInPerSec", of(1), aws.minutes(DAY, 120, float))
    cut = DAY + timedelta(minutes=61, seconds=0)
    halves = [(DAY, cut), (cut, DAY + timedelta(minutes=120))]
    found = []
    for number, (start, end) in enumerate(halves):
        path = live.import_cloudwatch(profile("a"), tmp_path / str(number), start=start, end=end, now=NOW)
        found += series(read_capture(path), "bytes_in_per_s", broker=1)
    assert found == list(aws.minutes(DAY, 120, float).items())


def test_older_data_are_coarser_and_that_is_noted(cloudwatch, imported, aws):
    start = NOW - timedelta(days=17)
    cloudwatch.put("BytesInPerSec", of(1), aws.minutes(start, 17 * 1440, lambda i: 5.0))
    cloudwatch.put("UnderReplicatedPartitions", of(1), aws.minutes(start, 17 * 1440, lambda i: float(i == 7)))
    capture = imported(start=start)
    times = [ts for ts, _ in series(capture, "bytes_in_per_s", broker=1)]
    steps = {(b - a).total_seconds() for a, b in pairwise(times)}
    assert steps == {300.0, 60.0}
    assert (
        series(capture, "under_replicated_partitions", broker=1)[1][1] == 1.0
    )  # the worst of its five minutes
    assert capture.interval_s == 300.0
    assert any("periods of 300 s" in note for note in capture.manifest.notes)
    assert any("last two weeks" in note for note in capture.manifest.notes)


def test_what_is_forbidden_or_broken_is_a_gap_of_its_broker(cloudwatch, imported, aws):
    for number in (1, 2):
        cloudwatch.put("BytesInPerSec", of(number), aws.minutes(DAY, 10, float))
    cloudwatch.put("CpuUser", of(2), aws.minutes(DAY, 10, float))
    cloudwatch.statuses["CpuUser"] = ["Forbidden"]
    capture = imported()
    (gap,) = capture.gaps.iter_rows(named=True)
    assert (gap["target"], gap["start"], gap["end"]) == ("cloudwatch of broker 2", DAY, NOW)
    assert gap["reason"] == "Forbidden: these credentials may not read the metric (1 of 2 metrics)"
    asked = {row["broker"]: row for row in capture.targets.iter_rows(named=True)}
    assert (asked[2]["attempts"], asked[2]["ok"], asked[2]["failed"], asked[2]["dialect"]) == (
        2,
        1,
        1,
        "cloudwatch",
    )
    assert len(series(capture, "bytes_in_per_s", broker=2)) == 10


def test_a_cluster_that_is_not_there_is_a_gap_beside_one_that_is(cloudwatch, imported, aws):
    cloudwatch.put("BytesInPerSec", of(1), aws.minutes(DAY, 10, float))
    capture = imported("a", "b")
    (gap,) = capture.gaps.iter_rows(named=True)
    assert (gap["cluster"], gap["start"], gap["end"]) == ("b", DAY, NOW)
    assert "check cluster_name and region" in gap["reason"]
    assert [c.cluster for c in capture.clusters] == ["a", "b"]


def test_nothing_answers_and_nothing_is_written(cloudwatch, imported, aws, tmp_path):
    cloudwatch.put("BytesInPerSec", of(1), {})
    cloudwatch.refuse["GetMetricData"] = aws.RefusedError("AccessDenied")
    with pytest.raises(UnreachableError, match="allow cloudwatch:GetMetricData"):
        imported()
    cloudwatch.refuse["ListMetrics"] = aws.RefusedError("AccessDenied")
    with pytest.raises(UnreachableError, match=r"a: AccessDenied .*b: AccessDenied"):
        imported("a", "b")
    assert not (tmp_path / "c").exists()


def test_express_clusters_lack_metrics_and_that_is_unknown_not_0(cloudwatch, imported, aws):
    cloudwatch.put("StorageUsed", of(), aws.minutes(DAY, 3, lambda i: 1e12))
    cloudwatch.put("BytesInPerSec", of(1), aws.minutes(DAY, 3, float))
    capture = imported()
    assert capture.clusters[0].flavour == "msk-express"
    (note,) = [note for note in capture.manifest.notes if "Express" in note]
    assert "under_replicated_partitions" in note
    assert note.endswith("unknown, not 0.")
    assert capture.metrics()["metric"].to_list() == ["bytes_in_per_s", "storage_used_bytes"]


def test_the_monitoring_level_and_what_is_not_catalogued_are_noted(cloudwatch, imported, aws):
    cloudwatch.put("BytesInPerSec", of(1), aws.minutes(DAY, 3, float))
    for name in [f"Unheard{i:02}" for i in range(14)]:
        cloudwatch.put(name, of(1), {})
    notes = imported(notes=["Mine."]).manifest.notes
    assert notes[0] == "Mine."
    assert any("a: CloudWatch shows monitoring level DEFAULT; what PER_BROKER and" in note for note in notes)
    assert any("Unheard00" in note and note.endswith("and 2 more.") for note in notes)


def test_progress_is_told_and_ends_with_all(cloudwatch, imported, aws):
    for number in (1, 2):
        cloudwatch.put("BytesInPerSec", of(number), aws.minutes(DAY, 10, float))
    told = []
    imported(on_progress=told.append)
    assert [(p.done, p.total, p.samples) for p in told] == [(1, 2, 10), (2, 2, 20)]


def test_no_secret_is_in_any_file_or_message(cloudwatch, imported, aws, tmp_path, caplog, capfd):
    cloudwatch.put("BytesInPerSec", of(1), aws.minutes(DAY, 10, float))
    cloudwatch.put("CpuUser", of(2), {})
    cloudwatch.refuse["GetMetricData"] = aws.RefusedError("SignatureDoesNotMatch")
    with caplog.at_level("DEBUG"), pytest.raises(UnreachableError) as caught:
        imported()
    cloudwatch.refuse.clear()
    imported()
    written = b"".join(file.read_bytes() for file in (tmp_path / "c").rglob("*") if file.is_file())
    said = str(caught.value) + "".join(capfd.readouterr())
    ours = "".join(
        record.getMessage() for record in caplog.records if record.name.startswith("kafka_analysis")
    )
    for secret in (aws.DUMMY["AWS_SECRET_ACCESS_KEY"], aws.DUMMY["AWS_SESSION_TOKEN"]):
        assert secret not in said + ours
        assert secret.encode() not in written


@pytest.mark.parametrize(
    ("given", "more", "error"),
    [
        ({"clusters": [{"name": "a", "bootstrap_servers": "b:1"}]}, {}, ProfileError),
        (None, {"period_s": 90}, InputError),
        (None, {"start": NOW, "end": DAY}, WindowError),
        (None, {"start": NOW - timedelta(days=600), "end": NOW - timedelta(days=500)}, WindowError),
    ],
)
def test_wrong_use_is_told_before_anything_is_asked(cloudwatch, tmp_path, given, more, error):
    chosen = Profile.model_validate(given) if given else profile("a")
    with pytest.raises(error):
        live.import_cloudwatch(chosen, tmp_path / "c", **({"start": DAY, "end": NOW, "now": NOW} | more))
    assert cloudwatch.calls == []
    assert not (tmp_path / "c").exists()


def test_a_folder_that_is_taken_is_left_alone(cloudwatch, aws, tmp_path):
    cloudwatch.put("BytesInPerSec", of(1), {})
    (tmp_path / "mine").write_text("x")
    with pytest.raises(CaptureExistsError):
        live.import_cloudwatch(profile("a"), tmp_path, start=DAY, end=NOW, now=NOW)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]
