"""Odd pages come to the same on every path: looked into, made into a capture, asked live."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import polars as pl
import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.checks.inspect import inspect_page
from kafka_analysis.live.imports.ingest import ingest_files
from kafka_analysis.live.imports.saved_pages import named_file, read_pages
from kafka_analysis.live.record.targets import endpoint_targets
from kafka_analysis.model.errors import InputError, SourceError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.stats.reduce.samples import increase

METER = 'kafka_server_BrokerTopicMetrics_Count{{name="BytesInPerSec",topic="{}",}} {}\n'
SIZE = 'kafka_log_Log_Value{{name="Size",topic="{}",partition="{}",}} {}\n'
GOOD = 'kafka_server_ReplicaManager_Value{name="LeaderCount",} 5.0\n' + METER.format("t", 1000)
NAMES = ("x" * 65_536, "\u202egnp.exe", "\x1b[31mred\x1b]0;pwn\x07", "../../etc/x", "=cmd|' /C calc'!A0")
MIRROR = (
    'kafka_connect_mirror_MirrorSourceConnector_replication_latency_ms_max{topic="t",partition="0"} -Inf\n'
)
FETCHER = (
    'kafka_server_FetcherLagMetrics_Value{name="ConsumerLag",clientId="f",topic="t",partition="0",} -1\n'
)
PAGES = {  # odd lines: (stored, rejected, not a number, conflicting, unknown) besides the good ones
    "impossible": ("".join(METER.format(v, v) for v in ("+Inf", "-Inf", "-5", "1e308", "1e19")), (0, 5, 0, 0, 0)),
    "nan": (METER.format("n", "NaN"), (0, 0, 1, 0, 0)),
    "nan hides no number": (SIZE.format("o", 1, 2000) + SIZE.format("o", 1, "NaN"), (1, 0, 1, 0, 0)),
    "mirror maker": (MIRROR, (0, 1, 0, 0, 0)),
    "far future": (METER.format("f", "5 999999999999999999"), (0, 1, 0, 0, 0)),
    "negative time": (METER.format("f", "5 -999999999999999999"), (0, 1, 0, 0, 0)),
    "seconds": (METER.format("f", "5 1700000000"), (0, 1, 0, 0, 0)),
    "partitions": ("".join(SIZE.format("t", p, 5) for p in ("99999999999999999999", "-1", "x", "")), (0, 4, 0, 0, 0)),
    "nul": (METER.format("a\0b", 5) + "\0\0\n", (0, 2, 0, 0, 0)),
    "names": ("".join(METER.format(name, 5) for name in NAMES), (5, 0, 0, 0, 0)),
    "conflict": (METER.format("c", 5) + METER.format("c", 6), (0, 0, 0, 2, 0)),
    "sizes below nothing": (SIZE.format("t", 0, -1) + SIZE.format("t", 1, 1), (1, 1, 0, 0, 0)),
    "no lag known": (FETCHER, (0, 0, 0, 0, 1)),
}  # fmt: skip
TWO = "".join(f'kafka_server_replicamanager_leadercount{{host="HOST{n}"}} {n}\n' for n in (1, 2))


@contextmanager
def served(text: str):
    """Serve a page on the loopback, whatever is asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def asked(text: str, **endpoint):
    with served(text) as url, httpx.Client(trust_env=False) as client:
        cluster = ClusterProfile(
            name="c", bootstrap_servers="127.0.0.1:1", endpoints=[{"url": url, **endpoint}]
        )
        (target,) = endpoint_targets(cluster, [], client=client, timeout_s=20)
        return target.ask()


def saved(text: str, tmp_path, *, broker: int | None = 1):
    path = tmp_path / "page.prom"
    path.write_text(text, encoding="utf-8")
    return read_pages(named_file(path, path.name, broker=broker, pattern=None), cluster="c", at=None)


@pytest.mark.parametrize("name", PAGES)
def test_odd_lines_come_to_the_same_on_every_path_and_good_ones_stay(name, tmp_path):
    odd, expected = PAGES[name]
    answer, (page,) = asked(odd + GOOD, broker=1), saved(odd + GOOD, tmp_path)
    report = inspect_page((odd + GOOD).encode(), source="x")
    for counts in (answer.lines, page.lines, report.lines):
        assert counts.read == counts.accounted == (odd + GOOD).count("\n")
        told = (counts.stored - 2, counts.rejected, counts.not_a_number, counts.conflicting, counts.unknown)
        assert told == expected
        assert counts.in_rejected == len(answer.rejected) == len(page.rejected) == len(report.rejected)
    keys = ["metric", "topic", "partition", "value"]
    assert answer.samples.select(keys).rows() == page.samples.select(keys).rows()
    assert answer.samples["value"].is_finite().all()
    assert {1000.0, 5.0} <= set(answer.samples["value"])


def test_times_far_from_the_answer_are_rejected_live_and_kept_in_saved_pages(tmp_path):
    ago = [datetime.now(UTC) - timedelta(days=days) for days in (0, 2, -2)]
    text = "".join(METER.format(n, f"5 {round(t.timestamp() * 1000)}") for n, t in enumerate(ago)) + GOOD
    answer = asked(text, broker=1)
    assert (answer.lines.stored, answer.lines.rejected) == (3, 2)
    assert answer.rejected["reason"].unique().to_list() == [
        "its timestamp is more than a day from the time of the answer"
    ]
    assert saved(text, tmp_path)[0].lines.stored == 5


def test_several_brokers_on_one_page_are_split_on_every_path(tmp_path):
    text = TWO.replace("HOST", "kafka-")
    rows = [(1, 1.0), (2, 2.0)]
    assert asked(text).samples.select("broker", "value").rows() == rows
    pages = saved(text, tmp_path, broker=None)
    assert [p.samples.select("broker", "value").row(0) for p in pages] == rows
    assert [p.file.broker for p in pages] == [1, 2]
    report = inspect_page(text.encode(), source="x")
    assert (report.instances, report.metrics) == ({"kafka-1": 1, "kafka-2": 2}, {"leader_count": 2})


@pytest.mark.parametrize(("host", "broker"), [("kafka-", 1), ("10.0.0.", None), ("10.0.0.", 1)])
def test_several_that_cannot_be_split_are_refused_on_every_path(host, broker, tmp_path):
    text = TWO.replace("HOST", host)
    with pytest.raises(SourceError, match="series of 2 instances on one page"):
        asked(text, **({} if broker is None else {"broker": broker}))
    with pytest.raises(SourceError, match="series of 2 instances on one page"):
        saved(text, tmp_path, broker=broker)
    with pytest.raises(
        InputError, match=r"^no page of a single broker in 1 file: page.prom \(series of 2 instances"
    ):
        ingest_files([str(tmp_path / "page.prom")], tmp_path / "out", cluster="c", broker=broker)
    assert not (tmp_path / "out").exists()
    assert len(inspect_page(text.encode(), source="x").instances) == 2


def test_a_federated_series_of_pages_is_a_capture_of_all_its_brokers(tmp_path):
    (tmp_path / "in").mkdir()
    for minute in range(5):
        text = "".join(
            f'kafka_server_brokertopicmetrics_bytesin_total{{instance="kafka-{n}:7071",job="kafka"{topic}}} '
            f"{n * 1000 * 60 * minute} {(1_769_860_800 + 60 * minute) * 1000 + 300 * n}\n"
            for n in (1, 2, 6)
            for topic in ("", ',topic="orders"')
        )
        (tmp_path / f"in/{1_769_860_800 + 60 * minute}.prom").write_text(text, encoding="utf-8")
    done = ingest_files([str(tmp_path / "in")], tmp_path / "out", cluster="c", interval_s=60)
    assert len(done.files) == 15
    assert done.notes[0].startswith("Made from 5 files")
    capture = read_capture(tmp_path / "out")
    assert capture.expected_brokers["broker"].to_list() == [1, 2, 6]
    grown = increase(capture.samples("bytes_in_total").collect()).filter(pl.col("topic").is_null())
    assert grown["rate_per_s"].sum() == pytest.approx(9000)
