"""Pages larger than the pieces Polars cuts frames into: each source and each dialect, right at both ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.sources.amazon.cloudwatch import read_batch
from kafka_analysis.sources.amazon.cloudwatch_names import Series
from kafka_analysis.sources.amazon.cloudwatch_periods import Part
from kafka_analysis.sources.exposition.any_page import parse_page
from kafka_analysis.sources.prometheus.samples import read_matrix
from kafka_analysis.sources.spelling.detect import detect, page_of, recognised
from kafka_analysis.sources.spelling.dialects import dialects
from kafka_analysis.sources.spelling.translate import translate
from tests.aws_answers import CloudWatch
from tests.sources.large_pages import frame_of_family, largest, lines_of, of_each_kind, spelled

TS = datetime(2026, 1, 1, tzinfo=UTC)
PIECE = 20_000  # rows: more than the 16,384 from which on Polars filters a frame in pieces
LARGE, HUGE = 24_000, 600_000


def understood(page):
    chosen = detect(page)
    return chosen, translate(page, chosen, ts=TS, cluster="c", broker=1, source="s")


def ends(samples: pl.DataFrame, metric: str) -> tuple:
    own = samples.filter(metric=metric)
    return (len(own), own["value"].first(), own["value"].last())


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("bare", [False, True], ids=["labels", "no labels"])
def test_every_family_of_every_dialect_is_recognised_whatever_labels_are_there(dialect, bare):
    for family in of_each_kind(dialect):
        page = page_of(frame_of_family(family, PIECE, bare=bare))
        needs = (
            bool(family.key not in (None, "__name__") or family.only or family.stats or family.having)
            and bare
        )
        found = recognised(page, family, but=frozenset())
        assert len(found) == (0 if needs else PIECE), family
        assert len(recognised(page, family, but={0, PIECE - 1})) == max(len(found) - 2, 0)


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.name)
def test_a_large_page_of_a_dialect_is_read_line_by_line(dialect):
    family = largest(dialect)
    page = parse_page("\n".join([*lines_of(family, LARGE), "something_else 1\n"]).encode())
    done = understood(page)[1]
    counts = done.lines
    assert (counts.read, counts.not_catalogued, counts.rejected) == (LARGE + 1, 1, 0)
    assert (counts.stored, counts.duplicates, sum(done.by_dialect.values())) == (LARGE, 0, LARGE)
    metric, scale = spelled(family)[0][2], family.scale
    if family.fold == "sum":
        assert done.samples.filter(metric=metric)["value"].sum() == sum(range(LARGE)) * scale
    else:
        assert ends(done.samples, metric) == (LARGE, 0.0, (LARGE - 1) * scale)


@pytest.mark.parametrize("rows", [3, PIECE, HUGE])
def test_a_broker_of_two_hundred_thousand_replicas_is_read(rows):
    names = ("Size", "LogEndOffset", "LogStartOffset")
    lines = [
        f'kafka_log_Log_Value{{name="{name}",topic="t{n // 50}",partition="{n % 50}",}} {1000 + n}.0\n'
        for n in range(rows // 3)
        for name in names
    ]
    page = parse_page(
        "".join(['kafka_server_ReplicaManager_Value{name="LeaderCount",} 5.0\n', *lines]).encode()
    )
    chosen, done = understood(page)
    assert [dialect.name for dialect in chosen] == ["msk"]
    assert (done.lines.read, done.lines.stored) == (len(lines) + 1,) * 2
    n = rows // 3
    for metric in ("log_size_bytes", "log_end_offset", "log_start_offset"):
        assert ends(done.samples, metric) == (n, 1000.0, 999.0 + n)
    last = done.samples.filter(metric="log_start_offset").row(-1, named=True)
    assert (last["topic"], last["partition"]) == (f"t{(n - 1) // 50}", (n - 1) % 50)


def test_a_large_answer_of_jolokia_is_read():
    value = {
        f"kafka.log:name=Size,partition={n % 50},topic=t{n // 50},type=Log": {"Value": n}
        for n in range(LARGE)
    }
    request = {"type": "read", "mbean": "kafka.log:type=Log,*"}
    page = parse_page(json.dumps({"request": request, "value": value, "status": 200}).encode())
    chosen, done = understood(page)
    assert [dialect.name for dialect in chosen] == ["msk"]
    assert ends(done.samples, "log_size_bytes") == (LARGE, 0.0, LARGE - 1.0)


def test_a_large_answer_of_prometheus_is_read():
    per_series, step = 600, 15
    result = [
        {
            "metric": {
                "__name__": "kafka_log_log_size",
                "instance": "k:1",
                "topic": "t",
                "partition": str(n),
            },
            "values": [[step * i, str(n * per_series + i)] for i in range(per_series)],
        }
        for n in range(LARGE // per_series)
    ]
    page = read_matrix(
        {"resultType": "matrix", "result": result}, start_ms=0, end_ms=per_series * step * 1000
    )
    done = understood(page)[1]
    assert (done.lines.read, done.lines.stored) == (LARGE, LARGE)
    assert ends(done.samples, "log_size_bytes") == (LARGE, 0.0, LARGE - 1.0)


def test_a_large_answer_of_cloudwatch_is_read():
    dimensions = (("Broker ID", "1"), ("Cluster Name", "c"))
    every = timedelta(minutes=1)
    values = {TS + n * every: float(n) for n in range(LARGE)}
    one = Series(
        "CpuUser", dimensions, "cpu_ratio", "Average", "DEFAULT", broker=1, entity="user", scale=0.01
    )
    server = CloudWatch(values={("CpuUser", dimensions): values})
    part = Part(TS, TS + LARGE * every, 60)
    batch = read_batch(server.client(), [one], part, cluster="c")
    assert (batch.lines.read, batch.lines.stored) == (LARGE, LARGE)
    assert ends(batch.samples, "cpu_ratio") == (LARGE, 0.0, (LARGE - 1) * 0.01)
