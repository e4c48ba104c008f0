"""Imports from a server made up here, which keeps Prometheus' rules: what comes is stored, what does not is a gap."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import httpx
import polars as pl
import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.imports.prometheus import import_prometheus
from kafka_analysis.model.errors import (
    CaptureExistsError,
    InputError,
    ProfileError,
    UnreachableError,
    WindowError,
)
from kafka_analysis.model.profile import Profile

BYTES = "kafka_server_BrokerTopicMetrics_Count"
START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=14)
MINUTE_MS = 60_000
RANGE = re.compile(r"\[(\d+)ms\]$")


def ms(moment):
    return round(moment.timestamp() * 1000)


def history(broker, *, start=START, end=END, topic="orders", every_ms=MINUTE_MS):
    """Return a counter's series of one broker: labels and samples; times are beside the minute, as scrapes are."""
    labels = {"__name__": BYTES, "name": "BytesInPerSec", "instance": f"k{broker}:7071", "topic": topic}
    times = range(ms(start) + 137 * broker, ms(end), every_ms)
    return labels, [(t, float(1000 * broker + n)) for n, t in enumerate(times)]


class Prometheus:
    """Answers like Prometheus 2, left edges included; ``fails`` may answer instead, given path and fields."""

    def __init__(self, *series, fails=lambda path, fields: None):
        self.series, self.fails, self.asked, self.pauses = series, fails, [], []

    def __call__(self, request):
        text = request.content.decode() if request.method == "POST" else request.url.query.decode()
        fields, path = dict(httpx.QueryParams(text)), request.url.path.removeprefix("/api/v1/")
        self.asked.append((path, fields))
        answer = self.fails(path, fields)
        if answer is not None:
            return answer
        return httpx.Response(
            200, json={"status": "success", "data": self.data(path, fields), "warnings": []}
        )

    def data(self, path, fields):
        chosen = [one for one in self.series if self.matches(one[0], str(fields))]
        if path == "series":
            return [labels for labels, _ in chosen]
        if path != "query" and path != "query_range":
            return sorted({labels["__name__"] for labels, _ in self.series} | {"up"})
        points = self.raw if path == "query" else self.stepped
        result = [
            {"metric": labels, "values": [[t / 1000, str(v)] for t, v in points(samples, fields)]}
            for labels, samples in chosen
        ]
        return {"resultType": "matrix", "result": [one for one in result if one["values"]]}

    def matches(self, labels, text):
        return "instance=" not in text or f'instance="{labels["instance"]}"' in text

    def raw(self, samples, fields):
        end = round(float(fields["time"]) * 1000)
        start = end - int(RANGE.search(fields["query"])[1])
        return [(t, v) for t, v in samples if start <= t <= end]

    def stepped(self, samples, fields):
        start, end, step = (round(float(fields[name]) * 1000) for name in ("start", "end", "step"))
        back = int(re.fullmatch(r"last_over_time\(.*\[(\d+)ms\]\)", fields["query"])[1])
        assert (end - start) // step < 11_000
        for at in range(start, end + 1, step):
            seen = [v for t, v in samples if at - back <= t <= at]
            if seen:
                yield at, seen[-1]

    def spans(self):
        """List the stretches asked for raw: start and end in milliseconds."""
        found = [f for path, f in self.asked if path == "query"]
        ends = [round(float(fields["time"]) * 1000) for fields in found]
        return [(e - int(RANGE.search(f["query"])[1]) + 1, e) for e, f in zip(ends, found, strict=True)]

    def imported(self, out, *, start=START, end=END, clusters=("monolith",), section=(), **more):
        section = {"url": "http://p.example.org:9090", "broker_pattern": r"^k(\d+):", **dict(section)}
        profile = Profile(clusters=[{"name": name, "prometheus": section} for name in clusters])
        carried = {"transport": httpx.MockTransport(self), "pause": self.pauses.append}
        return read_capture(import_prometheus(profile, out, start=start, end=end, **carried, **more))


def stored(capture):
    rows = capture.samples("bytes_in_total").collect().sort("broker", "topic", "ts")
    return rows.select("broker", "topic", pl.col("ts").dt.epoch("ms").alias("ms"), "value").rows()


def expected(*series):
    return sorted(
        (int(labels["instance"][1]), labels["topic"], t, v) for labels, samples in series for t, v in samples
    )


def error(status, text="broken"):
    return httpx.Response(status, json={"status": "error", "error": text})


def fails_in(low, high, answer):
    """Return what answers every raw question that touches [low, high)."""

    def fails(path, fields):
        if path != "query":
            return None
        end = round(float(fields["time"]) * 1000)
        start = end - int(RANGE.search(fields["query"])[1]) + 1
        return answer if start < high and low < end else None

    return fails


def test_two_weeks_come_whole_with_their_own_times(tmp_path):
    series = [history(1), history(2), history(2, topic="a")]
    server = Prometheus(*series)
    capture = server.imported(tmp_path / "c")
    assert stored(capture) == expected(*series)
    assert {s.lines.duplicates for s in capture.manifest.sources} == {0}
    spans = server.spans()
    assert max(high - low for low, high in spans) <= 10_000 * MINUTE_MS
    one = sorted(spans)[::2]
    assert (one[0][0], one[-1][1]) == (ms(START), ms(END))
    assert [high for _, high in one[:-1]] == [low for low, _ in one[1:]]


def test_the_manifest_says_what_was_asked(tmp_path):
    capture = Prometheus(history(1, every_ms=15_000)).imported(tmp_path / "c", end=START + timedelta(days=1))
    (source,) = capture.manifest.sources
    assert (source.kind, source.cluster, source.broker, source.dialect) == (
        "prometheus",
        "monolith",
        1,
        "msk",
    )
    assert source.address == 'http://p.example.org:9090 {job="",instance="k1:7071"}'
    assert (source.attempts, source.failed, source.gaps, source.interval_s) == (source.ok, 0, (), 15.0)
    assert source.lines.read == source.lines.stored == 5760
    assert capture.expected_brokers.rows() == [("monolith", 1)]
    assert (capture.start, capture.end) == (START, START + timedelta(days=1))


def test_a_stretch_that_fails_is_a_gap_and_the_rest_comes(tmp_path):
    low, high = START + timedelta(days=8), START + timedelta(days=9)
    series = history(1)
    server = Prometheus(series, fails=fails_in(ms(low), ms(high), error(503, "no such store")))
    capture = server.imported(tmp_path / "c")
    (source,) = capture.manifest.sources
    (gap,) = source.gaps
    assert gap.reason == "HTTP status 503: no such store"
    assert (source.attempts, source.failed) == (source.ok + source.failed, len(server.pauses) // 3)
    inside = [(1, "orders", t, v) for t, v in series[1] if not ms(gap.start) <= t < ms(gap.end)]
    assert stored(capture) == inside
    assert gap.start <= low
    assert gap.end >= high


def test_while_a_server_is_down_each_question_is_asked_once(tmp_path):
    after = START + timedelta(minutes=30)
    server = Prometheus(history(1), history(2), fails=fails_in(ms(after), ms(END), error(500)))
    server.imported(tmp_path / "c", interval_s=1)
    assert len(server.pauses) == 3 * 2  # the first failure after each good answer
    assert len(server.asked) > 100


def test_a_broker_that_never_answered_is_a_gap_as_long_as_the_window(tmp_path):
    def fails(path, fields):
        return error(500) if path == "query" and "k2" in fields["query"] else None

    capture = Prometheus(history(1), history(2), fails=fails).imported(tmp_path / "c")
    silent = next(s for s in capture.manifest.sources if s.broker == 2)
    assert [(g.start, g.end) for g in silent.gaps] == [(START, END)]
    assert {row[0] for row in stored(capture)} == {1}


def test_nothing_answered_writes_nothing(tmp_path):
    for fails in (lambda path, _: error(500), lambda path, _: error(500) if path == "query" else None):
        with pytest.raises(UnreachableError, match=r"no answer .*HTTP status 500: broken"):
            Prometheus(history(1), fails=fails).imported(tmp_path / "c")
        assert not (tmp_path / "c").exists()


def test_one_of_two_servers_may_be_silent(tmp_path):
    calls = iter([error(401), None])
    server = Prometheus(history(1), fails=lambda path, _: next(calls) if "label" in path else None)
    capture = server.imported(tmp_path / "c", clusters=("a", "b"))
    silent, heard = sorted(capture.manifest.sources, key=lambda s: s.cluster)
    assert (silent.attempts, silent.failed, silent.gaps[0].start, silent.gaps[0].end) == (1, 1, START, END)
    assert "not logged in" not in heard.address
    assert silent.gaps[0].reason == "HTTP status 401: broken"
    assert heard.lines.stored == len(history(1)[1])


def test_where_raw_samples_are_refused_steps_are_taken_and_said(tmp_path):
    gone = history(1, end=START + timedelta(hours=2))
    late = history(1, start=START + timedelta(hours=3), end=START + timedelta(hours=4))
    series = (gone[0], [*gone[1], *late[1]])
    refuse = error(400, "range selectors are not allowed")
    server = Prometheus(series, fails=lambda path, _: refuse if path == "query" else None)
    capture = server.imported(tmp_path / "c", end=START + timedelta(hours=5))
    assert sum(path == "query" for path, _ in server.asked) == 1
    rows = stored(capture)
    steps = [(1, "orders", t // MINUTE_MS * MINUTE_MS + MINUTE_MS, v) for t, v in series[1]]
    assert rows == steps  # each sample once, at the step after it: the hour between stays empty
    (note,) = capture.manifest.notes
    assert (
        "returned no raw samples (HTTP status 400: range selectors are not allowed): one was taken every 60"
        in note
    )


def test_a_question_refused_in_both_ways_is_a_gap_and_raw_is_asked_on(tmp_path):
    low, high = ms(START), ms(START + timedelta(minutes=5))
    refuse = fails_in(low, high, error(422, "broken block"))
    server = Prometheus(
        history(1),
        fails=lambda path, f: error(422, "broken block") if path == "query_range" else refuse(path, f),
    )
    capture = server.imported(tmp_path / "c", end=START + timedelta(hours=5))
    (source,) = capture.manifest.sources
    assert [(g.start, g.end) for g in source.gaps] == [(START, START + timedelta(minutes=10))]
    assert len(stored(capture)) == 290
    assert capture.manifest.notes == ()


def test_what_is_too_large_is_asked_for_in_parts(tmp_path):
    def fails(path, fields):
        large = path == "query" and int(RANGE.search(fields["query"])[1]) > 3_600_001
        return error(422, "query processing would load too many samples into memory") if large else None

    series = history(1, end=START + timedelta(days=1))
    server = Prometheus(series, fails=fails)
    capture = server.imported(tmp_path / "c", end=START + timedelta(days=1))
    assert stored(capture) == expected(series)
    assert capture.manifest.sources[0].failed == 0


def test_what_is_too_large_even_in_parts_is_a_gap(tmp_path):
    hour = fails_in(ms(START), ms(START + timedelta(hours=1)), error(413))
    capture = Prometheus(history(1), fails=hour).imported(tmp_path / "c", end=START + timedelta(hours=2))
    (source,) = capture.manifest.sources
    assert [(g.start, g.end) for g in source.gaps] == [(START, START + timedelta(hours=1))]
    assert len(stored(capture)) == 60


def test_warnings_of_partial_answers_are_notes(tmp_path):
    def fails(path, _):
        if path != "query":
            return None
        result = [{"metric": history(1)[0], "values": [[START.timestamp(), "1"]]}]
        data = {"resultType": "matrix", "result": result}
        return httpx.Response(200, json={"status": "success", "data": data, "warnings": ["store b is down"]})

    capture = Prometheus(history(1), fails=fails).imported(tmp_path / "c")
    assert capture.manifest.notes == ("store b is down",)


def test_lines_of_a_host_are_added_up_scrape_by_scrape(tmp_path):
    labels = {"__name__": "node_cpu_seconds_total", "instance": "k1:9100", "mode": "idle"}
    times = [ms(START) + n * MINUTE_MS for n in range(5)]
    cores = [({**labels, "cpu": str(c)}, [(t, 10.0 * c + n) for n, t in enumerate(times)]) for c in (1, 2)]
    capture = Prometheus(*cores).imported(tmp_path / "c")
    rows = capture.samples("cpu_seconds_total").collect().sort("ts")
    assert rows["value"].to_list() == [30.0, 32.0, 34.0, 36.0, 38.0]
    assert rows["entity"].unique().to_list() == ["idle"]
    assert (
        capture.expected_brokers.is_empty()
    )  # a host's page says nothing of how often the broker was scraped


def test_a_bad_sample_is_kept_apart(tmp_path):
    def fails(path, _):
        result = [{"metric": history(1)[0], "values": [[START.timestamp(), "1"], [START.timestamp(), "one"]]}]
        data = {"resultType": "matrix", "result": result}
        return httpx.Response(200, json={"status": "success", "data": data}) if path == "query" else None

    capture = Prometheus(history(1), fails=fails).imported(tmp_path / "c", end=START + timedelta(minutes=5))
    assert capture.rejected().rows() == [
        (
            'prometheus http://p.example.org:9090 {job="",instance="k1:7071"}',
            None,
            "[1767225600.0, 'one']",
            "not [<seconds>, <number>]",
        )
    ]
    assert capture.manifest.rejected == 1


def test_history_that_begins_late_is_said(tmp_path):
    series = history(1, start=START + timedelta(days=3))
    capture = Prometheus(series).imported(tmp_path / "c")
    assert capture.manifest.notes == (
        "the history of monolith starts at 2026-01-04 00:00 UTC: nothing older is stored",
    )


def test_no_secret_is_anywhere_in_the_capture(tmp_path, monkeypatch):
    monkeypatch.setenv("KA_TEST_TOKEN", "hush-hush")
    low = fails_in(ms(START), ms(START + timedelta(days=1)), error(503))
    capture = Prometheus(history(1), fails=low).imported(
        tmp_path / "c", section={"token": {"env": "KA_TEST_TOKEN"}}
    )
    assert all(b"hush" not in f.read_bytes() for f in capture.path.rglob("*") if f.is_file())


def test_progress_is_told_up_to_the_end(tmp_path):
    told = []
    Prometheus(history(1), history(2)).imported(tmp_path / "c", on_progress=told.append)
    shares = [progress.share for progress in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert told[-1].samples == 2 * 20160
    assert (told[-1].asked, told[-1].failed) == (len(told), 0)


@pytest.mark.parametrize(
    ("series", "more", "kind", "said"),
    [
        ([], {}, InputError, "no Kafka metrics are stored"),
        ([({"__name__": BYTES, "instance": "x"}, [])], {}, InputError, "no Kafka metrics"),
        ([history(9, end=START)], {}, InputError, "no samples of known metrics"),
        ([history(1)], {"start": END, "end": START}, WindowError, "swap them"),
        ([history(1)], {"interval_s": 0.5}, InputError, "interval ≥ 1 s"),
    ],
)
def test_what_cannot_be_imported_is_told_and_writes_nothing(tmp_path, series, more, kind, said):
    with pytest.raises(kind, match=said):
        Prometheus(*series).imported(tmp_path / "c", **more)
    assert not (tmp_path / "c").exists()


def test_targets_left_out_are_named_when_nothing_is_left(tmp_path):
    with pytest.raises(InputError, match="no broker number in 1 value of instance \\('k1:7071'\\)"):
        Prometheus(history(1)).imported(tmp_path / "c", section={"broker_pattern": r"^b(\d+)"})


def test_a_profile_without_history_and_a_folder_that_is_taken(tmp_path):
    plain = Profile(clusters=[{"name": "c", "bootstrap_servers": "b:1"}])
    with pytest.raises(ProfileError, match=r"add \[clusters\.prometheus\]"):
        import_prometheus(plain, tmp_path / "c", start=START, end=END)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "mine").touch()
    with pytest.raises(CaptureExistsError):
        Prometheus(history(1)).imported(tmp_path / "c")
    assert [f.name for f in (tmp_path / "c").iterdir()] == ["mine"]


def test_connections_by_client_library_are_a_table_of_the_history(tmp_path):
    end = START + timedelta(minutes=10)
    labels, samples = history(1, end=end)
    client = {"clientSoftwareName": "kafka-python", "clientSoftwareVersion": "3.0.12", "listener": "X"}
    name = {"__name__": "kafka_server_socket_server_metrics_connections", "instance": labels["instance"]}
    processors = [(name | client | {"networkProcessor": n}, [(t, 2.0) for t, _ in samples]) for n in "01"]
    capture = Prometheus((labels, samples), *processors).imported(tmp_path / "c", end=end)
    software = capture.table("client_software").select("broker", "name", "version", "listener", "connections")
    assert set(software.rows()) == {(1, "kafka-python", "3.0.12", "X", 4)}
    assert len(software) == len(samples)
