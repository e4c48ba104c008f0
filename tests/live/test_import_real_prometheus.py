"""Imports from a real Prometheus (Debian's package), held against what it was given."""

from __future__ import annotations

import importlib.util
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.imports.prometheus import import_prometheus
from kafka_analysis.model.profile import Profile

pytestmark = pytest.mark.timeout(300)
COUNTER = "kafka_server_BrokerTopicMetrics_Count"
PACKAGE = "Debian's package prometheus"
SCRAPES = 6
T0 = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = 14 * 24 * 60


@pytest.fixture(scope="module")
def program(tool):
    """Return the path of Prometheus."""
    return tool("prometheus", hint=PACKAGE)


@pytest.fixture(scope="module")
def real():
    """Return the module that runs a real Prometheus."""
    path = Path(__file__).parents[1] / "prometheus_server.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page(number: int) -> str | None:
    """Return what a broker says at each scrape: a counter that goes on, one that ends, a gauge, and no number."""
    if number >= SCRAPES:
        return None
    lines = [f'{COUNTER}{{name="BytesInPerSec",topic="a\\"b"}} {10**15 + 7 * number}']
    lines += [f'{COUNTER}{{name="BytesInPerSec",topic="gone"}} {number}'] if number < 3 else []
    lines += [f'kafka_server_ReplicaManager_Value{{name="LeaderCount"}} {number % 2}']
    lines += ['kafka_network_SocketServer_Value{name="NetworkProcessorAvgIdlePercent"} NaN', "other_metric 1"]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def scraped(real, program, tmp_path_factory):
    """Return a Prometheus that has scraped all pages, and then seen the target fail."""
    folder = tmp_path_factory.mktemp("prometheus")
    with real.pages_of(page) as target, real.prometheus(program, folder, targets=(target,)) as url:
        real.until(lambda: real.ask(url, "up") == [0.0], "the pages were not scraped to their end")
        yield url, target


def imported(url, out, *, start, end, brokers, **more):
    section = {"url": url, "match": '{job="kafka"}', "brokers": brokers}
    profile = Profile(clusters=[{"name": "c", "prometheus": section}])
    return read_capture(import_prometheus(profile, out, start=start, end=end, **more))


def values(capture, metric, topic=None):
    rows = capture.samples(metric).filter(pl.col("topic").eq_missing(pl.lit(topic, dtype=pl.String)))
    return rows.sort("ts").collect()["value"].to_list()


def minutes_around_now():
    now = datetime.now(UTC)
    return {"start": now - timedelta(minutes=5), "end": now + timedelta(minutes=1)}


def test_what_was_scraped_is_imported_to_the_sample(scraped, tmp_path):
    url, target = scraped
    capture = imported(url, tmp_path / "c", **minutes_around_now(), brokers={target: 4}, interval_s=1)
    assert values(capture, "bytes_in_total", 'a"b') == [10**15 + 7.0 * n for n in range(SCRAPES)]
    assert values(capture, "bytes_in_total", "gone") == [0.0, 1.0, 2.0]
    assert values(capture, "leader_count") == [0.0, 1.0] * 3
    rows = capture.samples().collect()
    assert set(rows["broker"]) == {4}
    stamps = capture.samples("leader_count").collect()["ts"].sort()
    assert stamps.n_unique() == SCRAPES
    assert stamps.diff().drop_nulls().dt.total_milliseconds().is_between(500, 1500).all()
    (source,) = capture.manifest.sources
    assert (source.lines.stored, source.lines.not_a_number) == (2 * SCRAPES + 3, SCRAPES)
    assert (source.failed, source.dialect, round(source.interval_s)) == (0, "msk", 1)
    assert capture.metrics()["metric"].to_list() == ["bytes_in_total", "leader_count"]


class Refusing(httpx.HTTPTransport):
    """A proxy in front of Prometheus that lets no instant queries pass."""

    def handle_request(self, request):
        if request.url.path.endswith("/query"):
            return httpx.Response(400, json={"status": "error", "error": "only query_range here"})
        return super().handle_request(request)


def test_steps_neither_repeat_a_sample_nor_fill_what_ended(scraped, tmp_path):
    url, target = scraped
    window = minutes_around_now()
    with Refusing() as transport:
        capture = imported(
            url, tmp_path / "c", **window, brokers={target: 4}, interval_s=1, transport=transport
        )
    going, gone = values(capture, "bytes_in_total", 'a"b'), values(capture, "bytes_in_total", "gone")
    for seen, given in ((going, [10**15 + 7.0 * n for n in range(SCRAPES)]), (gone, [0.0, 1.0, 2.0])):
        assert set(seen) <= set(given)
        assert len(seen) == len(set(seen)) >= len(given) - 1  # a scrape that came late may share its step
    assert "only query_range here" in capture.manifest.notes[0]


def history() -> pl.DataFrame:
    """Return two weeks of a sample a minute: two brokers, a counter that resets, one with a gap, one that ends."""
    frames = []
    for broker in (1, 2):
        minute = pl.int_range(MINUTES, eager=True)
        ms = (int(T0.timestamp()) * 1000 + minute * 60_000 + 7_001 * broker).alias("ms")
        base = pl.DataFrame({"minute": minute, "ms": ms}).with_columns(broker=pl.lit(broker, dtype=pl.Int32))
        whole = base.with_columns(topic=pl.lit(None, dtype=pl.String), value=pl.col("minute") * 1e6 + broker)
        reset = base.with_columns(topic=pl.lit("resets"), value=(pl.col("minute") % 9_999).cast(pl.Float64))
        holed = reset.filter(~pl.col("minute").is_between(3_000, 3_600)).with_columns(topic=pl.lit("holed"))
        ended = reset.filter(pl.col("minute") < 12_345).with_columns(topic=pl.lit("ended"))
        frames += [whole, reset, holed, ended]
    return pl.concat(frames).drop("minute")


def openmetrics(rows: pl.DataFrame) -> str:
    lines = [
        f'{COUNTER}{{job="kafka",instance="k{broker}:7071",name="BytesInPerSec"'
        + (f',topic="{topic}"' if topic else "")
        + f"}} {value!r} {ms / 1000:.3f}"
        for ms, broker, topic, value in rows.select("ms", "broker", "topic", "value").iter_rows()
    ]
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def two_weeks(real, program, tool, tmp_path_factory):
    """Return the address of a server with two weeks of history, and that history."""
    rows, folder = history(), tmp_path_factory.mktemp("two_weeks")
    (folder / "history.om").write_text(openmetrics(rows))
    made = [
        tool("promtool", hint=PACKAGE),
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        "--max-block-duration=48h",
    ]
    subprocess.run([*made, str(folder / "history.om"), str(folder / "data")], check=True, capture_output=True)
    with real.prometheus(program, folder) as url:
        yield url, rows


def test_two_weeks_of_history_come_whole_across_all_borders(two_weeks, tmp_path):
    url, rows = two_weeks
    end = T0 + timedelta(days=14)
    capture = imported(url, tmp_path / "c", start=T0, end=end, brokers={"k1:7071": 1, "k2:7071": 2})
    found = capture.samples("bytes_in_total").collect()
    given = rows.with_columns(ts=pl.col("ms").cast(pl.Datetime("ms", "UTC")))
    columns = ["broker", "topic", "ts", "value"]
    assert_frame_equal(
        found.select(columns).sort(columns), given.select(columns).sort(columns), check_exact=True
    )
    assert [s.interval_s for s in capture.manifest.sources] == [60.0, 60.0]
    assert min(s.attempts for s in capture.manifest.sources) >= 3
    assert capture.manifest.notes == ()


def test_a_part_of_the_history_is_that_part(two_weeks, tmp_path):
    url, rows = two_weeks
    first, last = rows.filter(pl.col("broker") == 1)["ms"][100], rows.filter(pl.col("broker") == 1)["ms"][200]
    start, end = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (first, last))
    capture = imported(url, tmp_path / "c", start=start, end=end, brokers={"k1:7071": 1}, interval_s=7)
    assert len(values(capture, "bytes_in_total")) == 100  # the first minute is in it, the last is not


def test_steps_fill_no_gap_of_a_series_that_was_never_marked_stale(two_weeks, tmp_path):
    url, _ = two_weeks
    start, end = (T0 + timedelta(minutes=minute) for minute in (2_900, 3_700))
    with Refusing() as transport:
        capture = imported(
            url, tmp_path / "c", start=start, end=end, brokers={"k1:7071": 1}, transport=transport
        )
    seen = [minute for minute in range(2_899, 3_699) if not 3_000 <= minute <= 3_600]
    assert values(capture, "bytes_in_total", "holed") == [float(minute) for minute in seen]
    assert len(values(capture, "bytes_in_total", "resets")) == 800
