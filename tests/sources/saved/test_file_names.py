from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.sources.saved.file_names import broker_in_name, broker_pattern, time_in_name

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SECONDS = st.integers(1_000_000_000, 2_800_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))


@pytest.mark.parametrize(
    "name",
    [
        "2026-01-31T12-00-00Z", "2026-01-31T12:00:00Z.prom", "broker-1-2026-01-31_12.00.00.txt", "2026-01-31 120000",
        "20260131T120000Z", "kafka-3.20260131-120000.prom.gz", "dump20260131120000", "b-1_1769860800.prom",
        "1769860800000", "2026-13-31T12-00-00Z 20260131T120000Z", "v20260131_120000Z-2",
    ],
)  # fmt: skip
def test_noon_in_many_spellings(name):
    assert time_in_name(name) == NOON


@pytest.mark.parametrize(
    "name",
    [
        "", "kafka-3.prom", "2026-01-31.prom", "2026-02-30T12-00-00Z", "2026-01-31T25-00-00Z", "2026-01-31T12-0000",
        "20260131T120000+0200", "20260131T120000.123+0200", "12345678901", "176986080", "17698608001",
        "2026-01-31T12-00-000", "1026-01-31T12-00-00Z",
    ],
)  # fmt: skip
def test_these_tell_no_time(name):
    assert time_in_name(name) is None


def test_milliseconds():
    late = NOON + timedelta(milliseconds=123)
    assert time_in_name("2026-01-31T12:00:00.123Z") == time_in_name("x-1769860800123.json") == late


@given(
    SECONDS,
    st.sampled_from(["%Y-%m-%dT%H-%M-%SZ", "%Y%m%dT%H%M%SZ", "%Y%m%d-%H%M%S", "%Y%m%d%H%M%S", "epoch", "ms"]),
)
def test_a_time_written_into_a_name_comes_back(moment, form):
    epoch = {"epoch": str(int(moment.timestamp())), "ms": str(int(moment.timestamp()) * 1000)}
    text = epoch.get(form) or moment.strftime(form)
    name = f"kafka-7.{text}.prom.gz"
    assert time_in_name(name) == moment
    assert broker_in_name(PurePath(name)) == 7


@given(st.text())
def test_of_any_name_comes_a_time_in_utc_or_none_and_a_broker_or_none(name):
    moment, broker = time_in_name(name), broker_in_name(PurePath(name))
    assert moment is None or moment.utcoffset() == timedelta(0)
    assert broker is None or broker >= 0


@pytest.mark.parametrize(
    ("path", "broker"),
    [
        ("broker-3.prom", 3), ("Broker_3.prom", 3), ("kafka3/metrics", 3), ("b-3.cell.kafka.example.org.prom", 3),
        ("kafka-0/b-2.prom", 2), ("broker=12/2026/page.prom", 12), ("kafka-10.prom", 10),
        ("metrics.prom", None), ("kafka-20260131T120000Z.prom", None), ("kafka-2026-01-31.prom", None),
        ("kafka-3.7.0/metrics.prom", None), ("web-3.prom", None), ("kafka.1769860800.prom", None), ("job-3.prom", None),
        ("b2.prom", None), ("kafka-1234567890123.x", None), ("", None),
    ],
)  # fmt: skip
def test_brokers_in_names(path, broker):
    assert broker_in_name(PurePath(path)) == broker


def test_a_pattern_of_one_s_own():
    own = broker_pattern(r"node(\d+)")
    assert broker_in_name(PurePath("node07/kafka-3.prom"), pattern=own) == 7
    assert broker_in_name(PurePath("kafka-3.prom"), pattern=own) is None
    assert broker_in_name(PurePath("x.prom"), pattern=broker_pattern("(x)")) is None


@pytest.mark.parametrize(
    ("text", "said"), [("(", "not a valid regular expression"), ("a", "has 0 groups"), ("(a)(b)", "has 2")]
)
def test_a_pattern_that_is_none(text, said):
    with pytest.raises(InputError, match=said):
        broker_pattern(text)
