"""Connections by client library: a table of their own, whichever way pages come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.live.imports.ingest import ingest_files
from kafka_analysis.live.record.client_software import METRIC, add_page, client_software
from kafka_analysis.model.metrics import METRICS
from kafka_analysis.model.samples import SAMPLES

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
COLUMNS = ("broker", "name", "version", "listener", "mechanism", "connections")


def samples(*rows):
    shared = {"ts": NOON, "cluster": "c", "broker": 1, "metric": METRIC}
    return pl.DataFrame([shared | row for row in rows], schema=SAMPLES)


def test_the_metric_is_in_the_catalogue():
    assert METRICS[METRIC].kind == "gauge"


def test_a_page_is_split_into_the_table_and_the_rest(tmp_path):
    page = samples(
        {"entity": "apache-kafka-java/3.9.1/CLIENTS", "value": 4.0},
        {"entity": "unknown/unknown/CLIENTS", "value": 0.0, "broker": None},
        {"metric": "leader_count", "value": 5.0},
        {"metric": "leader_count", "entity": "no/client/library", "value": 6.0},
    )
    with CaptureWriter(tmp_path / "c") as writer:
        add_page(writer, page)
        writer.finish(window=(NOON, NOON + timedelta(seconds=1)))
    capture = read_capture(tmp_path / "c")
    assert capture.table("client_software").select(COLUMNS).sort("connections").rows() == [
        (None, "unknown", "unknown", "CLIENTS", None, 0),  # seen since the broker started, not connected now
        (1, "apache-kafka-java", "3.9.1", "CLIENTS", None, 4),
    ]
    assert capture.samples().collect()["metric"].to_list() == ["leader_count"] * 2


def test_a_page_without_them_makes_no_table(tmp_path):
    with CaptureWriter(tmp_path / "c") as writer:
        add_page(writer, samples({"metric": "leader_count", "value": 5.0}))
        writer.finish(window=(NOON, NOON + timedelta(seconds=1)))
    assert not read_capture(tmp_path / "c").has_table("client_software")


@pytest.mark.parametrize(
    "row", [{"value": 1e300, "entity": "a/b/c"}, {"value": 1.0}, {"value": 1.0, "entity": "a/b"}]
)
def test_what_cannot_be_a_row_costs_nothing_else(row):
    assert client_software(samples(row, {"entity": "a/1/L/x", "value": 1.0})).select(COLUMNS).rows() == [
        (1, "a", "1", "L/x", None, 1)
    ]


def test_saved_pages_have_the_table_too(tmp_path):
    name = "kafka_server_socket_server_metrics_connections"
    labels = 'clientSoftwareName="kafka-python",clientSoftwareVersion="3.0.12",listener="X"'
    lines = [f'{name}{{{labels},networkProcessor="{n}"}} {n}' for n in (1, 2)]
    (tmp_path / "broker-7.20260131T120000Z.prom").write_text("\n".join([*lines, ""]))
    ingest_files([str(tmp_path / "broker-7.20260131T120000Z.prom")], tmp_path / "c", cluster="old")
    assert read_capture(tmp_path / "c").table("client_software").select(COLUMNS).rows() == [
        (7, "kafka-python", "3.0.12", "X", None, 3)
    ]
